"""Brings a delivery in: check to its end, shape what changed, load batch by batch, resolve, index.

Every batch is one COMMIT with its counts and cursor, so a run that dies at any instant has lost nothing
and repeats nothing; the same command goes on with it."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.utils import timezone
from tqdm import tqdm

from imports.ahead import ahead
from imports.claiming import Wanted, claim, claim_queued, refuse_when_busy
from imports.closing import close_rejects, open_keys
from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.known import Watched
from imports.limits import Limits
from imports.loading import Batch, Counts, Policy, load_batch
from imports.media import fetch_media_later
from imports.models import Run, RunKind, RunState, Source
from imports.moved import is_partial, look_for_moved, refusal_for_rejects, withdraw_missing
from imports.orders import Order
from imports.origins import open_delivery
from imports.pipeline import Pipeline, checked_pipeline
from imports.previewing import Preview, preview
from imports.progress import Progress
from imports.reading import Rules
from imports.resolving import resolve_links
from imports.results import ImportResult
from imports.sources import choose_format
from imports.spool import Spool
from imports.working import move, refresh_statistics, reload_counts, stage, work_on

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run works, whatever it comes to: `workers` of 0 stands for one a core; `restart`
    begins anew where an interrupted run would be gone on with."""

    workers: int = 0
    restart: bool = False


def spool() -> Spool:
    return Spool(settings.VAR_DIR / "spool")


def limits() -> Limits:
    return Limits(**settings.IMPORT_LIMITS)


def import_delivery(
    origin: str, order: Order, *, progress: Progress, manner: Manner = Manner()
) -> ImportResult:
    """Brings in what `origin` (a path, an address, - for standard input) holds.

    Raises DeliveryRefused (no article was written; the run says why), SourceBusy (another run holds the
    source), RunLost, RunCanceled and Interrupted (what was committed stays; the same order goes on)."""
    source = _source(order)
    refuse_when_busy(source)
    with _opened(origin, order, progress) as delivery:
        rules = rules_for(order, delivery)
        wanted = Wanted(sha256=delivery.sha256, options=order.as_options())
        run = claim(
            source,
            wanted,
            restart=manner.restart,
            input_name=delivery.name[-500:],
            input_bytes=delivery.bytes,
            input_format=rules.format_name,
        )
        return bring_in(run, order, delivery, rules, progress=progress, manner=manner)


def import_upload(run: Run, *, progress: Progress) -> ImportResult:
    """Carries out a run that was confirmed in the admin and waits. Raises as import_delivery."""
    order = Order.from_options(run.source.name, run.options)
    run = claim_queued(run)
    with spool().open_kept(
        run.input_sha256, name=run.input_name, limits=limits(), encoding=order.encoding
    ) as delivery:
        rules = rules_for(order, delivery)
        return bring_in(run, order, delivery, rules, progress=progress, manner=Manner())


def preview_delivery(origin: str, order: Order, *, progress: Progress) -> Preview:
    """What importing it would come to. Writes nothing. Raises DeliveryRefused and Interrupted."""
    with _opened(origin, order, progress) as delivery:
        return preview(order, delivery, rules_for(order, delivery), progress=progress)


def rules_for(order: Order, delivery: Delivery) -> Rules:
    """Raises DeliveryRefused where the order does not fit the delivery."""
    form = choose_format(order.format_name, delivery.sight())
    if form.window and order.delete_missing:
        raise DeliveryRefused(
            f"A {form.title} shows a source's newest articles only, and is never complete: import it without "
            "withdrawing what is missing (--delete-missing, in the admin “Complete”)."
        )
    return order.rules(form.name, delivery=delivery.name, max_record_bytes=settings.IMPORT_MAX_RECORD_BYTES)


def bring_in(
    run: Run, order: Order, delivery: Delivery, rules: Rules, *, progress: Progress, manner: Manner
) -> ImportResult:
    """The work of a claimed run."""
    watched = Watched()

    def work() -> None:
        workers = manner.workers or settings.IMPORT_WORKERS
        watched.keys.update(open_keys(run))
        with ExitStack() as stack:
            with stage(run, RunState.CHECKING):
                pipeline = stack.enter_context(
                    checked_pipeline(
                        delivery,
                        rules,
                        source=run.source,
                        watched=watched,
                        workers=workers,
                        progress=progress,
                    )
                )
                policy = Policy(
                    order.conflicts, _look_for_moved(run, order, delivery, rules, pipeline, progress)
                )
            _load(run, pipeline, policy, progress)
        if order.delete_missing:
            _withdraw(run, order, progress)
        move(run, readable_at=timezone.now())
        refresh_statistics(run)
        _resolve(run, progress)

    closing = partial(close_rejects, run, delivery, held=watched.held)
    return work_on(run, work, progress=progress, closing=closing)


def _look_for_moved(
    run: Run, order: Order, delivery: Delivery, rules: Rules, pipeline: Pipeline, progress: Progress
) -> bool:
    if run.kind != RunKind.IMPORT:
        # Rejects say nothing of the keys that they do not hold.
        return False
    checked = pipeline.checked
    if run.is_partial is None:
        # Once: what the run itself brings must not change it, should it go on after an interruption.
        move(run, is_partial=is_partial(run.source_id, records=len(checked.verdicts)))
    return look_for_moved(
        run.source_id, order, delivery, rules, checked=checked, is_partial=run.is_partial, progress=progress
    )


def _load(run: Run, pipeline: Pipeline, policy: Policy, progress: Progress) -> None:
    checked = pipeline.checked
    total = len(checked.verdicts)
    with stage(run, RunState.LOADING, records=total, skipped=dict(checked.skipped)):
        progress.start("loading", total=total)
        progress.advance(run.cursor)
        started = time.monotonic()
        for batch in ahead(pipeline.batches(after=run.cursor)):
            counts = load_batch(run, batch, policy)
            _tell(run, batch, counts, seconds=time.monotonic() - started)
            progress.advance(batch.read)
            started = time.monotonic()


def _tell(run: Run, batch: Batch, counts: Counts, *, seconds: float) -> None:
    facts = {
        **counts._asdict(),
        "unchanged": counts.unchanged + batch.unchanged,
        "duplicate": batch.duplicate,
    }
    in_the_archive = facts["created"] + facts["updated"] + facts["unchanged"] + facts["merged"]
    # Also those that PostgreSQL refused, of which the batch knows nothing.
    facts["rejected"] = batch.read - in_the_archive - batch.duplicate
    facts["read"] = batch.read
    told = {"run": run.pk, "batch": run.batch, "cursor": batch.cursor, "seconds": round(seconds, 3)}
    # On a terminal the line goes above the bar.
    with tqdm.external_write_mode(file=sys.stderr):
        logger.info(
            "run %d: batch %d committed, %d records in %.2f s",
            run.pk,
            run.batch,
            batch.read,
            seconds,
            extra={**told, "counts": facts},
        )


def _resolve(run: Run, progress: Progress) -> None:
    """Where links lead now. What stays open is looked at again by every later run that brings something."""
    if run.created or run.updated or run.merged:
        with stage(run, RunState.RESOLVING):
            progress.start("resolving")
            resolve_links(run.source_id, advance=progress.advance)
        fetch_media_later()


def _withdraw(run: Run, order: Order, progress: Progress) -> None:
    reload_counts(run)
    if reason := refusal_for_rejects(order, rejected=run.rejected):
        move(run, error=reason)
        return
    with stage(run, RunState.RESOLVING):
        progress.start("withdrawing")
        withdraw_missing(run, order, advance=progress.advance)


@contextmanager
def _opened(origin: str, order: Order, progress: Progress) -> Iterator[Delivery]:
    progress.start("reading")
    with open_delivery(
        origin,
        spool=spool(),
        limits=limits(),
        encoding=order.encoding,
        on_bytes=lambda count: progress.advance(0),
    ) as delivery:
        progress.close()
        yield delivery


def _source(order: Order) -> Source:
    source, _ = Source.objects.get_or_create(name=order.source)
    if order.base_url and source.base_url != order.base_url:
        source.base_url = order.base_url
        source.save(update_fields=["base_url"])
    return source
