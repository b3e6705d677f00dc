"""What is left of the embedded servers, and how the next start mends it, after something was killed."""

import fcntl
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from archive_site.embedded import WAY_OUT
from archive_site.embedded_engine import Engine, is_alive
from archive_site.embedded_locks import LockTimeout, acquire, exclusive, is_held, open_lock
from archive_site.embedded_servers import Servers
from tests.archive_site.embedded_processes import (
    User,
    django,
    living,
    put_data_in,
    using,
    wait_until,
    watcher_of,
)

pytestmark = pytest.mark.faults

ALL = ["postgres", "redis", "watcher"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the tests that do no harm to it; making it takes a second."""
    return tmp_path_factory.mktemp("servers") / "embedded"


@pytest.fixture
def root(cluster: Path) -> Iterator[Path]:
    yield cluster
    assert living(cluster) == []


def is_in_use(root: Path) -> bool:
    """Whether the watcher still has to wait: its lock cannot be had."""
    descriptor = open_lock(root / "users.lock")
    try:
        acquire(descriptor, fcntl.LOCK_EX, seconds=0)
    except LockTimeout:
        return True
    finally:
        os.close(descriptor)
    return False


def kill(engine: Engine) -> None:
    """With SIGKILL, until the system has cleared it away; its children may live on for a moment."""
    pid = engine.listening()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid) or not is_held(engine.life))


def kill_watcher(root: Path) -> int:
    watcher = watcher_of(root)
    os.kill(watcher, signal.SIGKILL)
    wait_until(lambda: "watcher" not in living(root))
    return watcher


def test_processes_that_start_at_once_share_one_pair_of_servers(tmp_path: Path):
    root = tmp_path / "embedded"
    with using(root, count=4) as users:
        for user in users:
            user.ask("start")
        answers = [user.answer() for user in users]
    assert answers == [answers[0]] * 4
    assert None not in answers[0]


def test_the_servers_outlive_all_but_their_last_user(root: Path):
    with using(root, count=2) as [first, last]:
        servers = first.start()
        assert last.start() == servers
        first.kill()
        assert is_in_use(root)
        assert (last.start(), living(root)) == (servers, ALL)
        last.kill()
        wait_until(lambda: living(root) == [], seconds=10)


def test_a_forked_child_is_a_user_too(root: Path):
    with using(root) as [user]:
        user.start()
        child = user.fork()
        user.process.kill()
        user.process.wait()
        assert is_in_use(root)
        assert living(root) == ALL
        os.kill(child, signal.SIGKILL)


def test_a_killed_watcher_is_replaced(root: Path):
    with using(root) as [user]:
        servers = user.start()
        watcher = kill_watcher(root)
        assert user.start() == servers
        assert watcher_of(root) != watcher


def test_what_a_killed_watcher_left_running_is_taken_over(root: Path):
    with using(root, count=2) as [first, second]:
        servers = first.start()
        kill_watcher(root)
        first.kill()
        assert living(root) == ["postgres", "redis"]
        assert second.start() == servers
        assert living(root) == ALL


def test_a_killed_postgres_starts_again_at_once_and_has_lost_nothing(root: Path):
    address = Servers(root).database_url
    with using(root) as [user]:
        database, cache = user.start()
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'committed' AS word")
        kill(Servers(root).postgres)
        restarted, same_cache = user.start()
        assert restarted not in (database, None)
        assert same_cache == cache
        with psycopg.connect(address) as connection:
            assert connection.execute("TABLE kept").fetchall() == [("committed",)]


def test_a_killed_redis_starts_again_at_once(root: Path):
    with using(root) as [user]:
        database, cache = user.start()
        kill(Servers(root).redis)
        same_database, restarted = user.start()
        assert same_database == database
        assert restarted not in (cache, None)
        with redis.from_url(Servers(root).redis_url) as client:
            assert client.ping()


def test_servers_whose_sockets_were_removed_are_started_again(root: Path):
    with using(root) as [user]:
        before = user.start()
        shutil.rmtree(root / "sockets")
        after = user.start()
        assert set(after).isdisjoint({*before, None})
        assert user.start() == after


def test_process_ids_left_by_a_stopped_machine_may_belong_to_others(root: Path):
    servers = Servers(root)
    with using(root) as [user]:
        pids = user.start()
        kill_watcher(root)
        for engine in servers.engines:
            kill(engine)
        user.kill()
        wait_until(lambda: living(root) == [])
    socket_lock = servers.sockets / ".s.PGSQL.5432.lock"
    for file in (servers.postgres.pid_file, socket_lock, servers.redis.pid_file):
        lines = file.read_text().splitlines()
        file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    with using(root) as [user]:
        assert set(user.start()).isdisjoint({*pids, os.getppid(), None})
    assert not socket_lock.exists()


def test_a_start_killed_while_it_makes_the_data_folder_is_made_again(tmp_path: Path):
    root = tmp_path / "embedded"
    with using(root) as [user]:
        user.ask("start")
        wait_until(lambda: any(root.glob("postgres-new-*/PG_VERSION")))
        user.kill()
        assert not (root / "postgres").exists()
        with using(root) as [successor]:
            assert None not in successor.start()
    assert [path.name for path in root.glob("postgres*") if path.is_dir()] == ["postgres"]


def test_servers_end_although_somebody_removed_their_folder(tmp_path: Path, cluster: Path):
    root = tmp_path / "embedded"
    put_data_in(root, cluster)
    user = User(root)
    user.start()
    lives = [os.open(root / f"{name}.life", os.O_RDONLY) for name in ALL]
    shutil.rmtree(root, ignore_errors=True)
    user.kill()
    for life in lives:
        acquire(life, fcntl.LOCK_SH, seconds=10)
        os.close(life)


def test_a_process_whose_servers_folder_was_removed_gets_new_ones(tmp_path: Path, cluster: Path):
    root = tmp_path / "embedded"
    put_data_in(root, cluster)
    with using(root) as [user]:
        before = user.start()
        old_watcher = open_lock(root / "watcher.life")
        root.rename(tmp_path / "renamed")
        put_data_in(root, cluster)
        assert set(user.start()).isdisjoint(before)
        # The old pair has lost its user; ending it must not touch the new one.
        acquire(old_watcher, fcntl.LOCK_SH, seconds=10)
        os.close(old_watcher)
        assert living(tmp_path / "renamed") == []
        assert living(root) == ALL


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path, cluster: Path):
    root = tmp_path / "embedded"
    put_data_in(root, cluster)
    with (root / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_parameter = on\n")
    done = django(root, "migrate")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (2, [])
    sentence, place, *log = done.stderr.splitlines()
    assert sentence == f"EmbeddedError: The embedded PostgreSQL in {root} ended at once. {WAY_OUT}"
    assert place == f"The end of {root}/postgres.log:"
    assert 'unrecognized configuration parameter "no_such_parameter"' in log[0]
    wait_until(lambda: living(root) == [])


def test_a_start_waits_for_one_that_is_under_way(root: Path):
    with using(root) as [user]:
        root.mkdir(mode=0o700, exist_ok=True)
        with exclusive(root / "start.lock", seconds=1):
            user.ask("start")
            wait_until(lambda: is_in_use(root))
            assert living(root) == []
        assert None not in user.answer()
