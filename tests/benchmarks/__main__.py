"""`python -m tests.benchmarks [NAME …]`: without a name all but `million`, which takes half an hour.

Exits with 1 when a figure misses what is asked of it."""

import os
import sys
from collections.abc import Callable

import django
from django.conf import settings
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive_site.settings")
os.environ |= {"LOG_LEVEL": "ERROR", "DEBUG": "false"}
django.setup()

from ops.static_files import collect_when_changed  # noqa: E402
from tests.benchmarks import imports, memory, million, pages, rivals, wxr  # noqa: E402 - they import models
from tests.benchmarks.figures import Figure, print_figures  # noqa: E402

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "imports": imports.measure,
    "rivals": rivals.measure,
    "wxr": wxr.measure,
    "memory": memory.measure,
    "pages": pages.measure,
    "million": million.measure,
}
_USUAL = [name for name in BENCHMARKS if name != "million"]


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"No benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.",
            file=sys.stderr,
        )
        return 2
    # Without DEBUG, pages name the collected files.
    collect_when_changed(record=settings.VAR_DIR / "demo" / "static.sha256")
    connection.settings_dict["TEST"]["NAME"] = "archive_benchmarks"
    own_name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        held = [_measured(name) for name in names or _USUAL]
    finally:
        connection.creation.destroy_test_db(own_name, verbosity=0)
    return 0 if all(held) else 1


def _measured(name: str) -> bool:
    """Shown at once: what comes after may take minutes."""
    figures = BENCHMARKS[name]()
    print_figures(figures)
    return all(figure.holds for figure in figures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
