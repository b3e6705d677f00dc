"""Whether a job runs elsewhere: decided by PostgreSQL, and by signs of life."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from ops import job_claims
from ops.job_claims import JobBusy, claim
from ops.models import JobRun, JobState
from ops.process_identity import is_over, this_process

pytestmark = pytest.mark.django_db(transaction=True)


def running(**values: object) -> JobRun:
    """By default of a machine of which nothing can be known here."""
    moment = timezone.now() - timedelta(hours=1)
    rest = {"command": ["true"], "folder": "/", "host": "far", "started_at": moment, "seen_at": moment}
    return JobRun.objects.create(name="nightly", **rest | values)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def quick(monkeypatch) -> None:
    monkeypatch.setattr(job_claims, "_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(job_claims, "_LOOK_EVERY_SECONDS", 0.02)


def in_a_moment(work: Callable[[], object]) -> threading.Timer:
    def run() -> None:
        work()
        connection.close()

    timer = threading.Timer(0.1, run)
    timer.start()
    return timer


def test_a_run_elsewhere_without_a_sign_of_life_gives_way(said, quick):
    lost = running()
    run = claim("nightly", ["true"], say=said.append)
    lost.refresh_from_db()
    assert (lost.state, run.state) == (JobState.LOST, JobState.RUNNING)
    assert said == [
        f"Run {lost.pk} of the job nightly on far has not ended as far as the database knows; "
        "waiting up to 0.5 s for a sign of life."
    ]


def test_a_run_elsewhere_that_shows_life_keeps_the_job(said, quick):
    alive = running()
    timer = in_a_moment(lambda: JobRun.objects.update(seen_at=Now()))
    with pytest.raises(JobBusy, match=f"run {alive.pk} on far, since .* UTC; this one was not started"):
        claim("nightly", ["true"], say=said.append)
    timer.join()
    alive.refresh_from_db()
    assert (alive.state, JobRun.objects.count()) == (JobState.RUNNING, 1)


def test_a_run_elsewhere_that_ends_meanwhile_gives_way(said, quick):
    ended = running()
    end = {"state": JobState.ENDED, "ended_at": timezone.now(), "seconds": 1, "exit_code": 0}
    timer = in_a_moment(lambda: JobRun.objects.update(**end))
    assert claim("nightly", ["true"], say=said.append).state == JobState.RUNNING
    timer.join()
    ended.refresh_from_db()
    assert ended.state == JobState.ENDED


def test_a_run_of_this_machine_that_lives_is_not_waited_for(said):
    running(process=this_process())
    with pytest.raises(JobBusy):
        claim("nightly", ["true"], say=said.append)
    assert said == []


def test_of_many_that_start_at_once_one_runs(said):
    gate = threading.Barrier(6)

    def start(_: int) -> bool:
        gate.wait()
        try:
            claim("nightly", ["true"], say=said.append)
        except JobBusy:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(start, range(6))) == [False] * 5 + [True]


def test_two_that_find_the_same_dead_run_do_not_both_take_its_place(said, quick):
    running()
    with transaction.atomic():
        # The other one is about to commit; this one finds the row as it was, and then taken.
        other = ThreadPoolExecutor(1)
        first = job_claims._take("nightly", ["true"], after=JobRun.objects.get())
        second = other.submit(claimed_elsewhere, said)
    assert isinstance(second.result(), JobBusy)
    assert JobRun.objects.filter(state=JobState.RUNNING).get() == first
    other.shutdown()


def claimed_elsewhere(said: list[str]) -> JobRun | JobBusy:
    try:
        return claim("nightly", ["true"], say=said.append)
    except JobBusy as busy:
        return busy
    finally:
        connection.close()


def test_words_that_are_no_utf8_are_kept_as_escapes(said):
    assert claim("nightly", ["cp", "caf\udce9"], say=said.append).command == ["cp", "caf\\xe9"]


def test_a_process_is_told_from_another_with_its_number():
    place, pid, began = this_process().rsplit(" ", 2)
    assert is_over(f"{place} {pid} {began}") is False
    assert is_over(f"{place} {pid} {int(began) - 1}") is True
    assert is_over(f"another-boot pid:[1] {pid} {began}") is None
    assert is_over("") is None
