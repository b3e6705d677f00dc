"""Signs of life of a run, from a thread and a connection of its own: they renew the lease while a stage
takes long, tell the admin how far it is, and hear that somebody wants it to stop."""

import logging
import os
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from imports.faults import RunCanceled, RunLost
from imports.leases import LEASE
from imports.models import Run
from imports.progress import Progress

logger = logging.getLogger(__name__)

_SECONDS = 2.0


class Heartbeat:
    """Beats until the `with` block ends. A lost lease or a cancellation reaches the run by
    `progress.stop`: RunLost, RunCanceled."""

    def __init__(self, run: Run, progress: Progress) -> None:
        self._run = run
        self._progress = progress
        self._ended = Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._ended.wait(_SECONDS):
                self._tell()
            # Also of a run that was shorter than a beat the memory is known.
            self._tell()
        finally:
            connection.close()

    def _tell(self) -> None:
        try:
            rows = Run.objects.filter(pk=self._run.pk, token=self._run.token)
            told = rows.update(
                lease_until=timezone.now() + LEASE,
                stage_done=self._progress.done,
                stage_total=self._progress.total,
                peak_memory=Greatest(F("peak_memory"), resident_bytes(os.getpid())),
            )
            if not told:
                self._progress.stop(RunLost(f"Run {self._run.pk} was taken over by another process."))
            elif rows.filter(cancel_asked=True).exists():
                self._progress.stop(RunCanceled(f"Run {self._run.pk} was canceled."))
        except DatabaseError as error:
            # The run itself meets the same fault and says so; a lease lasts many beats.
            logger.warning("run %d could not renew its lease: %s", self._run.pk, error)
            connection.close()


def resident_bytes(parent: int) -> int:
    """What the process and its children hold in memory. An upper bound: shared pages count for each.
    0 where the system does not tell."""
    return sum(_resident_bytes(pid) for pid in (parent, *_children(parent)))


def _children(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in _read(task).split()]


def _resident_bytes(pid: int) -> int:
    pages = _read(Path(f"/proc/{pid}/statm")).split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") if pages else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        # It ended between being listed and being read.
        return ""
