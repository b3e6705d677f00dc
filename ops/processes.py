"""Processes that run side by side until one of them ends or somebody asks them all to stop."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen


@contextmanager
def stop_event() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C, SIGTERM or a closed terminal, instead of what these signals do else."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start(
    commands: Mapping[str, Sequence[str]], *, folder: Path, environment: Mapping[str, str]
) -> list[Child]:
    return [
        # A group of its own each: Ctrl-C in a terminal reaches every process of its group, and the children
        # are to be stopped once, by us.
        Child(name, subprocess.Popen(command, cwd=folder, env=environment, process_group=0))
        for name, command in commands.items()
    ]


def wait_until(
    ready: Callable[[], bool], *, children: Iterable[Child], stop: threading.Event, seconds: float
) -> bool:
    """False when a child ended, a stop was asked for, or the time was up before `ready` said yes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not first_ended(children):
        if ready():
            return True
        if stop.wait(LOOK_EVERY_SECONDS):
            return False
    return False


def wait_for_end(children: Iterable[Child], *, stop: threading.Event) -> Child | None:
    """The child that ended by itself, or None when a stop was asked for."""
    while not stop.wait(LOOK_EVERY_SECONDS):
        if ended := first_ended(children):
            return ended
    return None


def first_ended(children: Iterable[Child]) -> Child | None:
    return next((child for child in children if child.process.poll() is not None), None)


def end(children: Iterable[Child], *, patience: float) -> None:
    """Asks all to stop, and kills what has not stopped after `patience` seconds. Nothing is left running."""
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        end_one(child.process, seconds=max(deadline - time.monotonic(), 0))


def end_one(process: subprocess.Popen, *, seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
