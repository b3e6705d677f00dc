import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from imports.orders import Order
from imports.progress import Progress
from imports.results import ImportResult
from imports.runs import import_delivery, preview_delivery


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
