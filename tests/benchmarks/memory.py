"""How much memory an import takes, its worker processes included."""

import os
import subprocess
import sys
import time
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from imports.heartbeat import resident_bytes
from tests.benchmarks.archives import empty_tables, sample
from tests.benchmarks.figures import Figure

RECORDS = 200_000
_POLL_SECONDS = 0.2


def measure() -> list[Figure]:
    path = sample(RECORDS)
    empty_tables()
    database = connection.settings_dict
    address = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='')}"
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import", str(path), "--source", "benchmark", "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.DEVNULL,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident_bytes(process.pid))
        time.sleep(_POLL_SECONDS)
    if process.returncode:
        raise SystemExit(f"the import of {path} ended with {process.returncode}")
    return [
        Figure(
            f"import of {RECORDS:,} records until searchable",
            RECORDS / (time.perf_counter() - started),
            "records/s",
        ),
        Figure("its peak memory, all its processes together", peak / 1024**2, "MB", 300, at_least=False),
    ]
