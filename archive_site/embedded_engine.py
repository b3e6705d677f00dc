"""What the embedded PostgreSQL and the embedded Redis have in common: to be found, launched and ended.

Each server inherits an exclusive lock on its life file and passes it on to its children. So the kernel tells
whether anything of it still lives, after SIGKILL and after a stop of the machine too; process ids in files,
which may be stale or in use again, decide nothing.
"""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from archive_site.embedded_locks import PAUSE, exclusive, is_held, is_held_elsewhere, is_same_file, open_lock

# Recovery after a SIGKILL in the middle of a big import takes the longest of all.
START_SECONDS = 60.0
SILENCE_SECONDS = 2.0  # how long a living server may be without its socket before it is launched anew
LOCK_SECONDS = 5.0
ANSWER_SECONDS = 2.0
LOG_LINES = 15
TOO_LONG = "try again when its log tells of progress, else run manage.py embedded stop first"


class EngineError(Exception):
    """A server cannot be started or stopped: a sentence of what and why; `details` is what it said itself."""

    def __init__(self, sentence: str, *, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details


class Engine(ABC):
    """One server at one socket, with its data, log and life file beneath one folder."""

    name: str
    slug: str
    hello: bytes  # what a client says who takes leave at once
    welcome: bytes  # how a server that is ready for work begins its reply
    # Tried in turn, each for so many seconds.
    stop_signals: tuple[tuple[signal.Signals, float], ...]

    def __init__(self, root: Path, *, socket_path: Path) -> None:
        self.root = root
        self.socket_path = socket_path
        self.life = root / f"{self.slug}.life"
        self.log = root / f"{self.slug}.log"

    @property
    @abstractmethod
    def pid_file(self) -> Path: ...

    @abstractmethod
    def prepare(self, life: int) -> None:
        """Makes ready for a launch; nothing of an earlier server lives. Children must inherit `life`."""

    @abstractmethod
    def command(self) -> list[str]: ...

    def listening(self) -> int | None:
        """Process id of the server at the socket, None where nobody listens.

        0 stands for a server in another container that shares the folder.
        """
        try:
            with self._connection() as connection:
                return _peer_process(connection)
        except OSError:
            return None

    def is_leaving(self, reply: bytes) -> bool:
        return False

    def ensure(self) -> int:
        """Process id of the server, which is ready for work; launches it where nothing of it lives.

        The caller holds the lock that guards starting. Raises EngineError.
        """
        started = time.monotonic()
        launched = False
        while True:
            pid, reply = self._conversation()
            if pid is not None and reply.startswith(self.welcome):
                return pid
            waited = time.monotonic() - started
            if waited > START_SECONDS:
                raise self._failure(f"was not ready within {START_SECONDS:.0f} seconds; {TOO_LONG}")
            if not is_held(self.life):
                if launched:
                    raise self._failure("ended at once")
                self._launch()
                launched = True
            elif self.is_leaving(reply) or (not launched and self._is_lost(pid, waited=waited)):
                self.stop_here()
            else:
                # A long recovery is asked less and less often: each question is a line in the log.
                time.sleep(min(max(waited / 10, PAUSE), 0.5))

    def stop(self, life: int, *, known: int | None = None) -> bool:
        """Ends the server whose life file is open as `life`; False where nothing of it lives.

        `known` is its process id as far as the caller knows it. Raises EngineError.
        """
        if not is_held_elsewhere(life):
            return False
        for number, seconds in self._signals(life):
            if self._ends_by(number, life, known=known, seconds=seconds):
                return True
        raise self._failure("does not stop")

    def stop_here(self) -> bool:
        """As `stop`, for the server whose life file is in its place."""
        life = open_lock(self.life)
        try:
            return self.stop(life)
        finally:
            os.close(life)

    def _conversation(self) -> tuple[int | None, bytes]:
        """Who is at the socket, and what it replied."""
        try:
            with self._connection() as connection:
                connection.sendall(self.hello)
                # To the end: one who hangs up in the middle leaves a complaint in the log.
                return _peer_process(connection), connection.makefile("rb").read()
        except OSError:
            return None, b""

    def _is_lost(self, pid: int | None, *, waited: float) -> bool:
        """It lives, and nobody can reach it any more, because somebody removed its socket."""
        return pid is None and waited > SILENCE_SECONDS and self.listening() is None

    def _signals(self, life: int) -> tuple[tuple[signal.Signals, float], ...]:
        if is_same_file(life, self.life):
            return self.stop_signals
        # The folder was removed or renamed. Ending in peace, a server would take its socket along, which by
        # now may be that of a successor; killed, it loses nothing that was committed.
        return ((signal.SIGKILL, self.stop_signals[-1][1]),)

    def _failure(self, what: str) -> EngineError:
        lines: list[str] = []
        with suppress(FileNotFoundError):
            lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return EngineError(
            f"The embedded {self.name} in {self.root} {what}.",
            details="\n".join([f"The end of {self.log}:", *lines]),
        )

    def _launch(self) -> None:
        with exclusive(self.life, seconds=LOCK_SECONDS) as life:
            self.prepare(life)
            spawn_detached(self.command(), log=self.log, inherit=[life], environment=plain_environment())

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(os.fspath(self.socket_path))
            yield connection

    def _ends_by(self, number: signal.Signals, life: int, *, known: int | None, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        signaled = None
        while is_held_elsewhere(life):
            # Looked for again each time: it may have been starting, with no socket yet.
            pid = self._process(life, known=known)
            if pid and pid != signaled:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                signaled = pid
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE)
        return True

    def _process(self, life: int, *, known: int | None) -> int | None:
        if known and is_alive(known):
            return known
        if not is_same_file(life, self.life):
            return None  # the folder was made anew: what listens there now is not ours to end
        pid = self.listening()
        return self._recorded_process() if pid is None else pid

    def _recorded_process(self) -> int | None:
        try:
            pid = int(self.pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if is_alive(pid) else None


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def carried_folder(package: str, *parts: str) -> Path:
    """Folder of the binaries that a wheel carries; the package itself is never imported."""
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place, *parts)
        if folder.is_dir():
            return folder
    missing = "/".join([package, *parts])
    raise EngineError(
        f"The embedded servers are not installed ({missing} is missing): run pip install -e '.[embedded]'."
    )


def without_postgres_variables() -> dict[str, str]:
    """The environment but for PGHOST and its like, which lead PostgreSQL's programs to other servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def plain_environment() -> dict[str, str]:
    """For servers, whose words are read by programs too."""
    return without_postgres_variables() | {"LC_ALL": "C", "TZ": "UTC"}


def spawn_detached(
    command: Sequence[str], *, log: Path, inherit: Sequence[int], environment: dict[str, str]
) -> None:
    """Runs it in a session of its own, nobody's child, with these descriptors and the log as its output."""
    with suppress(FileNotFoundError):
        log.replace(log.with_name(f"{log.name}.1"))
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        subprocess.run(
            # The shell is gone at once: no zombie waits for this process, which may live long.
            ["/bin/sh", "-c", '"$@" &', "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=tuple(inherit),
            cwd="/",
            env=environment,
            umask=0o077,
            start_new_session=True,
            check=True,
            timeout=LOCK_SECONDS,
        )
    finally:
        os.close(output)


def _peer_process(connection: socket.socket) -> int:
    if sys.platform == "darwin":
        return connection.getsockopt(0, 2)  # SOL_LOCAL, LOCAL_PEERPID
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[0]
