"""Takes a run back: what it created is withdrawn, what it changed becomes what it was before, but only
where nobody has changed the article since. All of it by the revisions that every change leaves, so an
undo is a run like any other and can itself be undone."""

# ruff: noqa: S608 - only constants of this project are joined into statements

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction

from articles.content import CONTENT_FIELDS, TERMS
from imports import releasing
from imports.faults import RunLost
from imports.models import Run, RunKind
from imports.patience import patiently
from imports.resolving import refresh_references

_CHUNK = 250
_MOST_LISTED = 1000
_BEYOND = 2**63 - 1
_REASON = "Import run %d, which brought this article, was undone."

# The articles that a run touched, each with what it replaced there (null where it created the article),
# the version that it left, and whose change came last. What the run replaced first has the last word.
_TOUCHED = """
    SELECT coalesce(changed.article_id, i.article_id) AS article_id,
           i.id IS NOT NULL AS created, changed.before,
           coalesce(changed.version, 1) AS version
    FROM (
        SELECT r.article_id, max(r.version) + 1 AS version,
               (SELECT jsonb_object_agg(f.key, f.value ORDER BY e.version DESC)
                FROM articles_articlerevision AS e CROSS JOIN jsonb_each(e.before) AS f
                WHERE e.article_id = r.article_id AND e.origin = %(origin)s) AS before
        FROM articles_articlerevision AS r WHERE r.origin = %(origin)s GROUP BY r.article_id
    ) AS changed
    FULL JOIN (SELECT * FROM imports_item WHERE created_run_id = %(undone)s) AS i USING (article_id)
"""
_CREATE = """
CREATE TEMPORARY TABLE IF NOT EXISTS touched (
    article_id bigint PRIMARY KEY, created boolean, before jsonb, version int
);
CREATE TEMPORARY TABLE IF NOT EXISTS undoing (
    article_id bigint PRIMARY KEY, before jsonb
) ON COMMIT DELETE ROWS;
TRUNCATE touched;
"""
_FIND = f"INSERT INTO touched (article_id, created, before, version) SELECT * FROM ({_TOUCHED}) AS t"
_LATER_WORD = f"""
    SELECT later.run_id {releasing.LATER_WORD}
      AND later.item_id IN (SELECT i.id FROM imports_item AS i WHERE i.article_id = t.article_id)
    ORDER BY later.run_id DESC LIMIT 1
"""
# Only what stands as the run left it, and not yet undone: a second undo finds the rest. What a later run
# changed cancels out with what its undo changed back in the same article.
_STANDS = f"""
    FROM touched AS t JOIN articles_article AS a ON a.id = t.article_id
    WHERE NOT (t.created AND a.status = 'withdrawn')
      AND NOT EXISTS (
          SELECT FROM articles_articlerevision AS r WHERE r.article_id = t.article_id
            AND (r.origin = ANY (%(undoers)s) OR (r.version >= t.version AND NOT EXISTS (
                SELECT FROM unnest(%(undos)s::text[], %(undone_by_them)s::text[]) AS pair(undo, undone)
                JOIN articles_articlerevision AS u ON u.article_id = t.article_id AND u.origin = pair.undo
                WHERE r.origin IN (pair.undo, pair.undone)))))
      AND NOT EXISTS (
          SELECT FROM articles_articlerevision AS r
          WHERE r.article_id = t.article_id AND r.version < t.version AND r.origin <> %(origin)s
            AND r.version >= (SELECT min(e.version) FROM articles_articlerevision AS e
                              WHERE e.article_id = t.article_id AND e.origin = %(origin)s))
      AND NOT EXISTS ({_LATER_WORD})
"""
_COUNT = f"SELECT count(*) {_STANDS}"
_LEAVES = f"""
FROM touched AS t LEFT JOIN (SELECT t.article_id {_STANDS}) AS stands USING (article_id)
WHERE stands.article_id IS NULL AND NOT EXISTS (
    SELECT FROM articles_articlerevision AS r
    WHERE r.article_id = t.article_id AND r.origin = ANY (%(undoers)s))
"""
_COUNT_LEFT = f"SELECT count(*) {_LEAVES}"
_LEFT = f"""
SELECT t.article_id, coalesce('import:' || ({_LATER_WORD}), (
    SELECT r.origin FROM articles_articlerevision AS r
    WHERE r.article_id = t.article_id ORDER BY r.version DESC LIMIT 1), '')
{_LEAVES} ORDER BY t.article_id DESC LIMIT {_MOST_LISTED}
"""
_CHOOSE = f"""
INSERT INTO undoing (article_id, before)
SELECT a.id, CASE WHEN t.created
    THEN jsonb_build_object('status', 'withdrawn', 'withdrawal_reason', %(reason)s::text)
    ELSE t.before END
{_STANDS} AND t.article_id < %(below)s
ORDER BY a.id DESC LIMIT %(chunk)s FOR NO KEY UPDATE OF a
"""
# What an editor committed while the choice waited for the row is seen by the next statement only.
_FORGET_OVERTAKEN = f"""
DELETE FROM undoing AS u WHERE NOT EXISTS (
    SELECT FROM (SELECT t.article_id {_STANDS}) AS stands WHERE stands.article_id = u.article_id)
"""

_TERMS_NOW = """(
    SELECT coalesce(jsonb_agg(jsonb_build_array(t.kind, t.slug, t.name) ORDER BY l.position), '[]')
    FROM articles_articleterm AS l JOIN articles_term AS t ON t.id = l.term_id WHERE l.article_id = a.id)"""
_KEEP_REVISIONS = f"""
INSERT INTO articles_articlerevision (article_id, version, origin, reason, before)
SELECT a.id, a.version, %(undo_origin)s, %(note)s, (
    SELECT jsonb_object_agg(
        f.name, CASE WHEN f.name = '{TERMS}' THEN {_TERMS_NOW} ELSE to_jsonb(a) -> f.name END)
    FROM jsonb_object_keys(u.before) AS f(name))
FROM undoing AS u JOIN articles_article AS a ON a.id = u.article_id
"""


def _assignments() -> str:
    return ",\n".join(
        f"{column} = CASE WHEN u.before ? '{column}' THEN u.was.{column} ELSE a.{column} END"
        for column in CONTENT_FIELDS
        if column != "successor_id"
    ).replace("u.was.", "(u.was).")


# Months and terms are counted by triggers, statement by statement: locked in order before the first of
# these, two writers never meet crosswise.
_LOCK_MONTHS = """
SELECT month FROM articles_archivemonth WHERE month IN (
    SELECT articles_month_of(moment)
    FROM undoing AS u JOIN articles_article AS a ON a.id = u.article_id
    CROSS JOIN LATERAL (VALUES (a.published_at), ((u.before ->> 'published_at')::timestamptz)) AS m(moment)
    WHERE u.before ?| array['status', 'published_at']
) ORDER BY month FOR NO KEY UPDATE
"""
_LOCK_TERMS = f"""
SELECT id FROM articles_term WHERE id IN (
    SELECT l.term_id FROM undoing AS u JOIN articles_articleterm AS l USING (article_id)
    UNION ALL
    SELECT t.id FROM undoing AS u CROSS JOIN jsonb_array_elements(u.before -> '{TERMS}') AS n(term)
    JOIN articles_term AS t ON t.kind = n.term ->> 0 AND t.slug = n.term ->> 1
    WHERE u.before ? '{TERMS}'
) ORDER BY id FOR NO KEY UPDATE
"""
# A successor that is gone by now cannot come back.
_RESTORE = f"""
UPDATE articles_article AS a SET
{_assignments()},
successor_id = CASE WHEN u.before ? 'successor_id'
    THEN (SELECT s.id FROM articles_article AS s WHERE s.id = (u.was).successor_id) ELSE a.successor_id END,
version = a.version + 1, updated_at = now()
FROM (
    SELECT article_id, before, jsonb_populate_record(NULL::articles_article, before) AS was FROM undoing
) AS u
WHERE a.id = u.article_id
"""
_MAKE_TERMS = f"""
INSERT INTO articles_term (kind, slug, name)
SELECT DISTINCT ON (n.term ->> 0, n.term ->> 1) n.term ->> 0, n.term ->> 1, n.term ->> 2
FROM undoing AS u CROSS JOIN jsonb_array_elements(u.before -> '{TERMS}') AS n(term)
WHERE u.before ? '{TERMS}' ORDER BY n.term ->> 0, n.term ->> 1
ON CONFLICT (kind, slug) DO NOTHING
"""
_RESTORE_TERMS = (
    f"""
    DELETE FROM articles_articleterm AS l USING undoing AS u
    WHERE l.article_id = u.article_id AND u.before ? '{TERMS}'
    """,
    f"""
    INSERT INTO articles_articleterm (article_id, term_id, position, published_at)
    SELECT a.id, t.id, n.place - 1, CASE WHEN a.status = 'published' THEN a.published_at END
    FROM undoing AS u JOIN articles_article AS a ON a.id = u.article_id
    CROSS JOIN jsonb_array_elements(u.before -> '{TERMS}') WITH ORDINALITY AS n(term, place)
    JOIN articles_term AS t ON t.kind = n.term ->> 0 AND t.slug = n.term ->> 1
    WHERE u.before ? '{TERMS}'
    """,
)
_ADVANCE = """
UPDATE imports_run SET read = read + %(count)s, updated = updated + %(count)s, batch = batch + 1
WHERE id = %(run)s AND token = %(token)s
"""


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What an undo comes to: how many articles go back, or only what was delivered of them; how many it
    leaves; and the newest thousand of these, with whose change stands in the way."""

    restorable: int
    left_count: int
    left: list[tuple[int, str]]


def plan_undo(undone: Run) -> UndoPlan:
    """Writes nothing but temporary tables."""
    values = _values(undone)
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        cursor.execute(_FIND, values)
        cursor.execute("ANALYZE touched")
        articles, records, left = (
            _number(cursor, statement, values) for statement in (_COUNT, releasing.COUNT, _COUNT_LEFT)
        )
        cursor.execute(_LEFT, values)
        return UndoPlan(articles + records, left, cursor.fetchall())


def _number(cursor: Any, statement: str, values: dict[str, Any]) -> int:
    cursor.execute(statement, values)
    return cursor.fetchone()[0]


def undo(run: Run, undone: Run, *, advance: Callable[[int], None]) -> None:
    """Carries out plan_undo's plan in small transactions, newest articles first; `run` is the undo's own.
    Can be killed and run again at any time. Raises RunLost when another process took the run over."""
    values = {
        **_values(undone),
        "run": run.pk,
        "token": run.token,
        "undo_origin": f"import:{run.pk}",
        "note": f"Run {undone.pk} undone",
        "base_url": undone.source.base_url,
    }
    with connection.cursor() as cursor:
        cursor.execute(releasing.CREATE)
        for put_back in (_put_articles_back, _put_records_back):
            below: int | None = _BEYOND
            while below is not None:
                chunk = partial(_undo_chunk, cursor, {**values, "below": below}, put_back, advance)
                below = patiently(chunk, what=f"run {run.pk}: undoing")


def listed(left: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """Those that an undo leaves, for the run's row."""
    return [{"article": article, "changed_by": origin} for article, origin in left]


def _values(undone: Run) -> dict[str, Any]:
    return {
        "undone": undone.pk,
        "origin": f"import:{undone.pk}",
        "reason": _REASON % undone.pk,
        "chunk": _CHUNK,
        **_undoings(undone),
    }


def _undoings(undone: Run) -> dict[str, list[Any]]:
    """Origins of changes: by undos of this run; by undos of others, and beside each the run that it took
    back, which are `canceled_out`. An undo that was itself undone is none."""
    undos = Run.objects.filter(source=undone.source_id, kind=RunKind.UNDO, updated__gt=0)
    about = dict(undos.values_list("pk", "about"))
    # From the newest: an undo is in force unless one that is in force takes it back.
    in_force: dict[int, int] = {}
    for pk in sorted(about, reverse=True):
        if pk not in in_force.values():
            in_force[pk] = about[pk]
    others = {pk: taken_back for pk, taken_back in in_force.items() if taken_back != undone.pk}
    return {
        "canceled_out": [pk for pair in others.items() for pk in pair],
        "undoers": [f"import:{pk}" for pk in in_force if pk not in others],
        "undos": [f"import:{pk}" for pk in others],
        "undone_by_them": [f"import:{taken_back}" for taken_back in others.values()],
    }


def _undo_chunk(
    cursor: Any,
    values: dict[str, Any],
    put_back: Callable[[Any, dict[str, Any]], tuple[int, int | None]],
    advance: Callable[[int], None],
) -> int | None:
    """The last article that it looked at; None where there was none left."""
    with transaction.atomic():
        count, last = put_back(cursor, values)
        if last is None:
            return None
        releasing.release(cursor, values)
        cursor.execute(_ADVANCE, {**values, "count": count})
        if cursor.rowcount != 1:
            raise RunLost(f"Run {values['run']} was taken over by another process; this one stops.")
    advance(count)
    return last


def _put_articles_back(cursor: Any, values: dict[str, Any]) -> tuple[int, int | None]:
    cursor.execute(_CHOOSE, values)
    last = _number(cursor, "SELECT min(article_id) FROM undoing", {})
    if last is None:
        return 0, None
    cursor.execute(_FORGET_OVERTAKEN, values)
    cursor.execute(_KEEP_REVISIONS, values)
    count = cursor.rowcount
    for statement in (_LOCK_MONTHS, _MAKE_TERMS, _LOCK_TERMS):
        cursor.execute(statement)
    cursor.execute(_RESTORE)
    for statement in _RESTORE_TERMS:
        cursor.execute(statement)
    cursor.execute("SELECT article_id FROM undoing WHERE before ? 'body'")
    refresh_references([article for (article,) in cursor.fetchall()], base_url=values["base_url"])
    cursor.execute(releasing.CHOOSE_RESTORED)
    return count, last


def _put_records_back(cursor: Any, values: dict[str, Any]) -> tuple[int, int | None]:
    """Those that left no trace in their articles."""
    cursor.execute(releasing.CHOOSE, values)
    return cursor.rowcount, _number(cursor, releasing.LAST, {})
