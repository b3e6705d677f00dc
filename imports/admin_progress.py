"""How a run stands, as its page tells it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.timesince import timesince

from imports.accounts import open_rejects_by_code, undone_by
from imports.leases import LEASE
from imports.models import ACTIVE, RESUMABLE, Decision, Run, RunKind, RunState
from imports.results import COUNTERS
from imports.tasks import waiting_since
from imports.uploads import UNDER_WAY, is_held

_A_DAY = 24 * 60 * 60
# So long a wait is told in seconds, then in minutes.
_IN_SECONDS = 120
_ENDED = tuple(state for state in RunState if state not in (*UNDER_WAY, *RESUMABLE))


@dataclass(frozen=True, slots=True)
class Standing:
    """`waited` says for how long no worker has taken it up, `stage` what the one that has it does; it is
    `lost` where both are empty and only a person can set it going again."""

    run: Run
    waited: str
    stage: str
    per_second: float | None
    rejects: dict[str, int]
    open_conflicts: int
    followers: list[Run]
    undone_by: int | None

    @property
    def is_live(self) -> bool:
        return bool(self.stage or self.waited)

    @property
    def is_lost(self) -> bool:
        return self.run.state in (RunState.QUEUED, *ACTIVE) and not self.is_live

    @property
    def open_rejects(self) -> int:
        return sum(self.rejects.values())

    @property
    def actions(self) -> frozenset[str]:
        """What can be done with it, whoever may."""
        run = self.run
        possible = {
            "confirm": run.state == RunState.READY,
            "cancel": run.state in (*UNDER_WAY, *RESUMABLE) and not run.cancel_asked,
            "resume": self.is_lost or (run.state in RESUMABLE and not self.waited),
            "retry": run.kind != RunKind.UNDO and run.state in _ENDED and self.open_rejects > 0,
            "undo": run.state not in UNDER_WAY and _has_changed(run),
        }
        return frozenset(name for name, is_possible in possible.items() if is_possible)


def standing_of(run: Run) -> Standing:
    held = is_held(run)
    waits = run.state in (RunState.QUEUED, *RESUMABLE) and not held
    return Standing(
        run=run,
        waited=_waited(waiting_since(run), timezone.now()) if waits else "",
        stage=_stage(run) if held else "",
        per_second=_per_second(run) if held else None,
        # Counted when they are final: there may be a million, and the page comes anew every other second.
        rejects={} if held else open_rejects_by_code(run),
        open_conflicts=0 if held else run.conflict_rows.filter(state=Decision.OPEN).count(),
        followers=list(run.followers.order_by("pk")),
        undone_by=undone_by([run]).get(run.pk),
    )


def _stage(run: Run) -> str:
    return "checking" if run.state == RunState.QUEUED else run.get_state_display()


def _has_changed(run: Run) -> bool:
    return bool(run.created + run.updated + run.merged + run.missing)


def _per_second(run: Run) -> float | None:
    """Since somebody first looked at this stage: a run's row does not say when that began. Reckoned from
    one sign of life to another, because it tells how far it is only then."""
    stage = f"{run.pk}-{run.started_at.timestamp()}-{run.token}-{run.state}-{run.stage_total}"
    beat = (run.lease_until - LEASE).timestamp()
    first_beat, first_done = cache.get_or_set(f"import-run-{stage}", (beat, run.stage_done), timeout=_A_DAY)
    if beat <= first_beat or run.stage_done <= first_done:
        return None
    return (run.stage_done - first_done) / (beat - first_beat)


def _waited(since: datetime | None, now: datetime) -> str:
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    return f"{seconds} s" if seconds < _IN_SECONDS else timesince(since, now)


def shown_preview(run: Run) -> dict[str, Any] | None:
    if not run.preview:
        return None
    result = run.preview["result"]
    return {
        "counts": [
            *((name, result["counts"][name]) for name in COUNTERS),
            *((name, result[name]) for name in ("conflicts", "renamed", "missing")),
        ],
        "skipped": result["skipped"],
        "notes": result["notes"],
        "records": run.preview["records"],
        "rejects": run.preview["rejects"],
    }
