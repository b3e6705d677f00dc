"""What becomes of a delivery between its upload and its end, task by task."""

import io
import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from articles.editing import change_article
from articles.models import Article
from imports.followups import queue_retry, queue_undo
from imports.leases import LEASE, this_holder
from imports.models import Conflict, Run, RunKind, RunState, Source
from imports.orders import Order
from imports.results import counts_of
from imports.runs import rules_for, spool
from imports.spool import Kept
from imports.tasks import enqueue, prepare_upload, retry_run, run_upload, undo, waiting_since
from imports.uploads import cancel, confirm, queue_upload, resume
from tests.factories import PUBLISHED_AT
from tests.imports.deliveries import record, write_jsonl

pytestmark = pytest.mark.django_db(transaction=True)

BROKEN = '{"title": '


@pytest.fixture(autouse=True)
def small_and_private(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.IMPORT_WORKERS = 1


@pytest.fixture
def keep(tmp_path: Path) -> Callable[..., Kept]:
    def keep_records(*records: Any) -> Kept:
        path = write_jsonl(tmp_path / "delivery.jsonl", *records)
        with path.open("rb") as file:
            return spool().keep_file(file)

    return keep_records


def queued(kept: Kept, **options: Any) -> Run:
    run, _ = queue_upload(Order("press", **options), kept=kept, name="delivery.jsonl", who="ada")
    return run


def done(task: Any, run: Run) -> Run:
    task.call(run.pk)
    return Run.objects.get(pk=run.pk)


def brought_in(kept: Kept, **options: Any) -> Run:
    run = done(prepare_upload, queued(kept, **options))
    assert run.state == RunState.READY, run.error
    assert confirm(run)
    return done(run_upload, run)


def queue() -> list[tuple[str, list[int]]]:
    tasks = DBTaskResult.objects.order_by("enqueued_at")
    names = [(task.task_path.rpartition(".")[2], task.args_kwargs["args"]) for task in tasks]
    return [named for named in names if named[0] != "index_search"]


def test_an_upload_is_shown_before_it_is_brought_in(keep: Callable[..., Kept]) -> None:
    run = done(prepare_upload, queued(keep(record("a"), record("b"), BROKEN)))
    assert [run.state, run.input_format, run.records, run.holder] == ["ready", "jsonl", 3, {}]
    assert run.preview["result"]["counts"] == {
        "read": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "merged": 0,
        "duplicate": 0,
        "rejected": 1,
    }
    assert [(shown["line"], shown["key"], shown["action"]) for shown in run.preview["records"]] == [
        (1, "a", "created"),
        (2, "b", "created"),
    ]
    assert [(reject["place"], reject["code"]) for reject in run.preview["rejects"]] == [
        ("line 3", "not-json")
    ]
    assert not Article.objects.exists()


def test_a_confirmed_run_is_brought_in_once(keep: Callable[..., Kept]) -> None:
    run = done(prepare_upload, queued(keep(record("a"), record("b"))))
    assert [confirm(run), confirm(run)] == [True, False]
    run = done(run_upload, run)
    assert [run.state, run.started_by, counts_of(run)["created"]] == ["finished", "ada", 2]
    # The task that a second worker took up by mistake finds nothing to do.
    assert run_upload.call(run.pk) == "finished"
    assert Article.objects.count() == 2


def test_the_same_file_and_choices_are_one_run_while_it_is_under_way(keep: Callable[..., Kept]) -> None:
    kept = keep(record("a"))
    first, again, other = queued(kept), queued(kept), queued(kept, conflicts="take")
    assert first.pk == again.pk != other.pk
    run = done(prepare_upload, first)
    assert queued(kept).pk == run.pk
    cancel(run)
    assert queued(kept).pk not in (first.pk, other.pk)


def test_two_requests_at_once_make_one_run(keep: Callable[..., Kept]) -> None:
    kept = keep(record("a"))
    barrier = threading.Barrier(4)
    made: list[int] = []

    def ask() -> None:
        barrier.wait()
        made.append(queued(kept).pk)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(made), len(set(made)), Run.objects.count()] == [4, 1, 1]


def test_a_delivery_that_cannot_be_read_is_refused_with_its_reason(keep: Callable[..., Kept]) -> None:
    run = done(prepare_upload, queued(spool().keep(io.BytesIO(b"\x00\x01\x02 no text\xff"))))
    assert run.state == RunState.REFUSED
    assert "delivery.jsonl" in run.error
    assert run.finished_at is not None
    # Nobody has to wait for it.
    assert waiting_since(run) is None


def test_a_delivery_that_is_gone_from_the_spool_refuses_its_run(keep: Callable[..., Kept]) -> None:
    run = done(prepare_upload, queued(keep(record("a"))))
    confirm(run)
    spool().remove(run.input_sha256)
    run = done(run_upload, run)
    assert run.state == RunState.REFUSED
    assert "no longer in" in run.error


def test_a_run_that_waits_is_canceled_at_once(keep: Callable[..., Kept]) -> None:
    waiting = queued(keep(record("a")))
    cancel(waiting)
    assert done(prepare_upload, waiting).state == RunState.CANCELED
    ready = done(prepare_upload, queued(keep(record("b"))))
    cancel(ready)
    ready.refresh_from_db()
    assert [ready.state, ready.error, confirm(ready)] == [
        RunState.CANCELED,
        f"Run {ready.pk} was canceled.",
        False,
    ]


def test_a_source_that_is_busy_is_waited_for(
    keep: Callable[..., Kept], busy: Callable[[Source], Run]
) -> None:
    run = done(prepare_upload, queued(keep(record("a"))))
    confirm(run)
    other = busy(run.source)
    run = done(run_upload, run)
    assert run.state == RunState.QUEUED
    assert f"Run {other.pk} holds the source" in run.error
    assert queue() == [("run_upload", [run.pk])]
    assert waiting_since(run) is not None
    Run.objects.filter(pk=other.pk).update(state=RunState.CANCELED)
    run = done(run_upload, run)
    assert [run.state, run.error] == [RunState.FINISHED, ""]


@pytest.fixture
def busy() -> Callable[[Source], Run]:
    """A run of the source that a living process, this one, works on."""

    def hold(source: Source) -> Run:
        return Run.objects.create(
            source=source,
            state=RunState.LOADING,
            holder=this_holder().as_dict(),
            lease_until=timezone.now() + LEASE,
        )

    return hold


def test_a_run_that_is_at_work_is_asked_to_stop(
    keep: Callable[..., Kept], busy: Callable[[Source], Run]
) -> None:
    run = busy(Source.objects.create(name="press"))
    assert [cancel(run), cancel(run)] == [True, False]
    run.refresh_from_db()
    assert [run.state, run.cancel_asked] == [RunState.LOADING, True]
    assert not resume(run)


def test_a_run_that_is_over_cannot_be_canceled(keep: Callable[..., Kept]) -> None:
    run = brought_in(keep(record("a")))
    assert not cancel(run)
    run.refresh_from_db()
    assert run.state == RunState.FINISHED


def test_a_run_whose_process_died_waits_for_a_worker_again(
    keep: Callable[..., Kept], busy: Callable[[Source], Run]
) -> None:
    run = done(prepare_upload, queued(keep(record("a"))))
    Run.objects.filter(pk=run.pk).update(state=RunState.LOADING, lease_until=timezone.now())
    run.refresh_from_db()
    assert [resume(run), resume(run)] == [True, False]
    run.refresh_from_db()
    enqueue(run)
    assert queue() == [("run_upload", [run.pk])]
    assert done(run_upload, run).state == RunState.FINISHED


def test_an_import_that_a_command_began_is_gone_on_with_and_not_shown_for_confirmation(
    busy: Callable[[Source], Run],
) -> None:
    run = busy(Source.objects.create(name="press"))
    Run.objects.filter(pk=run.pk).update(input_format="jsonl", lease_until=timezone.now())
    run.refresh_from_db()
    assert [resume(run), run.preview, run.cursor] == [True, {}, 0]
    run.refresh_from_db()
    enqueue(run)
    assert queue() == [("run_upload", [run.pk])]


@pytest.mark.parametrize("options", [{}, {"format_name": "jsonl"}])
def test_an_upload_that_nobody_has_seen_is_shown_before_it_goes_on(
    keep: Callable[..., Kept], options: dict[str, Any]
) -> None:
    run = queued(keep(record("a")), **options)
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED)
    run.refresh_from_db()
    assert resume(run)
    run.refresh_from_db()
    enqueue(run)
    assert queue() == [("prepare_upload", [run.pk])]
    assert done(prepare_upload, run).state == RunState.READY


def test_a_worker_that_is_stopped_leaves_the_run_to_the_next_one(
    keep: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        run = queued(keep(record("a")))

        def stopped_meanwhile(*args: Any) -> Any:
            os.kill(os.getpid(), signal.SIGTERM)
            return rules_for(*args)

        with monkeypatch.context() as patch:
            patch.setattr("imports.uploads.rules_for", stopped_meanwhile)
            run = done(prepare_upload, run)
        assert [run.state, run.holder, heard] == [RunState.QUEUED, {}, [signal.SIGTERM]]
        assert queue() == [("prepare_upload", [run.pk])]
        assert done(prepare_upload, run).state == RunState.READY
    finally:
        signal.signal(signal.SIGTERM, before)


def test_rejects_are_tried_again_as_they_are_and_as_they_were_mended(keep: Callable[..., Kept]) -> None:
    bad = record("b", published_at="tomorrow")
    run = brought_in(keep(record("a"), bad))
    assert [run.state, run.rejected] == [RunState.FINISHED_WITH_REJECTS, 1]

    asked, is_new = queue_retry(run, mended=None, who="erin")
    again, is_second = queue_retry(run, mended=None, who="erin")
    assert [asked.pk == again.pk, is_new, is_second] == [True, True, False]
    retry = done(retry_run, asked)
    assert [retry.kind, retry.about_id, retry.started_by, retry.rejected] == [
        RunKind.RETRY,
        run.pk,
        "erin",
        1,
    ]
    assert run.rejects.get().closed_by == ""

    place = {"ordinal": 2, "line": 2, "key": "b", "code": "", "message": ""}
    export = {**place, "record": record("b", title="Mended")}
    mended = spool().keep(io.BytesIO(json.dumps(export).encode()))
    retry = done(retry_run, queue_retry(run, mended=mended, who="erin")[0])
    assert [retry.state, retry.created] == [RunState.FINISHED, 1]
    assert run.rejects.get().closed_by == f"import:{retry.pk}"
    nothing = done(retry_run, queue_retry(run, mended=None, who="erin")[0])
    assert nothing.state == RunState.REFUSED
    assert "nothing to retry" in nothing.error


def test_a_run_is_undone_by_a_run_of_its_own(keep: Callable[..., Kept]) -> None:
    run = brought_in(keep(record("a"), record("b")))
    undoing = done(undo, queue_undo(run, who="ada")[0])
    assert [undoing.kind, undoing.state, undoing.updated, undoing.read] == [
        RunKind.UNDO,
        RunState.FINISHED,
        2,
        2,
    ]
    assert set(Article.objects.values_list("status", flat=True)) == {"withdrawn"}
    back = done(undo, queue_undo(undoing, who="ada")[0])
    assert [back.state, back.updated] == [RunState.FINISHED, 2]
    assert set(Article.objects.values_list("status", flat=True)) == {"published"}


def test_a_preview_tells_conflicts_and_what_differs(keep: Callable[..., Kept]) -> None:
    brought_in(keep(record("a", title="Old")))
    article = Article.objects.get()
    edit = {"origin": "editor:1", "reason": "", "now": PUBLISHED_AT}
    change_article(article.pk, expected_version=article.version, changes={"title": "Edited"}, **edit)
    run = done(prepare_upload, queued(keep(record("a", title="New", summary="In short"))))
    [shown] = run.preview["records"]
    assert [shown["action"], shown["conflicts"], shown["changes"]] == [
        "merged",
        ["title"],
        {"summary": ["", "In short"]},
    ]
    assert not Conflict.objects.exists()
