"""/livez and /readyz, with servers that answer, are stopped, or hang."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client

from ops.reachability import ask_database

ROOT = Path(__file__).resolve().parent.parent.parent
ANSWERED = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]
    seconds: float


@contextmanager
def port_that_hangs() -> Iterator[int]:
    """Connections are made and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def port_that_refuses() -> Iterator[int]:
    """Kept from everybody else, but nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def site(port_of_servers: int, home: Path) -> Iterator[int]:
    """The port of gunicorn with the whole site, whose PostgreSQL and Redis are both at that port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:0", "--workers=1"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "DATABASE_URL": f"postgresql://archive@127.0.0.1:{port_of_servers}/archive",
            "REDIS_URL": f"redis://127.0.0.1:{port_of_servers}/0",
            "HTTPS": "true",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        listening = next(
            filter(None, (re.search(r"http://127\.0\.0\.1:(\d+)", line) for line in process.stderr))
        )
        yield int(listening[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def ask(port: int, path: str) -> Answer:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    # Probes name hosts that the site does not know.
    connection.request("GET", path, headers={"Host": "10.4.7.11", "Connection": "close"})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return Answer(response.status, text, dict(response.getheaders()), time.perf_counter() - began)


def quickest(port: int, path: str) -> Answer:
    """Of some: the machine may be busy with other tests."""
    return min((ask(port, path) for _ in range(3)), key=lambda answer: answer.seconds)


@pytest.fixture
def servers(settings, monkeypatch):
    """Sends the questions of this process to other ports."""

    class Servers:
        def database_at(self, port: int) -> None:
            monkeypatch.setitem(connections["default"].settings_dict, "HOST", "127.0.0.1")
            monkeypatch.setitem(connections["default"].settings_dict, "PORT", port)

        def cache_at(self, port: int) -> None:
            # Not through the setting: its change would close caches that other tests use.
            monkeypatch.setitem(settings.CACHES["default"], "LOCATION", f"redis://127.0.0.1:{port}/0")
            options = settings.CACHES["default"]["OPTIONS"]["CONNECTION_POOL_KWARGS"]
            monkeypatch.delitem(options, "connection_class", raising=False)

    return Servers()


@pytest.mark.parametrize("trouble", [port_that_refuses, port_that_hangs])
def test_a_process_without_its_servers_lives_but_is_not_ready(trouble, tmp_path: Path):
    with trouble() as port, site(port, tmp_path) as address:
        live, ready = quickest(address, "/livez"), quickest(address, "/readyz")
    assert (live.status, live.text) == (200, "ok")
    assert live.seconds < 0.1
    assert (ready.status, ready.text) == (503, "not ready")
    assert ready.seconds < 1.5
    assert live.headers.items() >= ANSWERED.items()
    assert ready.headers.items() >= ANSWERED.items()


def test_livez_asks_no_server_whatever_the_host_and_the_scheme(settings, servers):
    settings.SECURE_SSL_REDIRECT = True
    with port_that_hangs() as port:
        servers.database_at(port)
        servers.cache_at(port)
        response = Client(headers={"host": "not a host"}).get("/livez")
    assert (response.status_code, response.text) == (200, "ok")
    assert response.headers == ANSWERED | {"Content-Length": "2"}


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", [port_that_refuses, port_that_hangs])
def test_a_process_with_a_database_is_ready_without_redis(servers, trouble):
    with trouble() as port:
        servers.cache_at(port)
        response = Client().get("/readyz")
    assert (response.status_code, response.text) == (200, "ready")


@pytest.mark.parametrize("trouble", [port_that_refuses, port_that_hangs])
def test_a_process_without_a_database_is_not_ready_whatever_redis_does(servers, trouble):
    with trouble() as port:
        servers.database_at(port)
        response = Client().get("/readyz")
    assert (response.status_code, response.text) == (503, "not ready")


def test_what_is_wrong_goes_to_the_log_and_not_to_the_public(servers, caplog):
    with port_that_refuses() as port:
        servers.database_at(port)
        response = Client().get("/readyz")
    assert (response.status_code, response.text) == (503, "not ready")
    assert response.headers == ANSWERED | {"Content-Length": "9"}
    assert [record.message for record in caplog.records if record.name == "ops.probes"] == [
        "Not ready: database OperationalError"
    ]


def test_a_question_is_given_up_when_its_time_is_over(servers):
    with port_that_hangs() as port:
        servers.database_at(port)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            ask_database(seconds=0.2)
        assert 0.2 <= time.monotonic() - began < 0.4


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "length"), [("/livez", "2"), ("/readyz", "5")])
def test_head_brings_the_headers_alone(path: str, length: str):
    response = Client().head(path)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers == ANSWERED | {"Content-Length": length}


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_nothing_but_reading_is_allowed(path: str):
    response = Client().post(path)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
