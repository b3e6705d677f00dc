"""Deliveries that people upload: kept, checked by a worker, shown, confirmed, and then brought in by one.

While it waits a run is `queued`, and so it is while a worker checks it: a check writes no article, so it
holds nobody's source. A run that has a preview was shown to a person."""

import socket
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from imports.faults import DeliveryRefused, Interrupted, RunCanceled, SourceBusy, described
from imports.heartbeat import Heartbeat
from imports.leases import LEASE, refuse_when_held, this_holder
from imports.models import ACTIVE, RESUMABLE, Run, RunKind, RunState, Source
from imports.orders import Order
from imports.previewing import preview
from imports.progress import Progress
from imports.runs import limits, rules_for, spool
from imports.spool import Kept

# These have not come to an end, and nobody has to ask for them again.
UNDER_WAY = (RunState.QUEUED, RunState.READY, *ACTIVE)
_CANCELABLE = (*UNDER_WAY, *RESUMABLE)
_FREE: dict[str, Any] = {"holder": {}, "lease_until": None}
# What format a delivery has is known when somebody has looked into it, which is when its preview is made.
_NOT_LOOKED_INTO = ""


def queue_upload(order: Order, *, kept: Kept, name: str, who: str) -> tuple[Run, bool]:
    """The run that waits to bring in what was kept, and whether it is a new one: whoever asks twice for
    the same gets the same run."""
    with transaction.atomic():
        source = locked_source(order.source)
        wanted = {"input_sha256": kept.sha256, "options": order.as_options()}
        if run := under_way(source, **wanted):
            return run, False
        run = Run.objects.create(
            source=source,
            state=RunState.QUEUED,
            input_name=name[-500:],
            input_format=_NOT_LOOKED_INTO,
            input_bytes=kept.bytes,
            started_by=who,
            **wanted,
        )
    return run, True


def locked_source(name: str) -> Source:
    """In a transaction, whose end lets the next who asks for a run of this source have it."""
    Source.objects.get_or_create(name=name)
    return Source.objects.select_for_update().get(name=name)


def under_way(source: Source, **wanted: Any) -> Run | None:
    return source.runs.filter(state__in=UNDER_WAY, **wanted).order_by("-id").first()


def prepare(run: Run, *, progress: Progress) -> None:
    """Checks the delivery and keeps with the run what it would come to; a run that no longer waits for
    that stays as it is. A refusal and a cancellation end the run. Raises Interrupted."""
    if not _take(run):
        return
    try:
        with Heartbeat(run, progress):
            changes = _looked_at(run, progress)
    except DeliveryRefused as refusal:
        _settle(run, RunState.REFUSED, error=str(refusal), finished_at=timezone.now())
    except RunCanceled as cancellation:
        _settle(run, RunState.CANCELED, error=str(cancellation), finished_at=timezone.now())
    except (KeyboardInterrupt, Interrupted):
        _settle(run, RunState.QUEUED)
        raise
    except Exception as error:
        _settle(run, RunState.FAILED, error=described(error), finished_at=timezone.now())
        raise
    else:
        _settle(run, RunState.READY, **changes)


def is_to_prepare(run: Run) -> bool:
    """Whether it is an upload that nobody has seen a preview of. What was begun by a command had none."""
    return run.kind == RunKind.IMPORT and run.input_format == _NOT_LOOKED_INTO


def _take(run: Run) -> bool:
    if is_held(run):
        return False
    waiting = Run.objects.filter(pk=run.pk, token=run.token, state=RunState.QUEUED, preview={})
    taken = waiting.update(
        token=F("token") + 1,
        holder=this_holder().as_dict(),
        lease_until=timezone.now() + LEASE,
        host=socket.gethostname(),
        release=settings.RELEASE,
        stage_done=0,
        stage_total=None,
    )
    run.refresh_from_db()
    return bool(taken)


def _looked_at(run: Run, progress: Progress) -> dict[str, Any]:
    order = order_of(run)
    with spool().open_kept(
        run.input_sha256, name=run.input_name, limits=limits(), encoding=order.encoding
    ) as delivery:
        rules = rules_for(order, delivery)
        shown = preview(order, delivery, rules, progress=progress)
    return {
        "input_format": rules.format_name,
        "records": shown.result.counts["read"],
        "preview": shown.as_dict(),
    }


def _settle(run: Run, state: RunState, **changes: Any) -> None:
    """Whoever lost the run has no say in it."""
    own = Run.objects.filter(pk=run.pk, token=run.token, state=RunState.QUEUED)
    own.update(state=state, stage_done=0, stage_total=None, **_FREE, **changes)


def order_of(run: Run) -> Order:
    return Order.from_options(run.source.name, run.options)


def confirm(run: Run) -> bool:
    """Whether it was this call that sent the run on its way: of several only the first does."""
    with transaction.atomic():
        confirmed = Run.objects.filter(pk=run.pk, state=RunState.READY).update(state=RunState.QUEUED)
        if confirmed and (base_url := order_of(run).base_url):
            Source.objects.filter(pk=run.source_id).update(base_url=base_url)
    return bool(confirmed)


def resume(run: Run) -> bool:
    """Lets a run wait for a worker again whose process died, or that was stopped or failed; whether it was
    this call that did."""
    if is_held(run):
        return False
    stopped = Run.objects.filter(pk=run.pk, token=run.token, state__in=(RunState.QUEUED, *ACTIVE, *RESUMABLE))
    # A new token: should the old process only have been silent, it commits nothing more.
    changes = {"state": RunState.QUEUED, "token": F("token") + 1, "error": "", "finished_at": None}
    return bool(stopped.update(cancel_asked=False, **changes, **_FREE))


def cancel(run: Run) -> bool:
    """Ends a run for good: at once where nobody is at work on it, else as soon as its process hears it;
    whether it was this call that did. What was committed stays."""
    with transaction.atomic():
        # Whoever claims the run waits here.
        Source.objects.select_for_update().get(pk=run.source_id)
        run.refresh_from_db()
        if run.state not in _CANCELABLE:
            return False
        own = Run.objects.filter(pk=run.pk, token=run.token)
        if is_held(run):
            return bool(own.filter(cancel_asked=False).update(cancel_asked=True))
        error = f"Run {run.pk} was canceled."
        ended = {"state": RunState.CANCELED, "error": error, "finished_at": timezone.now()}
        return bool(own.update(token=F("token") + 1, **ended, **_FREE))


def is_held(run: Run) -> bool:
    """Whether a living process is at work on it."""
    if run.state not in (RunState.QUEUED, *ACTIVE):
        return False
    try:
        refuse_when_held(run)
    except SourceBusy:
        return True
    return False
