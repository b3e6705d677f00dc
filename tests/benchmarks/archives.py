"""Generated archives and empty tables for the benchmarks."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from imports.models import Run
from imports.orders import Order
from imports.progress import Progress
from imports.results import ImportResult
from imports.runs import import_delivery


def sample(count: int) -> Path:
    """A generated archive of so many records, made once."""
    path = settings.VAR_DIR / "benchmarks" / f"sample-{count}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        subprocess.run([sys.executable, "manage.py", "sample", str(count), "--out", str(path)], check=True)
    return path


def empty_tables() -> None:
    with connection.cursor() as cursor:
        tables = [
            name
            for name in connection.introspection.table_names()
            if name.startswith(("articles_", "imports_"))
        ]
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        cursor.execute("CHECKPOINT")


def bring_in(path: Path) -> tuple[Run, ImportResult]:
    result = import_delivery(str(path), Order("benchmark"), progress=Progress(visible=False))
    return Run.objects.get(pk=result.run), result
