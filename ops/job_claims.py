"""Who may run a job now. PostgreSQL decides: a name has one running row at most, whichever hosts ask.

The row of a run that was killed stays behind as running. On the same machine its process is seen to be
over; elsewhere the row tells, because a living run moves it every few seconds, also after the database was
away."""

import getpass
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from ops.models import JobRun, JobState
from ops.process_identity import is_over, this_process

KEPT_RUNS = 200
PULSE_SECONDS = 5
# Of a run that has just lost the database and found it again: the pulse, and the time to connect.
_PATIENCE_SECONDS = 15
_LOOK_EVERY_SECONDS = 0.5

Say = Callable[[str], None]


class JobBusy(Exception):
    """The job runs already. One sentence: where, and since when."""


def claim(name: str, command: Sequence[str], *, say: Say) -> JobRun:
    """A new running row of the job. Raises JobBusy where the job runs, and django.db.Error.

    Waits up to 15 seconds where only a sign of life can tell whether it runs."""
    holder = JobRun.objects.filter(name=name, state=JobState.RUNNING).first()
    if holder and not _is_gone(holder, say=say):
        raise JobBusy(_who_holds(holder))
    try:
        with transaction.atomic():
            return _take(name, command, after=holder)
    except IntegrityError as error:
        # Somebody else started it in this moment.
        holder = JobRun.objects.filter(name=name, state=JobState.RUNNING).first()
        if holder is None:
            raise
        raise JobBusy(_who_holds(holder)) from error


def _who_holds(run: JobRun) -> str:
    return (
        f"The job {run.name} runs already: run {run.pk} on {run.host}, "
        f"since {run.started_at:%Y-%m-%d %H:%M:%S} UTC; this one was not started."
    )


def _is_gone(holder: JobRun, *, say: Say) -> bool:
    over = is_over(holder.process)
    return _shows_no_life(holder, say=say) if over is None else over


def _shows_no_life(holder: JobRun, *, say: Say) -> bool:
    say(
        f"{_name_of(holder)} has not ended as far as the database knows; "
        f"waiting up to {_PATIENCE_SECONDS} s for a sign of life."
    )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_SECONDS)
        now = JobRun.objects.filter(pk=holder.pk).first()
        if now is None or now.state != JobState.RUNNING:
            return True
        if now.seen_at != holder.seen_at:
            return False
    return True


def _name_of(run: JobRun) -> str:
    return f"Run {run.pk} of the job {run.name} on {run.host}"


def _take(name: str, command: Sequence[str], *, after: JobRun | None) -> JobRun:
    if after:
        # Only as it was seen: should it have shown life since, the new row is refused.
        seen = JobRun.objects.filter(pk=after.pk, state=JobState.RUNNING, seen_at=after.seen_at)
        seen.update(state=JobState.LOST)
    _prune(name)
    run = JobRun.objects.create(
        name=name,
        command=[_storable(word) for word in command],
        folder=_storable(str(Path.cwd())),
        host=socket.gethostname(),
        process=this_process(),
        started_by=_user(),
        release=settings.RELEASE,
        started_at=Now(),
        seen_at=Now(),
    )
    run.refresh_from_db(fields=["started_at", "seen_at"])
    return run


def _storable(text: str) -> str:
    # What is no UTF-8 in arguments and paths, Python hands over as halves of surrogate pairs.
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _prune(name: str) -> None:
    runs = JobRun.objects.filter(name=name).order_by("-id")
    oldest = runs.values_list("pk", flat=True)[KEPT_RUNS - 1 : KEPT_RUNS].first()
    if oldest:
        runs.filter(pk__lte=oldest).delete()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a number that has no name.
        return ""
