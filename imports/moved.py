"""What a source no longer delivers under its old key: renamed there, or gone."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import connection, transaction

from articles.models import Status
from imports import staging
from imports.checking import Checked
from imports.copying import copy_row
from imports.deliveries import Delivery
from imports.faults import LimitReached, RunLost
from imports.merging import BASE_OF_ITEM
from imports.models import Item, Run
from imports.orders import Order
from imports.patience import patiently
from imports.progress import Progress
from imports.reading import Rules
from imports.sources import FORMATS
from imports.sources.format import RawRecord

_CHUNK = 500
_REASON = "The source of this article no longer holds it."

_FIND = """
INSERT INTO vanished (item_id, article_id, fingerprint)
SELECT i.id, i.article_id, i.fingerprint FROM imports_item AS i
WHERE i.source_id = %(source)s
  AND NOT EXISTS (SELECT FROM delivered_key AS d WHERE d.key = i.key)
"""
# No further than the answer needs: an archive may hold a thousand times as many articles as the delivery.
_HOLDS_MORE = """
SELECT count(*) > %(most)s FROM (
    SELECT FROM imports_item AS i JOIN articles_article AS a ON a.id = i.article_id
    WHERE i.source_id = %(source)s AND a.status <> 'withdrawn'
    LIMIT %(most)s + 1
) AS held
"""

_COUNT_MISSING = """
SELECT count(*) FROM vanished AS v JOIN articles_article AS a ON a.id = v.article_id
WHERE a.status = 'published'
"""

_PLAN = """
CREATE TEMPORARY TABLE IF NOT EXISTS withdrawing (
    item_id bigint, article_id bigint, base jsonb
) ON COMMIT DELETE ROWS;
"""
_CHOOSE = """
INSERT INTO withdrawing (item_id, article_id)
SELECT v.item_id, v.article_id
FROM vanished AS v JOIN articles_article AS a ON a.id = v.article_id
WHERE a.status = 'published' AND v.article_id > %(above)s
ORDER BY v.article_id LIMIT %(chunk)s FOR NO KEY UPDATE OF a
"""
# Not by the statement before: what an editor committed while that waited for the row is seen by this one.
_FIND_BASE = f"""
UPDATE withdrawing AS w SET base = ({BASE_OF_ITEM})
FROM imports_item AS i WHERE i.id = w.item_id
"""  # noqa: S608 - only a constant of this project is joined in
_WITHDRAW = (
    """
    INSERT INTO imports_itembefore (run_id, item_id, key, base)
    SELECT %(run)s, i.id, i.key, w.base FROM withdrawing AS w JOIN imports_item AS i ON i.id = w.item_id
    WHERE w.base IS NOT NULL
    ON CONFLICT (run_id, item_id) DO NOTHING
    """,
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
    SET raw_hash = '', content_hash = '', written_version = a.version, updated_run_id = %(run)s,
        held = nullif(w.base - '{status,published_at}'::text[], '{}')
    FROM withdrawing AS w JOIN articles_article AS a ON a.id = w.article_id WHERE i.id = w.item_id
    """,
)
_ADVANCE = """
UPDATE imports_run SET missing = missing + %(count)s WHERE id = %(run)s AND token = %(token)s
"""


def look_for_moved(
    source_id: int,
    order: Order,
    delivery: Delivery,
    rules: Rules,
    *,
    checked: Checked,
    is_partial: bool,
    progress: Progress,
) -> bool:
    """Whether something vanished that a new key may bring back. Batches that are classified on this
    connection then tell what was renamed, and `count_missing` what is left."""
    if FORMATS[rules.format_name].window or not (checked.new_keys or order.delete_missing):
        # A feed says nothing of the keys that it does not hold.
        return False
    if is_partial and not order.delete_missing:
        return False
    return bool(_find_vanished(source_id, delivery, rules, progress))


def is_partial(source_id: int, *, records: int) -> bool:
    """Whether a delivery of so many records is less than half of what the archive holds of its source: what
    it lacks was not renamed. To be asked before it is loaded."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS_MORE, {"source": source_id, "most": 2 * records})
        return cursor.fetchone()[0]


def _find_vanished(source_id: int, delivery: Delivery, rules: Rules, progress: Progress) -> int:
    """How many of the source's keys the delivery does not hold."""
    with connection.cursor() as cursor:
        cursor.execute(staging.FORGET_VANISHED)
        copy_keys = cursor.copy("COPY delivered_key (key) FROM STDIN")
        with connection.wrap_database_errors, copy_keys as copy:
            for block in _key_blocks(delivery, rules, progress):
                copy.write(block)
        cursor.execute("ANALYZE delivered_key")
        cursor.execute(_FIND, {"source": source_id})
        found = cursor.rowcount
        cursor.execute("ANALYZE vanished")
        cursor.execute("TRUNCATE delivered_key")
    return found


def _key_blocks(delivery: Delivery, rules: Rules, progress: Progress) -> Iterator[bytes]:
    keys: list[str] = []
    for record in rules.read(delivery):
        # A signal is not to wait for the end of the delivery.
        progress.advance(0)
        if type(record) is RawRecord and record.key:
            keys.append(copy_row((record.key,)))
            if len(keys) == _CHUNK:
                yield "\n".join([*keys, ""]).encode()
                keys.clear()
    yield "\n".join([*keys, ""]).encode() if keys else b""


def count_published(source_id: int) -> int:
    """Articles of the source that could be missed: what was withdrawn long ago says nothing of how whole
    a delivery is, and nobody reads a draft."""
    return Item.objects.filter(source=source_id, article__status=Status.PUBLISHED).count()


def count_missing() -> int:
    """Published articles that vanished and were not renamed."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_MISSING)
        return cursor.fetchone()[0]


def refusal_for_rejects(order: Order, *, rejected: int) -> str:
    """Why nothing is withdrawn while a record that was turned away may be one that is missing; empty where
    that is no reason."""
    if not rejected or order.force:
        return ""
    return (
        f"No article is withdrawn as missing, because records were rejected ({rejected:,}): mend the "
        "delivery itself and import it again, or have missing articles withdrawn all the same (--force, in "
        "the admin “Withdraw also when records were rejected”)."
    )


def refusal_for_number(order: Order, *, missing: int, of: int) -> str:
    """Why nothing is withdrawn where `missing` among the `of` articles of the source are too many; empty
    where they are not."""
    if missing <= order.max_missing * of:
        return ""
    return (
        f"{missing:,} of {of:,} articles are missing from the delivery, more than the "
        f"{order.max_missing * 100:.10g}% that may be withdrawn: none is. If the delivery is complete, "
        "import it again with a higher limit (--max-missing, in the admin “Withdraw at most”)."
    )


def withdraw_missing(run: Run, order: Order, *, advance: Callable[[int], None]) -> None:
    """Withdraws what vanished and was not renamed, in small transactions.

    Raises LimitReached, and withdraws nothing, when that is more than the order allows; RunLost when
    another process took the run over."""
    missing = count_missing() + run.missing
    published = count_published(run.source_id) + run.missing
    if reason := refusal_for_number(order, missing=missing, of=published):
        raise LimitReached(reason)
    with connection.cursor() as cursor:
        cursor.execute(_PLAN)
        above: int | None = 0
        while above is not None:
            chunk = partial(_withdraw_chunk, cursor, run, above, advance)
            above = patiently(chunk, what=f"run {run.pk}: withdrawing")


def _withdraw_chunk(cursor: Any, run: Run, above: int, advance: Callable[[int], None]) -> int | None:
    """The last article that it withdrew; None where there was none left."""
    values = {"run": run.pk, "origin": f"import:{run.pk}", "reason": _REASON, "token": run.token}
    with transaction.atomic():
        cursor.execute(_CHOOSE, {"chunk": _CHUNK, "above": above})
        cursor.execute("SELECT count(*), max(article_id) FROM withdrawing")
        count, last = cursor.fetchone()
        if not count:
            return None
        cursor.execute(_FIND_BASE)
        for statement in _WITHDRAW:
            cursor.execute(statement, values)
        cursor.execute(_ADVANCE, {**values, "count": count})
        if cursor.rowcount != 1:
            raise RunLost(f"Run {run.pk} was taken over by another process; this one stops.")
    advance(count)
    return last
