"""A way to the database that a test can cut and mend: connections go through a socket of its own."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

_PORT = 5432


class Severable:
    def __init__(self, database: dict[str, Any], *, folder: Path) -> None:
        host = database["OPTIONS"].get("host", database["HOST"])
        self._target = f"{host}/.s.PGSQL.{database['PORT'] or _PORT}"
        self._folder = folder
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._severed = False
        self._refused = 0
        user, name = database["USER"], database["NAME"]
        self.url = f"postgres://{user}@/{name}?host={quote(str(folder), safe='')}"

    def __enter__(self) -> "Severable":
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / f".s.PGSQL.{_PORT}"))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()

    def sever(self) -> None:
        self._severed = True
        self._cut()

    def restore(self) -> None:
        self._severed = False

    def wait_for_attempts(self, number: int) -> None:
        """Until so many connections have been refused since the beginning."""
        deadline = time.monotonic() + 30
        while self._refused < number:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._severed:
                client.close()
                self._refused += 1
            else:
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._target)
            self._pairs.append((client, server))
            back = threading.Thread(target=_forward, args=(server, client), daemon=True)
            back.start()
            _forward(client, server)
            back.join()
            self._pairs.remove((client, server))

    def _cut(self) -> None:
        for pair in list(self._pairs):
            for end in pair:
                _shut(end)


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
    _shut(target)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
