"""What somebody asks of the importer, and how it is kept with the run so that anybody can go on with it."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from imports.mapping import read_mapping
from imports.reading import Rules
from imports.sources.format import ReadOptions

CONFLICT_POLICIES = ("hold", "keep", "take")


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that decides what a delivery becomes. Two runs with the same input and an equal order
    come to the same.

    `mapping` is the text of a mapping file. `conflicts` says what becomes of a field that both sides
    changed: `hold` asks a person, `keep` lets the text here stand unasked, `take` takes the delivery's.
    `max_missing` is a share of the source's articles, from 0 to 1."""

    source: str
    format_name: str = "auto"
    encoding: str = ""
    key: str = ""
    zone: str = "UTC"
    base_url: str = ""
    mapping: str = ""
    conflicts: str = "hold"
    delete_missing: bool = False
    max_missing: float = 0.05
    force: bool = False

    def as_options(self) -> dict[str, Any]:
        """What differs from the defaults, for a run's row; the source stands there already."""
        plain = Order(self.source)
        return {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}

    @staticmethod
    def from_options(source: str, options: dict[str, Any]) -> "Order":
        return Order(source, **options)

    def rules(self, format_name: str, *, delivery: str, max_record_bytes: int) -> Rules:
        options = ReadOptions(
            max_record_bytes=max_record_bytes,
            delivery=delivery,
            key=self.key,
            zone=self.zone,
            base_url=self.base_url,
        )
        mapping = read_mapping(self.mapping, zone=self.zone) if self.mapping else None
        return Rules(format_name, options, mapping)


def options_digest(options: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(options, order="deterministic")).hexdigest()
