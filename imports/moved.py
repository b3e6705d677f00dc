"""What a source no longer delivers under its old key: renamed there, or gone."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction

from imports import staging
from imports.copying import copy_row
from imports.deliveries import Delivery
from imports.faults import LimitReached, RunLost
from imports.merging import BASE_OF_ITEM
from imports.models import Item, Run
from imports.reading import Rules
from imports.sources.format import RawRecord

_CHUNK = 500
_REASON = "The source of this article no longer holds it."

_FIND = """
INSERT INTO vanished (item_id, article_id, fingerprint)
SELECT i.id, i.article_id, i.fingerprint FROM imports_item AS i
WHERE i.source_id = %(source)s
  AND NOT EXISTS (SELECT FROM delivered_key AS d WHERE d.key = i.key)
LIMIT %(most)s
"""

_PLAN = """
CREATE TEMPORARY TABLE IF NOT EXISTS withdrawing (
    item_id bigint, article_id bigint, held jsonb
) ON COMMIT DELETE ROWS;
"""
_CHOOSE = f"""
INSERT INTO withdrawing (item_id, article_id, held)
SELECT i.id, i.article_id, nullif(({BASE_OF_ITEM}) - '{{status,published_at}}'::text[], '{{}}')
FROM vanished AS v JOIN imports_item AS i ON i.id = v.item_id
JOIN articles_article AS a ON a.id = v.article_id
WHERE a.status <> 'withdrawn' AND i.source_id = %(source)s
ORDER BY a.id LIMIT %(chunk)s FOR NO KEY UPDATE OF a
"""  # noqa: S608 - only a constant of this project is joined in
_WITHDRAW = (
    """
    INSERT INTO articles_articlerevision (article_id, version, origin, reason, before)
    SELECT a.id, a.version, %(origin)s, %(reason)s, jsonb_build_object(
        'status', a.status, 'withdrawal_reason', a.withdrawal_reason, 'successor_id', a.successor_id)
    FROM withdrawing AS w JOIN articles_article AS a ON a.id = w.article_id
    """,
    """
    UPDATE articles_article AS a
    SET status = 'withdrawn', withdrawal_reason = %(reason)s, version = a.version + 1, updated_at = now()
    FROM withdrawing AS w WHERE a.id = w.article_id
    """,
    # Without hashes the record counts as new content, should it ever be delivered again.
    """
    UPDATE imports_item AS i
    SET raw_hash = '', content_hash = '', held = w.held, written_version = a.version, updated_run_id = %(run)s
    FROM withdrawing AS w JOIN articles_article AS a ON a.id = w.article_id WHERE i.id = w.item_id
    """,
)
_ADVANCE = """
UPDATE imports_run SET missing = missing + %(count)s WHERE id = %(run)s AND token = %(token)s
"""


def find_vanished(run: Run, delivery: Delivery, rules: Rules, *, most: int | None) -> int | None:
    """How many of the source's keys the delivery does not hold; None where they are more than `most`,
    which shows a partial delivery. Batches loaded on this connection then tell what was renamed."""
    with connection.cursor() as cursor:
        cursor.execute(staging.FORGET_VANISHED)
        copy_keys = cursor.copy("COPY delivered_key (key) FROM STDIN")
        with connection.wrap_database_errors, copy_keys as copy:
            for block in _key_blocks(delivery, rules):
                copy.write(block)
        cursor.execute("ANALYZE delivered_key")
        cursor.execute(_FIND, {"source": run.source_id, "most": None if most is None else most + 1})
        found = cursor.rowcount
        if most is not None and found > most:
            cursor.execute(staging.FORGET_VANISHED)
            return None
        cursor.execute("ANALYZE vanished")
        cursor.execute("TRUNCATE delivered_key")
    return found


def _key_blocks(delivery: Delivery, rules: Rules) -> Iterator[bytes]:
    keys: list[str] = []
    for record in rules.read(delivery):
        if type(record) is RawRecord and record.key:
            keys.append(copy_row((record.key,)))
            if len(keys) == _CHUNK:
                yield "\n".join([*keys, ""]).encode()
                keys.clear()
    yield "\n".join([*keys, ""]).encode() if keys else b""


def withdraw_missing(run: Run, *, max_missing: float, advance: Callable[[int], None]) -> None:
    """Withdraws what vanished and was not renamed, in small transactions.

    Raises LimitReached, and withdraws nothing, when that is more than `max_missing` of the source's
    articles; RunLost when another process took the run over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM vanished AS v JOIN articles_article AS a ON a.id = v.article_id "
            "WHERE a.status <> 'withdrawn'"
        )
        missing = cursor.fetchone()[0]
        delivered = Item.objects.filter(source=run.source_id).count()
        if missing + run.missing > max_missing * delivered:
            raise LimitReached(
                f"{missing:,} of {delivered:,} articles are missing from the delivery, more than "
                f"--max-missing {max_missing:.0%}. Nothing was withdrawn. If the delivery is complete, "
                "repeat the command with a higher --max-missing."
            )
        cursor.execute(_PLAN)
        while count := _withdraw_chunk(cursor, run):
            advance(count)


def _withdraw_chunk(cursor: Any, run: Run) -> int:
    values = {"run": run.pk, "origin": f"import:{run.pk}", "reason": _REASON, "token": run.token}
    with transaction.atomic():
        cursor.execute(_CHOOSE, {"chunk": _CHUNK, "source": run.source_id})
        count = cursor.rowcount
        if not count:
            return 0
        for statement in _WITHDRAW:
            cursor.execute(statement, values)
        cursor.execute(_ADVANCE, {**values, "count": count})
        if cursor.rowcount != 1:
            raise RunLost(f"Run {run.pk} was taken over by another process; this one stops.")
    return count
