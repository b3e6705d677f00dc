"""Puts one shaped batch into the database: its rows, its counts and its cursor in one COMMIT."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from typing import Any, NamedTuple

from django.db import DatabaseError, OperationalError, connection, transaction

from imports import merging, resolving, staging
from imports.copying import copy_row
from imports.faults import RunLost, described
from imports.leases import LEASE
from imports.models import Run
from imports.patience import patiently
from imports.quarantine import find_culprits, quarantine
from imports.shaping import SHAPE_VERSION, Shaped
from imports.sources.format import Attachment, RawRecord

logger = logging.getLogger(__name__)

_DECISIONS = {"hold": "open", "keep": "kept", "take": "taken"}


@dataclass(frozen=True, slots=True)
class Batch:
    """A shaped batch and where it stands in its delivery. `records` are what it was shaped of;
    `unchanged` and `duplicate` count the records since the last batch that needed no shaping; `cursor`
    is the ordinal that it reaches."""

    shaped: Shaped
    cursor: int
    read: int
    unchanged: int
    duplicate: int
    records: list[tuple[int, RawRecord]] = field(default_factory=list)
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """`conflicts` as in Order; `renames`: whether to look among what vanished for the new keys."""

    conflicts: str = "hold"
    renames: bool = False


class Counts(NamedTuple):
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    conflicts: int = 0
    renamed: int = 0


_SETTINGS = {
    # Losing the last moments of a crashed server loses nothing here: rows and cursor fall back together, so
    # their commit need not wait for the disk.
    "synchronous_commit": "off",
    # The server notices within a second that a killed importer is gone, and frees its locks.
    "client_connection_check_interval": "1s",
    # An editor's open transaction delays a batch; it never blocks the run for good.
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    # The staging tables have no statistics; short joins by index are always right for a batch.
    "jit": "off",
}


@contextmanager
def prepared_connection(*, name: str) -> Iterator[None]:
    """For batches. `name` is what PostgreSQL's views show of the connection. A worker that goes on to other
    tasks has its own settings back after the block."""
    settings = {"application_name": name, **_SETTINGS}
    with connection.cursor() as cursor:
        for setting, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [setting, value])
        cursor.execute(staging.CREATE)
        # What another run of this process found missing says nothing of this one's source.
        cursor.execute(staging.FORGET_VANISHED)
    try:
        yield
    finally:
        # A connection that was lost has nothing to give back.
        if connection.is_usable():
            with connection.cursor() as cursor:
                for setting in settings:
                    cursor.execute(f"RESET {setting}")


def load_batch(run: Run, batch: Batch, policy: Policy) -> Counts:
    """Commits the batch. What PostgreSQL itself refuses is rejected alone, and the rest goes in.

    Raises RunLost, and writes nothing, when another process took the run over."""
    try:
        counts = _load_patiently(run, batch, policy)
    except OperationalError:
        # The server is away or overloaded: no record is to blame.
        raise
    except DatabaseError as error:
        culprits = find_culprits(batch.shaped, lambda part: _try(run, part, policy))
        if not culprits:
            raise
        logger.warning("run %d: PostgreSQL refused %d records: %s", run.pk, len(culprits), described(error))
        batch = quarantine(batch, culprits)
        counts = _load_patiently(run, batch, policy)
    run.batch += 1
    return counts


def _load_patiently(run: Run, batch: Batch, policy: Policy) -> Counts:
    return patiently(lambda: _load(run, batch, policy), what=f"run {run.pk}: batch {run.batch + 1}")


def _load(run: Run, batch: Batch, policy: Policy) -> Counts:
    parameters = load_parameters(run, policy)
    with transaction.atomic(), connection.cursor() as cursor:
        counts = _load_articles(cursor, batch.shaped, parameters)
        _close_rejects(cursor, parameters)
        _copy(cursor, staging.COPY_REJECTS, _reject_rows(run, batch.shaped))
        if batch.attachments:
            _copy(cursor, staging.COPY_ATTACHMENTS, [copy_row(row).encode() for row in batch.attachments])
            cursor.execute(staging.KEEP_ATTACHMENTS, parameters)
        _advance(cursor, run, batch, counts)
    return counts


def _try(run: Run, shaped: Shaped, policy: Policy) -> DatabaseError | None:
    """What PostgreSQL says of these records, without keeping any."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _load_articles(cursor, shaped, load_parameters(run, policy))
            # Deferred constraints speak up at the end.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except OperationalError:
        raise
    except DatabaseError as error:
        return error
    return None


def load_parameters(run: Run, policy: Policy) -> dict[str, Any]:
    return {
        "source": run.source_id,
        "run": run.pk,
        "as_old_as": run.about_id or run.pk,
        "origin": f"import:{run.pk}",
        "shape": SHAPE_VERSION,
        "conflicts": policy.conflicts,
        "conflict_state": _DECISIONS[policy.conflicts],
        "renames": policy.renames,
        "dry_run": False,
    }


def _load_articles(cursor: Any, shaped: Shaped, parameters: dict[str, Any]) -> Counts:
    if not shaped.keys:
        return Counts()
    stage(cursor, shaped)
    created = classify(cursor, shaped, parameters)
    counts = count(cursor, parameters)
    _write(cursor, shaped, parameters, created, counts)
    return counts


def stage(cursor: Any, shaped: Shaped) -> None:
    _copy(cursor, staging.COPY_TERMS, _term_rows(shaped))
    _copy(cursor, staging.COPY_KEYS, shaped.keys)
    _copy(cursor, staging.COPY_REFERENCES, [copy_row(row).encode() for row in shaped.references])


def classify(cursor: Any, shaped: Shaped, parameters: dict[str, Any]) -> list[bytes]:
    """Plans what becomes of the staged records, and returns the rows of the articles that are new, their
    ids before them."""
    cursor.execute(staging.FIND_TERMS)
    if parameters["renames"]:
        cursor.execute(staging.FIND_RENAMED, parameters)
        cursor.execute(staging.FORGET_RENAMED)
    cursor.execute(staging.PLAN, parameters)
    created, changed = _part(cursor, shaped)
    _copy(cursor, staging.COPY_CHANGED, changed)
    if changed:
        if not parameters["dry_run"]:
            cursor.execute(merging.LOCK_CHANGED)
        cursor.execute(merging.FIND_BASE)
        cursor.execute(merging.COMPARE, parameters)
    return created


def count(cursor: Any, parameters: dict[str, Any]) -> Counts:
    cursor.execute(staging.COUNT, parameters)
    return Counts(*cursor.fetchone())


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


def _write(
    cursor: Any, shaped: Shaped, parameters: dict[str, Any], created: list[bytes], counts: Counts
) -> None:
    # Articles, then the counts of months, then terms and their counts: the order of every writer.
    merges = counts.updated or counts.merged
    if merges:
        cursor.execute(merging.LOCK_MONTHS)
    _copy(cursor, staging.COPY_CREATED, created)
    cursor.execute(staging.MAKE_TERMS)
    cursor.execute(staging.FIND_TERMS)
    if merges:
        _merge(cursor, parameters)
    cursor.execute(staging.LINK_CREATED)
    cursor.execute(staging.START_VIEWS)
    cursor.execute(staging.KEEP_PATHS)
    cursor.execute(staging.INSERT_ITEMS, parameters)
    if len(created) < len(shaped.ordinals):
        _write_known(cursor, parameters)
    if shaped.references:
        cursor.execute(resolving.KEEP_REFERENCES)


def _merge(cursor: Any, parameters: dict[str, Any]) -> None:
    cursor.execute(merging.LOCK_TERMS)
    cursor.execute(merging.KEEP_REVISIONS, parameters)
    cursor.execute(merging.UPDATE_ARTICLES)
    cursor.execute(merging.UNLINK_CHANGED)
    cursor.execute(merging.LINK_CHANGED)


def _write_known(cursor: Any, parameters: dict[str, Any]) -> None:
    cursor.execute(staging.KEEP_ITEMS, parameters)
    cursor.execute(staging.UPDATE_ITEMS, parameters)
    cursor.execute(merging.CLOSE_CONFLICTS, parameters)
    cursor.execute(merging.KEEP_CONFLICTS, parameters)
    cursor.execute(resolving.FORGET_REFERENCES)


def _close_rejects(cursor: Any, parameters: dict[str, Any]) -> None:
    cursor.execute(staging.FIND_REJECTING, parameters)
    if rejecting := cursor.fetchone()[0]:
        cursor.execute(staging.CLOSE_REJECTS, {**parameters, "rejecting": rejecting})


def _copy(cursor: Any, statement: str, rows: list[bytes]) -> None:
    if not rows:
        return
    # Django translates the errors of what it executes; of a COPY only when asked.
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.write(b"\n".join(rows) + b"\n")


def _term_rows(shaped: Shaped) -> list[bytes]:
    return [copy_row((position, *term)).encode() for position, term in enumerate(shaped.terms)]


def _reject_rows(run: Run, shaped: Shaped) -> list[bytes]:
    """A Rejected has the columns of COPY_REJECTS in their order."""
    return [copy_row((run.pk, *astuple(reject))).encode() for reject in shaped.rejects]


def _advance(cursor: Any, run: Run, batch: Batch, counts: Counts) -> None:
    cursor.execute(
        staging.ADVANCE,
        {
            "run": run.pk,
            "batch": run.batch,
            "token": run.token,
            "lease": LEASE,
            "cursor": batch.cursor,
            "read": batch.read,
            "created": counts.created,
            "updated": counts.updated,
            "unchanged": counts.unchanged + batch.unchanged,
            "merged": counts.merged,
            "conflicts": counts.conflicts,
            "renamed": counts.renamed,
            "duplicate": batch.duplicate,
            "rejected": len(batch.shaped.rejects),
        },
    )
    if cursor.rowcount != 1:
        raise RunLost(
            f"Run {run.pk} was taken over by another process; this one stops and wrote nothing of its batch."
        )
