"""A person's corrections of a delivery (`--map FILE`): fields renamed and fixed before rules apply."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mapping:
    """`digest` changes with every rule, so that a record read by other rules counts as another."""

    digest: bytes

    def apply(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a record in the words of the archive's format. Raises RecordRejected."""
        return values
