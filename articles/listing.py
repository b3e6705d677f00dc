"""Lists of articles and terms as pages show them: which rows, in which order, how many at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Case, F, QuerySet, When

from articles.models import ArchiveMonth, Article, ArticleTerm, Term
from articles.paging import COUNTS, MOMENTS, Page, page_at, position_in
from articles.querysets import ArticleQuerySet, number_of
from articles.visibility import awaits_review

TERMS_ON_A_PAGE = 100
NEWEST_OF_A_YEAR = 10


@dataclass(frozen=True, slots=True)
class Card:
    """An article of a list. A search puts its marks around words of the title, and a passage in the
    place of the summary; both are escaped HTML then."""

    article: Article
    awaits_review: bool
    title: str
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A month, by its first day, and how many public articles it holds."""

    month: date
    article_count: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year that holds public articles, and its months that do, the newest first."""

    number: int
    article_count: int
    months: tuple[Month, ...]

    @property
    def label(self) -> str:
        return f"{self.number:04}"


@dataclass(frozen=True, slots=True)
class MonthShelf:
    """A month that holds public articles, and the nearest others that do."""

    article_count: int
    earlier: date | None
    later: date | None


def card_of(article: Article) -> Card:
    return Card(article=article, awaits_review=awaits_review(article), title=article.title)


def newest(query: Mapping[str, Any], *, now: datetime) -> Page:
    """All public articles, a page of cards. What the query says of the place may raise BadCursor or
    TopOfList, here and below."""
    return _articles(Article.objects.public(now=now), query)


def of_month(month: date, query: Mapping[str, Any], *, now: datetime) -> Page:
    start, end = _moment(month), _moment(_month_after(month))
    return _articles(Article.objects.public(now=now).published_between(start, end), query)


def newest_of_year(year: int, *, now: datetime) -> list[Card]:
    start, end = datetime(year, 1, 1, tzinfo=UTC), _moment(_month_after(date(year, 12, 1)))
    rows = Article.objects.public(now=now).published_between(start, end).for_listing()
    return [card_of(article) for article in rows.first_rows(limit=NEWEST_OF_A_YEAR)]


def of_term(term: Term, query: Mapping[str, Any], *, now: datetime) -> Page:
    """Two steps: the term's range of the index, then those articles by their ids."""
    links = ArticleTerm.objects.filter(term=term).public(now=now)
    page = page_at(position_in(query, cursor=MOMENTS), rows=links, size=settings.PAGE_SIZE, cursor=MOMENTS)
    ids = [link.article_id for link in page.rows]
    found = Article.objects.public(now=now).for_listing().in_bulk(ids)
    return replace(page, rows=[card_of(found[pk]) for pk in ids if pk in found])


def terms_of_kind(kind: str, query: Mapping[str, Any], *, now: datetime) -> Page:
    """Terms with public articles. Their counts are the kept ones, which hold scheduled articles too."""
    rows = Term.objects.of_kind(kind).with_public_articles(now=now)
    return page_at(position_in(query, cursor=COUNTS), rows=rows, size=TERMS_ON_A_PAGE, cursor=COUNTS)


def years(*, now: datetime) -> list[Year]:
    """The newest first, each with its months that hold public articles."""
    months = _held(_shelves(now=now).order_by("-month"))
    grouped = groupby(months, key=lambda month: month.month.year)
    return [_year(number, tuple(months)) for number, months in grouped]


def year(number: int, *, now: datetime) -> Year | None:
    """None for a year without public articles."""
    rows = _shelves(now=now).filter(month__range=(date(number, 1, 1), date(number, 12, 1)))
    found = tuple(_held(rows.order_by("-month")))
    return _year(number, found) if found else None


def shelf(month: date, *, now: datetime) -> MonthShelf | None:
    """None for a month without public articles. One query, two short ranges of the primary key."""
    rows = _shelves(now=now)
    earlier = rows.filter(month__lt=month).order_by("-month")[:1]
    here_and_later = rows.filter(month__gte=month).order_by("month")[:2]
    held = _held(earlier.union(here_and_later, all=True))
    counts = {found.month: found.article_count for found in held}
    if month not in counts:
        return None
    return MonthShelf(
        article_count=counts[month],
        earlier=next((other for other in counts if other < month), None),
        later=next((other for other in counts if other > month), None),
    )


def _shelves(*, now: datetime) -> QuerySet[ArchiveMonth]:
    """Pairs of a month and its number of public articles, which may be 0 in the month of `now` alone.

    The kept counts hold scheduled articles. Months to come are left out as a whole; in the month of `now`
    they are taken off, and PostgreSQL counts them only where that month is among the rows."""
    this_month = now.date().replace(day=1)
    rest_of_month = Article.objects.scheduled(now=now).filter(
        published_at__lt=_moment(_month_after(this_month))
    )
    scheduled = Case(When(month=this_month, then=number_of(rest_of_month, by="status")), default=0)
    rows = ArchiveMonth.objects.filter(article_count__gt=0, month__lte=this_month)
    return rows.values_list("month", F("article_count") - scheduled)


def _held(rows: Iterable[tuple[date, int]]) -> Iterator[Month]:
    return (Month(month, count) for month, count in rows if count > 0)


def _articles(rows: ArticleQuerySet, query: Mapping[str, Any]) -> Page:
    position = position_in(query, cursor=MOMENTS)
    page = page_at(position, rows=rows.for_listing(), size=settings.PAGE_SIZE, cursor=MOMENTS)
    return replace(page, rows=[card_of(article) for article in page.rows])


def _year(number: int, months: tuple[Month, ...]) -> Year:
    return Year(number, sum(month.article_count for month in months), months)


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, 1, tzinfo=UTC)


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
