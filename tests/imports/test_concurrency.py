"""Several that write at the same time: imports of one source, of two sources, editors."""

import json
import random
import subprocess
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from articles.editing import StaleArticle, change_article
from articles.models import Article, Term
from imports.models import Item, Run
from imports.orders import Order
from imports.progress import Progress
from imports.results import ImportResult
from imports.runs import Manner, import_delivery
from tests.imports.deliveries import record, write_jsonl
from tests.imports.scenes import empty_tables
from tests.imports.written import written

JSON = ("--json", "--source")


def printed(process: subprocess.Popen) -> dict:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return json.loads(output)


@pytest.mark.faults
def test_of_many_imports_of_one_source_at_once_none_writes_twice(start, tmp_path):
    path = write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(300)))
    processes = [start("import", path, *JSON, "press", IMPORT_BATCH_RECORDS="20") for _ in range(4)]
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
    processes = [start("import", path, *JSON, name, IMPORT_BATCH_RECORDS="20") for name in ("press", "radio")]
    assert [printed(process)["counts"]["created"] for process in processes] == [300, 300]
    tags = Term.objects.filter(kind="tag").order_by("slug").values_list("slug", "article_count")
    expected = [2 * len([number for number in range(300) if number % 7 == tag]) for tag in range(7)]
    assert list(tags) == [(f"tag-{tag}", count) for tag, count in enumerate(expected)]


@pytest.mark.faults
def test_what_editors_save_during_an_import_is_not_lost(start, tmp_path):
    path = tmp_path / "press.jsonl"
    write_jsonl(path, *(record(f"a-{number}", title="Old", summary="Old") for number in range(300)))
    printed(start("import", path, *JSON, "press"))
    write_jsonl(path, *(record(f"a-{number}", title="New", summary="New") for number in range(300)))
    process = start("import", path, *JSON, "press", IMPORT_BATCH_RECORDS="10")
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


def test_more_workers_make_the_same_tables(transactional_db, tmp_path):
    first = write_jsonl(tmp_path / "first.jsonl", *map(detailed, range(700)))
    changes = [detailed(number, title="Changed", tags=["New"]) for number in range(650)]
    broken = ["{broken", detailed(2000, title=None), detailed(2001, body=None)]
    second = write_jsonl(tmp_path / "second.jsonl", *changes, *broken, *map(detailed, range(650, 1300)))
    tables = {}
    for workers in (1, 3):
        empty_tables()
        bring_in(first, workers=workers)
        result = bring_in(second, workers=workers)
        tables[workers] = written()
        assert (result.counts["created"], result.counts["updated"], result.counts["rejected"]) == (
            600,
            650,
            3,
        )
    assert tables[1] == tables[3]


def detailed(number: int, **changes: object) -> dict:
    """Each in several ways another one than its neighbors."""
    body = f'<p>Number {number}, see <a href="/old/a-{number * 7 % 1300}/">this</a>.</p>'
    own = {"title": f"Title {number}", "tags": [f"T {number % 5}"], "body": body, "view_count": number}
    return record(f"a-{number}", **{**own, **changes})


def bring_in(path: Path, *, workers: int) -> ImportResult:
    return import_delivery(
        str(path), Order("press"), progress=Progress(visible=False), manner=Manner(workers=workers)
    )
