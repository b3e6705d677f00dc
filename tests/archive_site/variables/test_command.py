"""`env` as people call it."""

import os
import subprocess
import sys

import pytest

from archive_site.env import VARIABLES
from tests.archive_site.environments import BY_NAME, KEY, PRODUCTION, ROOT


def run_env(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    # Every name is set, so that a .env of the developer has no say.
    unset = {name: "" for variable in VARIABLES for name in (variable.name, f"{variable.name}_FILE")}
    environment = {"PATH": os.environ["PATH"], **unset, **variables}
    return subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_env_check_works_where_the_settings_cannot_load():
    done = run_env(
        sys.executable, "-m", "archive_site.env", "check", **PRODUCTION | {"REDIS_URL": "redis://"}
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        f"{len(VARIABLES)} variables, 1 fault:\n"
        "  REDIS_URL: its value does not name one host; write redis://:PASSWORD@HOST:PORT/NUMBER, "
        "for example REDIS_URL=rediss://:PASSWORD@redis.example.org:6379/0\n"
    )


def test_env_check_is_content_with_a_good_environment():
    done = run_env(sys.executable, "-m", "archive_site.env", "check", **PRODUCTION)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"{len(VARIABLES)} variables, no fault (production).\n",
        "",
    )


def test_a_doubtful_name_alone_is_a_finding():
    done = run_env(
        sys.executable, "-m", "archive_site.env", "check", **PRODUCTION, PAGESIZE="50", PAGE_SIZES="5"
    )
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [
            f"{len(VARIABLES)} variables, no fault, 2 doubtful names:",
            "  PAGESIZE: is not read by this site; did you mean PAGE_SIZE?",
            "  PAGE_SIZES: is not read by this site; did you mean PAGE_SIZE?",
        ],
    )


# Runs manage.py under a watch that ends it when it starts a process or connects to a server.
WATCHED = """
import runpy, sys

def refuse(event, arguments):
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "socket.connect"):
        raise RuntimeError(event)

sys.addaudithook(refuse)
sys.argv = ["manage.py", *sys.argv[1:]]
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.parametrize("action", ["list", "docs", "example", "check"])
def test_manage_env_shows_no_secret_and_starts_no_server(action: str):
    done = run_env(sys.executable, "-c", WATCHED, "env", action, SECRET_KEY=KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    assert KEY not in done.stdout


def test_the_watch_sees_a_server_start():
    done = run_env(sys.executable, "-c", WATCHED, "migrate", "--check", "--skip-checks")
    assert done.returncode != 0
    assert "RuntimeError: " in done.stderr


def test_env_list_names_every_variable_in_aligned_columns():
    done = run_env(sys.executable, "-m", "archive_site.env", "list")
    heading, *rows = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == list(BY_NAME)
    starts = [heading.index(column) for column in ("REQUIRED IN", "DEFAULT", "TYPE")]
    for row in rows:
        assert [row[start - 2 : start] for start in starts] == ["  "] * 3
        assert " " not in [row[start] for start in starts]


def test_env_docs_is_a_table_with_a_row_for_every_variable():
    lines = run_env(sys.executable, "-m", "archive_site.env", "docs").stdout.splitlines()
    assert lines[:4] == [
        "| Variable | Type | Default | Required in | Meaning |",
        "| --- | --- | --- | --- | --- |",
        "| `ENVIRONMENT` | one of development, staging, production | development | - "
        "| Which defaults apply and what is required. |",
        "| `SECRET_KEY` or `SECRET_KEY_FILE` | text | an insecure one in development | staging, production "
        "| Signs sessions and tokens: at least 50 random characters, others in every environment. |",
    ]
    assert [line.split("`")[1] for line in lines[2:]] == list(BY_NAME)
    assert {line.count("|") for line in lines} == {6}


def test_a_wrong_action_is_a_usage_error():
    done = run_env(sys.executable, "-m", "archive_site.env", "chekc")
    assert (done.returncode, done.stdout) == (2, "")
