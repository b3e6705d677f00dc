"""gunicorn with the site's configuration, in front of an application of a few lines."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Request-ID", "0af3")])
    return [environ["wsgi.url_scheme"].encode()]
"""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str


@dataclass(slots=True)
class Server:
    process: subprocess.Popen
    port: int = 0
    errors: str = ""
    output: str = ""
    answers: list[Answer] = field(default_factory=list)
    control_socket: bool = False

    def get(self, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"Connection": "close", **headers})
        response = connection.getresponse()
        answer = Answer(response.status, response.read().decode())
        connection.close()
        return answer

    def access_log(self) -> list[dict]:
        return [json.loads(line) for line in self.output.splitlines()]


def environment(home: Path, **variables: str) -> dict[str, str]:
    given = {
        "ENVIRONMENT": "development",
        "WEB_WORKERS": "1",
        "LOG_FORMAT": "json",
    }
    return {"PATH": os.environ["PATH"], "HOME": str(home), **given, **variables}


@contextmanager
def serving(home: Path, **variables: str) -> Iterator[Server]:
    """A server that has said where it listens; its logs are complete when the block is left."""
    (home / "tiny.py").write_text(APPLICATION)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:0", f"--pythonpath={home}", "tiny:application"],
        cwd=ROOT,
        env=environment(home, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process)
    # Reading its log must not wait for ever for a line that never comes.
    watchdog = threading.Timer(30, process.kill)
    watchdog.start()
    try:
        for line in process.stderr:
            server.errors += line
            if listening := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", line):
                server.port = int(listening[1])
                break
        yield server
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
        server.output += output
        server.errors += errors


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server with nothing but defaults, after three requests and an orderly end."""
    with serving(tmp_path_factory.mktemp("usual"), RELEASE="1.4.2", LOG_LEVEL="DEBUG") as server:
        server.get(
            "/articles/7/caf%C3%A9/?q=two+words",
            **{"User-Agent": 'a "b"\tc', "Referer": "http://127.0.0.1/search/?q=private"},
        )
        server.get("/", **{"User-Agent": "a" * 5000})
        server.answers = [server.get("/", **{"X-Forwarded-Proto": "https"})]
    return server


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Server:
    home = tmp_path_factory.mktemp("configured")
    control = home / "ctl"
    with serving(
        home, LOG_FORMAT="text", TRUSTED_PROXIES="127.0.0.1", WEB_CONTROL_SOCKET=str(control)
    ) as server:
        server.answers = [server.get("/search/?q=words", **{"X-Forwarded-Proto": "https"})]
        deadline = time.monotonic() + 20
        while not server.control_socket and time.monotonic() < deadline:
            server.control_socket = control.is_socket()
            time.sleep(0.05)
    return server


def test_each_request_is_one_json_object_that_carries_the_request_id_of_the_response(usual: Server):
    # Threads write their lines in any order.
    (entry,) = [line for line in usual.access_log() if "/articles/7/" in line["message"]]
    assert entry.pop("timestamp")
    assert 0 <= entry.pop("duration_ms") < 10_000
    assert re.fullmatch(r"GET /articles/7/caf%C3%A9/ 200 [\d.]+ ms", entry.pop("message"))
    assert entry == {
        "level": "INFO",
        "logger": "gunicorn.access",
        "environment": "development",
        "release": "1.4.2",
        "request_id": "0af3",
        "method": "GET",
        "path": "/articles/7/caf%C3%A9/",
        "query": "q=two+words",
        "status": 200,
        "bytes": 4,
        "remote_addr": "127.0.0.1",
        "host": f"127.0.0.1:{usual.port}",
        "referrer": "http://127.0.0.1/search/",
        "user_agent": 'a "b"\tc',
    }


def test_what_a_client_says_of_itself_is_cut_to_a_length(usual: Server):
    assert "a" * 300 in [line["user_agent"] for line in usual.access_log()]


def test_gunicorns_own_events_are_json_as_well(usual: Server):
    events = [json.loads(line) for line in usual.errors.splitlines()]
    assert {(event["logger"], event["request_id"]) for event in events} == {("gunicorn.error", "-")}
    assert {"level", "timestamp", "environment", "release", "message"} <= events[0].keys()


def test_it_stops_cleanly_when_it_is_told_to(usual: Server):
    assert usual.process.returncode == 0


def test_there_is_no_control_socket_unless_one_is_asked_for(usual: Server, configured: Server):
    assert "Control socket disabled" in usual.errors
    assert configured.control_socket


def test_only_a_trusted_proxy_may_say_that_a_request_came_by_https(usual: Server, configured: Server):
    assert (usual.answers, configured.answers) == ([Answer(200, "http")], [Answer(200, "https")])


def test_people_get_readable_lines(configured: Server):
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d INFO    gunicorn\.access \[0af3\] GET /search/ 200 [\d.]+ ms\n", configured.output
    )


@pytest.mark.parametrize(
    "words", [[], ["--config", "/dev/null", "archive_site.wsgi"]], ids=["configuration", "application"]
)
def test_a_faulty_environment_stops_it_with_the_reason_and_no_traceback(tmp_path: Path, words: list[str]):
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:0", *words],
        cwd=ROOT,
        env=environment(tmp_path, DEBUG="ture"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "DEBUG" in done.stderr
    assert "Traceback" not in done.stderr
