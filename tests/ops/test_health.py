"""`manage.py health`: how checks are run, what people and programs are told."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ops.health import Check, Observation, Status, examine, exit_code, overall
from ops.health_table import write_report
from ops.vitals import CHECKS

ROOT = Path(__file__).resolve().parent.parent.parent


def a_check(id: str, look: Callable[[], Observation], **texts: str) -> Check:
    rest = dict.fromkeys(("section", "title", "expected", "owner", "fix", "runbook"), "x")
    return Check(id=id, look=look, **rest | texts)


def passing() -> Observation:
    return Observation(Status.PASS, "well")


def failing() -> Observation:
    return Observation(Status.FAIL, "ill")


def test_a_broken_check_is_unknown_tells_no_detail_and_stops_no_other():
    def broken() -> Observation:
        raise ConnectionError("postgresql://user:password@host")

    results = examine([a_check("one", broken), a_check("two", passing)])
    assert [(result.status, result.observed) for result in results] == [
        (Status.UNKNOWN, "could not be looked at (ConnectionError)"),
        (Status.PASS, "well"),
    ]
    assert (overall(results), exit_code(results)) == (Status.UNKNOWN, 1)


def test_what_needs_a_failed_check_is_not_looked_at():
    results = examine([a_check("one", failing), a_check("two", passing, needs="one")])
    assert (results[1].status, results[1].observed) == (Status.UNKNOWN, "not looked at, because one failed")


@pytest.mark.parametrize("text", ["section", "title", "expected", "owner", "fix", "runbook"])
def test_a_check_without_one_of_its_texts_is_refused(text: str):
    with pytest.raises(ValueError, match=rf"^The check 'some\.thing' lacks {text}\.$"):
        a_check("some.thing", passing, **{text: ""})


def test_the_ids_are_unique():
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def report(*, is_terminal: bool) -> str:
    long = replace(a_check("c.long", failing), title="[bold]no markup[/bold]")
    checks = [a_check("a.b", passing), long]
    return write_report(examine(checks), is_terminal=is_terminal, no_color=False)


def test_the_table_lines_up_and_what_is_ill_comes_with_what_to_do():
    assert report(is_terminal=False).splitlines() == [
        "status   check                             observed",
        "───────────────────────────────────────────────────",
        "pass     a.b      x                        well",
        "fail     c.long   [bold]no markup[/bold]   ill",
        "",
        "fail      c.long: [bold]no markup[/bold]",
        "expected  x",
        "observed  ill",
        "fix       x",
        "owner     x",
        "runbook   x",
        "",
        "Health: fail (1 fail, 1 pass)",
    ]


def test_colors_are_for_terminals(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    colored = report(is_terminal=True)
    assert "\x1b[32mpass" in colored
    assert "\x1b" not in report(is_terminal=False)
    plain = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert [line.split() for line in plain.splitlines()] == [
        line.split() for line in report(is_terminal=False).splitlines()
    ]


def health_process(port: int, *words: str) -> subprocess.CompletedProcess:
    """Of an installation whose PostgreSQL and Redis are both at that port."""
    return subprocess.run(
        [sys.executable, "manage.py", "health", *words],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"postgresql://archive@127.0.0.1:{port}/archive?connect_timeout=2",
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        },
        capture_output=True,
        text=True,
        timeout=60,  # less than libpq waits by itself for a server that hangs
    )


@pytest.mark.parametrize("is_listening", [False, True], ids=["stopped", "hung"])
def test_without_servers_the_report_is_whole_and_the_exit_code_is_2(is_listening: bool):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if is_listening:
            server.listen()
        done = health_process(server.getsockname()[1], "--json")
    told = {line["id"]: (line["status"], line["observed"]) for line in json.loads(done.stdout)["sections"]}
    assert (done.returncode, done.stderr) == (2, "")
    assert told.pop("disk.space")[0] == "pass"
    assert told == {
        "database.answers": (
            "fail",
            f"does not answer ({'ConnectionTimeout' if is_listening else 'OperationalError'})",
        ),
        "database.version": ("unknown", "not looked at, because database.answers failed"),
        "cache.answers": (
            "warn",
            f"does not answer ({'TimeoutError' if is_listening else 'ConnectionError'})",
        ),
        "cache.version": (
            "unknown",
            f"could not be looked at ({'TimeoutError' if is_listening else 'ConnectionError'})",
        ),
        "migrations.applied": ("unknown", "not looked at, because database.answers failed"),
        "migrations.known": ("unknown", "not looked at, because database.answers failed"),
        "imports.last": ("unknown", "not looked at, because database.answers failed"),
        "jobs.last": ("unknown", "not looked at, because database.answers failed"),
        "search.pending": ("unknown", "not looked at, because database.answers failed"),
    }


def test_people_get_no_traceback_when_the_database_is_away():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        done = health_process(server.getsockname()[1])
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.endswith("\nHealth: fail (1 fail, 1 warn, 7 unknown, 1 pass)\n")


def test_help_starts_no_server():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        done = health_process(server.getsockname()[1], "--help")
    assert (done.returncode, done.stderr) == (0, "")
