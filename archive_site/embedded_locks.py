"""File locks that the kernel drops when their holders end, however they end.

Nothing here counts process ids: a list of them is wrong after the first SIGKILL.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 0.01  # seconds between two tries; a wait must be bounded, and flock() itself knows no timeout


class LockTimeout(Exception):
    """The lock stayed in other hands for as long as the caller would wait."""


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def acquire(descriptor: int, operation: int, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not _taken_at_once(descriptor, operation):
        if time.monotonic() > deadline:
            raise LockTimeout
        time.sleep(PAUSE)


@contextmanager
def exclusive(path: Path, *, seconds: float) -> Iterator[int]:
    """Gives the locked descriptor. A process that inherited it keeps the lock after the block."""
    descriptor = open_lock(path)
    try:
        acquire(descriptor, fcntl.LOCK_EX, seconds=seconds)
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock exclusively."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return is_held_elsewhere(descriptor)
    finally:
        os.close(descriptor)


def is_held_elsewhere(descriptor: int) -> bool:
    """As `is_held`, for an open file: it still tells the truth when the folder was removed."""
    # Shared, so that two who ask at once do not take each other for the holder.
    if not _taken_at_once(descriptor, fcntl.LOCK_SH):
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def is_same_file(descriptor: int, path: Path) -> bool:
    """False where the path was removed or made anew since, or the descriptor was closed or reused."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def count_shared(path: Path) -> int | None:
    """How many hold the lock shared; None where the system does not list its locks (macOS)."""
    try:
        inode = path.stat().st_ino
    except FileNotFoundError:
        return 0
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except FileNotFoundError:
        return None
    return sum(_is_shared_lock(line.split(), inode) for line in lines)


def _is_shared_lock(fields: list[str], inode: int) -> bool:
    # "1: FLOCK ADVISORY READ 4711 fd:01:5537 0 EOF"; a second field of "->" is one who still waits. The
    # device is not compared: Btrfs and overlays list another than stat() gives.
    return fields[1] == "FLOCK" and fields[3] == "READ" and fields[5].endswith(f":{inode}")


def _taken_at_once(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
