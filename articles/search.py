"""What readers find by words. The cost of a search is bounded twice: by how many matches are weighed, and
by the statement timeout of the connection. `articles.indexing` makes the documents that are searched."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from html import escape, unescape
from operator import or_

from django.conf import settings
from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db import OperationalError, connection, transaction
from django.db.models import Case, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat, Left
from django.utils.safestring import SafeString, mark_safe
from psycopg.errors import QueryCanceled

from articles.listing import Card, card_of
from articles.models import Article, SearchDocument
from articles.querysets import ArticleQuerySet
from articles.search_languages import PLAIN, configurations

LONGEST_QUERY = 200

# PostgreSQL has to read a match to weigh it, so a word that stands in a million articles would cost a
# million reads. A thousand take about a tenth of a second from disk, and fill fifty pages.
MOST_MATCHES = 1_000

# The rest of a longer body is searched, yet not looked through for the passage to show.
_PASSAGE_CHARACTERS = 50_000

# Private use characters: no keyboard has them, and what is between them is escaped before they become
# tags, so that a body which holds them can at most mark a passage.
MARK, UNMARK = "\ue000", "\ue001"
_MARKED = re.compile(f"{MARK}([^{MARK}{UNMARK}]*){UNMARK}")


class SearchTooSlow(Exception):
    """PostgreSQL gave up after STATEMENT_TIMEOUT_MS."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Ids of what matches, the best first. `is_cut` tells that MOST_MATCHES were met and there are more."""

    ids: tuple[int, ...]
    is_cut: bool


def tidied(text: str) -> str:
    """A reader's words with single blanks, and without what PostgreSQL cannot be asked for."""
    return " ".join(text.replace("\0", " ").split())


def names_a_word(text: str) -> bool:
    """Whether anything is asked for, rather than only left out or nothing but signs."""
    wanted = re.sub(r'(?<!\S)-("[^"]*"?|\S+)', " ", text)
    return any(character.isalnum() for character in wanted)


def matches(text: str, *, now: datetime) -> Matches:
    """Raises SearchTooSlow. Ranks at most MOST_MATCHES documents, those that the index names first, and
    leaves out what is not indexable at `now`."""
    shown = Exists(Article.objects.indexable(now=now).filter(pk=OuterRef("pk")))
    rows = _documents(_query(text)).annotate(shown=shown).values_list("pk", "rank", "shown")
    found = _by_index(rows[: MOST_MATCHES + 1])
    ranked = sorted(((-rank, -pk) for pk, rank, is_shown in found[:MOST_MATCHES] if is_shown))
    return Matches(ids=tuple(-pk for _, pk in ranked), is_cut=len(found) > MOST_MATCHES)


def hits(ids: Sequence[int], *, text: str, now: datetime) -> list[Card]:
    """These articles in this order, with the words that were found marked. Raises SearchTooSlow."""
    rows = Article.objects.indexable(now=now).for_listing().filter(pk__in=ids)
    found = {article.pk: _hit(article) for article in _answered(_highlighted(rows, _query(text)))}
    return [found[pk] for pk in ids if pk in found]


def _hit(article: Article) -> Card:
    passage = marked(f"… {unescape(article.passage)} …") if MARK in article.passage else ""
    return replace(card_of(article), title=marked(article.marked_title), passage=passage)


def marked(text: str) -> SafeString:
    """Escaped, and only then with tags for the marks; a mark without its partner is left out."""
    html = _MARKED.sub(r"<mark>\1</mark>", escape(text, quote=False))
    return mark_safe(html.replace(MARK, "").replace(UNMARK, ""))  # noqa: S308 escaped in the line above


def _query(text: str) -> SearchQuery:
    """Matches a document in any language of the archive: each is stemmed by its own configuration."""
    names = [*configurations(settings.SEARCH_LANGUAGES).values(), PLAIN]
    return reduce(or_, (SearchQuery(text, config=name, search_type="websearch") for name in names))


def _documents(query: SearchQuery) -> QuerySet[SearchDocument]:
    # querytree() is what the index can look up. Without any, as in `word OR -other`, every document of
    # the archive would have to be read.
    lookup = Func(query, function="querytree", output_field=TextField())
    rank = SearchRank(F("vector"), query, normalization=Value(1))
    rows = SearchDocument.objects.annotate(lookup=lookup, rank=rank)
    return rows.filter(~Q(lookup__in=("", "T")), vector=query)


def _highlighted(rows: ArticleQuerySet, query: SearchQuery) -> ArticleQuerySet:
    marks = {"config": _configuration(), "start_sel": MARK, "stop_sel": UNMARK}
    html = Case(When(body_html="", then=F("body")), default=F("body_html"))
    text = Concat(F("summary"), Value(" "), Left(html, _PASSAGE_CHARACTERS), output_field=TextField())
    return rows.annotate(
        marked_title=SearchHeadline("title", query, highlight_all=True, **marks),
        passage=SearchHeadline(
            text, query, max_words=28, min_words=12, max_fragments=2, fragment_delimiter=" … ", **marks
        ),
    )


def _configuration() -> Case:
    """The configuration of an article's language, as its document was made by."""
    return Case(
        *(
            When(Q(language__iexact=language) | Q(language__istartswith=f"{language}-"), then=Value(name))
            for language, name in configurations(settings.SEARCH_LANGUAGES).items()
        ),
        default=Value(PLAIN),
    )


def _by_index(rows: QuerySet) -> list:
    # For a frequent word PostgreSQL would rather read the table from its beginning, hoping to meet enough
    # matches soon. Where one source came in before the other, it reads half of the archive first.
    # No savepoint: nothing is written that could be taken back.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        return _answered(rows)


def _answered(rows: QuerySet) -> list:
    try:
        return list(rows)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlow from error
        raise
