"""Who is at work on a source. A run's row carries the lease; nothing has to be waited for once its holder
is provably gone, and a holder that was only thought to be gone can commit nothing more."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from imports.faults import SourceBusy
from imports.models import Run

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Holder:
    """A process and its session with PostgreSQL, told apart from all that had the same numbers before."""

    host: str
    boot: str
    pid: int
    started: str
    backend: int
    backend_start: str

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def this_holder() -> Holder:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_backend_pid(), backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        )
        backend, backend_start = cursor.fetchone()
    pid = os.getpid()
    return Holder(socket.gethostname(), _boot(), pid, _started(pid), backend, backend_start)


def refuse_when_held(run: Run) -> None:
    """Raises SourceBusy unless the run's holder is gone or has given no sign for the time of a lease."""
    if run.holder and run.lease_until and timezone.now() < run.lease_until and not _is_gone(run.holder):
        host, pid = run.holder["host"], run.holder["pid"]
        raise SourceBusy(
            f"Run {run.pk} holds the source {run.source.name!r}: process {pid} on {host}, since "
            f"{run.started_at:%Y-%m-%d %H:%M} UTC. Wait for it to end, or cancel it, then try again."
        )


def _is_gone(holder: dict[str, Any]) -> bool:
    return _process_is_gone(holder) or _session_is_gone(holder)


def _process_is_gone(holder: dict[str, Any]) -> bool:
    """Only a process of this very machine, and of this container, can be looked for."""
    if holder["host"] != socket.gethostname() or not holder["boot"] or holder["boot"] != _boot():
        return False
    return _started(holder["pid"]) != holder["started"]


def _session_is_gone(holder: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s AND backend_start::text = %s)",
            [holder["backend"], holder["backend_start"]],
        )
        return cursor.fetchone()[0]


def _boot() -> str:
    """This start of this machine, and the name space of its process numbers; empty where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When the process began, in clock ticks since the boot; empty when there is none, or a dead one that
    its parent has not yet taken leave of."""
    try:
        # The name of the program, in brackets, may hold spaces and brackets itself: proc(5).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in ("Z", "X") else fields[19]
