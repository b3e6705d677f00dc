"""Keeps the search documents in step with the articles. What has to be made anew stands in
SearchPending, written by triggers; whoever drains it takes entries that nobody else has taken."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connection

from articles.search_languages import PLAIN, configurations

_CHUNK = 250
# A vector holds 1 MiB at most, with all that is joined to it (miniflux#871). A character takes four
# bytes at most, so these fit together in any alphabet, the positions of their words included.
_MOST_NAMES, _MOST_SUMMARY, _MOST_BODY = 30_000, 40_000, 120_000

_PENDING = """
    DELETE FROM articles_searchpending WHERE article_id IN (
        SELECT article_id FROM articles_searchpending ORDER BY article_id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING article_id
"""
_NAMED = """
    SELECT article_id FROM unnest(%s::bigint[]) AS named(article_id)
"""
# HTML goes in as it is: PostgreSQL's parser knows tags and entities, and indexes neither.
_INDEX = """
WITH taken AS ({taken})
INSERT INTO articles_searchdocument (article_id, is_cut, vector)
SELECT a.id,
       {names_cut} OR {summary_cut} OR {body_cut},
       setweight(to_tsvector(c.configuration, a.title), 'A')
    || setweight(to_tsvector(c.configuration, left({names}, {most_names})), 'B')
    || setweight(to_tsvector(c.configuration, left({summary}, {most_summary})), 'C')
    || setweight(to_tsvector(c.configuration, left({body}, {most_body})), 'D')
FROM taken
JOIN articles_article AS a ON a.id = taken.article_id
CROSS JOIN LATERAL (SELECT ({configuration})::regconfig AS configuration) AS c
CROSS JOIN LATERAL (
    SELECT string_agg(t.name, ' ' ORDER BY l.position) AS names
    FROM articles_articleterm AS l JOIN articles_term AS t ON t.id = l.term_id WHERE l.article_id = a.id
) AS terms
ON CONFLICT (article_id) DO UPDATE SET vector = excluded.vector, is_cut = excluded.is_cut
"""
_TEXTS = {
    "names": ("coalesce(terms.names, '')", _MOST_NAMES),
    "summary": ("(a.summary || ' ' || a.ai_brief)", _MOST_SUMMARY),
    "body": ("coalesce(nullif(a.body_html, ''), a.body)", _MOST_BODY),
}


def index_articles(ids: Sequence[int]) -> int:
    """Makes the search documents of these articles now, in the caller's transaction. Returns how many."""
    with connection.cursor() as cursor:
        # In the order of those who drain the queue: one that has taken an article would wait for its search
        # document, and this one for the entry in the queue.
        cursor.execute("DELETE FROM articles_searchpending WHERE article_id = ANY (%s)", [list(ids)])
        cursor.execute(_statement(_NAMED), [list(ids)])
        return cursor.rowcount


def index_pending(*, threads: int = 1, advance: Callable[[int], None] = lambda count: None) -> int:
    """Drains SearchPending, in small transactions of its own, on so many connections. Returns how
    many articles were indexed. Can be killed and run again at any time, and by several at once."""
    if threads == 1:
        return _drain(advance)
    with ThreadPoolExecutor(threads, thread_name_prefix="index") as pool:
        return sum(pool.map(_drain_on_thread, [advance] * threads))


def _drain_on_thread(advance: Callable[[int], None]) -> int:
    try:
        return _drain(advance)
    finally:
        connection.close()


def _drain(advance: Callable[[int], None]) -> int:
    total = 0
    statement = _statement(_PENDING)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [_CHUNK])
            if not cursor.rowcount:
                return total
            total += cursor.rowcount
            advance(cursor.rowcount)


def _statement(taken: str) -> str:
    cases = "".join(
        f" WHEN '{language}' THEN '{configuration}'"
        for language, configuration in configurations(settings.SEARCH_LANGUAGES).items()
    )
    plain = f"'{PLAIN}'"
    configuration = f"CASE split_part(lower(a.language), '-', 1){cases} ELSE {plain} END" if cases else plain
    return _INDEX.format(
        taken=taken,
        configuration=configuration,
        **{name: text for name, (text, _) in _TEXTS.items()},
        **{f"most_{name}": most for name, (_, most) in _TEXTS.items()},
        **{f"{name}_cut": _is_longer(text, most) for name, (text, most) in _TEXTS.items()},
    )


def _is_longer(text: str, most: int) -> str:
    # Bytes are known without unpacking the text, and few texts have so many.
    return f"(octet_length({text}) > {most} AND char_length({text}) > {most})"
