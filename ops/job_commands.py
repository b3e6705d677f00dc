"""Runs the command of a job: its output passed on, signals too, and nothing of it left when it is over."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ops import job_guard
from ops.job_output import Tail, pass_on
from ops.masking import Mask
from ops.processes import STOP_SIGNALS

# As shells do it.
NOT_EXECUTABLE, NOT_FOUND, SIGNALED = 126, 127, 128
_STDOUT, _STDERR = 1, 2
_LOOK_EVERY_SECONDS = 1
# For what the command left behind to end its own output.
_DRAIN_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Ended:
    """`exit_code` is 128 and its number for a signal. `signals` is a sentence, empty where none came."""

    exit_code: int
    seconds: float
    output: str
    signals: str


class Signals:
    """Signals to stop, sent on to a process group once there is one. `asked` is set by the first."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._told: list[str] = []
        self._early: list[int] = []
        self._group: int | None = None
        self._over = False

    def __call__(self, number: int, frame: object) -> None:
        self.asked.set()
        self._told.append(f"{signal.Signals(number).name} at {datetime.now(UTC):%H:%M:%S} UTC")
        if self._over:
            return
        if self._group is None:
            self._early.append(number)
        else:
            os.killpg(self._group, number)

    def send_to(self, group: int) -> None:
        self._group = group
        for number in self._early:
            os.killpg(group, number)

    def send_no_more(self) -> None:
        self._over = True

    def sentence(self) -> str:
        return f"Stopped by {', '.join(self._told)}." if self._told else ""


@contextmanager
def catching(signals: Signals) -> Iterator[None]:
    """A signal that is ignored, as under nohup, stays so."""
    caught = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, signals) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_command(command: Sequence[str], *, signals: Signals, mask: Mask) -> Ended:
    """Returns when the command has ended. It and all that it starts, as far as it stays in the process
    group, ends with this process at the latest, even when this process is killed."""
    tail = Tail(mask)
    began = time.monotonic()
    with _guarded_group(signals) as group:
        exit_code = _run_in(group, command, signals=signals, tail=tail)
    return Ended(exit_code, time.monotonic() - began, tail.text(), signals.sentence())


@contextmanager
def _guarded_group(signals: Signals) -> Iterator[int]:
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(job_guard.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    with guard:
        # From its first byte on it is there for a command, and deaf to the command's signals.
        guard.stdout.read(1)
        try:
            yield guard.pid
        finally:
            signals.send_no_more()


def _run_in(group: int, command: Sequence[str], *, signals: Signals, tail: Tail) -> int:
    try:
        process = _start(command, group=group)
    except OSError as error:
        return _not_started(command[0], error, tail)
    signals.send_to(group)
    threads = [
        pass_on(process.stdout, _STDOUT, tail.stream()),
        pass_on(process.stderr, _STDERR, tail.stream()),
    ]
    returned = _returned(process)
    _wait_for(threads, seconds=_DRAIN_SECONDS)
    return SIGNALED - returned if returned < 0 else returned


def _returned(process: subprocess.Popen[bytes]) -> int:
    # Not one long wait: Python would look at a signal that comes just before it only when it is over.
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(_LOOK_EVERY_SECONDS)


def _start(command: Sequence[str], *, group: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=_stdin(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=group
    )


def _stdin() -> BinaryIO | int:
    # A process that is not in the terminal's own group would be stopped when it reads from it.
    if sys.stdin is None or sys.stdin.isatty():
        return subprocess.DEVNULL
    return sys.stdin.buffer


def _not_started(program: str, error: OSError, tail: Tail) -> int:
    if isinstance(error, FileNotFoundError):
        sentence, code = f"{program}: not found, or the interpreter that it names is not", NOT_FOUND
    else:
        sentence, code = f"{program}: cannot be run ({error.strerror})", NOT_EXECUTABLE
    tail.add(sentence)
    os.write(_STDERR, f"{sentence}\n".encode(errors="backslashreplace"))
    return code


def _wait_for(threads: Sequence[threading.Thread], *, seconds: float) -> None:
    """What the command left running may hold its output open for ever."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
