"""manage.py as people call it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

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
