"""A run: brings one delivery in. Check to its end, shape what changed, load batch by batch, index.

Every batch is one COMMIT with its counts and cursor, so a run that dies at any instant has lost
nothing; the same command passes over what is in and does the rest."""

import getpass
import logging
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.indexing import index_pending
from articles.tasks import index_search
from imports.checking import Checked, check
from imports.deliveries import Delivery, open_delivery
from imports.faults import Interrupted, SourceBusy
from imports.known import KnownRecords
from imports.loading import classify_batch, load_batch, prepare_connection
from imports.models import Item, Run, RunState, Source
from imports.pipeline import Pipeline
from imports.progress import Progress
from imports.results import COUNTERS, ImportResult, counts_of
from imports.sources import choose_format
from imports.sources.format import Format, ReadOptions

logger = logging.getLogger(__name__)

# Any number that nobody else's advisory locks in this database use.
_ADVISORY_SPACE = 0x1A7C
_INDEX_THREADS = 2
# Statistics made after fewer new articles than this would be the old ones.
_WORTH_ANALYZING = 1000
_GROWN = (
    "articles_article",
    "articles_articleterm",
    "articles_term",
    "articles_searchdocument",
    "imports_item",
)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What somebody asks for. `path` may be `-`, `format_name` may be `auto`."""

    path: str
    source: str
    format_name: str = "auto"
    dry_run: bool = False


def run_import(request: ImportRequest, *, progress: Progress) -> ImportResult:
    """Brings the delivery in, or with `dry_run` tells what that would come to and writes nothing.

    Raises DeliveryRefused (nothing was written), SourceBusy (another run holds the source) and
    Interrupted (what was committed stays; the same request goes on)."""
    spool = settings.VAR_DIR / "spool"
    with open_delivery(request.path, spool=spool, max_ratio=settings.IMPORT_MAX_RATIO) as delivery:
        form = choose_format(request.format_name, head=delivery.head(), delivery=delivery.name)
        bring = _preview if request.dry_run else _bring_in
        return bring(request, delivery, form, progress)


def _bring_in(request: ImportRequest, delivery: Delivery, form: Format, progress: Progress) -> ImportResult:
    started = time.monotonic()
    source, _ = Source.objects.get_or_create(name=request.source)
    with _hold(source):
        run = _start(request, source, delivery, form)
        with _recording_the_end(run):
            _check_and_load(run, delivery, form, progress)
            _index(run, progress)
            _finish(run)
    logger.info("run %d of %s finished: %s", run.pk, source.name, counts_of(run))
    return ImportResult(
        run=run.pk,
        source=source.name,
        state=run.state,
        counts=counts_of(run),
        skipped=run.skipped,
        seconds=time.monotonic() - started,
    )


@contextmanager
def _hold(source: Source) -> Iterator[None]:
    """One run a source. PostgreSQL drops the lock with the session, so a killed run holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_ADVISORY_SPACE, source.pk])
        if not cursor.fetchone()[0]:
            raise SourceBusy(_who_holds(source))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_ADVISORY_SPACE, source.pk])


def _who_holds(source: Source) -> str:
    run = source.runs.order_by("-id").first()
    who = f"Run {run.pk} on {run.host}, since {run.started_at:%H:%M} UTC," if run else "Another run"
    return f"{who} holds the source {source.name!r}; wait for it to end, then repeat the command."


def _start(request: ImportRequest, source: Source, delivery: Delivery, form: Format) -> Run:
    # A run that was killed could not say so itself; whoever holds its source now says it.
    unfinished = (RunState.CHECKING, RunState.LOADING, RunState.INDEXING)
    source.runs.filter(state__in=unfinished).update(state=RunState.INTERRUPTED, finished_at=timezone.now())
    prepare_connection()
    return Run.objects.create(
        source=source,
        input_name=delivery.name[-500:],
        input_format=form.name,
        input_bytes=delivery.bytes,
        host=socket.gethostname(),
        release=settings.RELEASE,
        started_by=_user(),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except OSError:
        # A container may run under a number that has no name.
        return ""


@contextmanager
def _recording_the_end(run: Run) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, Interrupted):
        _end(run, RunState.INTERRUPTED, "stopped by a signal; the same command goes on")
        raise
    except Exception as error:
        _end(run, RunState.FAILED, str(error))
        raise


def _end(run: Run, state: RunState, error: str) -> None:
    Run.objects.filter(pk=run.pk).update(state=state, error=error, finished_at=timezone.now())


def _check_and_load(run: Run, delivery: Delivery, form: Format, progress: Progress) -> None:
    options = _read_options(delivery)
    progress.start("checking")
    checked = _check(delivery, form, options, run.source, progress)
    _move(
        run,
        state=RunState.LOADING,
        input_sha256=checked.sha256,
        records=len(checked.verdicts),
        skipped=dict(checked.skipped),
    )
    progress.start("loading", total=len(checked.verdicts))
    pipeline = Pipeline(delivery, form, options, checked)
    for batch in pipeline.batches():
        load_batch(run, batch)
        progress.advance(batch.read)
    _move(run, state=RunState.INDEXING, readable_at=timezone.now())


def _check(
    delivery: Delivery, form: Format, options: ReadOptions, source: Source | None, progress: Progress
) -> Checked:
    if source is None or not Item.objects.filter(source=source).exists():
        return check(delivery, form, options, lookup=None, progress=progress)
    with KnownRecords(source.pk) as known:
        return check(delivery, form, options, lookup=known.ask, progress=progress)


def _read_options(delivery: Delivery) -> ReadOptions:
    return ReadOptions(max_record_bytes=settings.IMPORT_MAX_RECORD_BYTES, delivery=delivery.name)


def _move(run: Run, **changes: object) -> None:
    for name, value in changes.items():
        setattr(run, name, value)
    run.save(update_fields=list(changes))


def _index(run: Run, progress: Progress) -> None:
    run.refresh_from_db()
    if run.created + run.updated + run.merged:
        # Should this process die on the way, the worker finishes for it.
        index_search.enqueue()
    progress.start("indexing", total=run.created + run.updated + run.merged)
    index_pending(threads=_INDEX_THREADS, advance=progress.advance)
    progress.close()
    if run.created + run.updated >= _WORTH_ANALYZING:
        with connection.cursor() as cursor:
            cursor.execute(
                "ANALYZE articles_article, articles_articleterm, articles_term, articles_searchdocument"
            )
            cursor.execute("ANALYZE imports_item")
            cursor.execute("SELECT gin_clean_pending_list('searchdocument_vector')")


def _finish(run: Run) -> None:
    state = RunState.FINISHED_WITH_REJECTS if run.rejected else RunState.FINISHED
    _move(run, state=state, finished_at=timezone.now())


def _preview(request: ImportRequest, delivery: Delivery, form: Format, progress: Progress) -> ImportResult:
    started = time.monotonic()
    source = Source.objects.filter(name=request.source).first()
    options = _read_options(delivery)
    progress.start("checking")
    checked = _check(delivery, form, options, source, progress)
    prepare_connection()
    counts: Counter[str] = Counter(dict.fromkeys(COUNTERS, 0))
    rejects: list[str] = []
    progress.start("comparing", total=len(checked.verdicts))
    for batch in Pipeline(delivery, form, options, checked).batches():
        counts.update(classify_batch(batch.shaped, source_id=source.pk if source else 0)._asdict())
        counts.update(
            read=batch.read,
            unchanged=batch.unchanged,
            duplicate=batch.duplicate,
            rejected=len(batch.shaped.rejects),
        )
        rejects += [f"line {reject.line}: {reject.code}: {reject.message}" for reject in batch.shaped.rejects]
        progress.advance(batch.read)
    progress.close()
    return ImportResult(
        run=None,
        source=request.source,
        state="dry run",
        counts=dict(counts),
        skipped=dict(checked.skipped),
        seconds=time.monotonic() - started,
        rejects=tuple(rejects),
    )
