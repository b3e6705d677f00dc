"""The pair of embedded servers beneath one folder, shared by all processes that use them.

Each user holds a shared lock on one file for as long as it lives; children that it forks inherit the lock. A
watcher, detached from everybody, waits for the exclusive lock on that file: it gets it when the last user has
ended, in whatever way, and stops both servers. A second lock guards starting and stopping.
"""

import fcntl
import hashlib
import os
import socket
import stat
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from archive_site import embedded_postgres, embedded_redis
from archive_site.embedded_engine import (
    START_SECONDS,
    Engine,
    EngineError,
    is_alive,
    spawn_detached,
)
from archive_site.embedded_locks import (
    acquire,
    count_shared,
    exclusive,
    is_held,
    is_same_file,
    open_lock,
)

# Longer than a start that makes the data folder and than a stop that has to use force.
TURN_SECONDS = embedded_postgres.CREATE_SECONDS + START_SECONDS

ON_DUTY = b"on duty"

# The longest socket address that both Linux (107 bytes) and macOS (103) take.
SOCKET_BYTES = 103

# Whoever forks waits until no thread is in the middle of starting: a child would inherit half a start.
_turn = threading.RLock()
os.register_at_fork(before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release)


@dataclass(frozen=True, slots=True)
class ServerStatus:
    name: str
    address: str
    process_id: int | None  # None where it does not run


@dataclass(frozen=True, slots=True)
class Status:
    root: Path
    servers: tuple[ServerStatus, ...]
    watched: bool  # whether somebody is there to stop them after their last user
    users: int | None  # processes that use them, forked children not counted; None where it cannot be told


class Servers:
    """PostgreSQL and Redis beneath `root`. Making an instance touches and starts nothing.

    Methods raise EngineError, LockTimeout, OSError or subprocess.SubprocessError.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.sockets = socket_folder(self.root)
        self.postgres = embedded_postgres.Postgres(
            self.root, socket_path=self.sockets / embedded_postgres.SOCKET_NAME
        )
        self.redis = embedded_redis.Redis(self.root, socket_path=self.sockets / embedded_redis.SOCKET_NAME)
        self.engines: tuple[Engine, ...] = (self.redis, self.postgres)
        self.users_lock = self.root / "users.lock"
        self.start_lock = self.root / "start.lock"
        self.watcher_life = self.root / "watcher.life"
        self.watcher_log = self.root / "watcher.log"
        self._hold: int | None = None
        self._process_ids: tuple[int, ...] = ()

    @property
    def database_url(self) -> str:
        # As a parameter, because django-environ leaves a percent-encoded host as it is.
        user, database = embedded_postgres.USER, embedded_postgres.DATABASE
        return f"postgres://{user}@/{database}?host={quote(os.fspath(self.sockets), safe='')}"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(os.fspath(self.redis.socket_path))}?db=0"

    def start(self) -> None:
        """Both servers run and this process is a user of them when it returns; cheap when that was so."""
        with _turn:
            if self._is_in_order():
                return
            self._process_ids = ()
            _make_private(self.root)
            # Before anything is looked at: while it is held, no watcher stops what it takes for unused.
            self._join()
            with exclusive(self.start_lock, seconds=TURN_SECONDS):
                self._start()

    def stop(self) -> bool:
        """Stops both, whoever uses them; True where one ran. This process no longer counts as a user."""
        if not self.root.is_dir():
            return False
        with _turn, exclusive(self.start_lock, seconds=TURN_SECONDS):
            stopped = [engine.stop_here() for engine in self.engines]
            self.remove_sockets()
            self._leave()
        return any(stopped)

    def remove_sockets(self) -> None:
        """Leaves no empty folder behind, which may be outside `root`. The caller holds the start lock."""
        with suppress(OSError):
            self.sockets.rmdir()

    def keep_across_exec(self) -> None:
        """The program that replaces this one stays a user in its place."""
        os.set_inheritable(self._hold, True)

    def status(self) -> Status:
        """Looks only: starts, makes and waits for nothing."""
        return Status(
            root=self.root,
            servers=(
                ServerStatus(self.postgres.name, self.database_url, self.postgres.listening()),
                ServerStatus(self.redis.name, self.redis_url, self.redis.listening()),
            ),
            watched=is_held(self.watcher_life),
            users=count_shared(self.users_lock),
        )

    def _is_in_order(self) -> bool:
        return (
            bool(self._process_ids)
            and self._has_joined()
            and is_held(self.watcher_life)
            and all(is_alive(pid) for pid in self._process_ids)
            and all(is_held(engine.life) and engine.socket_path.exists() for engine in self.engines)
        )

    def _has_joined(self) -> bool:
        return self._hold is not None and is_same_file(self._hold, self.users_lock)

    def _join(self) -> None:
        if self._has_joined():
            return
        descriptor = open_lock(self.users_lock)
        acquire(descriptor, fcntl.LOCK_SH, seconds=TURN_SECONDS)
        self._leave()
        self._hold = descriptor

    def _leave(self) -> None:
        # Closed, never unlocked: a parent or child may hold the same lock through a descriptor of its own.
        with suppress(OSError):
            if self._hold is not None:
                os.close(self._hold)
        self._hold = None
        self._process_ids = ()

    def _start(self) -> None:
        _make_private(self.sockets)
        if is_held(self.watcher_life):
            self._process_ids = self._ensure()
            return
        # On duty before there is anything to stop.
        with self._spawn_watcher() as watcher:
            self._process_ids = self._ensure()
            watcher.sendall(" ".join(map(str, self._process_ids)).encode())

    def _ensure(self) -> tuple[int, ...]:
        return tuple(engine.ensure() for engine in self.engines)

    def _spawn_watcher(self) -> socket.socket:
        """Gives the line on which it waits for the process ids of the servers; it has opened its files."""
        project = Path(__file__).resolve().parent.parent
        # -S: it needs this package and the standard library only, and so little memory.
        watcher = [sys.executable, "-S", "-m", "archive_site.embedded_watcher", os.fspath(self.root)]
        ours, theirs = socket.socketpair()
        with theirs, exclusive(self.watcher_life, seconds=TURN_SECONDS) as life:
            spawn_detached(
                [*watcher, str(life), str(theirs.fileno())],
                log=self.watcher_log,
                inherit=(life, theirs.fileno()),
                environment=os.environ | {"PYTHONPATH": os.fspath(project)},
            )
        ours.settimeout(START_SECONDS)
        if ours.recv(len(ON_DUTY)) == ON_DUTY:
            return ours
        ours.close()
        raise EngineError(
            f"The process that would stop the embedded servers in {self.root} ended at once.",
            details=self.watcher_log.read_text(errors="replace"),
        )


def socket_folder(root: Path) -> Path:
    """`root`/sockets, or a short place named by a hash of `root` where that cannot be an address."""
    folder = root / "sockets"
    address = os.fsencode(folder / embedded_postgres.SOCKET_NAME)
    # libpq takes a comma for the end of one of several hosts.
    if len(address) <= SOCKET_BYTES and b"," not in address:
        return folder
    # The runtime and the temporary directory of the environment may differ between processes of one project.
    # In /tmp somebody else may take the name first: that is found out, and refused, before it is used.
    return Path("/tmp") / f"archive-{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}"  # noqa: S108


def _make_private(folder: Path) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid():
        raise EngineError(
            f"{folder} belongs to user id {found.st_uid}, and this process runs as {os.geteuid()}: "
            "run it as that user, or choose another folder with VAR_DIR."
        )
    if not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077:
        raise EngineError(f"{folder} is open to other users: run chmod 700 {folder}.")
