"""The words in which the rest of the project asks for articles and terms."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject

# What a list never shows; bodies alone are most of a row.
_HEAVY = (
    *("body", "body_html", "ai_outline", "checklist", "notes"),
    *("entities", "image_sources", "payload", "extra"),
)


class NewestFirstQuerySet(models.QuerySet):
    """Rows in the order of the archive, the newest first, sought by their key.

    A key is a moment and the id that parts rows of one moment. Both are compared as one row, which is an
    exact range of the index even where a delivery gave a million articles the same date."""

    key_fields = ("published_at", "id")

    def key_of(self, row: models.Model) -> tuple[datetime, int]:
        return attrgetter(*self.key_fields)(row)

    def newest_first(self) -> "NewestFirstQuerySet":
        return self.order_by(*(f"-{name}" for name in self.key_fields))

    def first_rows(self, *, limit: int) -> "NewestFirstQuerySet":
        return self.newest_first()[:limit]

    def following(self, key: Sequence[Any], *, limit: int) -> "NewestFirstQuerySet":
        """The next rows below `key` in the list: older ones, the newest first."""
        return self.filter(_compared(self.key_fields, "<", key)).newest_first()[:limit]

    def preceding(self, key: Sequence[Any], *, limit: int) -> "NewestFirstQuerySet":
        """The rows right above `key` in the list: newer ones, the nearest first."""
        return self.filter(_compared(self.key_fields, ">", key)).order_by(*self.key_fields)[:limit]


class ArticleQuerySet(NewestFirstQuerySet):
    def public(self, *, now: datetime) -> "ArticleQuerySet":
        """Published and due: what any reader may open."""
        return self.filter(status="published", published_at__lte=now)

    def indexable(self, *, now: datetime) -> "ArticleQuerySet":
        """Public, not waiting for review and not flagged: what indexes, feeds and search may name."""
        return self.public(now=now).filter(review_status__in=("", "reviewed"), needs_human_review=False)

    def scheduled(self, *, now: datetime) -> "ArticleQuerySet":
        """Published, but still to come."""
        return self.filter(status="published", published_at__gt=now)

    def published_between(self, start: datetime, end: datetime) -> "ArticleQuerySet":
        """From `start` up to, not including, `end`."""
        return self.filter(published_at__gte=start, published_at__lt=end)

    def for_listing(self) -> "ArticleQuerySet":
        """Without the columns that only an article's own page shows, and each with its topic's term as
        `topic`: a dict of slug and name, or None."""
        topic = (
            apps.get_model("articles", "ArticleTerm")
            .objects.filter(article=OuterRef("pk"), term__kind="topic")
            .order_by("position")
            .values(term_as_json=JSONObject(slug="term__slug", name="term__name"))
        )
        return self.defer(*_HEAVY).annotate(topic=Subquery(topic[:1]))

    def for_reading(self) -> "ArticleQuerySet":
        """With what an article's own page shows besides its columns and terms."""
        return self.select_related("view_count")


class ArticleTermQuerySet(NewestFirstQuerySet):
    key_fields = ("published_at", "article_id")

    def public(self, *, now: datetime) -> "ArticleTermQuerySet":
        return self.filter(published_at__lte=now)

    def scheduled(self, *, now: datetime) -> "ArticleTermQuerySet":
        return self.filter(published_at__gt=now)

    def in_order(self) -> "ArticleTermQuerySet":
        """The terms of one article as its author ordered them."""
        return self.select_related("term").order_by("position", "term_id")


class TermQuerySet(models.QuerySet):
    """Terms in the order of their lists, the most used first, sought by their key: a count and a slug."""

    def key_of(self, row: models.Model) -> tuple[int, str]:
        return row.article_count, row.slug

    def in_use(self) -> "TermQuerySet":
        """With articles that are public or scheduled: the kept count does not tell these apart."""
        return self.filter(article_count__gt=0)

    def with_public_articles(self, *, now: datetime) -> "TermQuerySet":
        """What readers may know of: one probe of articleterm_newest a row. The order of the list stays
        that of `article_count`, in which scheduled articles count already."""
        return self.in_use().filter(Exists(_links_of_term().public(now=now)))

    def counting_public(self, *, now: datetime) -> "TermQuerySet":
        """Each with its public articles as `public_count`, for what the scheduled ones of it cost."""
        scheduled = number_of(_links_of_term().scheduled(now=now), by="term")
        return self.annotate(public_count=F("article_count") - scheduled)

    def of_kind(self, kind: str) -> "TermQuerySet":
        return self.filter(kind=kind)

    def most_used_first(self) -> "TermQuerySet":
        return self.order_by("-article_count", "slug")

    def first_rows(self, *, limit: int) -> "TermQuerySet":
        return self.most_used_first()[:limit]

    # Counts fall and slugs rise along the list, so no comparison of rows fits. Two ranges of the index
    # do, each with its own limit: most terms of an archive are used once, and one condition over both
    # columns would read through all of those to find its place.

    def following(self, key: Sequence[Any], *, limit: int) -> "TermQuerySet":
        """The next terms below `key` in the list."""
        count, slug = key
        same = self.filter(article_count=count, slug__gt=slug).most_used_first()[:limit]
        fewer = self.filter(article_count__lt=count).most_used_first()[:limit]
        return same.union(fewer, all=True).most_used_first()[:limit]

    def preceding(self, key: Sequence[Any], *, limit: int) -> "TermQuerySet":
        """The terms right above `key` in the list, the nearest first."""
        count, slug = key
        upwards = ("article_count", "-slug")
        same = self.filter(article_count=count, slug__lt=slug).order_by(*upwards)[:limit]
        more = self.filter(article_count__gt=count).order_by(*upwards)[:limit]
        return same.union(more, all=True).order_by(*upwards)[:limit]


def number_of(rows: models.QuerySet, *, by: str) -> Coalesce:
    """How many `rows` there are, as a part of another query; `by` is a field that is the same in each."""
    counted = rows.order_by().values(by).annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def _links_of_term() -> ArticleTermQuerySet:
    return apps.get_model("articles", "ArticleTerm").objects.filter(term=OuterRef("pk"))


def _compared(fields: Sequence[str], operator: str, key: Sequence[Any]) -> Func:
    row = Func(*fields, template="ROW(%(expressions)s)")
    wanted = Func(*map(models.Value, key), template="ROW(%(expressions)s)")
    yes_or_no = models.BooleanField()
    return Func(row, wanted, template="%(expressions)s", arg_joiner=f" {operator} ", output_field=yes_or_no)
