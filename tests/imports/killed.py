"""`python -m tests.imports.killed BOUNDARY ARGUMENT…`: manage.py, ended by SIGKILL at a boundary.

The product knows nothing of it: a function that it calls at the boundary is replaced in this process."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive_site.settings")
django.setup()

from django.core.management import execute_from_command_line  # noqa: E402
from django.db import transaction  # noqa: E402

from articles import indexing  # noqa: E402
from imports import loading, pipeline, runs, undoing, working  # noqa: E402


def _die(*args: Any, **kwargs: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(module: Any, name: str, *, call: int = 1) -> Callable[[], None]:
    """Dies when the function is called for the so-manieth time."""
    return lambda: _replace(module, name, call, after=False)


def _after(module: Any, name: str, *, call: int = 1) -> Callable[[], None]:
    return lambda: _replace(module, name, call, after=True)


def _replace(module: Any, name: str, call: int, *, after: bool) -> None:
    original, calls = getattr(module, name), 0

    def replaced(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            _die()
        result = original(*args, **kwargs)
        if calls == call:
            _die()
        return result

    setattr(module, name, replaced)


BOUNDARIES = {
    "spooled": _before(runs, "claim"),
    "claimed": _after(runs, "claim"),
    "checked": _after(pipeline, "check"),
    "before the first batch": _before(runs, "load_batch"),
    "in a batch": _before(loading, "_write", call=2),
    "before the commit": _after(loading, "_advance", call=2),
    "after the commit": _after(runs, "load_batch", call=2),
    "loaded": _before(runs, "withdraw_missing"),
    "in the withdrawing": _after(transaction.Atomic, "__exit__", call=9),
    "readable": _before(working, "index"),
    "before the index": _before(working, "index_pending"),
    "in the index": _before(indexing, "_drain"),
    "indexed": _after(working, "index_pending"),
    "before the end": _before(working, "finish"),
    "in an undo": _after(undoing, "_undo_chunk"),
}


if __name__ == "__main__":
    BOUNDARIES[sys.argv[1]]()
    execute_from_command_line(["manage.py", *sys.argv[2:]])
