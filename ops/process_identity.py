"""Which process somebody was, so that it can be told later, on the same machine, whether it still is.

A process id alone does not tell: it is given again, and each container counts its own."""

import os
from pathlib import Path

_PROC = Path("/proc")
_BOOT = _PROC / "sys" / "kernel" / "random" / "boot_id"
# Fields of proc_pid_stat(5), counted from the one after the name.
_STATE, _START_TIME = 0, 19
_GONE = ("Z", "X")


def this_process() -> str:
    """Boot, process namespace, process id and start time; empty where the system does not tell them."""
    pid = os.getpid()
    try:
        return f"{_place()} {pid} {_stat(pid)[_START_TIME]}"
    except OSError:
        return ""


def is_over(identity: str) -> bool | None:
    """Whether that process is surely over; None where this cannot be known, as on another machine."""
    boot, namespace, pid, start_time = (identity.split() + [""] * 4)[:4]
    try:
        if f"{boot} {namespace}" != _place():
            return None
        os.kill(int(pid), 0)
        stat = _stat(int(pid))
    except ProcessLookupError:
        return True
    except OSError:
        # It exists and may not be looked at, or has ended just now.
        return None
    return stat[_START_TIME] != start_time or stat[_STATE] in _GONE


def _place() -> str:
    namespace = (_PROC / "self" / "ns" / "pid").readlink()
    return f"{_BOOT.read_text().strip()} {namespace}"


def _stat(pid: int) -> list[str]:
    # The name is in parentheses and may hold anything, parentheses too.
    return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
