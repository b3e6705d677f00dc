"""The demonstration as somebody sees it who has just cloned the project."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.demo import DemoError, refuse_outside_development, refuse_taken_port

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "ENVIRONMENT": "development",
        "VAR_DIR": str(folder / "var"),
        "WEB_WORKERS": "1",
    }


@contextmanager
def demo(folder: Path, port: int) -> Iterator[str]:
    """Runs it, gives what it said until it was ready, and stops it with Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", f"--port={port}"],
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    try:
        while (line := process.stdout.readline()) and "user admin" not in line:
            said += line
        yield said + line
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
    assert (process.returncode, rest.splitlines()[-1]) == (0, "Stopped.")


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    code = connection.getresponse().status
    connection.close()
    return code


def articles(folder: Path) -> str:
    words = "from articles.models import Article; print(Article.objects.count())"
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", words],
        cwd=ROOT,
        env=environment(folder),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_it_serves_the_sample_and_a_second_run_repeats_nothing(tmp_path: Path, port: int):
    with demo(tmp_path, port) as first:
        assert [status(port, path) for path in ("/", "/search/", "/api/v1/articles/", "/no-such-page/")] == [
            200,
            200,
            200,
            404,
        ]
        assert f"http://127.0.0.1:{port}/\n" in first
        assert re.search(r"user admin, password \S{16} \(shown only now\)", first)
        assert articles(tmp_path) == "500"

    with demo(tmp_path, port) as second:
        assert status(port, "/") == 200
        assert "the password was shown at the first run" in second
        assert articles(tmp_path) == "500"

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_is_refused_and_the_way_out_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError) as refusal:
            refuse_taken_port(port)
    assert str(refusal.value) == (
        f"Port {port} of 127.0.0.1 cannot be used (Address already in use): "
        f"name another one, such as make demo PORT=8000."
    )


@pytest.mark.parametrize("name", ["staging", "production"])
def test_it_refuses_to_touch_a_real_site(settings, name: str):
    settings.ENVIRONMENT = name
    with pytest.raises(DemoError, match=f"here it is {name}"):
        refuse_outside_development()
