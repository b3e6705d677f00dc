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
from django.utils import timezone

from articles.models import SearchPending
from imports.leases import LEASE, this_holder
from imports.models import Conflict, Decision, Item, Reject, Run, RunState, Source
from ops.content_vitals import age_words, judge_run, unknown_migrations
from ops.health import Status
from ops.server_vitals import GIB, disk_status
from tests.factories import make_article

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


def fixes() -> dict[str, str]:
    return {
        line["id"]: line["fix"]
        for line in health()[1]["sections"]
        if line["section"] == "imports" and line["status"] != "pass"
    }


def hold(run: Run) -> Run:
    """As if this process, which lives, were at work on it."""
    run.holder, run.lease_until = this_holder().as_dict(), timezone.now() + LEASE
    run.save()
    return run


def reject(run: Run, ordinal: int) -> Reject:
    return Reject.objects.create(run=run, ordinal=ordinal, line=1, code="bad-date", raw=b"{}", raw_bytes=2)


def test_the_newest_run_of_each_source_counts(make_run):
    make_run("wp", state=RunState.FAILED)
    make_run("wp", state=RunState.FINISHED)
    assert findings("imports") == {}
    refused = make_run("feed", state=RunState.REFUSED)
    failed = make_run("wp", state=RunState.FAILED)
    assert findings("imports") == {
        "imports.last.feed": ("fail", f"feed: run {refused.pk} refused, just now"),
        "imports.last.wp": ("fail", f"wp: run {failed.pk} failed, just now"),
    }
    assert fixes() == {
        "imports.last.feed": f"manage.py imports show {refused.pk} says why, and what to type next.",
        "imports.last.wp": f"Mend what manage.py imports show {failed.pk} tells of its error, then type "
        "manage.py import a.jsonl --source wp or press “Go on” on its page in the admin.",
    }


def test_open_rejects_and_conflicts_are_told_until_nothing_is_open(make_run):
    run = make_run("wp", state=RunState.FINISHED_WITH_REJECTS, read=2, rejected=2, conflicts=1)
    rejects = [reject(run, 1), reject(run, 2)]
    item = Item.objects.create(
        source=run.source,
        key="a",
        article=make_article(),
        raw_hash=b"",
        content_hash=b"",
        fingerprint=b"",
        shape_version=1,
        written_version=1,
        created_run=run,
        updated_run=run,
    )
    conflict = Conflict.objects.create(run=run, item=item, field="title", base={}, local={}, incoming={})

    def told(rejects: int, conflicts: int) -> dict[str, tuple[str, str]]:
        words = (
            f"wp: run {run.pk} finished; open are rejects ({rejects}) and conflicts ({conflicts}), just now"
        )
        return {"imports.last.wp": ("warn", words)}

    assert findings("imports") == told(2, 1)
    assert fixes() == {"imports.last.wp": f"manage.py imports show {run.pk} says what to type next."}
    Conflict.objects.filter(pk=conflict.pk).update(state=Decision.KEPT)
    assert findings("imports") == told(2, 0)
    Reject.objects.filter(pk=rejects[0].pk).update(closed_by="import:9")
    assert findings("imports") == told(1, 0)
    Reject.objects.filter(pk=rejects[1].pk).update(closed_by="ada")
    assert findings("imports") == {}


@pytest.mark.parametrize("state", [RunState.CHECKING, RunState.LOADING, RunState.QUEUED])
def test_a_run_whose_process_died_is_told_at_once(make_run, state: RunState):
    run = hold(make_run("wp", state=state, options={"delete_missing": True}))
    assert findings("imports") == {}
    Run.objects.filter(pk=run.pk).update(holder={**run.holder, "backend": 0, "pid": 0, "started": "0"})
    words = f"wp: run {run.pk} {state.label}, but its process is gone, just now"
    assert findings("imports") == {"imports.last.wp": ("warn", words)}
    assert fixes() == {
        "imports.last.wp": "To finish it, type manage.py import a.jsonl --source wp --delete-missing or "
        "press “Go on” on its page in the admin."
    }


def test_a_run_that_died_is_told_although_another_waits_behind_it(make_run):
    died = make_run("wp", state=RunState.LOADING)
    make_run("wp", state=RunState.READY)
    assert findings("imports")["imports.last.wp"][1].startswith(f"wp: run {died.pk} loading, but its process")


@pytest.mark.parametrize(
    ("state", "hours", "status"),
    [
        (RunState.CHECKING, 11, Status.PASS),
        (RunState.LOADING, 13, Status.WARN),
        (RunState.INDEXING, 13, Status.WARN),
        (RunState.QUEUED, 11, Status.PASS),
        (RunState.READY, 13, Status.WARN),
        (RunState.FINISHED, 2000, Status.PASS),
        (RunState.SUPERSEDED, 2000, Status.PASS),
        (RunState.PAUSED, 0, Status.WARN),
        (RunState.STOPPED, 0, Status.WARN),
        (RunState.FAILED, 0, Status.FAIL),
        (RunState.REFUSED, 0, Status.FAIL),
    ],
)
def test_each_state_of_a_run_has_its_status(make_run, state: RunState, hours: int, status: Status):
    run = hold(make_run("wp", state=state))
    assert judge_run(run, now=run.started_at + timedelta(hours=hours)).status is status


def test_what_is_not_well_has_a_fix_of_its_own(make_run):
    judged = [judge_run(make_run(state, state=state), now=NOW) for state in RunState]
    assert [bool(judgment.fix) for judgment in judged] == [
        judgment.status is not Status.PASS for judgment in judged
    ]


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
