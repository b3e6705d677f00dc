"""`python -m tests.imports.killed BOUNDARY ARGUMENT…`: manage.py in small steps, ended by SIGKILL at a
boundary; `nowhere` is none.

The product knows nothing of it: what it calls at the boundary is replaced in this process."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive_site.settings")
django.setup()

from django.core.management import execute_from_command_line  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from articles import indexing  # noqa: E402
from imports import checking, loading, moved, pipeline, resolving, reversals, runs, undoing, working  # noqa: E402

# So that a small delivery has several transactions in each stage.
_CHUNKS = {moved: 4, resolving: 20, undoing: 30, indexing: 50}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str, *, call: int = 1) -> Callable[[], None]:
    """Dies when the function is called for the so-manieth time."""
    return lambda: _replace(owner, name, before=_at(call))


def _after(owner: Any, name: str, *, call: int = 1) -> Callable[[], None]:
    """Dies when the function has done its so-manieth work."""
    return lambda: _replace(owner, name, after=_at(call))


def _at(call: int) -> Callable[[], None]:
    """Lives until it is called for the so-manieth time."""
    left = call

    def count() -> None:
        nonlocal left
        left -= 1
        if not left:
            _die()

    return count


def _live() -> None:
    pass


def _replace(
    owner: Any, name: str, *, before: Callable[[], None] = _live, after: Callable[[], None] = _live
) -> None:
    original = getattr(owner, name)

    def replaced(*args: Any, **kwargs: Any) -> Any:
        before()
        result = original(*args, **kwargs)
        after()
        return result

    setattr(owner, name, replaced)


def _before_commit(module: Any, *, call: int) -> Callable[[], None]:
    """Dies in the module's so-manieth transaction, when all is written and nothing is committed."""
    return lambda: _replace_transactions(module, written=_at(call))


def _at_commit(module: Any, *, call: int) -> Callable[[], None]:
    """Dies when PostgreSQL has been told COMMIT and has not yet answered."""
    in_time = iter([False] * (call - 1) + [True])

    def commit_unheard() -> None:
        if next(in_time):
            connection.connection.pgconn.send_query(b"COMMIT")
            _die()

    return lambda: _replace_transactions(module, written=commit_unheard)


def _after_commit(module: Any, *, call: int) -> Callable[[], None]:
    return lambda: _replace_transactions(module, committed=_at(call))


def _replace_transactions(
    module: Any, *, written: Callable[[], None] = _live, committed: Callable[[], None] = _live
) -> None:
    @contextmanager
    def atomic() -> Iterator[None]:
        with transaction.atomic():
            yield
            written()
        committed()

    module.transaction = SimpleNamespace(atomic=atomic)


def _in_the_index() -> None:
    original = working.index_pending
    die = _at(2)
    working.index_pending = lambda *, threads, advance: original(threads=threads, advance=lambda count: die())


_ENDINGS = {
    "before the index": _before(working, "index_pending"),
    "between two chunks of the index": _in_the_index,
    "indexed": _after(working, "index_pending"),
    "while ending": _before(working, "finish"),
}
BOUNDARIES = {
    "spooled": _before(runs, "claim"),
    "claimed": _after(runs, "claim"),
    "in the check": _before(checking._Unchanged, "add", call=100),
    "checked": _after(pipeline, "check"),
    "among the vanished": _after(runs, "look_for_moved"),
    "before the first COMMIT": _before_commit(loading, call=1),
    "in a batch": _before(loading, "_write", call=2),
    "before the COMMIT of a batch": _before_commit(loading, call=4),
    "at the COMMIT of a batch": _at_commit(loading, call=4),
    "between two batches": _after_commit(loading, call=4),
    "loaded": _before(runs, "withdraw_missing"),
    "while withdrawing": _before_commit(moved, call=3),
    "between two chunks of the withdrawing": _after_commit(moved, call=2),
    "readable": _before(runs, "refresh_statistics"),
    "while resolving": _before_commit(resolving, call=3),
    "at the COMMIT of a chunk of the resolving": _at_commit(resolving, call=3),
    "between two chunks of the resolving": _after_commit(resolving, call=2),
    **_ENDINGS,
}
UNDO_BOUNDARIES = {
    "undo claimed": _after(reversals, "claim"),
    "undo planned": _after(reversals, "plan_undo"),
    "undo before the first COMMIT": _before_commit(undoing, call=1),
    "undo at the COMMIT of a chunk": _at_commit(undoing, call=3),
    "undo between two chunks": _after_commit(undoing, call=2),
    "undo done": _after(reversals, "undo"),
    "while ending": _ENDINGS["while ending"],
}
RETRY_BOUNDARIES = {
    "retry loaded": _before(runs, "refresh_statistics"),
    "retry closing": _after(runs, "close_rejects"),
    "retry ended": _after(runs, "work_on"),
}
_ALL = {"nowhere": _live, **UNDO_BOUNDARIES, **RETRY_BOUNDARIES, **BOUNDARIES}


if __name__ == "__main__":
    for chunked, size in _CHUNKS.items():
        chunked._CHUNK = size
    _ALL[sys.argv[1]]()
    execute_from_command_line(["manage.py", *sys.argv[2:]])
