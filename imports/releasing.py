"""What the importer believes of the records of a run, given back when the run is undone: their keys, the base
of their next merge, and the questions that were open."""

# ruff: noqa: S608 - only constants of this project are joined into statements

from typing import Any

CREATE = """
CREATE TEMPORARY TABLE IF NOT EXISTS releasing (
    item_id bigint PRIMARY KEY, written_version int
) ON COMMIT DELETE ROWS;
"""

# The records of articles that were put back: those articles are as they stood before the run.
CHOOSE_RESTORED = """
INSERT INTO releasing (item_id, written_version)
SELECT i.id, a.version
FROM undoing AS u JOIN articles_article AS a ON a.id = u.article_id
JOIN imports_item AS i ON i.article_id = a.id
"""

# What a run that is still in force said of an item after the one that is undone.
LATER_WORD = """
    FROM imports_itembefore AS later
    WHERE later.run_id > %(undone)s AND later.run_id <> ALL (%(canceled_out)s)
"""
# Records of which the run wrote nothing into their articles: all that it delivered stood back, or came
# under another key.
_STANDS = f"""
    FROM imports_itembefore AS b JOIN imports_item AS i ON i.id = b.item_id
    JOIN articles_article AS a ON a.id = i.article_id
    WHERE b.run_id = %(undone)s
      AND NOT EXISTS (SELECT FROM touched AS t WHERE t.article_id = i.article_id)
      AND NOT EXISTS (SELECT {LATER_WORD} AND later.item_id = i.id)
"""
COUNT = f"SELECT count(*) {_STANDS}"
CHOOSE = f"""
INSERT INTO releasing (item_id, written_version)
SELECT i.id, i.written_version {_STANDS} AND i.article_id < %(below)s
ORDER BY i.article_id DESC LIMIT %(chunk)s FOR NO KEY UPDATE OF a
"""
LAST = "SELECT min(i.article_id) FROM releasing AS r JOIN imports_item AS i ON i.id = r.item_id"

# For an undo of this undo.
_KEEP_ITEMS = """
INSERT INTO imports_itembefore (run_id, item_id, key, base)
SELECT %(run)s, i.id, i.key, i.held
FROM releasing AS r JOIN imports_item AS i ON i.id = r.item_id
WHERE i.held IS NOT NULL
   OR EXISTS (SELECT FROM imports_itembefore AS b WHERE b.run_id = %(undone)s AND b.item_id = i.id)
ON CONFLICT (run_id, item_id) DO NOTHING
"""
# Without hashes the next delivery is compared anew, whatever it holds. A key that the source has given to
# another record by now stays with that.
_RELEASE_ITEMS = """
UPDATE imports_item AS i SET
    raw_hash = '', content_hash = '', written_version = r.written_version, held = b.base,
    key = CASE WHEN b.key IS NULL OR EXISTS (
        SELECT FROM imports_item AS o WHERE o.source_id = i.source_id AND o.key = b.key
    ) THEN i.key ELSE b.key END
FROM releasing AS r LEFT JOIN imports_itembefore AS b ON b.run_id = %(undone)s AND b.item_id = r.item_id
WHERE i.id = r.item_id
"""

# Those that the run raised, or, itself an undo, opened again.
_CLOSE_RAISED = """
UPDATE imports_conflict AS c SET state = 'moot', decided_by = %(undo_origin)s, decided_at = now()
FROM releasing AS r
WHERE c.item_id = r.item_id AND c.state = 'open' AND (c.run_id = %(undone)s OR c.decided_by = %(origin)s)
"""
# What the run made moot, or, itself an undo, closed, is in question again. Of a field there is one open
# question: the last of these.
_MADE_MOOT = """
    SELECT DISTINCT ON (c.item_id, c.field) c.id, c.item_id, c.field
    FROM imports_conflict AS c JOIN releasing AS r USING (item_id)
    WHERE c.state = 'moot' AND %(origin)s IN (c.decided_by, c.moot_by) ORDER BY c.item_id, c.field, c.id DESC
"""
_CLOSE_IN_THE_WAY = f"""
UPDATE imports_conflict AS c SET state = 'moot', decided_by = %(undo_origin)s, decided_at = now()
FROM ({_MADE_MOOT}) AS m WHERE c.item_id = m.item_id AND c.field = m.field AND c.state = 'open'
"""
_REOPEN = f"""
UPDATE imports_conflict AS c SET state = 'open', decided_by = %(undo_origin)s, decided_at = NULL
FROM ({_MADE_MOOT}) AS m WHERE c.id = m.id
"""
_RELEASE = (_KEEP_ITEMS, _RELEASE_ITEMS, _CLOSE_RAISED, _CLOSE_IN_THE_WAY, _REOPEN)


def release(cursor: Any, values: dict[str, Any]) -> None:
    """What CHOOSE or CHOOSE_RESTORED chose is believed of as before the run `undone`, whose revisions have
    the origin `origin`; `run` is the undo's own, with `undo_origin`."""
    for statement in _RELEASE:
        cursor.execute(statement, values)
