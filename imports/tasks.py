"""What workers (`manage.py db_worker`) do for runs that were asked for in the admin."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from imports.faults import DeliveryRefused, Interrupted, RunCanceled, RunLost, SourceBusy, described
from imports.followups import carry_out_retry, carry_out_undo
from imports.leases import LEASE
from imports.models import ACTIVE, Run, RunKind, RunState
from imports.progress import Progress
from imports.runs import import_upload
from imports.uploads import is_to_prepare, prepare

logger = logging.getLogger(__name__)

_BUSY_AGAIN = timedelta(seconds=15)
# A person waits for a preview.
_FIRST = 10

Work = Callable[..., Any]


@task(priority=_FIRST)
def prepare_upload(run_id: int) -> str:
    """Returns the state of the run, as the others do."""
    return _carry_out(run_id, prepare, prepare_upload)


@task()
def run_upload(run_id: int) -> str:
    return _carry_out(run_id, import_upload, run_upload)


@task()
def retry_run(run_id: int) -> str:
    return _carry_out(run_id, carry_out_retry, retry_run)


@task()
def undo(run_id: int) -> str:
    return _carry_out(run_id, carry_out_undo, undo)


def enqueue(run: Run) -> None:
    """What is to be done next for a run that waits."""
    chosen = {RunKind.IMPORT: run_upload, RunKind.RETRY: retry_run, RunKind.UNDO: undo}[RunKind(run.kind)]
    (prepare_upload if is_to_prepare(run) else chosen).enqueue(run.pk)


def waiting_since(run: Run) -> datetime | None:
    """When it was put in the queue; None where no worker is going to take it up. For the time of a lease
    one that has the task is believed to be about to."""
    ready = Q(status=TaskResultStatus.READY)
    taken = Q(status=TaskResultStatus.RUNNING, started_at__gte=timezone.now() - LEASE)
    tasks = DBTaskResult.objects.filter(
        ready | taken,
        task_path__in=[each.module_path for each in (prepare_upload, run_upload, retry_run, undo)],
        args_kwargs={"args": [run.pk], "kwargs": {}},
    )
    return tasks.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()


def _carry_out(run_id: int, work: Work, again: Task[[int], str]) -> str:
    run = Run.objects.select_related("source", "about").get(pk=run_id)
    progress = Progress(visible=False)
    try:
        with _stopping_with_the_worker(progress):
            work(run, progress=progress)
    except SourceBusy as busy:
        Run.objects.filter(pk=run_id, state=RunState.QUEUED).update(error=str(busy))
        again.using(run_after=timezone.now() + _BUSY_AGAIN).enqueue(run_id)
    except Interrupted:
        again.enqueue(run_id)
    except DeliveryRefused as refusal:
        _end(run, RunState.REFUSED, str(refusal))
    except (RunCanceled, RunLost) as end:
        logger.info("%s", end)
    except Exception as error:
        _end(run, RunState.FAILED, described(error))
        raise
    return Run.objects.values_list("state", flat=True).get(pk=run_id)


def _end(run: Run, state: RunState, error: str) -> None:
    """Of a run that ended before its work had begun, which else records its end itself."""
    own = Run.objects.filter(pk=run.pk, token=run.token, state__in=(RunState.QUEUED, *ACTIVE))
    own.update(state=state, error=error, finished_at=timezone.now())


@contextmanager
def _stopping_with_the_worker(progress: Progress) -> Iterator[None]:
    """A worker that is asked to stop waits for its task: the run pauses at its next batch, and goes on in
    the worker that comes after."""
    if threading.current_thread() is not threading.main_thread():
        # Under the reloader of development, which hears signals itself.
        yield
        return
    before: dict[int, Any] = {}

    def stop(number: int, frame: FrameType | None) -> None:
        progress.stop(Interrupted(number))
        if callable(before[number]):
            before[number](number, frame)

    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
