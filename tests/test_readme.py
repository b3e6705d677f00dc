"""What the README says is run here, so that it stays true."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from archive_site.env import VARIABLES
from archive_site.variables.documents import write_table

README = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()
]
MANAGE = ".venv/bin/python manage.py "
# Each serves until it is stopped; tests/ops/test_demo.py and tests/test_gunicorn.py start them for real.
SERVERS = {f"{MANAGE}db_worker", ".venv/bin/gunicorn"}
# A development machine has findings under check --deploy, and health may warn of them.
MAY_FIND = {"check", "health"}


def test_the_table_of_variables_is_the_declared_one():
    table = re.search(r"<!-- variables: .*? -->\n(.*)<!-- /variables -->", README, re.DOTALL).group(1)
    assert table.strip() == write_table(VARIABLES).strip()


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
def test_a_make_target_of_the_readme_exists(command):
    done = subprocess.run(
        [*command.split(), "--dry-run"], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_other_command_is_a_manage_command_a_server_or_a_request():
    others = [
        line for line in COMMANDS if not line.startswith(("make ", MANAGE, "curl http://127.0.0.1:8000/"))
    ]
    assert set(others) <= SERVERS


@pytest.mark.django_db(transaction=True)
def test_the_manage_commands_of_the_readme_run_in_their_order(tmp_path):
    database = connection.settings_dict
    address = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='')}"
    environment = {**os.environ, "DATABASE_URL": address, "LOG_LEVEL": "ERROR"}
    manage = Path(settings.BASE_DIR, "manage.py")
    for command in COMMANDS:
        if not command.startswith(MANAGE) or command in SERVERS:
            continue
        arguments = command.removeprefix(MANAGE).split()
        done = subprocess.run(
            [sys.executable, str(manage), *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        allowed = (0, 1) if arguments[0] in MAY_FIND else (0,)
        assert done.returncode in allowed, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
