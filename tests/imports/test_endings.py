"""However an import ends, a program reads one object on standard output, and a person a sentence on standard
error."""

import json
import signal
import socket
import subprocess
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from imports.models import Item, Run
from tests.imports.deliveries import record, write_jsonl, wxr, wxr_item
from tests.imports.processes import wait_for

SLOW = {"IMPORT_BATCH_RECORDS": "20"}


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any], str]:
    """Its exit code, what it printed, and what it said to people."""
    output, errors = process.communicate(timeout=60)
    return process.returncode, json.loads(output), errors


@pytest.fixture
def large_delivery(tmp_path) -> str:
    return str(write_jsonl(tmp_path / "large.jsonl", *(record(f"a-{number}") for number in range(3000))))


def test_a_delivery_that_cannot_be_read_is_told_to_programs(start, tmp_path):
    sentence = f"{tmp_path}/absent.jsonl cannot be read: No such file or directory."
    expected = {"run": None, "state": "refused", "error": sentence, "next": [], "exit": 2}
    process = start("import", tmp_path / "absent.jsonl", "--json")
    assert ended(process) == (2, expected, f"CommandError: {sentence}\n")


def test_a_delivery_that_is_refused_when_it_is_checked_is_told_with_its_run(start, tmp_path):
    path = tmp_path / "blog.xml"
    path.write_text(wxr(wxr_item("1"))[:-20])
    code, printed, _ = ended(start("import", path, "--source", "blog", "--json"))
    run = Run.objects.get()
    assert (code, printed) == (
        2,
        {
            "run": run.pk,
            "state": "refused",
            "error": run.error,
            "next": [f"manage.py import {path} --source blog"],
            "exit": 2,
        },
    )


@pytest.mark.parametrize(
    ("words", "sentence", "steps"),
    [
        (("--zone", "Nowhere"), "--zone Nowhere is no IANA time zone; write it as in Europe/Berlin.", []),
        (
            ("--unheard-of",),
            "The command line cannot be understood; standard error says why.",
            ["manage.py import --help"],
        ),
    ],
)
def test_options_that_cannot_be_understood_are_told_to_programs(start, tmp_path, words, sentence, steps):
    code, printed, errors = ended(start("import", tmp_path, *words, "--json"))
    expected = {"run": None, "state": "refused", "error": sentence, "next": steps, "exit": 2}
    assert (code, printed) == (2, expected)
    assert words[0] in errors


def test_a_database_that_is_away_is_told_without_its_password(start, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"postgresql://archive:hidden-word@127.0.0.1:{taken.getsockname()[1]}/archive"
        code, printed, errors = ended(start("import", tmp_path, "--json", DATABASE_URL=away))
    sentence = errors.strip().splitlines()[-1]
    assert (code, printed) == (
        2,
        {"run": None, "state": "refused", "error": sentence, "next": [], "exit": 2},
    )
    assert sentence.startswith("The database cannot be reached: ")
    assert "hidden-word" not in errors


def test_migrations_that_wait_are_told_to_people_alone(start, tmp_path):
    path = write_jsonl(tmp_path / "press.jsonl", record("a-1"))
    applied = MigrationRecorder.Migration.objects.filter(app="sessions").latest("pk")
    applied.delete()
    try:
        code, printed, errors = ended(start("import", path, "--json"))
    finally:
        applied.save(force_insert=True)
    assert (code, printed["counts"]["created"]) == (0, 1)
    assert "You have 1 unapplied migration(s)." in errors


@pytest.mark.faults
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_a_signal_stopped_is_told_with_the_way_on(start, large_delivery, number, code):
    process = start("import", large_delivery, "--source", "press", "--json", **SLOW)
    wait_for(Item.objects.exists)
    process.send_signal(number)
    sentence = "Stopped. What was committed stays; the same command goes on from there."
    run = Run.objects.get().pk
    steps = [f"manage.py import {large_delivery} --source press", f"manage.py imports undo {run} --dry-run"]
    expected = {"run": run, "state": "paused", "error": sentence, "next": steps, "exit": code}
    assert ended(process) == (code, expected, f"CommandError: {sentence}\n")


@pytest.mark.faults
def test_a_run_that_was_canceled_is_told_with_its_undo(start, large_delivery):
    process = start("import", large_delivery, "--source", "press", "--json", **SLOW)
    wait_for(Item.objects.exists)
    Run.objects.update(cancel_asked=True)
    run = Run.objects.get().pk
    steps = [f"manage.py imports undo {run} --dry-run"]
    sentence = f"Run {run} was canceled."
    expected = {"run": run, "state": "canceled", "error": sentence, "next": steps, "exit": 1}
    assert ended(process) == (1, expected, f"CommandError: {sentence}\n")


@pytest.mark.faults
def test_a_source_that_is_held_is_told_and_the_run_of_another_is_not_taken_for_its_own(start, large_delivery):
    holder = start("import", large_delivery, "--source", "press", **SLOW)
    wait_for(Item.objects.exists)
    # However slow the second one starts, the first one is still at it.
    holder.send_signal(signal.SIGSTOP)
    code, printed, errors = ended(start("import", large_delivery, "--source", "press", "--json"))
    sentence = errors.removeprefix("CommandError: ").removesuffix("\n")
    assert sentence.startswith(f"Run {Run.objects.get().pk} holds the source 'press': ")
    expected = {"run": None, "state": "busy", "error": sentence, "next": [], "exit": 5}
    assert (code, printed) == (5, expected)


def test_an_error_that_nobody_foresaw_is_told_beside_its_traceback(start, tmp_path):
    path = write_jsonl(tmp_path / "press.jsonl", record("a-1"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE articles_searchdocument RENAME COLUMN vector TO was_vector")
        try:
            code, printed, errors = ended(start("import", path, "--source", "press", "--json"))
        finally:
            cursor.execute("ALTER TABLE articles_searchdocument RENAME COLUMN was_vector TO vector")
    run = Run.objects.get()
    assert (code, run.state, printed.pop("next")[0]) == (
        1,
        "failed",
        f"manage.py import {path} --source press",
    )
    assert printed == {"run": run.pk, "state": "failed", "error": run.error, "exit": 1}
    assert "Traceback (most recent call last)" in errors
