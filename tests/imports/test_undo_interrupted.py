"""A run that was stopped half way is taken back, and its delivery comes in again."""

import pytest

from articles.models import Article
from imports.faults import Interrupted
from imports.leases import this_holder
from imports.models import Item, Run, RunState
from imports.orders import Order
from imports.progress import Progress
from imports.results import ImportResult
from imports.reversals import undo_run
from imports.runs import import_delivery
from tests.imports.deliveries import record, write_jsonl

RECORDS = 30
SIGTERM = 15


class StoppedHalfWay(Progress):
    """As if a signal came while the run loads."""

    def __init__(self) -> None:
        super().__init__(visible=False)
        self._is_loading = False

    def start(self, stage: str, *, total: int | None = None) -> None:
        super().start(stage, total=total)
        self._is_loading = stage == "loading"

    def advance(self, count: int = 1) -> None:
        if self._is_loading and count:
            self.stop(Interrupted(SIGTERM))
        super().advance(count)


@pytest.fixture
def path(tmp_path):
    return write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(RECORDS)))


@pytest.fixture
def paused(transactional_db, settings, path) -> Run:
    settings.IMPORT_BATCH_RECORDS = 10
    with pytest.raises(Interrupted):
        import_delivery(str(path), Order("press"), progress=StoppedHalfWay())
    run = Run.objects.get()
    assert (run.state, run.created) == ("paused", 10)
    return run


def take_back(run: Run) -> ImportResult:
    return undo_run(run, progress=Progress(visible=False))


def set_abandoned(run: Run) -> None:
    """As kill -9 leaves it."""
    holder = {**this_holder().as_dict(), "started": "1"}
    Run.objects.filter(pk=run.pk).update(state=RunState.LOADING, holder=holder)


def test_the_delivery_of_an_interrupted_run_that_was_undone_comes_in_whole(bring_in, paused, path):
    assert take_back(paused).counts["updated"] == 10
    again = bring_in(path)
    assert (again.resumed, again.counts["created"], again.counts["updated"]) == (False, 20, 10)
    assert set(Article.objects.values_list("status", flat=True)) == {"published"}
    assert Item.objects.count() == RECORDS
    paused.refresh_from_db()
    assert paused.state == "superseded"


def test_a_run_whose_process_was_killed_is_undone_like_any_other(bring_in, paused, path):
    set_abandoned(paused)
    paused.refresh_from_db()
    assert take_back(paused).counts["updated"] == 10
    assert set(Article.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert bring_in(path).counts["created"] == 20
    assert set(Article.objects.values_list("status", flat=True)) == {"published"}


def test_an_undo_of_an_interrupted_undo_begins_that_undo_anew(bring_in, path, monkeypatch):
    imported = Run.objects.get(pk=bring_in(path).run)
    monkeypatch.setattr("imports.undoing._CHUNK", 10)
    with pytest.raises(Interrupted):
        undo_run(imported, progress=StoppedAtOnce())
    first = Run.objects.get(kind="undo")
    assert (first.state, take_back(first).counts["updated"]) == ("paused", first.updated)
    assert set(Article.objects.values_list("status", flat=True)) == {"published"}
    again = take_back(imported)
    assert (again.resumed, again.counts["updated"]) == (False, RECORDS)
    assert set(Article.objects.values_list("status", flat=True)) == {"withdrawn"}


class StoppedAtOnce(Progress):
    def __init__(self) -> None:
        super().__init__(visible=False)

    def advance(self, count: int = 1) -> None:
        self.stop(Interrupted(SIGTERM))
        super().advance(count)
