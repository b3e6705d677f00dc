"""Who holds a source, and when that ends."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from imports.claiming import Wanted, claim
from imports.faults import RunCanceled, RunLost, SourceBusy
from imports.leases import this_holder
from imports.loading import Batch, Policy, load_batch, prepared_connection
from imports.models import Item, Reject, Run, RunState, Source
from imports.orders import Order
from imports.progress import Progress
from imports.runs import import_delivery
from imports.shaping import Shaped
from tests.imports.deliveries import record, write_jsonl
from tests.imports.processes import wait_for


@pytest.fixture
def source(transactional_db) -> Source:
    return Source.objects.create(name="press")


def begin(source: Source, **wanted: object) -> Run:
    return claim(source, Wanted(**wanted), input_name="press.jsonl", input_format="jsonl")


def test_a_living_holder_is_named(source):
    run = begin(source)
    with pytest.raises(SourceBusy, match=rf"^Run {run.pk} holds the source 'press': process \d+ on "):
        begin(source)


@pytest.mark.parametrize(
    "gone",
    [
        {"pid": 2**22 + 1},
        {"started": "1"},
        {"host": "elsewhere", "backend": 0},
        {"host": "elsewhere", "backend_start": "2001-01-01 00:00:00+00"},
    ],
)
def test_a_holder_that_is_provably_gone_need_not_be_waited_for(source, gone):
    run = begin(source)
    Run.objects.filter(pk=run.pk).update(holder={**this_holder().as_dict(), **gone})
    again = begin(source)
    assert (again.pk, again.resumed, again.token) == (run.pk, 1, 3)


def test_a_holder_that_gives_no_sign_loses_its_lease(source):
    run = begin(source)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert begin(source).pk == run.pk


def test_whoever_lost_the_run_commits_nothing_more(source):
    zombie = begin(source)
    Run.objects.filter(pk=zombie.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    begin(source)
    with prepared_connection(name="test"), pytest.raises(RunLost, match="was taken over by another process"):
        load_batch(zombie, Batch(Shaped(), cursor=5, read=5, unchanged=5, duplicate=0), Policy())
    assert Run.objects.get().read == 0


def test_another_input_supersedes_an_interrupted_run(source):
    first = begin(source, sha256="a" * 64)
    Run.objects.update(state=RunState.PAUSED)
    second = begin(source, sha256="b" * 64)
    first.refresh_from_db()
    assert (first.state, second.pk != first.pk, second.resumed) == ("superseded", True, 0)


@pytest.mark.parametrize(
    ("kind", "is_about_it", "state"),
    [("undo", True, "superseded"), ("undo", False, "superseded"), ("retry", True, "paused")],
)
def test_an_undo_takes_the_place_of_any_interrupted_import_and_a_retry_of_none(
    source, kind, is_about_it, state
):
    other = Run.objects.create(source=source, state=RunState.FINISHED)
    paused = begin(source)
    Run.objects.filter(pk=paused.pk).update(state=RunState.PAUSED)
    begin(source, kind=kind, about=paused.pk if is_about_it else other.pk)
    paused.refresh_from_db()
    assert paused.state == state


def test_other_options_begin_anew_too(source):
    first = begin(source, options={"key": "id"})
    Run.objects.update(state=RunState.PAUSED)
    assert begin(source, options={"key": "uuid"}).pk != first.pk


def test_a_run_is_canceled_while_it_works(transactional_db, tmp_path, settings):
    settings.IMPORT_BATCH_RECORDS = 5
    path = write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(3000)))
    waiter = threading.Thread(target=cancel_soon)
    waiter.start()
    with pytest.raises(RunCanceled):
        import_delivery(str(path), Order("press"), progress=Progress(visible=False))
    waiter.join()
    run = Run.objects.get()
    assert (run.state, run.created) == ("canceled", Item.objects.count())
    assert 0 < run.created < 3000


def cancel_soon() -> None:
    try:
        while not Run.objects.filter(created__gt=0).update(cancel_asked=True):
            time.sleep(0.01)
    finally:
        connection.close()


@pytest.mark.faults
def test_after_a_kill_nothing_has_to_be_waited_for(start, tmp_path):
    path = write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(2000)))
    killed = start("import", path, "--source", "press", IMPORT_BATCH_RECORDS="20")
    wait_for(lambda: Item.objects.count() > 100)
    killed.kill()
    killed.wait()
    started = time.monotonic()
    result = import_delivery(str(path), Order("press"), progress=WatchedProgress(started))
    assert (result.resumed, result.counts["created"]) == (True, 2000)


class WatchedProgress(Progress):
    """Asserts that the first stage of the run itself begins within two seconds."""

    def __init__(self, started: float) -> None:
        super().__init__(visible=False)
        self._started = started

    def start(self, stage: str, *, total: int | None = None) -> None:
        if stage == "checking":
            assert time.monotonic() - self._started < 2
        super().start(stage, total=total)


def test_what_postgresql_refuses_is_rejected_alone(transactional_db, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE articles_article ADD CONSTRAINT no_poison CHECK (title NOT LIKE 'Poison%') NOT VALID"
        )
    titles = ["Poison 1" if number == 37 else "Poison 2" if number == 71 else "Good" for number in range(100)]
    path = write_jsonl(
        tmp_path / "press.jsonl", *(record(f"a-{number}", title=title) for number, title in enumerate(titles))
    )
    try:
        result = import_delivery(str(path), Order("press"), progress=Progress(visible=False))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE articles_article DROP CONSTRAINT no_poison")
    assert (result.counts["created"], result.counts["rejected"], result.exit) == (98, 2, 3)
    rejects = Reject.objects.order_by("ordinal").values_list("line", "key", "code")
    assert list(rejects) == [(38, "a-37", "not-storable"), (72, "a-71", "not-storable")]
    message = Reject.objects.first().message
    assert message.startswith("PostgreSQL cannot store the record: new row for relation")
    assert "Good" not in message
