"""A job: a command that runs once at a time, and whose end is recorded whatever it was."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error, connection, transaction
from django.db.models.functions import Now

from ops.health import describe_error
from ops.job_claims import PULSE_SECONDS, Say, claim
from ops.job_commands import Ended, Signals, catching, run_command
from ops.masking import environment_mask
from ops.models import JobRun, JobState

logger = logging.getLogger(__name__)

# A database that is restarted or fails over is mostly back within a minute.
_RECORD_SECONDS = 60
_RETRY_SECONDS = 2


def run_job(name: str, command: Sequence[str], *, say: Say) -> int:
    """Runs the command and returns its exit code, once its end is recorded or `say` has told that it could
    not be. A database that goes away meanwhile does not stop the command.

    Raises JobBusy, and django.db.Error where the database is away from the beginning: then nothing ran."""
    mask = environment_mask()
    run = claim(name, [mask(word) for word in command], say=say)
    # The command may take hours, and the server counts its connections.
    connection.close()
    signals = Signals()
    with catching(signals):
        with _showing_life(run):
            ended = run_command(command, signals=signals, mask=mask)
        _record(run, ended, give_up=signals.asked, say=say)
    return ended.exit_code


@contextmanager
def _showing_life(run: JobRun) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=_show_life, args=(run, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _show_life(run: JobRun, over: threading.Event) -> None:
    told = False
    while not over.wait(PULSE_SECONDS):
        try:
            JobRun.objects.filter(pk=run.pk).update(seen_at=Now())
            told = False
        except Error as error:
            if not told:
                logger.warning("Job %s goes on without the database (%s).", run.name, describe_error(error))
            told = True
        finally:
            # A new one each time: on one whose server went away silently this thread would hang.
            connection.close()


def _record(run: JobRun, ended: Ended, *, give_up: threading.Event, say: Say) -> None:
    """Tries for a minute, or until somebody asks to stop."""
    give_up.clear()  # by now it tells what asked the command to stop
    deadline = time.monotonic() + _RECORD_SECONDS
    while fault := _fault_in_recording(run, ended):
        if time.monotonic() > deadline or give_up.wait(_RETRY_SECONDS):
            say(
                f"The end of run {run.pk} of the job {run.name} (exit code {ended.exit_code} after "
                f"{ended.seconds:.1f} s) is not recorded: {fault}. Health will tell that it never ended."
            )
            return


def _fault_in_recording(run: JobRun, ended: Ended) -> str:
    try:
        with transaction.atomic():
            _write_end(run, ended)
    except Error as error:
        return f"the database does not answer ({describe_error(error)})"
    finally:
        connection.close()
    return ""


def _write_end(run: JobRun, ended: Ended) -> None:
    now = JobRun.objects.select_for_update().filter(pk=run.pk).first() or run
    remarks = [ended.signals]
    if now.state == JobState.LOST:
        remarks.append("The next run began meanwhile, because this one showed no sign of life.")
    now.state = JobState.ENDED
    now.exit_code = ended.exit_code
    now.seconds = ended.seconds
    # By the clock of the database, and not later for a database that was away.
    now.ended_at = now.started_at + timedelta(seconds=ended.seconds)
    now.output = ended.output
    now.remark = " ".join(filter(None, remarks))
    now.save()
