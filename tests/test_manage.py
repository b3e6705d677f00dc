"""manage.py as people call it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {"PATH": os.environ["PATH"], "ENVIRONMENT": "development", **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_misspelt_variable_is_told_without_a_traceback():
    done = manage("check", DEBUG="ture")
    assert (done.returncode, done.stdout) == (2, "")
    assert "DEBUG" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_without_its_variables_tells_all_that_is_missing_at_once():
    done = manage("check", "--deploy", ENVIRONMENT="production")
    assert (done.returncode, done.stdout) == (2, "")
    assert [
        name for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS") if name in done.stderr
    ] == [
        "SECRET_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "ALLOWED_HOSTS",
    ]
    assert "Traceback" not in done.stderr


def test_a_traceback_is_there_for_those_who_ask():
    done = manage("check", "--traceback", DEBUG="ture")
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr


def test_ctrl_c_ends_a_command_without_a_traceback(tmp_path: Path):
    command = tmp_path / "wait.py"
    command.write_text("import signal\nprint('waiting', flush=True)\nsignal.pause()\n")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", command.read_text()],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENVIRONMENT": "development"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[1] == ""
    assert process.returncode == 130


@pytest.fixture
def refusing() -> Iterator[str]:
    """An address with a password, where nobody listens and nobody else can."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"postgresql://archive:hidden-word@127.0.0.1:{taken.getsockname()[1]}/hidden-word"


@pytest.mark.parametrize("words", [["migrate"], ["createsuperuser"], ["showmigrations"]])
def test_a_database_that_is_away_is_told_in_one_sentence(refusing: str, words: list[str]):
    done = manage(*words, DATABASE_URL=refusing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The database cannot be reached: connection failed: ")
    assert done.stderr.endswith(
        ". Check DATABASE_URL, or with the embedded server `manage.py embedded status`.\n"
    )
    assert done.stderr.count("\n") == 1
    assert "hidden-word" not in done.stderr


def test_a_database_that_is_away_has_a_traceback_for_those_who_ask(refusing: str):
    done = manage("showmigrations", "--traceback", DATABASE_URL=refusing)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr


@pytest.mark.django_db
def test_a_database_without_tables_is_to_be_migrated():
    # The maintenance database of the test's own server, which no site uses.
    host = quote(connection.settings_dict["OPTIONS"].get("host", connection.settings_dict["HOST"]), safe="")
    user = connection.settings_dict["USER"]
    done = manage("clearsessions", DATABASE_URL=f"postgresql://{user}@/postgres?host={host}")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        'The database has not been migrated: relation "django_session" does not exist; '
        "run manage.py migrate.\n",
    )
