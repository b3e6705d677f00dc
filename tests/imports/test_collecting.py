import io
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from imports.collecting import Collected, collect
from imports.models import Run, RunState, Source
from imports.spool import Spool

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def spool(tmp_path) -> Spool:
    return Spool(tmp_path / "spool")


def keep(spool: Spool, content: bytes, *, days_old: float) -> str:
    kept = spool.keep(io.BytesIO(content))
    moment = (NOW - timedelta(days=days_old)).timestamp()
    os.utime(kept.path, (moment, moment))
    return kept.sha256


def leave_unfinished(spool: Spool, name: str, *, days_old: float) -> None:
    spool.directory.mkdir(exist_ok=True)
    path = spool.directory / f"unfinished-{name}"
    path.write_bytes(b"half")
    moment = (NOW - timedelta(days=days_old)).timestamp()
    os.utime(path, (moment, moment))


def run_of(sha256: str, state: str, *, ended_days_ago: float | None = None) -> Run:
    source, _ = Source.objects.get_or_create(name=f"source-{state}")
    ended = None if ended_days_ago is None else NOW - timedelta(days=ended_days_ago)
    run = Run.objects.create(source=source, state=state, input_sha256=sha256, finished_at=ended)
    Run.objects.filter(pk=run.pk).update(started_at=NOW - timedelta(days=400))
    return run


def kept_in(spool: Spool) -> set[str]:
    return {entry.sha256 for entry in spool.entries()}


def test_old_deliveries_whose_runs_are_over_are_removed(db, spool):
    over = keep(spool, b"over", days_old=40)
    run_of(over, RunState.FINISHED, ended_days_ago=40)
    never_run = keep(spool, b"looked at only", days_old=31)
    young = keep(spool, b"young", days_old=29)
    assert collect(spool, now=NOW, older_than=MONTH) == Collected(
        deliveries=2, bytes=len(b"over") + len(b"looked at only"), kept=1, kept_bytes=5, leftovers=0
    )
    assert kept_in(spool) == {young}
    assert never_run not in kept_in(spool)


@pytest.mark.parametrize(
    "state",
    [
        RunState.QUEUED,
        RunState.READY,
        RunState.CHECKING,
        RunState.LOADING,
        RunState.RESOLVING,
        RunState.INDEXING,
        RunState.PAUSED,
        RunState.FAILED,
    ],
)
def test_what_a_run_may_yet_need_stays_however_old(db, spool, state):
    needed = keep(spool, b"needed", days_old=300)
    run_of(needed, state, ended_days_ago=300)
    assert collect(spool, now=NOW, older_than=MONTH).deliveries == 0
    assert kept_in(spool) == {needed}


@pytest.mark.parametrize(
    "state",
    [
        RunState.FINISHED,
        RunState.FINISHED_WITH_REJECTS,
        RunState.REFUSED,
        RunState.STOPPED,
        RunState.CANCELED,
        RunState.SUPERSEDED,
    ],
)
def test_what_is_over_for_long_goes(db, spool, state):
    run_of(keep(spool, b"over", days_old=300), state, ended_days_ago=300)
    assert collect(spool, now=NOW, older_than=MONTH).deliveries == 1
    assert kept_in(spool) == set()


def test_a_delivery_stays_while_any_of_its_runs_ended_lately(db, spool):
    sha256 = keep(spool, b"twice", days_old=300)
    run_of(sha256, RunState.FINISHED, ended_days_ago=300)
    run_of(sha256, RunState.SUPERSEDED, ended_days_ago=2)
    assert collect(spool, now=NOW, older_than=MONTH).deliveries == 0


def test_what_killed_processes_left_goes_after_a_day(db, spool):
    leave_unfinished(spool, "old", days_old=2)
    leave_unfinished(spool, "young", days_old=0.5)
    assert collect(spool, now=NOW, older_than=MONTH).leftovers == 1
    assert [path.name for path in spool.directory.iterdir()] == ["unfinished-young"]


def test_a_dry_run_tells_the_same_and_removes_nothing(db, spool):
    keep(spool, b"over", days_old=40)
    leave_unfinished(spool, "old", days_old=2)
    before = sorted(spool.directory.iterdir())
    planned = collect(spool, now=NOW, older_than=MONTH, dry_run=True)
    assert sorted(spool.directory.iterdir()) == before
    assert collect(spool, now=NOW, older_than=MONTH) == planned
    assert (planned.deliveries, planned.leftovers) == (1, 1)


def test_a_spool_that_never_was_is_clear(db, spool):
    assert collect(spool, now=NOW, older_than=MONTH) == Collected(0, 0, 0, 0, 0)


@pytest.fixture
def command_spool(settings, tmp_path) -> Spool:
    """The spool of the commands, in a folder of the test's own."""
    settings.VAR_DIR = tmp_path
    return Spool(tmp_path / "spool")


def test_the_command_says_what_it_freed(transactional_db, command_spool):
    kept = command_spool.keep(io.BytesIO(b"x" * 2000))
    long_ago = (timezone.now() - timedelta(days=8)).timestamp()
    os.utime(kept.path, (long_ago, long_ago))
    command_spool.keep(io.BytesIO(b"young"))
    err = io.StringIO()
    call_command("imports", "gc", "--days", "7", "--dry-run", stderr=err)
    call_command("imports", "gc", "--days", "7", stderr=err)
    rest = "1 delivery (2.0 kB) and 0 unfinished files of processes that died; 1 delivery (5 bytes) stays."
    assert err.getvalue().splitlines() == [f"Would remove {rest}", f"Removed {rest}"]


def test_the_command_for_programs(transactional_db, command_spool):
    out = io.StringIO()
    call_command("imports", "gc", "--json", stdout=out)
    expected = {"deliveries": 0, "bytes": 0, "kept": 0, "kept_bytes": 0, "leftovers": 0}
    assert json.loads(out.getvalue()) == expected
