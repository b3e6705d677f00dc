"""Puts one shaped batch into the database: its rows, its counts and its cursor in one COMMIT."""

import logging
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from imports import staging
from imports.copying import copy_row
from imports.faults import SourceBusy
from imports.models import Run
from imports.shaping import SHAPE_VERSION, Rejected, Shaped

logger = logging.getLogger(__name__)

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """A shaped batch and where it stands in its delivery. `unchanged` and `duplicate` count the
    records since the last batch that needed no shaping; `cursor` is the ordinal that it reaches."""

    shaped: Shaped
    cursor: int
    read: int
    unchanged: int
    duplicate: int


class Counts(NamedTuple):
    created: int
    updated: int
    unchanged: int
    merged: int


def prepare_connection() -> None:
    """Once before the first batch. Losing the last moments of a crashed server loses nothing here:
    rows and cursor fall back together, so their commit need not wait for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET client_connection_check_interval = '1s'")
        # The staging tables have no statistics; short joins by index are always right for a batch.
        cursor.execute("SET jit = off")
        cursor.execute(staging.CREATE)


def load_batch(run: Run, batch: Batch) -> None:
    """Commits the batch. Raises SourceBusy, and writes nothing, when another process moved the run."""
    for attempts_left in range(_ATTEMPTS - 1, -1, -1):
        try:
            _load(run, batch)
            break
        except OperationalError as error:
            # Of two writers that wait for each other PostgreSQL stops one; nothing of its batch is written.
            if not attempts_left or not isinstance(error.__cause__, DeadlockDetected):
                raise
            logger.warning("run %d: batch %d met a deadlock and is tried again", run.pk, run.batch + 1)
    run.batch += 1


def _load(run: Run, batch: Batch) -> None:
    parameters = {
        "source": run.source_id,
        "run": run.pk,
        "origin": f"import:{run.pk}",
        "shape": SHAPE_VERSION,
        "dry_run": False,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        counts = _load_articles(cursor, batch.shaped, parameters)
        _copy(cursor, staging.COPY_REJECTS, _reject_rows(run, batch.shaped.rejects))
        _advance(cursor, run, batch, counts)


def _load_articles(cursor: Any, shaped: Shaped, parameters: dict[str, Any]) -> Counts:
    if not shaped.keys:
        return Counts(0, 0, 0, 0)
    _stage(cursor, shaped)
    cursor.execute(staging.MAKE_TERMS)
    counts, created = _classify(cursor, shaped, parameters)
    _write(cursor, parameters, created, changed=counts.updated + counts.merged)
    return counts


def classify_batch(shaped: Shaped, *, source_id: int) -> Counts:
    """What loading would come to. In a read-only transaction, which PostgreSQL holds to its word."""
    parameters = {"source": source_id, "dry_run": True}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        _stage(cursor, shaped)
        counts, _ = _classify(cursor, shaped, parameters)
        return counts


def _stage(cursor: Any, shaped: Shaped) -> None:
    _copy(cursor, staging.COPY_TERMS, _term_rows(shaped))
    _copy(cursor, staging.COPY_KEYS, shaped.keys)


def _classify(cursor: Any, shaped: Shaped, parameters: dict[str, Any]) -> tuple[Counts, list[bytes]]:
    """What the batch comes to, and the rows of the articles that are new, their ids before them."""
    cursor.execute(staging.FIND_TERMS)
    cursor.execute(staging.PLAN, parameters)
    created, changed = _part(cursor, shaped)
    _copy(cursor, staging.COPY_CHANGED, changed)
    if changed:
        if not parameters["dry_run"]:
            cursor.execute(staging.LOCK_CHANGED)
        cursor.execute(staging.FIND_KEPT)
        cursor.execute(staging.COMPARE)
    cursor.execute(staging.COUNT)
    return Counts(*cursor.fetchone()), created


def _part(cursor: Any, shaped: Shaped) -> tuple[list[bytes], list[bytes]]:
    """The rows to create, each after its article's id, and the rows to compare, after their ordinal."""
    article = dict(zip(shaped.ordinals, shaped.articles, strict=True))
    created, changed = [], []
    cursor.execute(staging.FIND_TARGETS)
    for ordinal, action, article_id in cursor.fetchall():
        if action == "create":
            created.append(b"%d\t%b" % (article_id or 0, article[ordinal]))
        else:
            changed.append(b"%d\t%b" % (ordinal, article[ordinal]))
    return created, changed


def _write(cursor: Any, parameters: dict[str, Any], created: list[bytes], *, changed: int) -> None:
    # Articles and with them the counts of months before terms and theirs: the order of every writer.
    _copy(cursor, staging.COPY_CREATED, created)
    if changed:
        cursor.execute(staging.KEEP_REVISIONS, parameters)
        cursor.execute(staging.UPDATE_ARTICLES)
        cursor.execute(staging.UNLINK_CHANGED)
        cursor.execute(staging.LINK_CHANGED)
    cursor.execute(staging.LINK_CREATED)
    cursor.execute(staging.START_VIEWS)
    cursor.execute(staging.KEEP_PATHS)
    cursor.execute(staging.INSERT_ITEMS, parameters)
    cursor.execute(staging.UPDATE_ITEMS, parameters)


def _copy(cursor: Any, statement: str, rows: list[bytes]) -> None:
    if not rows:
        return
    with cursor.copy(statement) as copy:
        copy.write(b"\n".join(rows) + b"\n")


def _term_rows(shaped: Shaped) -> list[bytes]:
    return [copy_row((position, *term)).encode() for position, term in enumerate(shaped.terms)]


def _reject_rows(run: Run, rejects: list[Rejected]) -> list[bytes]:
    return [
        copy_row(
            (run.pk, reject.ordinal, reject.line, reject.key, reject.code, reject.message, reject.raw)
        ).encode()
        for reject in rejects
    ]


def _advance(cursor: Any, run: Run, batch: Batch, counts: Counts) -> None:
    cursor.execute(
        staging.ADVANCE,
        {
            "run": run.pk,
            "batch": run.batch,
            "cursor": batch.cursor,
            "read": batch.read,
            "created": counts.created,
            "updated": counts.updated,
            "unchanged": counts.unchanged + batch.unchanged,
            "merged": counts.merged,
            "duplicate": batch.duplicate,
            "rejected": len(batch.shaped.rejects),
        },
    )
    if cursor.rowcount != 1:
        raise SourceBusy(
            f"run {run.pk} was moved on by another process; this one stops and wrote nothing of its batch"
        )
