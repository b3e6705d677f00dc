"""Several that write at the same time: imports of one source, of two sources, editors."""

import json
import random
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.editing import StaleArticle, change_article
from articles.models import Article, Term
from imports.models import Item, Run
from imports.orders import Order
from imports.progress import Progress
from imports.runs import Manner, import_delivery
from tests.imports.deliveries import record, write_jsonl


@pytest.fixture
def start(manage_environment):
    processes = []

    def start(*arguments: object, **environment: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import", *map(str, arguments), "--json"],
            cwd=settings.BASE_DIR,
            env={**manage_environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def printed(process: subprocess.Popen) -> dict:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return json.loads(output)


@pytest.mark.faults
def test_of_many_imports_of_one_source_at_once_none_writes_twice(start, tmp_path):
    path = write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(300)))
    processes = [start(path, "--source", "press", IMPORT_BATCH_RECORDS="20") for _ in range(4)]
    ended = {process.communicate(timeout=120) and process.returncode for process in processes}
    assert ended <= {0, 5}
    assert 0 in ended
    assert (Article.objects.count(), Item.objects.count()) == (300, 300)
    assert set(Article.objects.values_list("version", flat=True)) == {1}
    assert sum(Run.objects.values_list("created", flat=True)) == 300


@pytest.mark.faults
def test_two_sources_come_in_at_once_and_share_their_terms(start, tmp_path):
    records = [record(f"a-{number}", tags=[f"Tag {number % 7}"]) for number in range(300)]
    path = write_jsonl(tmp_path / "both.jsonl", *records)
    processes = [start(path, "--source", name, IMPORT_BATCH_RECORDS="20") for name in ("press", "radio")]
    assert [printed(process)["counts"]["created"] for process in processes] == [300, 300]
    tags = Term.objects.filter(kind="tag").order_by("slug").values_list("slug", "article_count")
    expected = [2 * len([number for number in range(300) if number % 7 == tag]) for tag in range(7)]
    assert list(tags) == [(f"tag-{tag}", count) for tag, count in enumerate(expected)]


@pytest.mark.faults
def test_what_editors_save_during_an_import_is_not_lost(start, tmp_path):
    path = tmp_path / "press.jsonl"
    write_jsonl(path, *(record(f"a-{number}", title="Old", summary="Old") for number in range(300)))
    printed(start(path, "--source", "press"))
    write_jsonl(path, *(record(f"a-{number}", title="New", summary="New") for number in range(300)))
    process = start(path, "--source", "press", IMPORT_BATCH_RECORDS="10")
    texts: dict[int, str] = {}
    editor = threading.Thread(target=keep_editing, args=(process, texts))
    editor.start()
    _, errors = process.communicate(timeout=120)
    editor.join()
    assert process.returncode in (0, 3), errors
    assert len(texts) >= 10
    assert {pk: Article.objects.get(pk=pk).summary for pk in texts} == texts
    assert set(Article.objects.values_list("title", flat=True)) == {"New"}
    for article in Article.objects.prefetch_related("revisions"):
        assert article.version == 1 + article.revisions.count()


def keep_editing(process: subprocess.Popen, texts: dict[int, str]) -> None:
    choice = random.Random(7)  # noqa: S311 - which articles are edited, the same ones each time
    ids = list(Article.objects.values_list("pk", flat=True))
    try:
        while process.poll() is None:
            pk = choice.choice(ids)
            text = f"By an editor {len(texts)}"
            if save(pk, text):
                texts[pk] = text
    finally:
        connection.close()


def save(pk: int, text: str) -> bool:
    try:
        change_article(
            pk,
            expected_version=Article.objects.values_list("version", flat=True).get(pk=pk),
            changes={"summary": text},
            origin="editor:7",
            reason="",
            now=timezone.now(),
        )
    except StaleArticle:
        return False
    return True


@pytest.mark.parametrize("workers", [1, 3])
def test_more_workers_make_the_same_tables(transactional_db, tmp_path, workers):
    records = [
        record(f"a-{number}", title=f"Title {number}", tags=[f"T {number % 5}"]) for number in range(1200)
    ]
    path = write_jsonl(tmp_path / "press.jsonl", *records, "{broken")
    result = import_delivery(
        str(path), Order("press"), progress=Progress(visible=False), manner=Manner(workers=workers)
    )
    assert (result.counts["created"], result.counts["rejected"]) == (1200, 1)
    rows = Item.objects.order_by("article_id").values_list("key", "article__title")
    assert list(rows) == [(f"a-{number}", f"Title {number}") for number in range(1200)]
    counts = Term.objects.filter(kind="tag").order_by("slug").values_list("article_count", flat=True)
    assert list(counts) == [240] * 5
