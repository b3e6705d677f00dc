"""What is called healthy: servers, migrations, imports, search, disk."""

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder

from articles.models import SearchPending
from imports.models import Run, RunState, Source
from ops.content_vitals import age_words, judge_runs, unknown_migrations
from ops.health import Status
from ops.server_vitals import GIB, disk_status

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEYS = ["id", "section", "title", "status", "expected", "observed", "owner", "fix", "runbook"]


def health() -> tuple[int, dict]:
    """The exit code and the JSON report."""
    stdout = io.StringIO()
    try:
        call_command("health", "--json", stdout=stdout)
    except SystemExit as stopped:
        return stopped.code, json.loads(stdout.getvalue())
    return 0, json.loads(stdout.getvalue())


def findings(section: str) -> dict[str, tuple[str, str]]:
    """Status and observation of what is not well there."""
    lines = [line for line in health()[1]["sections"] if line["section"] == section]
    return {line["id"]: (line["status"], line["observed"]) for line in lines if line["status"] != "pass"}


@pytest.fixture
def make_run(db) -> Callable[..., Run]:
    def make(source: str, **values: object) -> Run:
        owner, _ = Source.objects.get_or_create(name=source)
        return Run.objects.create(source=owner, input_name="a.jsonl", input_format="jsonl", **values)

    return make


@pytest.mark.django_db
def test_all_is_well_in_a_new_installation():
    code, report = health()
    assert (code, report["status"]) == (0, "pass")
    assert [line["id"] for line in report["sections"]] == [
        "database.answers",
        "database.version",
        "cache.answers",
        "cache.version",
        "migrations.applied",
        "migrations.known",
        "imports.last",
        "jobs.last",
        "search.pending",
        "disk.space",
    ]
    assert all(list(line) == KEYS for line in report["sections"])
    assert "no import yet" in {line["observed"] for line in report["sections"]}


@pytest.mark.django_db
def test_a_report_takes_less_than_two_seconds():
    began = time.monotonic()
    health()
    assert time.monotonic() - began < 2


@pytest.mark.django_db
def test_the_question_to_the_cache_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(caches["default"], "key_prefix", uuid4().hex)
    health()
    assert list(caches["default"].iter_keys("*")) == []


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_is_a_failure():
    MigrationRecorder(connection).record_unapplied("imports", "0001_initial")
    assert findings("migrations") == {"migrations.applied": ("fail", "1 not applied: imports.0001_initial")}
    assert health()[0] == 1


@pytest.mark.django_db
def test_migrations_that_the_code_does_not_know_are_a_warning():
    for number in range(5):
        MigrationRecorder(connection).record_applied("articles", f"900{number}_of_another_branch")
    names = ", ".join(f"articles.900{number}_of_another_branch" for number in range(3))
    assert findings("migrations") == {
        "migrations.known": ("warn", f"5 unknown to this code: {names}, and 2 more")
    }


def test_a_squashed_migration_is_known():
    squash = Migration("0001_squashed_0002", "articles")
    squash.replaces = [("articles", "0001_initial"), ("articles", "0002_triggers")]
    on_disk = {("articles", "0001_squashed_0002"): squash}
    applied = {*squash.replaces, ("articles", "0003_gone")}
    assert unknown_migrations(applied, on_disk=on_disk) == {("articles", "0003_gone")}


def test_the_newest_run_of_each_source_counts(make_run):
    make_run("wp", state=RunState.FAILED)
    make_run("wp", state=RunState.FINISHED)
    assert findings("imports") == {}
    rejected = make_run("feed", state=RunState.FINISHED_WITH_REJECTS, read=3, rejected=3)
    assert findings("imports") == {
        "imports.last": ("warn", f"feed: run {rejected.pk} finished with rejects or conflicts (3), just now")
    }
    failed = make_run("wp", state=RunState.FAILED)
    assert findings("imports") == {"imports.last": ("fail", f"wp: run {failed.pk} failed, just now")}


@pytest.mark.parametrize(
    ("state", "hours", "status"),
    [
        (RunState.CHECKING, 11, Status.PASS),
        (RunState.LOADING, 13, Status.WARN),
        (RunState.INDEXING, 13, Status.WARN),
        (RunState.FINISHED, 2000, Status.PASS),
        (RunState.FINISHED_WITH_REJECTS, 0, Status.WARN),
        (RunState.PAUSED, 0, Status.WARN),
        (RunState.FAILED, 0, Status.FAIL),
    ],
)
def test_each_state_of_a_run_has_its_status(state: RunState, hours: int, status: Status):
    run = Run(source=Source(name="wp"), state=state, started_at=NOW - timedelta(hours=hours))
    assert judge_runs([run], now=NOW).status is status


def test_every_state_of_a_run_can_be_judged():
    runs = [Run(source=Source(name="wp"), state=state, started_at=NOW) for state in RunState]
    assert judge_runs(runs, now=NOW).status is Status.FAIL


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=119), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_ages_are_told_in_one_unit(age: timedelta, words: str):
    assert age_words(age) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "found"),
    [
        (1_000, {}),
        (1_001, {"search.pending": ("warn", "1,001 waiting")}),
        (10_000, {"search.pending": ("warn", "10,000 waiting")}),
        (10_002, {"search.pending": ("warn", "more than 10,000 waiting")}),
    ],
)
def test_a_long_queue_for_search_is_a_warning(number: int, found: dict):
    SearchPending.objects.bulk_create(SearchPending(article_id=pk) for pk in range(1, number + 1))
    assert findings("search") == found


@pytest.mark.parametrize(
    ("free", "total", "status"),
    [
        (5 * GIB, 4000 * GIB, Status.PASS),
        (5 * GIB - 1, 4000 * GIB, Status.WARN),
        (GIB - 1, 4000 * GIB, Status.FAIL),
        (GIB, 10 * GIB, Status.PASS),
        (GIB - 1, 10 * GIB, Status.WARN),
        (GIB // 10, 10 * GIB, Status.FAIL),
    ],
)
def test_a_full_disk_is_told_in_time(free: int, total: int, status: Status):
    assert disk_status(free=free, total=total) is status
