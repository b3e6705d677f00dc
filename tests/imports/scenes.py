"""An archive that editors have worked on, a delivery that comes into it, and processes that bring it in."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from articles.editing import change_article
from articles.models import Article
from tests.imports.deliveries import record, write_jsonl, wxr, wxr_item
from tests.imports.wordpress_items import meta

DELIVER = ("--source", "press", "--delete-missing", "--max-missing=50%", "--force")


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
    """Links to one that came before, to one that comes later, in this delivery or the next, and to none."""
    ways = [f"/old/a-{number - 1}/", f"/old/a-{number + 200}/", f"/nowhere/{number}/"]
    body = "".join(f'<p>See <a href="{way}">there</a>.</p>' for way in ways)
    return record(f"a-{number}", **{"title": f"Title {number}", "summary": "Old", "body": body, **changes})


def first_export(path: Path) -> Path:
    return write_export(path, first=1, files=range(0, 60))


def second_export(path: Path) -> Path:
    """Files that moved, files that are new, and posts that show them."""
    return write_export(path, first=31, files=range(30, 100), folder="moved")


def write_export(path: Path, *, first: int, files: range, folder: str = "uploads") -> Path:
    items = [
        wxr_item(str(number), kind="attachment", more=f"<wp:attachment_url>{address}</wp:attachment_url>")
        for number, address in ((1000 + file, f"https://x.example/{folder}/{file}.png") for file in files)
    ]
    for number in range(first, first + 60):
        link = f'<a href="/?p={number + 30}">Next</a>'
        items.append(wxr_item(str(number), content=link, more=meta("_thumbnail_id", str(1000 + number))))
    path.write_text(wxr(*items[::-1]), encoding="utf-8")
    return path


class Scene:
    """`set_up` makes the archive anew; the second delivery is then run 2."""

    def __init__(self, environment: dict[str, str], first: Path, second: Path) -> None:
        self._environment = {**environment, "IMPORT_BATCH_RECORDS": "10"}
        self._first = first
        self._second = second
        self.processes: list[subprocess.Popen] = []

    def set_up(self) -> None:
        empty_tables()
        call_command("import", str(self._first), source="press", verbosity=0)
        for number in range(40, 50):
            edit(number, summary="By an editor")
        for number in range(50, 60):
            edit(number, title="By an editor")

    def start(self, *words: str, boundary: str = "nowhere") -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.imports.killed", boundary, *words],
            cwd=settings.BASE_DIR,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def deliver(self, *, boundary: str = "nowhere") -> subprocess.Popen:
        return self.start("import", str(self._second), *DELIVER, boundary=boundary)

    def undo(self, *, boundary: str = "nowhere") -> subprocess.Popen:
        return self.start("imports", "undo", "2", boundary=boundary)


def empty_tables() -> None:
    tables = [
        table
        for table in connection.introspection.table_names()
        if table.startswith(("articles_", "imports_", "django_tasks_"))
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def edit(number: int, **changes: Any) -> None:
    article = Article.objects.filter(import_items__key__in=(f"a-{number}", str(number))).get()
    change_article(
        article.pk, expected_version=1, changes=changes, origin="editor:7", reason="", now=timezone.now()
    )


def finish(process: subprocess.Popen, *, code: int = 3) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors


def die(process: subprocess.Popen) -> None:
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors
