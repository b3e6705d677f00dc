"""An archive of a million records, 6 GB: memory stays bounded, and the rate does not fall."""

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from imports.heartbeat import resident_bytes
from imports.models import Run
from tests.benchmarks.archives import empty_tables, sample
from tests.benchmarks.figures import Figure

RECORDS = 1_000_000
_SHARE = 100_000
_POLL_SECONDS = 0.5


def measure() -> list[Figure]:
    path = sample(RECORDS)
    empty_tables()
    database = connection.settings_dict
    address = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='')}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import", str(path), "--source", "benchmark", "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        text=True,
    )
    peak, reached = _watch(process)
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the import of {path} ended with {process.returncode}")
    rates = [_SHARE / (later - earlier) for earlier, later in pairwise(reached)]
    seconds = json.loads(output)["seconds"]
    return [
        Figure(f"import of {RECORDS:,} records until searchable", RECORDS / seconds, "records/s"),
        Figure("loading its first 100,000", rates[0], "records/s"),
        Figure("loading its last 100,000", rates[-1], "records/s"),
        Figure("last ÷ first 100,000", rates[-1] / rates[0], "×", 0.8),
        Figure("its peak memory, all its processes together", peak / 1024**2, "MB", 350, at_least=False),
    ]


def _watch(process: subprocess.Popen) -> tuple[int, list[float]]:
    """The peak of its memory, and when it had committed each 100,000 records more."""
    peak, reached = 0, []
    while process.poll() is None:
        peak = max(peak, resident_bytes(process.pid))
        read = Run.objects.order_by("-pk").values_list("read", flat=True).first() or 0
        if read >= _SHARE * len(reached) and (read or not reached):
            reached.append(time.perf_counter())
        time.sleep(_POLL_SECONDS)
    return peak, reached
