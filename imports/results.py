"""What a run came to, for people and for programs."""

from dataclasses import dataclass
from typing import Any

from imports.models import Run

COUNTERS = ("read", "created", "updated", "unchanged", "merged", "duplicate", "rejected")

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_REFUSED = 2
EXIT_WITH_REJECTS = 3
EXIT_BUSY = 5


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`counts` has the COUNTERS; read is the sum of the others. `run` is None for a dry run."""

    run: int | None
    source: str
    state: str
    counts: dict[str, int]
    skipped: dict[str, int]
    seconds: float
    rejects: tuple[str, ...] = ()

    @property
    def exit(self) -> int:
        return EXIT_WITH_REJECTS if self.counts["rejected"] else EXIT_DONE

    def as_dict(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "source": self.source,
            "state": self.state,
            "resumed": False,
            "counts": self.counts,
            "skipped": self.skipped,
            "seconds": round(self.seconds, 3),
            "exit": self.exit,
        }


def counts_of(run: Run) -> dict[str, int]:
    return {counter: getattr(run, counter) for counter in COUNTERS}
