"""The detached process that waits until nobody uses the embedded servers any more, and stops them.

Every file is opened before the wait and the process ids are learned: so the servers are found and stopped
even when somebody removed or renamed the folder meanwhile.
"""

import fcntl
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from archive_site.embedded_engine import Engine, EngineError
from archive_site.embedded_locks import acquire, is_same_file, open_lock
from archive_site.embedded_servers import ON_DUTY, TURN_SECONDS, Servers


def watch(root: Path, *, life: int, starter: socket.socket) -> None:
    """`life` is the inherited descriptor whose lock says that a watcher lives."""
    servers = Servers(root)
    users, start = open_lock(servers.users_lock), open_lock(servers.start_lock)
    lives = [open_lock(engine.life) for engine in servers.engines]
    known = _hear_process_ids(starter, count=len(servers.engines))

    fcntl.flock(users, fcntl.LOCK_EX)  # without a limit: for this wait the process is there
    acquire(start, fcntl.LOCK_EX, seconds=TURN_SECONDS)
    for engine, engine_life, pid in zip(servers.engines, lives, known, strict=True):
        _stop(engine, life=engine_life, known=pid)
    if is_same_file(users, servers.users_lock):
        servers.remove_sockets()
    # Before the other locks: who joins next must not take this process for a watcher that stays.
    fcntl.flock(life, fcntl.LOCK_UN)


def _hear_process_ids(starter: socket.socket, *, count: int) -> list[int | None]:
    """Nothing is known where the starter was killed, or failed, before all servers ran."""
    with starter, suppress(OSError):
        starter.sendall(ON_DUTY)
        heard = starter.makefile("rb").read().split()
        if len(heard) == count:
            return [int(word) for word in heard]
    return [None] * count


def _stop(engine: Engine, *, life: int, known: int | None) -> None:
    try:
        engine.stop(life, known=known)
    except EngineError as error:
        # The other server is still to be stopped; the output of this process is its log.
        print(error, error.details, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    os.chdir("/")
    watch(Path(sys.argv[1]), life=int(sys.argv[2]), starter=socket.socket(fileno=int(sys.argv[3])))
