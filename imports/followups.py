"""What people ask for when a run is over, and a worker does: its rejects tried again, or all of it undone."""

from django.db import transaction

from imports.accounts import is_abandoned, refuse_unfinished
from imports.claiming import claim_queued
from imports.exports import name_of_rejects
from imports.faults import DeliveryRefused
from imports.models import Run, RunKind, RunState
from imports.progress import Progress
from imports.results import ImportResult
from imports.retrying import keep_open_rejects, try_again
from imports.reversals import take_back
from imports.runs import limits, spool
from imports.spool import Kept
from imports.uploads import UNDER_WAY, locked_source, under_way
from imports.working import move


def queue_retry(run: Run, *, mended: Kept | None, who: str) -> tuple[Run, bool]:
    """The run that waits to try the rejects of `run` again, as they were kept or as they are in an export
    that somebody `mended`; and whether it is a new one. Raises DeliveryRefused while `run` is under way."""
    if run.state in UNDER_WAY and not is_abandoned(run):
        raise DeliveryRefused(f"Run {run.pk} is {run.get_state_display()}; wait for it to end, or cancel it.")
    options = {name: value for name, value in run.options.items() if name != "delete_missing"}
    return _queue(
        run,
        kind=RunKind.RETRY,
        input_sha256=mended.sha256 if mended else "",
        input_name=name_of_rejects(run.pk, are_mended=bool(mended)),
        input_format=run.input_format,
        options=options,
        started_by=who,
    )


def queue_undo(run: Run, *, who: str) -> tuple[Run, bool]:
    """The run that waits to undo `run`, and whether it is a new one. Raises DeliveryRefused while `run` is
    under way."""
    refuse_unfinished(run, before="it is undone")
    return _queue(run, kind=RunKind.UNDO, input_name=f"run {run.pk}", input_format="", started_by=who)


def _queue(run: Run, *, kind: RunKind, started_by: str, **described: object) -> tuple[Run, bool]:
    with transaction.atomic():
        source = locked_source(run.source.name)
        if queued := under_way(source, kind=kind, about=run):
            return queued, False
        queued = Run.objects.create(
            source=source,
            kind=kind,
            about=run,
            state=RunState.QUEUED,
            started_by=started_by,
            **described,
        )
    return queued, True


def carry_out_retry(retry: Run, *, progress: Progress) -> ImportResult:
    """Raises DeliveryRefused where there is nothing to run, and what imports.runs.import_upload raises."""
    retry = claim_queued(retry)
    if not retry.input_sha256:
        # Not before: a run that this one waited for may have brought some of them in.
        kept = keep_open_rejects(retry.about)
        move(retry, input_sha256=kept.sha256, input_bytes=kept.bytes)
    with spool().open_kept(retry.input_sha256, name=retry.input_name, limits=limits()) as delivery:
        return try_again(retry, delivery, progress=progress)


def carry_out_undo(run: Run, *, progress: Progress) -> ImportResult:
    """As imports.reversals.undo_run."""
    return take_back(claim_queued(run), progress=progress)
