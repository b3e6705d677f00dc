"""All that an import writes, told by the keys of the source: ids differ from one run to the next, because a
sequence takes back nothing; and so do times. A run's own number differs only where other runs went before."""

from django.apps import apps
from django.db import connection
from django.db.models import AutoField

# What a row is called instead of the ids in it.
_ARTICLE = (
    "(SELECT string_agg(i.source_id || ' ' || i.key, ' ') FROM imports_item AS i WHERE i.article_id = {})"
)
_OF = _ARTICLE.format("t.article_id")
_TERM = "(SELECT jsonb_build_array(o.kind, o.slug) FROM articles_term AS o WHERE o.id = t.term_id)"
_ITEM = "(SELECT i.source_id || ' ' || i.key FROM imports_item AS i WHERE i.id = t.item_id)"
_FILE = "(SELECT m.url FROM articles_mediafile AS m WHERE m.id = t.media_id)"
# Where a run's input lay, how often and how fast it went, and who was at it.
_OF_THE_WAY = (
    "input_name, resumed, batch, token, holder, lease_until, stage_done, stage_total, stage_seconds, "
    "started_at, readable_at, finished_at, peak_memory"
)
# By table: the columns that are left out, and what is put beside the others.
_TABLES = {
    "articles_article": (
        "id, updated_at, created_at, successor_id",
        f"{_ARTICLE.format('t.id')}, {_ARTICLE.format('t.successor_id')}",
    ),
    "articles_articlerevision": ("id, article_id, created_at", _OF),
    "articles_articleterm": ("article_id, term_id", f"{_OF}, {_TERM}"),
    "articles_term": ("id", "''"),
    "articles_archivemonth": ("", "''"),
    "articles_legacypath": ("article_id", _OF),
    "articles_viewcount": ("article_id", _OF),
    "articles_searchdocument": ("article_id", _OF),
    "articles_searchpending": ("article_id", _OF),
    "articles_reference": (
        "article_id, target_id, media_id",
        f"{_OF}, {_ARTICLE.format('t.target_id')}, {_FILE}",
    ),
    "articles_mediafile": ("id, next_try_at", "''"),
    "imports_source": ("created_at", "''"),
    "imports_run": (_OF_THE_WAY, "''"),
    "imports_item": ("id, article_id", _OF),
    "imports_itembefore": ("item_id", _ITEM),
    "imports_reject": ("id", "''"),
    "imports_conflict": ("id, item_id, decided_at", _ITEM),
    "imports_attachment": ("id", "''"),
}


def written(*, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Each row of each table, in an order that is always the same; `but` names tables to leave out."""
    assert _TABLES.keys() == {model._meta.db_table for model in _models()}
    return {table: _rows(table) for table in _TABLES if table not in but}


def _rows(table: str) -> list[str]:
    left_out, beside = _TABLES[table]
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT jsonb_build_array({beside}, to_jsonb(t) - %s::text[])::text COLLATE "C" '  # noqa: S608
            f"FROM {table} AS t ORDER BY 1",
            [f"{{{left_out}}}"],
        )
        return [row for (row,) in cursor.fetchall()]


def _models() -> list:
    return [model for app in ("articles", "imports") for model in apps.get_app_config(app).get_models()]


def behind() -> list[str]:
    """Tables whose next row would meet the id of one that is there."""
    counted = [model._meta for model in _models() if isinstance(model._meta.pk, AutoField)]
    assert counted
    with connection.cursor() as cursor:
        return [meta.db_table for meta in counted if _is_behind(cursor, meta.db_table)]


def _is_behind(cursor: object, table: str) -> bool:
    cursor.execute(
        f"SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('{table}', 'id')::regclass), 0) "  # noqa: S608
        f"< coalesce((SELECT max(id) FROM {table}), 0)"
    )
    return cursor.fetchone()[0]
