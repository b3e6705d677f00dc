"""How a run stands, as its page tells it."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache

from imports.accounts import open_rejects_by_code, undone_by
from imports.models import ACTIVE, RESUMABLE, Decision, Run, RunKind, RunState
from imports.results import COUNTERS
from imports.tasks import waiting_since
from imports.uploads import UNDER_WAY, is_held

_A_DAY = 24 * 60 * 60
_ENDED = tuple(state for state in RunState if state not in (*UNDER_WAY, *RESUMABLE))


@dataclass(frozen=True, slots=True)
class Standing:
    """`waits_since` is set while no worker has taken it up, `stage` while one is at work; it is `lost`
    where neither is so and nobody but a person can set it going again."""

    run: Run
    waits_since: datetime | None
    stage: str
    per_second: float | None
    rejects: dict[str, int]
    open_conflicts: int
    followers: list[Run]
    undone_by: int | None

    @property
    def is_live(self) -> bool:
        return bool(self.stage or self.waits_since)

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
            "resume": self.is_lost or (run.state in RESUMABLE and not self.waits_since),
            "retry": run.kind != RunKind.UNDO and run.state in _ENDED and self.open_rejects > 0,
            "undo": run.state not in UNDER_WAY and _has_changed(run),
        }
        return frozenset(name for name, is_possible in possible.items() if is_possible)


def standing_of(run: Run) -> Standing:
    held = is_held(run)
    waits = run.state in (RunState.QUEUED, *RESUMABLE) and not held
    return Standing(
        run=run,
        waits_since=waiting_since(run) if waits else None,
        stage=_stage(run) if held else "",
        per_second=_per_second(run) if held else None,
        rejects=open_rejects_by_code(run),
        open_conflicts=run.conflict_rows.filter(state=Decision.OPEN).count(),
        followers=list(run.followers.order_by("pk")),
        undone_by=undone_by([run]).get(run.pk),
    )


def _stage(run: Run) -> str:
    return "checking" if run.state == RunState.QUEUED else run.get_state_display()


def _has_changed(run: Run) -> bool:
    return bool(run.created + run.updated + run.merged + run.missing)


def _per_second(run: Run) -> float | None:
    """Since somebody first looked at this stage: a run's row does not say when that began."""
    key = f"import-run-{run.pk}-{run.token}-{run.state}-{run.stage_total}"
    now = time.time()
    began, done = cache.get_or_set(key, (now, run.stage_done), timeout=_A_DAY) or (now, 0)
    return (run.stage_done - done) / (now - began) if run.stage_done > done and now > began else None


def shown_preview(run: Run) -> dict[str, Any] | None:
    if not run.preview:
        return None
    result = run.preview["result"]
    return {
        "counts": [
            *((name, result["counts"][name]) for name in COUNTERS),
            *((name, result[name]) for name in ("conflicts", "renamed")),
        ],
        "skipped": result["skipped"],
        "records": run.preview["records"],
        "rejects": run.preview["rejects"],
    }
