"""Editors save while another process withdraws articles, takes them back or brings them in again: it waits
for the editor's row, and then goes by what stands there."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from articles.editing import change_article
from articles.models import Article
from imports.models import Conflict, Run
from tests.imports.deliveries import record, write_jsonl

EDITOR = "editor:7"
COMPLETE = ("--delete-missing", "--max-missing=100%")


@pytest.fixture
def deliver(start, tmp_path) -> Callable[..., subprocess.Popen]:
    """Starts an import of these articles: their titles, by their keys."""

    def deliver(*options: str, **titles: str) -> subprocess.Popen:
        records = [record(key, title=title) for key, title in titles.items()]
        path = write_jsonl(Path(tmp_path, "press.jsonl"), *records)
        return start("import", path, "--source", "press", *options)

    return deliver


def finish(process: subprocess.Popen, *, code: int = 0) -> int:
    """Waits for it, and gives the number of its run."""
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    return Run.objects.latest("pk").pk


def edit(key: str, *, title: str) -> None:
    article = Article.objects.get(import_items__key=key)
    change_article(
        article.pk,
        expected_version=article.version,
        changes={"title": title},
        origin=EDITOR,
        reason="",
        now=timezone.now(),
    )


def finish_overtaken(start: Callable[[], subprocess.Popen], key: str, *, code: int = 0) -> None:
    """An editor has written to the article when the process comes to it, and commits when it waits."""
    with transaction.atomic():
        edit(key, title="By an editor")
        process = start()
        wait_until_it_waits(process)
    finish(process, code=code)


def wait_until_it_waits(process: subprocess.Popen) -> None:
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.rowcount:
                return
        time.sleep(0.02)
    raise AssertionError("the process did not wait for the editor")


def standing() -> dict[str, tuple[str, str]]:
    rows = Article.objects.values_list("import_items__key", "status", "title")
    return {key: (status, title) for key, status, title in rows}


@pytest.mark.faults
def test_an_undo_leaves_and_lists_what_an_editor_changed_before_it_and_during_it(start, deliver):
    finish(deliver(a="One", b="One", c="One"))
    second = finish(deliver(a="Two", b="Two", c="Two", d="Two"))
    edit("a", title="Before")
    finish_overtaken(lambda: start("imports", "undo", second), "b", code=3)
    assert standing() == {
        "a": ("published", "Before"),
        "b": ("published", "By an editor"),
        "c": ("published", "One"),
        "d": ("withdrawn", "Two"),
    }
    undo = Run.objects.latest("pk")
    changed = dict(Article.objects.values_list("import_items__key", "pk"))
    assert (undo.updated, undo.unchanged) == (2, 2)
    assert undo.left_alone == [{"article": changed[key], "changed_by": EDITOR} for key in ("b", "a")]


@pytest.mark.faults
def test_what_an_editor_saves_while_its_article_is_withdrawn_stands_when_it_is_delivered_again(deliver):
    finish(deliver(a="One", b="One"))
    finish_overtaken(lambda: deliver(*COMPLETE, b="One"), "a")
    assert standing() == {"a": ("withdrawn", "By an editor"), "b": ("published", "One")}
    finish(deliver(a="One", b="One"))
    assert standing() == {"a": ("published", "By an editor"), "b": ("published", "One")}


@pytest.mark.faults
def test_what_an_editor_saves_while_a_withdrawn_article_is_delivered_again_stands(deliver):
    finish(deliver(a="One", b="One"))
    finish(deliver(*COMPLETE, b="One"))
    finish_overtaken(lambda: deliver(a="One", b="One"), "a")
    assert standing() == {"a": ("published", "By an editor"), "b": ("published", "One")}
    assert not Conflict.objects.exists()


@pytest.mark.faults
def test_an_import_merges_with_what_an_editor_saves_when_it_comes_to_the_article(deliver):
    finish(deliver(a="One", b="One"))
    finish_overtaken(lambda: deliver(a="Two", b="Two"), "a", code=3)
    assert standing() == {"a": ("published", "By an editor"), "b": ("published", "Two")}
    assert list(Conflict.objects.values_list("base", "local", "incoming")) == [
        ({"title": "One"}, {"title": "By an editor"}, {"title": "Two"})
    ]
