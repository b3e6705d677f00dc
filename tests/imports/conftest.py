import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django import Settings

from imports.models import Source
from imports.orders import Order
from imports.progress import Progress
from imports.results import ImportResult
from imports.runs import import_delivery, preview_delivery
from tests.articles.admin_pages import chief
from tests.imports.processes import Start


@pytest.fixture
def bring_in(transactional_db: None) -> Callable[..., ImportResult]:
    """Imports a file into the test database, in this process."""

    def bring(path: Path, *, source: str = "press", dry_run: bool = False, **options: object) -> ImportResult:
        order = Order(source, **options)
        progress = Progress(visible=False)
        if dry_run:
            return preview_delivery(str(path), order, progress=progress).result
        return import_delivery(str(path), order, progress=progress)

    return bring


@pytest.fixture
def manage_environment(transactional_db: None) -> dict[str, str]:
    """For a manage.py in a process of its own that works on the test database."""
    database = connection.settings_dict
    address = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='')}"
    return {**os.environ, "DATABASE_URL": address, "LOG_LEVEL": "ERROR"}


@pytest.fixture
def manage(manage_environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=settings.BASE_DIR,
            env=manage_environment,
            capture_output=True,
            text=True,
            timeout=60,
            **options,
        )

    return run


@pytest.fixture
def start(manage_environment: dict[str, str]) -> Iterator[Start]:
    """Starts a manage.py that the test disturbs or waits for; none outlives the test."""
    processes = []

    def start(*words: object, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=settings.BASE_DIR,
            env={**manage_environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def admin_client(db: None) -> Client:
    """As pytest-django's own, without the tenth of a second that hashing a password takes."""
    return chief()


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(name="wire")


@pytest.fixture
def private_spool(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
