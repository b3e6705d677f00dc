"""The log of an import: one line a batch, for programs to count."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from imports.models import Run
from imports.results import COUNTERS, counts_of
from tests.imports.deliveries import record, write_jsonl

pytestmark = pytest.mark.django_db(transaction=True)

Log = Callable[[Path], list[dict[str, Any]]]


@pytest.fixture
def environment(manage_environment: dict[str, str]) -> dict[str, str]:
    return {
        **manage_environment,
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
        "IMPORT_BATCH_RECORDS": "2",
    }


def command(path: Path) -> list[str]:
    return [sys.executable, "manage.py", "import", "--source", "press", str(path)]


def batch_lines(text: str) -> list[dict[str, Any]]:
    """A bar on the terminal is drawn between the lines, each time after a return to the line's begin."""
    pieces = text.replace("\r", "\n").split("\n")
    lines = [json.loads(piece) for piece in pieces if piece.startswith("{")]
    return [line for line in lines if line["logger"] == "imports.runs"]


@pytest.fixture
def log_of_a_file(environment: dict[str, str], tmp_path: Path) -> Log:
    def run(path: Path) -> list[dict[str, Any]]:
        done = subprocess.run(
            command(path),
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return batch_lines(done.stderr)

    return run


@pytest.fixture
def log_of_a_terminal(environment: dict[str, str]) -> Log:
    def run(path: Path) -> list[dict[str, Any]]:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            command(path), cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=theirs
        )
        os.close(theirs)
        with process, os.fdopen(ours, "rb", buffering=0) as terminal:
            return batch_lines(b"".join(_written(terminal)).decode())

    return run


def _written(terminal: Any) -> Any:
    while True:
        try:
            if not (block := terminal.read(65536)):
                return
        except OSError:
            # So Linux tells that nobody has the other end any longer.
            return
        yield block


DELIVERY = [
    record("a"),
    record("b", title="Other"),
    record("b", title="Last"),
    "{broken",
    record("c", body="A NUL \x00"),
    record("d"),
    record("e"),
]


@pytest.mark.parametrize("place", ["log_of_a_file", "log_of_a_terminal"])
def test_each_batch_has_a_line_and_their_counts_add_up(
    request: pytest.FixtureRequest, tmp_path: Path, place: str
) -> None:
    log: Log = request.getfixturevalue(place)
    lines = log(write_jsonl(tmp_path / "press.jsonl", *DELIVERY))
    run = Run.objects.get()
    assert [line["batch"] for line in lines] == list(range(1, run.batch + 1))
    assert [run.batch > 1, lines[-1]["cursor"], {line["run"] for line in lines}] == [True, 7, {run.pk}]
    assert {line["level"] for line in lines} == {"INFO"}
    summed = {name: sum(line["counts"][name] for line in lines) for name in COUNTERS}
    assert summed == counts_of(run)
    for line in lines:
        counts = line["counts"]
        assert counts["read"] == sum(counts[name] for name in COUNTERS if name != "read")
        assert line["seconds"] >= 0
