"""Counts that pages show, the published_at and the references of ArticleTerm, the search queue, and what
deleted articles leave behind.

Statement-level triggers with transition tables: one set-based statement a change, however many
rows it touches. Rows that several writers meet are locked in the order of their keys."""

from django.db import migrations

_COUNT_MONTHS = """
CREATE FUNCTION articles_count_months(month date, change bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO articles_archivemonth AS kept (month, article_count)
    VALUES ($1, greatest($2, 0))
    ON CONFLICT (month) DO UPDATE SET article_count = kept.article_count + $2
$$;

CREATE FUNCTION articles_month_of(published_at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT date_trunc('month', published_at AT TIME ZONE 'UTC')::date
$$;
"""

_ARTICLE_INSERTED = """
CREATE FUNCTION articles_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM articles_count_months(months.month, months.change) FROM (
        SELECT articles_month_of(published_at) AS month, count(*) AS change
        FROM new_rows WHERE status = 'published' GROUP BY 1 ORDER BY 1
    ) AS months;
    INSERT INTO articles_searchpending (article_id) SELECT id FROM new_rows ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_inserted AFTER INSERT ON articles_article
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION articles_inserted();
"""

_ARTICLE_UPDATED = """
CREATE FUNCTION articles_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM articles_count_months(months.month, months.change) FROM (
        SELECT month, sum(change) AS change FROM (
            SELECT articles_month_of(published_at) AS month, 1 AS change
            FROM new_rows WHERE status = 'published'
            UNION ALL
            SELECT articles_month_of(published_at), -1 FROM old_rows WHERE status = 'published'
        ) AS changes GROUP BY 1 HAVING sum(change) <> 0 ORDER BY 1
    ) AS months;
    UPDATE articles_articleterm AS link
    SET published_at = CASE WHEN new_rows.status = 'published' THEN new_rows.published_at END
    FROM new_rows JOIN old_rows USING (id)
    WHERE link.article_id = new_rows.id
      AND (new_rows.status, new_rows.published_at) IS DISTINCT FROM (old_rows.status, old_rows.published_at);
    INSERT INTO articles_searchpending (article_id)
    SELECT id FROM new_rows JOIN old_rows USING (id) WHERE new_rows.version <> old_rows.version
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_updated AFTER UPDATE ON articles_article
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION articles_updated();
"""

_ARTICLE_DELETED = """
CREATE FUNCTION articles_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM articles_count_months(months.month, months.change) FROM (
        SELECT articles_month_of(published_at) AS month, -count(*) AS change
        FROM old_rows WHERE status = 'published' GROUP BY 1 ORDER BY 1
    ) AS months;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_deleted AFTER DELETE ON articles_article
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION articles_deleted();
"""

# A term's count, once an event: each sees the rows that it added and the rows that it took away.
_TERM_COUNTS = """
CREATE FUNCTION articles_terms_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    {check}
    UPDATE articles_term AS term SET article_count = term.article_count + locked.change
    FROM (
        SELECT id, changes.change
        FROM articles_term
        JOIN (
            SELECT term_id, sum(change) AS change FROM ({changes}) AS rows
            GROUP BY 1 HAVING sum(change) <> 0
        ) AS changes ON id = term_id
        ORDER BY id FOR NO KEY UPDATE OF articles_term
    ) AS locked
    WHERE term.id = locked.id;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_terms_{event} AFTER {event} ON articles_articleterm
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION articles_terms_{event}();
"""
_ADDED = "SELECT term_id, 1 AS change FROM new_rows WHERE published_at IS NOT NULL"
_TAKEN = "SELECT term_id, -1 AS change FROM old_rows WHERE published_at IS NOT NULL"

# The foreign keys of ArticleTerm. PostgreSQL checks its own row by row, which made a third of the
# time of a large import; these are checked once a statement, and lock what they found likewise.
_REFERENCES = """
    PERFORM id FROM articles_article
    WHERE id IN (SELECT article_id FROM new_rows) ORDER BY id FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found < (SELECT count(DISTINCT article_id) FROM new_rows) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an ArticleTerm names an article that does not exist';
    END IF;
    PERFORM id FROM articles_term WHERE id IN (SELECT term_id FROM new_rows) ORDER BY id FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found < (SELECT count(DISTINCT term_id) FROM new_rows) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an ArticleTerm names a term that does not exist';
    END IF;
"""
_CASCADE = """
CREATE FUNCTION articles_unlink_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM articles_articleterm WHERE {column} IN (SELECT id FROM old_rows);
    RETURN NULL;
END $$;
CREATE TRIGGER articles_unlink AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION articles_unlink_{column}();
"""

_FORGET_REFERENCES = """
CREATE FUNCTION articles_forget_references() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM articles_reference WHERE article_id IN (SELECT id FROM old_rows);
    UPDATE articles_reference SET target_id = NULL WHERE target_id IN (SELECT id FROM old_rows);
    RETURN NULL;
END $$;
CREATE TRIGGER articles_forget_references AFTER DELETE ON articles_article
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION articles_forget_references();
"""


def _term_counts(event: str, tables: str, *changes: str, check: str = "") -> str:
    rows = " UNION ALL ".join(changes)
    return _TERM_COUNTS.format(event=event, tables=tables, changes=rows, check=check)


_FORWARDS = [
    _COUNT_MONTHS,
    _ARTICLE_INSERTED,
    _ARTICLE_UPDATED,
    _ARTICLE_DELETED,
    _term_counts("insert", "NEW TABLE AS new_rows", _ADDED, check=_REFERENCES),
    _term_counts("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows", _ADDED, _TAKEN, check=_REFERENCES),
    _term_counts("delete", "OLD TABLE AS old_rows", _TAKEN),
    _CASCADE.format(column="article_id", table="articles_article"),
    _CASCADE.format(column="term_id", table="articles_term"),
    _FORGET_REFERENCES,
]

_BACKWARDS = """
DROP TRIGGER articles_inserted ON articles_article;
DROP TRIGGER articles_updated ON articles_article;
DROP TRIGGER articles_deleted ON articles_article;
DROP TRIGGER articles_unlink ON articles_article;
DROP TRIGGER articles_forget_references ON articles_article;
DROP TRIGGER articles_unlink ON articles_term;
DROP TRIGGER articles_terms_insert ON articles_articleterm;
DROP TRIGGER articles_terms_update ON articles_articleterm;
DROP TRIGGER articles_terms_delete ON articles_articleterm;
DROP FUNCTION articles_inserted, articles_updated, articles_deleted,
    articles_terms_insert, articles_terms_update, articles_terms_delete,
    articles_unlink_article_id, articles_unlink_term_id, articles_forget_references,
    articles_count_months(date, bigint), articles_month_of(timestamptz);
"""


# Nobody plans a query by what bodies hold; sampling them made ANALYZE slow, and put their text into
# PostgreSQL's statistics.
_HEAVY = ("body", "body_html", "summary", "ai_brief", "ai_outline", "checklist", "notes", "entities",
          "image_sources", "payload", "extra")  # fmt: skip
_NO_STATISTICS = "ALTER TABLE articles_article " + ", ".join(
    f"ALTER COLUMN {column} SET STATISTICS 0" for column in _HEAVY
)
_STATISTICS = _NO_STATISTICS.replace("STATISTICS 0", "STATISTICS DEFAULT")


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]

    operations = [
        migrations.RunSQL(sql="\n".join(_FORWARDS), reverse_sql=_BACKWARDS),
        migrations.RunSQL(sql=_NO_STATISTICS, reverse_sql=_STATISTICS),
    ]
