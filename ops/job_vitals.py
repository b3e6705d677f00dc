"""How the scheduled jobs did."""

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime

from ops.content_vitals import age_words
from ops.health import Observation, Status
from ops.job_list import clipped, database_now, is_silent, last_runs
from ops.models import JobRun, JobState
from ops.server_vitals import bounded_cursor


def last_jobs() -> Observation | list[Observation]:
    """One finding for each job whose last run failed or never ended."""
    with bounded_cursor():
        newest = list(last_runs())
        # While a job is at work, how it ended before is what is known of it.
        ended = list(last_runs().exclude(state=JobState.RUNNING))
        now = database_now()
    return judge_jobs(newest, ended, now=now)


def judge_jobs(
    newest: Sequence[JobRun], ended: Iterable[JobRun], *, now: datetime
) -> Observation | list[Observation]:
    silent = {run.name: run for run in newest if is_silent(run, now=now)}
    judged = {run.name: run for run in ended if run.exit_code != 0} | silent
    if judged:
        return [_finding(judged[name], now=now) for name in sorted(judged)]
    at_work = sum(run.state == JobState.RUNNING for run in newest)
    words = f"{len(newest)} job{'s' * (len(newest) != 1)}, {at_work} at work" if newest else "no job yet"
    return Observation(Status.PASS, words)


def _finding(run: JobRun, *, now: datetime) -> Observation:
    when = f"{run.started_at:%Y-%m-%d %H:%M} UTC, {age_words(now - run.started_at)}"
    observed = f"{run.name}: run {run.pk} on {run.host} {_end_words(run)}; it began {when}"
    if run.last_line:
        observed += f"; last line: {clipped(run.last_line)}"
    again = shlex.join(["manage.py", "job", run.name, "--", *run.command])
    fix = f"Mend what its last lines say, then run it again in {shlex.quote(run.folder)}: {again}"
    return Observation(Status.FAIL, observed, subject=run.name, fix=fix)


def _end_words(run: JobRun) -> str:
    if run.state == JobState.ENDED:
        return f"ended with exit code {run.exit_code}"
    return "never ended, and nobody knows how far it came"
