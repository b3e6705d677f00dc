"""The operators' guide is run here from top to bottom, so that it stays true."""

import json
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class

from articles.editing import change_article
from articles.models import Article
from imports.models import Conflict, Reject
from imports.orders import Order
from imports.results import COUNTERS
from imports.sources import FORMATS
from tests.imports.deliveries import record, write_jsonl, wxr, wxr_item

GUIDE = (settings.BASE_DIR / "docs" / "imports.md").read_text(encoding="utf-8")
RUNBOOK = (settings.BASE_DIR / "docs" / "runbooks" / "imports.md").read_text(encoding="utf-8")
MANAGE = ".venv/bin/python manage.py "
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
# They leave a reject and conflicts for a person; all others end well.
LEAVE_WORK = {"import press.jsonl --source press --dry-run", "import press.jsonl --source press"}


@pytest.fixture
def deliveries(tmp_path, monkeypatch, settings) -> Path:
    """The files that the guide names, in a folder of their own, with a spool of its own."""
    monkeypatch.chdir(tmp_path)
    settings.VAR_DIR = tmp_path / "var"
    write_press(tmp_path)
    (tmp_path / "blog.xml").write_text(wxr(wxr_item("1"), wxr_item("2")))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "first.md").write_text("---\ntitle: First\ndate: 2024-03-05\n---\nA note.\n")
    (tmp_path / "list.csv").write_text("number,title,body\n1,First,A row.\n2,Second,Another.\n")
    return tmp_path


def write_press(folder: Path, *, title: str = "Delivered", body: str = "<p>Delivered.</p>") -> None:
    first = record("a-1", title=title, body=body)
    write_jsonl(folder / "press.jsonl", first, *known_records(), record("a-10", title=None))


def known_records() -> list[dict[str, Any]]:
    return [record(f"a-{number}") for number in range(2, 10)]


@pytest.fixture
def disputed(deliveries) -> None:
    """The archive after a night: an editor changed what the next delivery changes too."""
    call_command_line("import press.jsonl --source press --json")
    article = Article.objects.get(import_items__key="a-1")
    change_article(
        article.pk,
        expected_version=article.version,
        changes={"title": "Edited here", "body": "<p>Edited here.</p>"},
        origin="editor:1",
        reason="",
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    write_press(deliveries, title="Changed", body="<p>Changed.</p>")


@pytest.fixture
def kept_handlers() -> Iterator[None]:
    """Commands that run in this process take its signals over."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def call_command_line(line: str) -> int:
    name, *words = shlex.split(line)
    try:
        call_command(name, *words)
    except SystemExit as end:
        return end.code
    return 0


def mend(export: Path) -> None:
    rejects = [json.loads(line) for line in export.read_text().splitlines()]
    for reject in rejects:
        reject["record"]["title"] = "Mended"
    export.write_text("".join(f"{json.dumps(reject)}\n" for reject in rejects))


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_commands_of_the_guide_run_in_their_order(disputed, deliveries, kept_handlers):
    ended = {}
    for command in COMMANDS:
        line = command.removeprefix(MANAGE)
        if line.startswith("job "):
            continue
        if line.startswith("imports retry"):
            mend(deliveries / "rejects.jsonl")
        if "--delete-missing" in line:
            write_jsonl(deliveries / "press.jsonl", *known_records())
        ended[line] = call_command_line(line)
    assert ended == {line: 3 if line in LEAVE_WORK else 0 for line in ended}
    assert not Reject.objects.filter(closed_by="", run=2).exists()
    assert dict(Conflict.objects.values_list("pk", "state")) == {1: "taken", 2: "kept"}
    states = Article.objects.values_list("import_items__source__name", "status")
    assert Counter(states) == {
        ("press", "published"): 8,
        ("press", "withdrawn"): 2,
        ("blog", "withdrawn"): 2,
        ("notes", "published"): 1,
        ("list", "draft"): 2,
    }


def test_the_scheduled_command_of_the_guide_runs(deliveries, manage_environment):
    (command,) = (line for line in COMMANDS if line.startswith(f"{MANAGE}job "))
    manage = shlex.join([sys.executable, str(settings.BASE_DIR / "manage.py")])
    done = subprocess.run(
        shlex.split(command.replace(MANAGE.strip(), manage)),
        env=manage_environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, json.loads(done.stdout)["counts"]["created"]) == (3, 9)


@pytest.mark.parametrize("line", re.findall(r"`python manage\.py ([^`]+)`", RUNBOOK))
def test_a_command_of_the_runbook_is_understood(line):
    name, *words = re.sub(r"\b(RUN|ID)\b", "1", line).split()
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    assert callable(parser.parse_args(words).act)


def test_the_guide_names_every_format_and_every_count():
    table = GUIDE.partition("## What comes in")[2].partition("## What the counts mean")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z]+)`", row)}
    assert named == set(FORMATS)
    counts = re.findall(r"^\| `(\w+)` \| ", GUIDE.partition("## What the counts mean")[2], re.MULTILINE)
    assert ("read", *counts[:6]) == COUNTERS


def test_the_share_that_may_be_missing_is_the_one_of_the_guide():
    assert f"({Order('press').max_missing:.0%} unless told otherwise)" in GUIDE
