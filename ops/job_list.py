"""The last run of each job, for people and for programs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from rich import box
from rich.console import Console
from rich.table import Table

from ops.models import JobRun, JobState

# Ten pulses: a database that was restarted is no silence yet.
SILENT_AFTER = timedelta(seconds=60)
# Where nobody knows the width of the screen.
_WIDTH_ELSEWHERE = 140


def last_runs() -> QuerySet[JobRun]:
    return JobRun.objects.order_by("name", "-id").distinct("name")


def database_now() -> datetime:
    """The clock by which signs of life are told; that of this machine may differ."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def is_silent(run: JobRun, *, now: datetime) -> bool:
    """It should be at work, and shows no sign of life."""
    return run.state == JobState.RUNNING and now - run.seen_at > SILENT_AFTER


def as_dict(run: JobRun, *, now: datetime) -> dict[str, Any]:
    return {
        "name": run.name,
        "run": run.pk,
        "state": run.state,
        "silent": is_silent(run, now=now),
        "exit_code": run.exit_code,
        "started_at": run.started_at.isoformat(),
        "seen_at": run.seen_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "seconds": run.seconds,
        "command": run.command,
        "folder": run.folder,
        "host": run.host,
        "started_by": run.started_by,
        "release": run.release,
        "remark": run.remark,
        "output": run.output,
    }


def write_table(runs: Iterable[JobRun], *, now: datetime, is_terminal: bool) -> str:
    """Times in UTC. What jobs wrote is text, whatever brackets it has."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in ("job", "run", "started (UTC)", "took", "result", "host", "last line"):
        table.add_column(title, overflow="fold")
    for run in runs:
        table.add_row(
            run.name,
            str(run.pk),
            f"{run.started_at:%Y-%m-%d %H:%M:%S}",
            took(run.seconds),
            result(run, now=now),
            run.host,
            clipped(run.last_line),
        )
    width = None if is_terminal else _WIDTH_ELSEWHERE
    console = Console(file=StringIO(), width=width, markup=False, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def result(run: JobRun, *, now: datetime) -> str:
    if run.state == JobState.ENDED:
        return "ok" if run.exit_code == 0 else f"exit code {run.exit_code}"
    return "no sign of life" if is_silent(run, now=now) else JobState(run.state).label


def clipped(line: str, *, to: int = 120) -> str:
    return line if len(line) <= to else f"{line[: to - 1]}…"
