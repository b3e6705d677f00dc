"""Real processes that use embedded servers, and what the system knows about them."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from archive_site.embedded_locks import is_held
from archive_site.embedded_servers import Servers

PROJECT = Path(__file__).resolve().parent.parent.parent
SECONDS = 30.0

# Starts at each line that it reads, and answers with the process ids of the two servers. "fork" makes a child
# that does nothing but live, and answers with its process id.
USER = """
import json, os, signal, sys
from pathlib import Path
from archive_site.embedded_servers import Servers

servers = Servers(Path(sys.argv[1]))
for line in sys.stdin:
    if line == "fork\\n":
        child = os.fork()
        if child == 0:
            signal.pause()
        print(json.dumps([child]), flush=True)
        continue
    servers.start()
    print(json.dumps([server.process_id for server in servers.status().servers]), flush=True)
"""

SETTINGS = """
import os
from pathlib import Path
from environ import Env
from archive_site import embedded
from archive_site.settings import *

embedded.use_root(Path(os.environ["EMBEDDED_ROOT"]))
INSTALLED_APPS = ["archive_site", "django.contrib.contenttypes"]
MIDDLEWARE = []
ROOT_URLCONF = __name__
urlpatterns = []
DATABASES = {
    "default": Env.db_url_config(embedded.database_url(), engine="archive_site.embedded_database"),
    "pooled": Env.db_url_config(embedded.database_url(), engine="archive_site.embedded_database"),
}
DATABASES["pooled"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 2}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": embedded.redis_url(),
        "OPTIONS": {"CONNECTION_POOL_KWARGS": {"connection_class": embedded.EmbeddedRedisConnection}},
    },
}
"""


class User:
    """A process that uses the servers from its first `start` until it ends or is killed."""

    def __init__(self, root: Path, *, command: Sequence[str] = (sys.executable,), **variables: str) -> None:
        self.process = subprocess.Popen(
            [*command, "-c", USER, os.fspath(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": os.fspath(PROJECT)} | variables,
            text=True,
        )

    def ask(self, word: str) -> None:
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def answer(self) -> list[int]:
        assert select.select([self.process.stdout], [], [], SECONDS)[0], "no answer in time"
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def start(self) -> list[int]:
        """Process ids of PostgreSQL and Redis."""
        self.ask("start")
        return self.answer()

    def fork(self) -> int:
        self.ask("fork")
        return self.answer()[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def using(
    root: Path, *, count: int = 1, command: Sequence[str] = (sys.executable,), **variables: str
) -> Iterator[list[User]]:
    """Users that have not started yet; all are killed in the end, and the servers must be gone with them."""
    users = [User(root, command=command, **variables) for _ in range(count)]
    try:
        yield users
    finally:
        for user in users:
            user.kill()
        try:
            wait_until(lambda: not living(root))
        finally:
            Servers(root).stop()  # a test that failed leaves nothing running either


def living(root: Path) -> list[str]:
    """Which of the three still live, told by locks that the kernel drops with the last process of each."""
    return [name for name in ("postgres", "redis", "watcher") if is_held(root / f"{name}.life")]


def put_data_in(root: Path, cluster: Path) -> None:
    """Spares the second that making a data folder takes."""
    if not (cluster / "postgres").is_dir():
        with using(cluster) as [user]:
            user.start()
    shutil.copytree(cluster, root)


def watcher_of(root: Path) -> int:
    lines = subprocess.check_output(["ps", "-axww", "-o", "pid=,command="], text=True).splitlines()
    (line,) = [line for line in lines if f"archive_site.embedded_watcher {root} " in line]
    return int(line.split()[0])


def wait_until(condition: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.01)


def django_command(root: Path, *words: str, **variables: str) -> dict[str, object]:
    """Arguments for subprocess.run or Popen: a command of a site that has only the embedded servers."""
    folder = root.parent / "settings"
    folder.mkdir(exist_ok=True)
    (folder / "embedded_settings.py").write_text(SETTINGS)
    environment = os.environ | {
        "PYTHONPATH": f"{PROJECT}:{folder}",
        "DJANGO_SETTINGS_MODULE": "embedded_settings",
        "EMBEDDED_ROOT": os.fspath(root),
    }
    return {"args": [sys.executable, "-m", "django", *words], "cwd": PROJECT, "env": environment | variables}


def django(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess:
    command = django_command(root, *words, **variables)
    return subprocess.run(**command, capture_output=True, text=True, timeout=60)
