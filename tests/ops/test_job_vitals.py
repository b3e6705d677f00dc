"""What health says of scheduled jobs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from ops.health import Status
from ops.job_vitals import judge_jobs
from ops.models import JobRun, JobState
from tests.ops.test_vitals import findings, health

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_run(name: str, *, hours: float = 2, **values: object) -> JobRun:
    began = NOW - timedelta(hours=hours)
    rest = {"command": ["tool", "a b"], "folder": "/srv/archive", "host": "h", "started_at": began}
    if "state" not in values:
        rest |= {"state": JobState.ENDED, "ended_at": began, "seconds": 1, "exit_code": 0}
    return JobRun(name=name, seen_at=began, **rest | values)


def judged(*runs: JobRun) -> list[tuple[str, str]]:
    """Of runs that are each the newest of their job."""
    ended = [run for run in runs if run.state != JobState.RUNNING]
    told = judge_jobs(runs, ended, now=NOW)
    return [(one.status.value, one.observed) for one in (told if isinstance(told, list) else [told])]


def test_without_a_job_all_is_well():
    assert judged() == [("pass", "no job yet")]


def test_jobs_that_ended_well_or_are_at_work_are_no_findings():
    at_work = a_run("b", state=JobState.RUNNING, hours=0.01)
    assert judged(a_run("a")) == [("pass", "1 job, 0 at work")]
    assert judged(a_run("a"), at_work) == [("pass", "2 jobs, 1 at work")]


def test_a_job_that_failed_is_told_with_its_last_line():
    failed = a_run("backup", pk=7, exit_code=3, output="one\nno space left\n\n")
    words = (
        "backup: run 7 on h ended with exit code 3; it began 2026-11-23 10:00 UTC, 2 hours ago; "
        "last line: no space left"
    )
    assert judged(failed) == [("fail", words)]


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.LOST])
def test_a_job_that_never_ended_is_told(state: JobState):
    words = (
        "backup: run 7 on h never ended, and nobody knows how far it came; "
        "it began 2026-11-23 10:00 UTC, 2 hours ago"
    )
    assert judged(a_run("backup", pk=7, state=state)) == [("fail", words)]


def test_while_a_job_is_at_work_its_last_failure_stays_told():
    at_work, failed = a_run("a", state=JobState.RUNNING, hours=0.01), a_run("a", pk=3, exit_code=1)
    (finding,) = judge_jobs([at_work], [failed], now=NOW)
    assert (finding.status, finding.subject) == (Status.FAIL, "a")


@pytest.mark.django_db
def test_each_failed_job_is_a_finding_with_the_way_to_run_it_again():
    for name, code in (("a", 0), ("a", 1), ("b", 2), ("b", 0), ("c", 137)):
        a_run(name, exit_code=code).save()
    assert list(findings("jobs")) == ["jobs.last.a", "jobs.last.c"]
    code, report = health()
    line = next(line for line in report["sections"] if line["id"] == "jobs.last.a")
    assert (code, line["expected"], line["owner"]) == (1, "ended with exit code 0", "platform")
    assert (line["title"], line["runbook"]) == ("Last run of each job", "docs/runbooks/jobs.md")
    assert line["fix"] == (
        "Mend what its last lines say, then run it again in /srv/archive: manage.py job a -- tool 'a b'"
    )


@pytest.mark.django_db
def test_the_admin_shows_runs_and_lets_nobody_change_them(admin_client):
    run = a_run("backup", exit_code=3, output="<b>no space</b>")
    run.save()
    assert "backup" in admin_client.get(reverse("admin:ops_jobrun_changelist")).content.decode()
    page = admin_client.get(reverse("admin:ops_jobrun_change", args=[run.pk])).content.decode()
    assert "&lt;b&gt;no space&lt;/b&gt;" in page
    assert "tool &#x27;a b&#x27;" in page
    assert admin_client.get(reverse("admin:ops_jobrun_add")).status_code == 403
