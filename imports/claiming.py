"""Begins a run, or goes on with one: exactly one process at a time works on a source."""

import getpass
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from imports.faults import RunLost
from imports.leases import LEASE, refuse_when_held, this_holder
from imports.models import ACTIVE, RESUMABLE, Run, RunKind, RunState, Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """What tells one run from another: equal ones are the same run, interrupted and gone on with."""

    kind: RunKind = RunKind.IMPORT
    about: int | None = None
    sha256: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def refuse_when_busy(source: Source) -> None:
    """Raises SourceBusy where a living process works on the source. A cheap hint: `claim` decides."""
    for run in source.runs.filter(state__in=ACTIVE):
        refuse_when_held(run)


def claim(source: Source, wanted: Wanted, *, restart: bool = False, **described: Any) -> Run:
    """The interrupted run that is wanted, else a new one; `described` are its other columns. Unfinished
    runs whose place it takes are superseded. Raises SourceBusy."""
    with transaction.atomic():
        _free(source)
        run = None if restart else _interrupted(source, wanted)
        if run is None:
            run = Run(
                source=source,
                kind=wanted.kind,
                about_id=wanted.about,
                input_sha256=wanted.sha256,
                options=dict(wanted.options),
                started_by=system_user(),
                **described,
            )
        else:
            run.resumed += 1
        _supersede_others(run)
        _hold(run)
    return run


def claim_queued(run: Run) -> Run:
    """A run that waits for a worker, or that one began and died at. Raises SourceBusy, and RunLost when
    it waits no longer."""
    with transaction.atomic():
        _free(run.source)
        run.refresh_from_db()
        if run.state not in (RunState.QUEUED, *RESUMABLE):
            raise RunLost(f"Run {run.pk} is {run.get_state_display()}; nothing is left to do for it.")
        _supersede_others(run)
        run.resumed += run.cursor > 0
        _hold(run)
    return run


def _free(source: Source) -> None:
    # Whoever begins a run of this source waits here for the other who does.
    Source.objects.select_for_update().get(pk=source.pk)
    for run in source.runs.filter(state__in=ACTIVE):
        refuse_when_held(run)
        run.state = RunState.PAUSED
        run.error = "its process ended without a word; asked for again, it goes on from there"
        # With its token the old process can commit nothing more, should it only have been silent.
        run.token += 1
        run.save(update_fields=["state", "error", "token"])


def _interrupted(source: Source, wanted: Wanted) -> Run | None:
    return (
        source.runs.filter(
            state__in=RESUMABLE,
            kind=wanted.kind,
            about=wanted.about,
            input_sha256=wanted.sha256,
            options=dict(wanted.options),
        )
        .order_by("-id")
        .first()
    )


def _supersede_others(run: Run) -> None:
    """A new delivery takes the place of all that were interrupted. An undo takes that of imports: gone on
    with, they would pass over what is no longer in. A retry takes nobody's."""
    stale = run.source.runs.filter(state__in=RESUMABLE).exclude(pk=run.pk)
    if run.kind == RunKind.UNDO:
        stale = stale.filter(Q(kind=RunKind.IMPORT) | Q(pk=run.about_id))
    if run.kind != RunKind.RETRY:
        stale.update(state=RunState.SUPERSEDED, finished_at=timezone.now())


def _hold(run: Run) -> None:
    run.state = RunState.CHECKING
    run.error = ""
    run.finished_at = None
    run.host = socket.gethostname()
    run.release = settings.RELEASE
    run.token += 1
    run.holder = this_holder().as_dict()
    run.lease_until = timezone.now() + LEASE
    run.cancel_asked = False
    run.save()


def system_user() -> str:
    """Whom the operating system runs this process for; empty where it has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a number that has no name; before Python 3.13 that is a KeyError.
        return ""
