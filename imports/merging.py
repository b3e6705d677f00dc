"""The SQL of the three-way merge: what was delivered last, what stands here, what is delivered now.

Field by field: untouched here is taken, changed only here is kept, changed at both ends is a conflict.
The base needs no copy of its own. An editor's revisions since the last import hold what they replaced,
and `Item.held` holds what was delivered against them."""

# ruff: noqa: S608 - only constants of this project are joined into statements

from articles.content import TERMS, UNITS
from imports.shaping import CONTENT_COLUMNS

# In the order of ids, as every writer locks: no deadlock with the admin or another run.
LOCK_CHANGED = """
SELECT a.id FROM articles_article AS a JOIN stage_plan AS p ON p.article_id = a.id
WHERE p.action = 'change' ORDER BY a.id FOR NO KEY UPDATE OF a
"""

# What editors replaced since the last import, the oldest value of each field, and what was held then.
# jsonb_object_agg keeps the last of equal names, so the oldest revision comes last.
BASE_OF_ITEM = """
    SELECT nullif(coalesce(edited.before, '{}') || coalesce(nullif(i.held, 'null'), '{}'), '{}')
    FROM (
        SELECT jsonb_object_agg(f.key, f.value ORDER BY r.version DESC) AS before
        FROM articles_articlerevision AS r CROSS JOIN jsonb_each(r.before) AS f
        WHERE r.article_id = i.article_id AND r.version >= i.written_version
    ) AS edited
"""
FIND_BASE = f"""
UPDATE stage_plan AS p SET base = ({BASE_OF_ITEM})
FROM imports_item AS i JOIN articles_article AS a ON a.id = i.article_id
WHERE i.id = p.item_id AND p.action = 'change' AND (a.version > i.written_version OR i.held IS NOT NULL)
"""

_IN_A_UNIT = {column for unit in UNITS for column in unit}
# Every content column stands in one unit; a unit is called after its first column.
MERGED = tuple(
    unit for unit in (*UNITS, *((column,) for column in CONTENT_COLUMNS if column not in _IN_A_UNIT))
)


def _object(row: str, columns: tuple[str, ...]) -> str:
    return (
        f"jsonb_build_object({', '.join(f'''{chr(39)}{name}{chr(39)}, {row}.{name}''' for name in columns)})"
    )


# The terms that a staged record names, as a revision keeps them.
NEW_TERMS = """(
    SELECT coalesce(jsonb_agg(
        jsonb_build_array(st.kind, st.slug, coalesce(t.name, st.name)) ORDER BY n.place), '[]')
    FROM unnest(k.terms) WITH ORDINALITY AS n(position, place)
    JOIN stage_term AS st USING (position) LEFT JOIN articles_term AS t ON t.id = st.id)"""


def _compared() -> str:
    rows = [f"('{unit[0]}', {_object('a', unit)}, {_object('s', unit)})" for unit in MERGED]
    old_terms = """(
        SELECT coalesce(jsonb_agg(jsonb_build_array(t.kind, t.slug, t.name) ORDER BY l.position), '[]')
        FROM articles_articleterm AS l JOIN articles_term AS t ON t.id = l.term_id
        WHERE l.article_id = a.id)"""
    rows.append(
        f"('{TERMS}', jsonb_build_object('{TERMS}', {old_terms}), jsonb_build_object('{TERMS}', {NEW_TERMS}))"
    )
    return ",\n".join(rows)


# `before`: what is replaced, the before-image. `taken`: units of which the delivery's values are taken.
# `held`: what is delivered but stands back. `conflicts`: units that both sides changed.
COMPARE = f"""
WITH unit AS (
    SELECT p.ordinal, u.name, u.old, u.new, u.old || coalesce((
        SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(p.base) AS f WHERE u.old ? f.key
    ), '{{}}') AS base
    FROM stage_plan AS p
    JOIN stage_article AS s USING (ordinal)
    JOIN stage_key AS k USING (ordinal)
    JOIN articles_article AS a ON a.id = p.article_id
    CROSS JOIN LATERAL (VALUES {_compared()}) AS u(name, old, new)
    WHERE p.action = 'change' AND u.old <> u.new
), judged AS (
    SELECT *, CASE WHEN base = old THEN 'take' WHEN base = new THEN 'keep' ELSE 'conflict' END AS verdict
    FROM unit
), decided AS (
    SELECT *, verdict = 'take' OR (verdict = 'conflict' AND %(conflicts)s = 'take') AS taken FROM judged
), compared AS (
    SELECT d.ordinal,
           jsonb_object_agg(f.key, f.value) FILTER (WHERE d.taken AND f.value <> d.new -> f.key) AS before,
           jsonb_object_agg(f.key, d.new -> f.key) FILTER (WHERE NOT d.taken) AS held,
           array_agg(DISTINCT d.name) FILTER (WHERE d.taken) AS taken
    FROM decided AS d CROSS JOIN jsonb_each(d.old) AS f
    GROUP BY d.ordinal
), disputed AS (
    SELECT ordinal, jsonb_agg(jsonb_build_object('field', name, 'base', base, 'local', old, 'incoming', new))
        AS conflicts
    FROM decided WHERE verdict = 'conflict' GROUP BY ordinal
)
UPDATE stage_plan AS p
SET before = c.before, held = c.held, taken = coalesce(c.taken, '{{}}'), conflicts = d.conflicts
FROM compared AS c LEFT JOIN disputed AS d USING (ordinal)
WHERE p.ordinal = c.ordinal
"""

KEEP_REVISIONS = """
INSERT INTO articles_articlerevision (article_id, version, origin, reason, before)
SELECT a.id, a.version, %(origin)s, '',
       p.before || CASE WHEN p.before ->> 'status' = 'withdrawn' THEN jsonb_build_object(
           'withdrawal_reason', a.withdrawal_reason, 'successor_id', a.successor_id) ELSE '{}' END
FROM stage_plan AS p JOIN articles_article AS a ON a.id = p.article_id
WHERE p.before IS NOT NULL
"""


def _assignments() -> str:
    return ",\n".join(
        f"{column} = CASE WHEN '{unit[0]}' = ANY (p.taken) THEN s.{column} ELSE a.{column} END"
        for unit in MERGED
        for column in unit
    )


# An article that was withdrawn because its source had dropped it comes back with nothing left of that.
UPDATE_ARTICLES = f"""
UPDATE articles_article AS a SET
{_assignments()},
withdrawal_reason = CASE WHEN 'status' = ANY (p.taken) THEN '' ELSE a.withdrawal_reason END,
successor_id = CASE WHEN 'status' = ANY (p.taken) THEN NULL ELSE a.successor_id END,
updated_at = CASE WHEN s.updated_at > a.updated_at THEN s.updated_at ELSE now() END,
version = a.version + 1
FROM stage_plan AS p JOIN stage_article AS s USING (ordinal)
WHERE a.id = p.article_id AND p.before IS NOT NULL
"""

# Months and terms are counted by triggers, which lock them in order, but for each statement. Several
# statements of two writers could meet crosswise, so the months of a batch are locked before its first
# statement that counts, and its terms before the first that links.
_COUNTED = f"""
WITH counted AS (
    SELECT ordinal, article_id FROM stage_plan
    WHERE action = 'create' OR before ?| array['status', 'published_at', '{TERMS}']
)
"""
LOCK_MONTHS = f"""
{_COUNTED}
SELECT month FROM articles_archivemonth WHERE month IN (
    SELECT articles_month_of(s.public_at) FROM counted JOIN stage_key AS s USING (ordinal)
    UNION ALL
    SELECT articles_month_of(a.published_at)
    FROM counted AS c JOIN articles_article AS a ON a.id = c.article_id
) ORDER BY month FOR NO KEY UPDATE
"""
LOCK_TERMS = f"""
{_COUNTED}
SELECT id FROM articles_term WHERE id IN (
    SELECT t.id FROM counted JOIN stage_key AS s USING (ordinal)
    JOIN stage_term AS t ON t.position = ANY (s.terms)
    UNION ALL
    SELECT l.term_id FROM counted AS c JOIN articles_articleterm AS l ON l.article_id = c.article_id
) ORDER BY id FOR NO KEY UPDATE
"""

UNLINK_CHANGED = f"""
DELETE FROM articles_articleterm AS l USING stage_plan AS p JOIN stage_key AS s USING (ordinal)
WHERE l.article_id = p.article_id AND p.before ? '{TERMS}'
  AND l.term_id NOT IN (SELECT t.id FROM stage_term AS t WHERE t.position = ANY (s.terms))
"""
LINK_CHANGED = f"""
INSERT INTO articles_articleterm (article_id, term_id, position, published_at)
SELECT p.article_id, t.id, n.place - 1, CASE WHEN a.status = 'published' THEN a.published_at END
FROM stage_plan AS p
JOIN stage_key AS s USING (ordinal)
JOIN articles_article AS a ON a.id = p.article_id
CROSS JOIN unnest(s.terms) WITH ORDINALITY AS n(position, place)
JOIN stage_term AS t ON t.position = n.position
WHERE p.before ? '{TERMS}'
ON CONFLICT (article_id, term_id) DO UPDATE SET position = excluded.position
"""

# Before the new ones: both sides came to agree, or what waits for a person is offered anew. While the source
# only says once more what it offered, and the article still says something else, the question stays.
CLOSE_CONFLICTS = """
UPDATE imports_conflict AS c
SET state = 'moot', decided_by = %(origin)s, decided_at = now(), moot_by = %(origin)s
FROM stage_plan AS p
WHERE c.item_id = p.item_id AND p.action = 'change' AND c.state = 'open'
  AND (p.conflicts @> jsonb_build_array(jsonb_build_object('field', c.field))
       OR EXISTS (SELECT FROM jsonb_each(c.incoming) AS offered
                  WHERE p.held IS NULL OR p.held -> offered.key IS DISTINCT FROM offered.value))
"""
KEEP_CONFLICTS = """
INSERT INTO imports_conflict (run_id, item_id, field, base, local, incoming, state, moot_by,
                              decided_by, decided_at)
SELECT %(run)s, p.item_id, c.field, c.base, c.local, c.incoming, %(conflict_state)s, '',
       CASE WHEN %(conflict_state)s = 'open' THEN '' ELSE %(origin)s END,
       CASE WHEN %(conflict_state)s = 'open' THEN NULL ELSE now() END
FROM stage_plan AS p
CROSS JOIN jsonb_to_recordset(p.conflicts) AS c(field text, base jsonb, local jsonb, incoming jsonb)
WHERE p.conflicts IS NOT NULL
"""
