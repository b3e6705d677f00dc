"""What every run has in common while a process works on it: its lease, its stages, and how it ends."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from archive_site.unready import explanation
from articles.indexing import index_pending
from articles.tasks import index_search
from imports.faults import (
    DeliveryRefused,
    Interrupted,
    LimitReached,
    RunCanceled,
    RunCutOff,
    RunLost,
    described,
)
from imports.heartbeat import Heartbeat
from imports.loading import prepared_connection
from imports.models import Run, RunState
from imports.patience import patiently
from imports.progress import Progress
from imports.results import COUNTERS, ImportResult, counts_of, result_of

logger = logging.getLogger(__name__)

_INDEX_THREADS = 2
# Fewer articles are indexed before other connections are open.
_WORTH_THREADS = 500
# Statistics made after fewer new articles than this would be the old ones.
_WORTH_ANALYZING = 1000
_GROWN = (
    "articles_article",
    "articles_articleterm",
    "articles_reference",
    "articles_term",
    "articles_searchdocument",
    "imports_item",
)


def _nothing() -> None:
    pass


def work_on(
    run: Run, work: Callable[[], None], *, progress: Progress, closing: Callable[[], None] = _nothing
) -> ImportResult:
    """Does the run's own work, then what follows from every change, and records how it ended. What
    `closing` writes is committed with that, or not at all.

    Raises what `work` raises, but for LimitReached, which is a result."""
    started = time.monotonic()
    with (
        _recording_the_end(run, progress),
        prepared_connection(name=f"import run {run.pk}"),
        Heartbeat(run, progress),
    ):
        try:
            work()
        except LimitReached as limit:
            move(run, state=RunState.INDEXING, error=str(limit))
            index(run, progress)
            _end_with(closing, run, stop)
        else:
            index(run, progress)
            _end_with(closing, run, finish)
    run.refresh_from_db()
    logger.info("run %d of %s ended as %s: %s", run.pk, run.source.name, run.state, counts_of(run))
    return result_of(run, seconds=time.monotonic() - started)


@contextmanager
def stage(run: Run, state: RunState, **changes: Any) -> Iterator[None]:
    """The run is in this state until the next stage; the seconds add up over interruptions."""
    move(run, state=state, **changes)
    started = time.monotonic()
    try:
        yield
    finally:
        spent = run.stage_seconds.get(state, 0) + time.monotonic() - started
        run.stage_seconds[state] = round(spent, 3)


def move(run: Run, **changes: Any) -> None:
    """Raises RunLost when another process took the run over."""
    for name, value in changes.items():
        setattr(run, name, value)
    own = Run.objects.filter(pk=run.pk, token=run.token)
    if not own.update(stage_seconds=run.stage_seconds, **changes):
        raise RunLost(f"Run {run.pk} was taken over by another process; this one stops.")


def index(run: Run, progress: Progress) -> None:
    """Makes what changed findable. Can be interrupted: what is outstanding stands in a table of its own,
    and a worker finishes it."""
    reload_counts(run)
    changed = run.created + run.updated + run.merged + run.missing
    with stage(run, RunState.INDEXING):
        if changed:
            # Should this process die on the way, the worker finishes for it.
            index_search.enqueue()
        progress.start("indexing", total=changed)
        index_pending(threads=_INDEX_THREADS if changed >= _WORTH_THREADS else 1, advance=progress.advance)
        progress.close()
        if changed >= _WORTH_ANALYZING:
            # Else some reader's search would merge the long list of pending entries.
            _maintain(
                "ANALYZE articles_searchdocument", "SELECT gin_clean_pending_list('searchdocument_vector')"
            )


def refresh_statistics(run: Run) -> None:
    """After loading, before all else: what follows, readers' pages above all, is planned by them."""
    reload_counts(run)
    if run.created + run.updated + run.merged >= _WORTH_ANALYZING:
        _maintain(f"ANALYZE {', '.join(_GROWN)}")


def reload_counts(run: Run) -> None:
    """What batches counted in the database; everything else the process at work knows best."""
    run.refresh_from_db(fields=[*COUNTERS, "conflicts", "renamed", "missing"])


def _maintain(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def finish(run: Run) -> None:
    open_questions = run.rejected or run.conflicts
    state = RunState.FINISHED_WITH_REJECTS if open_questions else RunState.FINISHED
    move(run, state=state, finished_at=timezone.now())


def stop(run: Run) -> None:
    move(run, state=RunState.STOPPED, finished_at=timezone.now())


def _end_with(closing: Callable[[], None], run: Run, end: Callable[[Run], None]) -> None:
    def together() -> None:
        with transaction.atomic():
            closing()
            end(run)

    patiently(together, what=f"run {run.pk}: ending")


@contextmanager
def _recording_the_end(run: Run, progress: Progress) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, Interrupted):
        _end(
            run, RunState.PAUSED, "stopped by a signal; what was committed stays, and it can go on from there"
        )
        raise
    except RunCanceled as cancellation:
        _end(run, RunState.CANCELED, str(cancellation))
        raise
    except DeliveryRefused as refusal:
        _end(run, RunState.REFUSED, str(refusal))
        raise
    except Exception as error:
        _end_if_it_can_be_told(run, RunState.FAILED, described(error))
        if sentence := explanation(error):
            message = f"{sentence} Run {run.pk} stopped there; the same command goes on with it."
            raise RunCutOff(message, run=run.pk) from error
        raise
    finally:
        progress.close()


def _end_if_it_can_be_told(run: Run, state: RunState, error: str) -> None:
    try:
        connection.close_if_unusable_or_obsolete()
        _end(run, state, error)
    except (DatabaseError, InterfaceError) as fault:
        # Whoever goes on with the run finds that its process is gone.
        logger.warning("run %d: how it ended could not be recorded: %s", run.pk, described(fault))


def _end(run: Run, state: RunState, error: str) -> None:
    """Whoever lost the run has no say in how it ends."""
    Run.objects.filter(pk=run.pk, token=run.token).update(
        state=state, error=error, stage_seconds=run.stage_seconds, finished_at=timezone.now()
    )
