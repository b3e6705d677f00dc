"""Clears the spool of deliveries that nobody goes on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.models import Q

from imports.models import ACTIVE, RESUMABLE, Run, RunState
from imports.spool import Kept, Spool

_NEEDED = (RunState.QUEUED, RunState.READY, *ACTIVE, *RESUMABLE)
# No process writes to a delivery for so long without a pause.
_LEFT_BEHIND = timedelta(days=1)
_ASKED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Collected:
    """Deliveries that were removed, with their bytes; those that stay, with theirs; and files that killed
    processes had left."""

    deliveries: int
    bytes: int
    kept: int
    kept_bytes: int
    leftovers: int


def collect(spool: Spool, *, now: datetime, older_than: timedelta, dry_run: bool = False) -> Collected:
    """Removes what came, and whose runs ended, before `older_than`; never what a run may yet need."""
    entries = spool.entries()
    old = [entry for entry in entries if entry.kept_at < now - older_than]
    needed = _needed([entry.sha256 for entry in old], ended_after=now - older_than)
    idle = [entry for entry in old if entry.sha256 not in needed]
    leftovers = _leftovers(spool, entries, before=now - _LEFT_BEHIND)
    if not dry_run:
        idle = [entry for entry in idle if _remove(spool, entry)]
        leftovers = spool.remove_unfinished(before=now - _LEFT_BEHIND)
    freed = sum(entry.bytes for entry in idle)
    return Collected(
        deliveries=len(idle),
        bytes=freed,
        kept=len(entries) - len(idle),
        kept_bytes=sum(entry.bytes for entry in entries) - freed,
        leftovers=leftovers,
    )


def _needed(hashes: Sequence[str], *, ended_after: datetime) -> set[str]:
    """Those whose run is not over, or was only lately."""
    lately = Q(finished_at__gte=ended_after) | Q(finished_at=None, started_at__gte=ended_after)
    needed: set[str] = set()
    for start in range(0, len(hashes), _ASKED_AT_ONCE):
        runs = Run.objects.filter(input_sha256__in=hashes[start : start + _ASKED_AT_ONCE])
        needed.update(runs.filter(lately | Q(state__in=_NEEDED)).values_list("input_sha256", flat=True))
    return needed


def _leftovers(spool: Spool, entries: Sequence[Kept], *, before: datetime) -> int:
    """Files of the spool that are no delivery, and that nobody has written to since."""
    if not spool.directory.is_dir():
        return 0
    others = set(spool.directory.iterdir()) - {entry.path for entry in entries}
    return sum(_written_at(path) < before for path in others)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _remove(spool: Spool, entry: Kept) -> bool:
    """Not where it came once more while the rest was looked at."""
    try:
        came_again = _written_at(entry.path) > entry.kept_at
    except FileNotFoundError:
        return False
    if not came_again:
        spool.remove(entry.sha256)
    return not came_again
