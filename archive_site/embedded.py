"""The PostgreSQL and the Redis of development and tests, started by the first who connects.

With no DATABASE_URL and no REDIS_URL, the settings take their addresses from here. All processes of a project
share one pair of servers; the last to end, in whatever way, takes them along.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import redis
from django.core.management.base import CommandError
from django.db.utils import OperationalError

from archive_site import embedded_postgres, embedded_redis
from archive_site.embedded_engine import EngineError, without_postgres_variables
from archive_site.embedded_locks import LockTimeout
from archive_site.embedded_servers import Servers, Status

WAY_OUT = "Or set DATABASE_URL and REDIS_URL to use servers of your own."


class EmbeddedError(CommandError, OperationalError):
    """The embedded servers cannot be had; one sentence says why, and what to do.

    A command prints it without a traceback and exits with 2. For code that handles an absent database it is
    Django's OperationalError.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args, returncode=2)


class EmbeddedRedisConnection(redis.UnixDomainSocketConnection):
    """For redis-py's `connection_class`: the server runs before the connection is made.

    Raises redis.ConnectionError where it cannot, as for any server that is away.
    """

    def connect_check_health(self, *args: Any, **kwargs: Any) -> None:
        # Not connect(): redis-py comes past it when it mends a connection that broke.
        if self._sock is None:
            try:
                start()
            except EmbeddedError as error:
                raise redis.ConnectionError(str(error)) from error
        super().connect_check_health(*args, **kwargs)


def default_root() -> Path:
    return Path(__file__).resolve().parent.parent / "var" / "embedded"


_servers = Servers(default_root())


def use_root(root: Path) -> None:
    """Moves the servers of this process to another folder; for the settings, before anything connects."""
    global _servers
    _servers = Servers(root)


def database_url() -> str:
    """For django-environ and for libpq; starts nothing. The user is a superuser without a password."""
    return _servers.database_url


def redis_url() -> str:
    """For redis-py; starts nothing."""
    return _servers.redis_url


def start() -> None:
    """Both servers run when it returns, until this process and its forked children have ended.

    To be called before each new connection: it costs some microseconds when all is well, and mends what was
    killed. Raises EmbeddedError.
    """
    with _told_to_people():
        _servers.start()


def stop() -> bool:
    """Stops both, although others may use them; True where one of them ran. Raises EmbeddedError."""
    with _told_to_people():
        return _servers.stop()


def status() -> Status:
    return _servers.status()


def psql(arguments: Sequence[str]) -> NoReturn:
    """Becomes psql, connected; the servers run for as long as it does. Raises EmbeddedError."""
    with _told_to_people():
        _become(embedded_postgres.program("psql"), [database_url(), *arguments])


def redis_cli(arguments: Sequence[str]) -> NoReturn:
    """Becomes redis-cli, connected; the servers run for as long as it does. Raises EmbeddedError."""
    with _told_to_people():
        socket_path = os.fspath(_servers.redis.socket_path)
        _become(embedded_redis.program("redis-cli"), ["-s", socket_path, *arguments])


def _become(program: Path, arguments: Sequence[str]) -> NoReturn:
    _servers.start()
    _servers.keep_across_exec()
    os.execve(program, [program.name, *arguments], without_postgres_variables())  # noqa: S606 -- no shell is the point


@contextmanager
def _told_to_people() -> Iterator[None]:
    try:
        yield
    except EngineError as error:
        raise EmbeddedError(f"{error} {WAY_OUT}\n{error.details}".rstrip()) from error
    except LockTimeout as error:
        message = f"Another process has held the embedded servers in {_servers.root} for minutes: end it."
        raise EmbeddedError(f"{message} {WAY_OUT}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"The embedded servers in {_servers.root} failed: {error}. {WAY_OUT}") from error
