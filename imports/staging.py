"""The SQL with which a batch becomes articles. Everything is set-based: a batch of one thousand costs
as many statements as a batch of one. Values come as parameters; the column lists are constants."""

# ruff: noqa: S608 - only constants of this project are joined into statements

from imports.shaping import ARTICLE_COLUMNS, KEY_COLUMNS

_ARTICLE = ", ".join(ARTICLE_COLUMNS)

COPY_KEYS = f"COPY stage_key ({', '.join(KEY_COLUMNS)}) FROM STDIN"
COPY_TERMS = "COPY stage_term (position, kind, slug, name) FROM STDIN"
# What is new goes straight to its table, what differs beside it: no body is written twice.
COPY_CREATED = f"COPY articles_article (id, {_ARTICLE}) FROM STDIN"
COPY_CHANGED = f"COPY stage_article (ordinal, {_ARTICLE}) FROM STDIN"
COPY_REFERENCES = "COPY stage_reference (ordinal, kind, address) FROM STDIN"
COPY_ATTACHMENTS = "COPY stage_attachment (key, url) FROM STDIN"
COPY_REJECTS = """
COPY imports_reject (run_id, ordinal, member, line, key, code, message, raw, raw_bytes) FROM STDIN
"""

# Once a connection. Temporary tables: no WAL, gone with the session, never shared with another run.
CREATE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS stage_key (
    ordinal bigint, key varchar, raw_hash bytea, content_hash bytea, fingerprint bytea, terms int[],
    aliases varchar[], view_count bigint, public_at timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_term (
    position int, kind varchar, slug varchar, name varchar, id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_plan (
    ordinal bigint, action text, item_id bigint, article_id bigint,
    base jsonb, before jsonb, held jsonb, taken text[] NOT NULL DEFAULT '{{}}', conflicts jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_rename (item_id bigint, key varchar) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_reference (
    ordinal bigint, kind varchar, address varchar
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_attachment (
    place bigint GENERATED ALWAYS AS IDENTITY, key varchar, url varchar
) ON COMMIT DELETE ROWS;
-- These two outlive a batch: each takes from what vanished what it finds again under a new key.
CREATE TEMPORARY TABLE IF NOT EXISTS delivered_key (key varchar);
CREATE TEMPORARY TABLE IF NOT EXISTS vanished (
    item_id bigint PRIMARY KEY, article_id bigint, fingerprint bytea
);
CREATE INDEX IF NOT EXISTS vanished_fingerprint ON vanished (fingerprint);
CREATE INDEX IF NOT EXISTS vanished_article ON vanished (article_id);
CREATE TEMPORARY TABLE IF NOT EXISTS stage_article ON COMMIT DELETE ROWS AS
    SELECT 0::bigint AS ordinal, {_ARTICLE} FROM articles_article WITH NO DATA;
"""

FORGET_VANISHED = "TRUNCATE delivered_key, vanished"

# Two runs that make the same term meet at the unique constraint.
MAKE_TERMS = """
INSERT INTO articles_term (kind, slug, name)
SELECT kind, slug, name FROM stage_term AS s
WHERE NOT EXISTS (SELECT FROM articles_term AS t WHERE t.kind = s.kind AND t.slug = s.slug)
ORDER BY kind, slug
ON CONFLICT (kind, slug) DO NOTHING
"""
FIND_TERMS = """
UPDATE stage_term AS s SET id = t.id FROM articles_term AS t
WHERE s.id IS NULL AND t.kind = s.kind AND t.slug = s.slug
"""

# Of the articles whose key vanished (imports.moved), those that came back under a new one: known by an
# old address before by their text. An item takes one new key, and a key one item.
FIND_RENAMED = """
WITH candidate AS (
    SELECT found.item_id, s.key, s.ordinal, found.rank
    FROM stage_key AS s CROSS JOIN LATERAL (
        SELECT v.item_id, 1 AS rank FROM unnest(s.aliases) AS alias
        JOIN articles_legacypath AS p ON p.path = alias JOIN vanished AS v ON v.article_id = p.article_id
        UNION ALL
        SELECT v.item_id, 2 FROM vanished AS v WHERE v.fingerprint = s.fingerprint
    ) AS found
    WHERE NOT EXISTS (SELECT FROM imports_item AS i WHERE i.source_id = %(source)s AND i.key = s.key)
), of_key AS (
    SELECT DISTINCT ON (key) * FROM candidate ORDER BY key, rank, item_id
)
INSERT INTO stage_rename (item_id, key)
SELECT DISTINCT ON (item_id) item_id, key FROM of_key ORDER BY item_id, rank, ordinal
"""
FORGET_RENAMED = "DELETE FROM vanished AS v USING stage_rename AS r WHERE v.item_id = r.item_id"

# `create`: the key is new. `touch`: delivered in other bytes, but the same article. `change`: differs.
# A LIMIT inside LATERAL keeps both lookups on their index, one a record: a first import outgrows the
# statistics, and a plan made by those would read all items of the source for each batch.
PLAN = """
INSERT INTO stage_plan (ordinal, action, item_id, article_id)
SELECT s.ordinal,
       CASE WHEN i.id IS NULL THEN 'create'
            WHEN i.content_hash = s.content_hash THEN 'touch'
            ELSE 'change' END,
       i.id,
       CASE WHEN i.id IS NOT NULL THEN i.article_id
            WHEN NOT %(dry_run)s THEN nextval(pg_get_serial_sequence('articles_article', 'id')) END
FROM (
    SELECT k.ordinal, k.content_hash, coalesce(same.id, r.item_id) AS item_id
    FROM stage_key AS k
    LEFT JOIN stage_rename AS r ON r.key = k.key
    LEFT JOIN LATERAL (
        SELECT id FROM imports_item WHERE source_id = %(source)s AND key = k.key LIMIT 1
    ) AS same ON true
    ORDER BY k.ordinal
) AS s
LEFT JOIN LATERAL (SELECT * FROM imports_item WHERE id = s.item_id LIMIT 1) AS i ON true
"""
FIND_TARGETS = "SELECT ordinal, action, article_id FROM stage_plan WHERE action <> 'touch'"

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
# The first article to claim an old address keeps it, until it is withdrawn.
KEEP_PATHS = """
INSERT INTO articles_legacypath AS kept (path, article_id)
SELECT DISTINCT ON (path) path, p.article_id
FROM stage_plan AS p JOIN stage_key AS s USING (ordinal), unnest(s.aliases) AS path
WHERE p.action <> 'touch' ORDER BY path, p.ordinal
ON CONFLICT (path) DO UPDATE SET article_id = excluded.article_id
WHERE kept.article_id <> excluded.article_id
  AND (SELECT status FROM articles_article WHERE id = kept.article_id) = 'withdrawn'
  AND (SELECT status FROM articles_article WHERE id = excluded.article_id) <> 'withdrawn'
"""
START_VIEWS = """
INSERT INTO articles_viewcount (article_id, views)
SELECT p.article_id, s.view_count FROM stage_plan AS p JOIN stage_key AS s USING (ordinal)
WHERE p.action = 'create' AND s.view_count > 0
"""

INSERT_ITEMS = """
INSERT INTO imports_item (source_id, key, article_id, raw_hash, content_hash, fingerprint, shape_version,
                          written_version, created_run_id, updated_run_id)
SELECT %(source)s, s.key, p.article_id, s.raw_hash, s.content_hash, s.fingerprint, %(shape)s,
       1, %(run)s, %(run)s
FROM stage_plan AS p JOIN stage_key AS s USING (ordinal)
WHERE p.action = 'create'
"""
# For an undo: what the revisions of an article do not tell. The first word of a run on an item stands, and
# that a run had one, for an undo of those before it.
KEEP_ITEMS = """
INSERT INTO imports_itembefore (run_id, item_id, key, base)
SELECT %(run)s, i.id, i.key, CASE WHEN p.action = 'change' THEN p.base ELSE i.held END
FROM stage_plan AS p JOIN stage_key AS s USING (ordinal) JOIN imports_item AS i ON i.id = p.item_id
WHERE p.base IS NOT NULL OR i.key <> s.key
   OR EXISTS (SELECT FROM imports_itembefore AS earlier WHERE earlier.item_id = i.id)
ON CONFLICT (run_id, item_id) DO NOTHING
"""
# Only what was compared has a new base; what came in other bytes, but as the same article, has the old.
UPDATE_ITEMS = """
UPDATE imports_item AS i SET
    key = s.key, raw_hash = s.raw_hash, content_hash = s.content_hash, fingerprint = s.fingerprint,
    shape_version = %(shape)s, updated_run_id = %(run)s,
    written_version = CASE WHEN p.action = 'change' THEN a.version ELSE i.written_version END,
    held = CASE WHEN p.action = 'change' THEN p.held ELSE i.held END
FROM stage_plan AS p
JOIN stage_key AS s USING (ordinal)
JOIN articles_article AS a ON a.id = p.article_id
WHERE i.id = p.item_id AND p.action <> 'create'
"""

KEEP_ATTACHMENTS = """
INSERT INTO imports_attachment (source_id, key, url)
SELECT DISTINCT ON (key) %(source)s, key, url FROM stage_attachment ORDER BY key, place DESC
ON CONFLICT (source_id, key) DO UPDATE SET url = excluded.url
WHERE imports_attachment.url <> excluded.url
"""

COUNT = """
SELECT count(*) FILTER (WHERE action = 'create'),
       count(*) FILTER (WHERE before IS NOT NULL AND held IS NULL AND conflicts IS NULL),
       count(*) FILTER (WHERE action <> 'create' AND before IS NULL AND held IS NULL),
       count(*) FILTER (WHERE held IS NOT NULL OR conflicts IS NOT NULL),
       coalesce(sum(jsonb_array_length(conflicts)) FILTER (WHERE %(conflict_state)s = 'open'), 0),
       (SELECT count(*) FROM stage_rename)
FROM stage_plan
"""

# What comes in now says what earlier deliveries should have said: a retry of their broken records would
# put old text over it. A retry is as old as the run whose rejects it tries. ORDER BY and OFFSET keep the
# lookups on the index of open rejects, and length() the UPDATE off it, whatever the statistics say.
FIND_REJECTING = """
SELECT coalesce(array_agg(e.id), '{}')
FROM imports_run AS e CROSS JOIN LATERAL (
    SELECT FROM imports_reject WHERE run_id = e.id AND closed_by = '' ORDER BY key LIMIT 1
) AS is_open
WHERE e.source_id = %(source)s AND e.id < %(as_old_as)s AND e.rejected > 0
"""
CLOSE_REJECTS = """
UPDATE imports_reject SET closed_by = %(origin)s WHERE length(closed_by) = 0 AND id = ANY (ARRAY(
    SELECT r.id FROM stage_key AS s CROSS JOIN unnest(%(rejecting)s) AS e(id) CROSS JOIN LATERAL (
        SELECT id FROM imports_reject WHERE run_id = e.id AND key = s.key AND closed_by = '' OFFSET 0
    ) AS r
))
"""

# The batch, its counters and its cursor are one COMMIT. It hits no row when another run went ahead.
ADVANCE = """
UPDATE imports_run SET
    batch = batch + 1, cursor = %(cursor)s,
    read = read + %(read)s, created = created + %(created)s, updated = updated + %(updated)s,
    unchanged = unchanged + %(unchanged)s, merged = merged + %(merged)s,
    duplicate = duplicate + %(duplicate)s, rejected = rejected + %(rejected)s,
    conflicts = conflicts + %(conflicts)s, renamed = renamed + %(renamed)s,
    lease_until = clock_timestamp() + %(lease)s
WHERE id = %(run)s AND batch = %(batch)s AND token = %(token)s
"""

# One answer with a digit a key: 2 for a new key, 1 for a known record, 0 for a known key with another
# record. The hashes, 16 bytes each, come as one value: arrays of thousands of values cost more to send
# than to look up.
KNOWN = """
SELECT string_agg(CASE WHEN i.id IS NULL THEN '2'
                       WHEN i.shape_version = %(shape)s
                        AND i.raw_hash = substring(%(hashes)s::bytea FROM (place - 1)::int * 16 + 1 FOR 16)
                       THEN '1' ELSE '0' END, '' ORDER BY place)
FROM unnest(%(keys)s::text[]) WITH ORDINALITY AS delivered(key, place)
LEFT JOIN imports_item AS i ON i.source_id = %(source)s AND i.key = delivered.key
"""
