from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from archive_site.variables.spelling import Doubt


@dataclass(frozen=True, slots=True)
class Fault:
    """What must be mended before a process can start: a variable, or a place in .env."""

    name: str
    problem: str
    remedy: str
    in_file: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}; {self.remedy}"


class EnvironmentFault(ImproperlyConfigured):
    """Everything that is wrong with the environment at once, as text for people. Shows no secret."""

    def __init__(self, faults: Sequence[Fault], doubts: Sequence[Doubt] = ()) -> None:
        heading = f"The process did not start: {_count(faults)} must be mended."
        super().__init__("\n".join([heading, *(f"  {line}" for line in (*faults, *doubts))]))
        self.faults = tuple(faults)
        self.doubts = tuple(doubts)


def _count(faults: Sequence[Fault]) -> str:
    in_file = sum(fault.in_file for fault in faults)
    counts = (
        (len(faults) - in_file, "variable", "variables"),
        (in_file, "place in .env", "places in .env"),
    )
    return " and ".join(f"{number} {one if number == 1 else many}" for number, one, many in counts if number)
