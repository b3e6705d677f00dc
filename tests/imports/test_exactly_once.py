"""However often a run is killed: the tables are in the end those of a run that nobody disturbed."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from articles.editing import change_article
from articles.models import Article, SearchPending
from imports.models import Item, Run
from tests.imports.deliveries import record, write_jsonl
from tests.imports.killed import BOUNDARIES

KILLS = 30
_UNDISTURBED: dict[str, list[str]] = {}
DELIVER = ("import", "--source", "press", "--delete-missing", "--max-missing=50%", "--force")

# All that an import writes, told by the keys of the source: ids differ, because a sequence takes back
# nothing. The run's own number is the only one that may.
STATE = {
    "articles": """
        SELECT i.key, md5((to_jsonb(a) - '{id,updated_at,created_at}'::text[])::text)
        FROM articles_article AS a JOIN imports_item AS i ON i.article_id = a.id""",
    "items": """
        SELECT key, encode(raw_hash, 'hex'), encode(content_hash, 'hex'), encode(fingerprint, 'hex'), held,
               written_version FROM imports_item""",
    "terms": """
        SELECT i.key, t.kind, t.slug, l.position, l.published_at FROM articles_articleterm AS l
        JOIN articles_term AS t ON t.id = l.term_id JOIN imports_item AS i USING (article_id)""",
    "counts": "SELECT kind, slug, name, article_count FROM articles_term",
    "months": "SELECT month, article_count FROM articles_archivemonth",
    "paths": "SELECT p.path, i.key FROM articles_legacypath AS p JOIN imports_item AS i USING (article_id)",
    "views": "SELECT i.key, v.views FROM articles_viewcount AS v JOIN imports_item AS i USING (article_id)",
    "revisions": """
        SELECT i.key, r.version, split_part(r.origin, ':', 1), r.before FROM articles_articlerevision AS r
        JOIN imports_item AS i USING (article_id)""",
    "search": """
        SELECT i.key, md5(d.vector::text) FROM articles_searchdocument AS d
        JOIN imports_item AS i USING (article_id)""",
    "conflicts": """
        SELECT i.key, c.field, c.base, c.local, c.incoming, c.state FROM imports_conflict AS c
        JOIN imports_item AS i ON i.id = c.item_id""",
    "rejects": "SELECT ordinal, line, key, code, message, md5(raw) FROM imports_reject",
    "run": """
        SELECT state, read, created, updated, unchanged, merged, duplicate, rejected, conflicts, renamed,
               missing, cursor, records FROM imports_run WHERE id = (SELECT max(id) FROM imports_run)""",
}


def state() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        found = {}
        for name, query in STATE.items():
            cursor.execute(query)
            found[name] = sorted(map(str, cursor.fetchall()))
        return found


def first_delivery(path: Path) -> Path:
    return write_jsonl(path, *(numbered(number) for number in range(120)))


def second_delivery(path: Path) -> Path:
    """Of everything some: unchanged, changed, disputed, new, renamed, missing, repeated, broken."""
    kept = [numbered(number) for number in range(40)]
    changed = [numbered(number, summary="New", tags=["Pooling", "Speed"]) for number in range(40, 80)]
    renamed = [numbered(number) | {"payload": {"source_id": f"z-{number}"}} for number in range(80, 90)]
    new = [numbered(number) for number in range(200, 320)]
    broken = [record("x-1", title=None), "{broken", record("x-2", body=None)]
    return write_jsonl(path, *kept, *changed, numbered(3, title="Again"), *broken, *renamed, *new)


def numbered(number: int, **changes: Any) -> dict[str, Any]:
    return record(f"a-{number}", **{"title": f"Title {number}", "summary": "Old", **changes})


def edit(number: int, **changes: Any) -> None:
    article = Article.objects.get(import_items__key=f"a-{number}")
    change_article(
        article.pk, expected_version=1, changes=changes, origin="editor:7", reason="", now=timezone.now()
    )


@pytest.fixture
def scene(manage_environment, tmp_path) -> Callable[[], Callable[..., subprocess.Popen]]:
    """Sets up an archive that editors have worked on, and gives what starts the second delivery."""
    processes = []
    second = second_delivery(tmp_path / "second.jsonl")
    first = first_delivery(tmp_path / "first.jsonl")

    def start(*module: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *(module or ("manage.py",)), DELIVER[0], str(second), *DELIVER[1:]],
            cwd=settings.BASE_DIR,
            env={**manage_environment, "IMPORT_BATCH_RECORDS": "10"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    def set_up() -> Callable[..., subprocess.Popen]:
        with connection.cursor() as cursor:
            tables = [
                table
                for table in connection.introspection.table_names()
                if table.startswith(("articles_", "imports_", "django_tasks_"))
            ]
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        call_command("import", str(first), source="press", verbosity=0)
        for number in range(40, 50):
            edit(number, summary="By an editor")
        for number in range(50, 60):
            edit(number, title="By an editor")
        return start

    yield set_up
    for process in processes:
        process.kill()
        process.communicate()


def finish(start: Callable[..., subprocess.Popen]) -> None:
    process = start()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 3, errors


@pytest.fixture
def undisturbed(scene) -> dict[str, list[str]]:
    """The same for every test here, so it is made once."""
    if not _UNDISTURBED:
        finish(scene())
        _UNDISTURBED.update(state())
    return _UNDISTURBED


@pytest.mark.faults
def test_thirty_kills_at_random_moments_change_nothing(scene, undisturbed):
    moments = random.Random(20_26)  # noqa: S311 - only to spread the moments, the same ones each time
    kills = 0
    while kills < KILLS:
        start = scene()
        while not is_finished():
            process = start()
            wait_until_taken_over(process)
            time.sleep(moments.uniform(0, 0.7) ** 2)
            process.kill()
            kills += process.wait() == -9
        assert state() == undisturbed
        assert_nothing_is_left_over()


def is_finished() -> bool:
    second = Run.objects.filter(options__delete_missing=True).last()
    return second is not None and second.state == "finished_with_rejects"


def wait_until_taken_over(process: subprocess.Popen) -> None:
    """Until the process has taken the run over; a kill before that is one that did nothing."""
    until = time.monotonic() + 30
    before = Run.objects.latest("pk").token if Run.objects.count() > 1 else 0
    while process.poll() is None and time.monotonic() < until:
        if Run.objects.count() > 1 and Run.objects.latest("pk").token != before:
            return
        time.sleep(0.01)


@pytest.mark.faults
@pytest.mark.parametrize("boundary", [name for name in BOUNDARIES if name != "in an undo"])
def test_a_kill_at_a_boundary_changes_nothing(scene, undisturbed, boundary):
    start = scene()
    killed = start("-m", "tests.imports.killed", boundary)
    _, errors = killed.communicate(timeout=60)
    assert killed.returncode == -9, errors
    finish(start)
    assert state() == undisturbed
    assert_nothing_is_left_over()


def assert_nothing_is_left_over() -> None:
    assert not SearchPending.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('articles_article', 'id')) > max(id) FROM articles_article"
        )
        assert cursor.fetchone() == (True,)
    assert Item.objects.count() == Article.objects.count()
