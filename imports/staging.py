"""The SQL with which a batch becomes articles. Everything is set-based: a batch of one thousand costs
as many statements as a batch of one. Values come as parameters; the column lists are constants."""

# ruff: noqa: S608 - only constants of this project are joined into statements

from articles.content import TERMS, UNITS
from imports.shaping import ARTICLE_COLUMNS, CONTENT_COLUMNS, KEY_COLUMNS

_ARTICLE = ", ".join(ARTICLE_COLUMNS)

COPY_KEYS = f"COPY stage_key ({', '.join(KEY_COLUMNS)}) FROM STDIN"
COPY_TERMS = "COPY stage_term (position, kind, slug, name) FROM STDIN"
# What is new goes straight to its table, what differs beside it: no body is written twice.
COPY_CREATED = f"COPY articles_article (id, {_ARTICLE}) FROM STDIN"
COPY_CHANGED = f"COPY stage_article (ordinal, {_ARTICLE}) FROM STDIN"
COPY_REJECTS = "COPY imports_reject (run_id, ordinal, line, key, code, message, raw) FROM STDIN"

# Once a connection. Temporary tables: no WAL, gone with the session, never shared with another run.
CREATE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS stage_key (
    ordinal bigint, key varchar, raw_hash bytea, content_hash bytea, terms int[], aliases varchar[],
    view_count bigint, public_at timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_term (
    position int, kind varchar, slug varchar, name varchar, id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_plan (
    ordinal bigint, action text, item_id bigint, article_id bigint,
    kept text[] NOT NULL DEFAULT '{{}}', before jsonb, held boolean NOT NULL DEFAULT false
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_article ON COMMIT DELETE ROWS AS
    SELECT 0::bigint AS ordinal, {_ARTICLE} FROM articles_article WITH NO DATA;
"""

# Terms that are new are made first; two runs that make the same one meet at the unique constraint.
MAKE_TERMS = """
INSERT INTO articles_term (kind, slug, name)
SELECT kind, slug, name FROM stage_term AS s
WHERE NOT EXISTS (SELECT FROM articles_term AS t WHERE t.kind = s.kind AND t.slug = s.slug)
ORDER BY kind, slug
ON CONFLICT (kind, slug) DO NOTHING
"""
FIND_TERMS = """
UPDATE stage_term AS s SET id = t.id FROM articles_term AS t WHERE t.kind = s.kind AND t.slug = s.slug
"""

# `create`: the key is new. `touch`: delivered in other bytes, but the same article. `change`: differs.
PLAN = """
INSERT INTO stage_plan (ordinal, action, item_id, article_id)
SELECT s.ordinal,
       CASE WHEN i.id IS NULL THEN 'create'
            WHEN i.content_hash = s.content_hash THEN 'touch'
            ELSE 'change' END,
       i.id,
       CASE WHEN i.id IS NOT NULL THEN i.article_id
            WHEN NOT %(dry_run)s THEN nextval(pg_get_serial_sequence('articles_article', 'id')) END
FROM (SELECT ordinal, key, content_hash FROM stage_key ORDER BY ordinal) AS s
LEFT JOIN imports_item AS i ON i.source_id = %(source)s AND i.key = s.key
"""
FIND_TARGETS = "SELECT ordinal, action, article_id FROM stage_plan WHERE action <> 'touch'"

# In the order of ids, as every writer locks: no deadlock with the admin or another run.
LOCK_CHANGED = """
SELECT a.id FROM articles_article AS a JOIN stage_plan AS p ON p.article_id = a.id
WHERE p.action = 'change' ORDER BY a.id FOR NO KEY UPDATE OF a
"""

# What an editor ever changed stays the editor's, field by field.
FIND_KEPT = """
UPDATE stage_plan AS p SET kept = edited.fields
FROM (
    SELECT r.article_id, array_agg(DISTINCT f.name) AS fields
    FROM articles_articlerevision AS r JOIN stage_plan AS changed USING (article_id),
         jsonb_object_keys(r.before) AS f(name)
    WHERE changed.action = 'change' AND r.origin NOT LIKE 'import:%'
    GROUP BY r.article_id
) AS edited
WHERE p.article_id = edited.article_id AND p.action = 'change'
"""


def _unit_of(column: str) -> str:
    """Fields that only make sense together are kept or taken together."""
    unit = next((unit for unit in UNITS if column in unit), (column,))
    names = ", ".join(f"'{name}'" for name in unit)
    return f"p.kept && ARRAY[{names}]"


def _compared() -> str:
    rows = [
        f"('{column}', to_jsonb(a.{column}), to_jsonb(s.{column}), {_unit_of(column)})"
        for column in CONTENT_COLUMNS
    ]
    old_terms = """(
        SELECT coalesce(jsonb_agg(jsonb_build_array(t.kind, t.slug, t.name) ORDER BY l.position), '[]')
        FROM articles_articleterm AS l JOIN articles_term AS t ON t.id = l.term_id
        WHERE l.article_id = a.id)"""
    new_terms = """(
        SELECT coalesce(jsonb_agg(
            jsonb_build_array(st.kind, st.slug, coalesce(t.name, st.name)) ORDER BY n.place), '[]')
        FROM unnest(k.terms) WITH ORDINALITY AS n(position, place)
        JOIN stage_term AS st USING (position) LEFT JOIN articles_term AS t ON t.id = st.id)"""
    rows.append(f"('{TERMS}', {old_terms}, {new_terms}, p.kept && ARRAY['{TERMS}'])")
    return ",\n".join(rows)


# The before-image: fields that differ and are the delivery's to change. `held`: some are not.
COMPARE = f"""
UPDATE stage_plan AS plan SET before = compared.before, held = compared.held
FROM (
    SELECT p.ordinal,
           jsonb_object_agg(f.name, f.old) FILTER (WHERE NOT f.kept) AS before,
           coalesce(bool_or(f.kept), false) AS held
    FROM stage_plan AS p
    JOIN stage_article AS s USING (ordinal)
    JOIN stage_key AS k USING (ordinal)
    JOIN articles_article AS a ON a.id = p.article_id
    CROSS JOIN LATERAL (VALUES {_compared()}) AS f(name, old, new, kept)
    WHERE p.action = 'change' AND f.old IS DISTINCT FROM f.new
    GROUP BY p.ordinal
) AS compared
WHERE plan.ordinal = compared.ordinal
"""

KEEP_REVISIONS = """
INSERT INTO articles_articlerevision (article_id, version, origin, reason, before)
SELECT a.id, a.version, %(origin)s, '', p.before
FROM stage_plan AS p JOIN articles_article AS a ON a.id = p.article_id
WHERE p.before IS NOT NULL
"""


def _assignments() -> str:
    return ",\n".join(
        f"{column} = CASE WHEN {_unit_of(column)} THEN a.{column} ELSE s.{column} END"
        for column in CONTENT_COLUMNS
    )


UPDATE_ARTICLES = f"""
UPDATE articles_article AS a SET
{_assignments()},
updated_at = CASE WHEN s.updated_at > a.updated_at THEN s.updated_at ELSE now() END,
version = a.version + 1
FROM stage_plan AS p JOIN stage_article AS s USING (ordinal)
WHERE a.id = p.article_id AND p.before IS NOT NULL
"""

LINK_CREATED = """
INSERT INTO articles_articleterm (article_id, term_id, position, published_at)
SELECT p.article_id, t.id, n.place - 1, s.public_at
FROM stage_plan AS p
JOIN stage_key AS s USING (ordinal)
CROSS JOIN unnest(s.terms) WITH ORDINALITY AS n(position, place)
JOIN stage_term AS t ON t.position = n.position
WHERE p.action = 'create'
ORDER BY t.id -- neighbors in the index of a term's page: a tenth faster
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

# The first article to claim an old address keeps it.
KEEP_PATHS = """
INSERT INTO articles_legacypath (path, article_id)
SELECT DISTINCT ON (path) path, p.article_id
FROM stage_plan AS p JOIN stage_key AS s USING (ordinal), unnest(s.aliases) AS path
WHERE p.action <> 'touch' ORDER BY path, p.ordinal
ON CONFLICT (path) DO NOTHING
"""
START_VIEWS = """
INSERT INTO articles_viewcount (article_id, views)
SELECT p.article_id, s.view_count FROM stage_plan AS p JOIN stage_key AS s USING (ordinal)
WHERE p.action = 'create' AND s.view_count > 0
"""

INSERT_ITEMS = """
INSERT INTO imports_item (source_id, key, article_id, raw_hash, content_hash, shape_version,
                          written_version, created_run_id, updated_run_id)
SELECT %(source)s, s.key, p.article_id, s.raw_hash, s.content_hash, %(shape)s, 1, %(run)s, %(run)s
FROM stage_plan AS p JOIN stage_key AS s USING (ordinal)
WHERE p.action = 'create'
"""
UPDATE_ITEMS = """
UPDATE imports_item AS i SET
    raw_hash = s.raw_hash, content_hash = s.content_hash, shape_version = %(shape)s,
    written_version = a.version, updated_run_id = %(run)s
FROM stage_plan AS p
JOIN stage_key AS s USING (ordinal)
JOIN articles_article AS a ON a.id = p.article_id
WHERE i.id = p.item_id AND p.action <> 'create'
"""

COUNT = """
SELECT count(*) FILTER (WHERE action = 'create'),
       count(*) FILTER (WHERE before IS NOT NULL AND NOT held),
       count(*) FILTER (WHERE action <> 'create' AND before IS NULL AND NOT held),
       count(*) FILTER (WHERE held)
FROM stage_plan
"""

# The batch, its counters and its cursor are one COMMIT. It hits no row when another run went ahead.
ADVANCE = """
UPDATE imports_run SET
    batch = batch + 1, cursor = %(cursor)s,
    read = read + %(read)s, created = created + %(created)s, updated = updated + %(updated)s,
    unchanged = unchanged + %(unchanged)s, merged = merged + %(merged)s,
    duplicate = duplicate + %(duplicate)s, rejected = rejected + %(rejected)s
WHERE id = %(run)s AND batch = %(batch)s
"""

# One answer of ones and zeros; the hashes, 16 bytes each, come as one value: arrays of thousands of
# values cost more to send than to look up.
KNOWN = """
SELECT string_agg(CASE WHEN i.id IS NULL THEN '0' ELSE '1' END, '' ORDER BY place)
FROM unnest(%(keys)s::text[]) WITH ORDINALITY AS delivered(key, place)
LEFT JOIN imports_item AS i
    ON i.source_id = %(source)s AND i.key = delivered.key AND i.shape_version = %(shape)s
    AND i.raw_hash = substring(%(hashes)s::bytea FROM (place - 1)::int * 16 + 1 FOR 16)
"""
