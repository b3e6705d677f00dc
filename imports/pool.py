"""Runs work in other processes, in order, a few pieces ahead of whoever takes the results."""

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import Any

_AHEAD = 2

# The arguments of a piece of work, and a companion that comes back with its result.
Job = tuple[tuple[Any, ...], Any]


def map_here(work: Callable[..., Any], jobs: Iterable[Job]) -> Iterator[tuple[Any, Any]]:
    """The result of `work` for each job, with the job's companion, in order, in this process."""
    for arguments, companion in jobs:
        yield work(*arguments), companion


class Pool:
    """Worker processes, started by the first work; 0 stands for one a core."""

    def __init__(self, workers: int) -> None:
        self._workers = workers or _cores()
        # Not forked: a copy of this process would share its connections and threads.
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_start_worker)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *error: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def prepare(self, work: Callable[..., Any]) -> None:
        """Starts the workers ahead of their first work and lets them import what `work` needs."""
        for _ in range(self._workers):
            self._executor.submit(_know, work)

    def map(self, work: Callable[..., Any], jobs: Iterable[Job]) -> Iterator[tuple[Any, Any]]:
        """As `map_here`, a few jobs ahead of whoever takes the results."""
        waiting: deque[tuple[Future[Any], Any]] = deque()
        for arguments, companion in jobs:
            waiting.append((self._executor.submit(work, *arguments), companion))
            if len(waiting) > self._workers + _AHEAD:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)


def _next(waiting: deque[tuple[Future[Any], Any]]) -> tuple[Any, Any]:
    future, companion = waiting.popleft()
    return future.result(), companion


def _know(work: Callable[..., Any]) -> None:
    """Naming the work is enough: it is imported where its name arrives."""


def _cores() -> int:
    """Those that this process may use, where the system tells: a container often has fewer."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _start_worker() -> None:
    # Ctrl-C reaches the whole group; the main process alone decides how to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Records leave no circles behind, and looking for some after every second one took a tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for its next batch for ever."""
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)
