"""What a run came to, for people and for programs."""

from dataclasses import dataclass
from typing import Any

from imports.models import Run, RunState

COUNTERS = ("read", "created", "updated", "unchanged", "merged", "duplicate", "rejected")

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_REFUSED = 2
EXIT_WITH_REJECTS = 3
EXIT_LIMIT = 4
EXIT_BUSY = 5


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`counts` has the COUNTERS; read is the sum of the others. `run` is None for a dry run. `notes` are
    sentences for a person: what was not done and why. `over_limit` where a limit stops the run."""

    run: int | None
    source: str
    state: str
    counts: dict[str, int]
    skipped: dict[str, int]
    seconds: float
    resumed: bool = False
    conflicts: int = 0
    renamed: int = 0
    missing: int = 0
    rejects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    over_limit: bool = False

    @property
    def exit(self) -> int:
        if self.over_limit:
            return EXIT_LIMIT
        return EXIT_WITH_REJECTS if self.counts["rejected"] or self.conflicts else EXIT_DONE

    def as_dict(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "source": self.source,
            "state": self.state,
            "resumed": self.resumed,
            "counts": self.counts,
            "conflicts": self.conflicts,
            "renamed": self.renamed,
            "missing": self.missing,
            "skipped": self.skipped,
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
            "exit": self.exit,
        }


def result_of(run: Run, *, seconds: float) -> ImportResult:
    return ImportResult(
        run=run.pk,
        source=run.source.name,
        state=run.state,
        counts=counts_of(run),
        skipped=run.skipped,
        seconds=seconds,
        resumed=run.resumed > 0,
        conflicts=run.conflicts,
        renamed=run.renamed,
        missing=run.missing,
        over_limit=run.state == RunState.STOPPED,
        notes=(run.error,) if run.error else (),
    )


def counts_of(run: Run) -> dict[str, int]:
    return {counter: getattr(run, counter) for counter in COUNTERS}
