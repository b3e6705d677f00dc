"""A run: brings one delivery in. Check to its end, shape what changed, load batch by batch, index.

Every batch is one COMMIT with its counts and cursor, so a run that dies at any instant has lost
nothing; the same command passes over what is in and does the rest."""

import getpass
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.indexing import index_pending
from articles.tasks import index_search
from imports.deliveries import Delivery, open_delivery
from imports.faults import Interrupted, SourceBusy
from imports.loading import load_batch, prepare_connection
from imports.models import Run, RunState, Source
from imports.pipeline import checked_pipeline
from imports.previewing import preview
from imports.progress import Progress
from imports.reading import Rules
from imports.results import ImportResult, counts_of
from imports.sources import choose_format
from imports.sources.format import ReadOptions

logger = logging.getLogger(__name__)

# Any number that nobody else's advisory locks in this database use.
_ADVISORY_SPACE = 0x1A7C
_INDEX_THREADS = 2
# Fewer articles are indexed before other connections are open.
_WORTH_THREADS = 500
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

    Raises DeliveryRefused (no article was written; the run says why), SourceBusy (another run holds the
    source) and Interrupted (what was committed stays; the same request goes on)."""
    spool = settings.VAR_DIR / "spool"
    with open_delivery(request.path, spool=spool, max_ratio=settings.IMPORT_MAX_RATIO) as delivery:
        rules = _rules(request, delivery)
        if request.dry_run:
            return preview(request.source, delivery, rules, progress)
        return _bring_in(request, delivery, rules, progress)


def _rules(request: ImportRequest, delivery: Delivery) -> Rules:
    form = choose_format(request.format_name, delivery.sight())
    options = ReadOptions(max_record_bytes=settings.IMPORT_MAX_RECORD_BYTES, delivery=delivery.name)
    return Rules(form.name, options)


def _bring_in(request: ImportRequest, delivery: Delivery, rules: Rules, progress: Progress) -> ImportResult:
    started = time.monotonic()
    source, _ = Source.objects.get_or_create(name=request.source)
    with _hold(source):
        run = _start(request, source, delivery, rules)
        with _recording_the_end(run):
            _check_and_load(run, delivery, rules, progress)
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


def _start(request: ImportRequest, source: Source, delivery: Delivery, rules: Rules) -> Run:
    # A run that was killed could not say so itself; whoever holds its source now says it.
    unfinished = (RunState.CHECKING, RunState.LOADING, RunState.INDEXING)
    source.runs.filter(state__in=unfinished).update(state=RunState.INTERRUPTED, finished_at=timezone.now())
    prepare_connection()
    return Run.objects.create(
        source=source,
        input_name=delivery.name[-500:],
        input_format=rules.format_name,
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


def _check_and_load(run: Run, delivery: Delivery, rules: Rules, progress: Progress) -> None:
    with checked_pipeline(delivery, rules, source=run.source, progress=progress) as pipeline:
        _move(
            run,
            state=RunState.LOADING,
            input_sha256=pipeline.checked.sha256,
            records=len(pipeline.checked.verdicts),
            skipped=dict(pipeline.checked.skipped),
        )
        progress.start("loading", total=len(pipeline.checked.verdicts))
        for batch in pipeline.batches():
            load_batch(run, batch)
            progress.advance(batch.read)
        _move(run, state=RunState.INDEXING, readable_at=timezone.now())


def _move(run: Run, **changes: object) -> None:
    for name, value in changes.items():
        setattr(run, name, value)
    run.save(update_fields=list(changes))


def _index(run: Run, progress: Progress) -> None:
    run.refresh_from_db()
    changed = run.created + run.updated + run.merged
    if changed >= _WORTH_ANALYZING:
        # First: what follows, readers' pages above all, is planned by the new statistics.
        _maintain(f"ANALYZE {', '.join(_GROWN)}")
    if changed:
        # Should this process die on the way, the worker finishes for it.
        index_search.enqueue()
    progress.start("indexing", total=changed)
    index_pending(threads=_INDEX_THREADS if changed >= _WORTH_THREADS else 1, advance=progress.advance)
    progress.close()
    if changed >= _WORTH_ANALYZING:
        # Else some reader's search would merge the long list of pending entries.
        _maintain("ANALYZE articles_searchdocument", "SELECT gin_clean_pending_list('searchdocument_vector')")


def _maintain(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _finish(run: Run) -> None:
    state = RunState.FINISHED_WITH_REJECTS if run.rejected else RunState.FINISHED
    _move(run, state=state, finished_at=timezone.now())
