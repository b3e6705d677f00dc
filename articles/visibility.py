"""Who sees an article where: one table, and one test that walks it with real articles.

The words `public` and `indexable` of ArticleQuerySet say the same to the database."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from http import HTTPStatus

from articles.models import Article, ReviewStatus, Status

AWAITING_REVIEW = (ReviewStatus.NEEDS_REVIEW, ReviewStatus.DRAFT)


class State(Enum):
    DRAFT = "draft"
    IN_REVIEW = "in review"
    SCHEDULED = "published, its moment is to come"
    WITHDRAWN = "withdrawn"
    UNREVIEWED = "public, awaiting review"
    INDEXABLE = "public and reviewed, or from a source that keeps no review record"


@dataclass(frozen=True, slots=True)
class Visibility:
    """`page` is the status of the article's own page, `robots` its X-Robots-Tag."""

    page: HTTPStatus
    robots: str
    lists: bool
    search: bool
    api: bool


_HIDDEN = Visibility(page=HTTPStatus.NOT_FOUND, robots="", lists=False, search=False, api=False)
_GONE = Visibility(page=HTTPStatus.GONE, robots="noindex", lists=False, search=False, api=False)
# Readers may have it, under a plain notice; machines that would pass it on may not.
_QUIET = Visibility(page=HTTPStatus.OK, robots="noindex", lists=True, search=False, api=True)
_SHOWN = Visibility(page=HTTPStatus.OK, robots="", lists=True, search=True, api=True)

TABLE: dict[State, Visibility] = {
    State.DRAFT: _HIDDEN,
    State.IN_REVIEW: _HIDDEN,
    State.SCHEDULED: _HIDDEN,
    State.WITHDRAWN: _GONE,
    State.UNREVIEWED: _QUIET,
    State.INDEXABLE: _SHOWN,
}

_UNPUBLISHED = {
    Status.DRAFT: State.DRAFT,
    Status.IN_REVIEW: State.IN_REVIEW,
    Status.WITHDRAWN: State.WITHDRAWN,
}


def state_of(article: Article, *, now: datetime) -> State:
    if article.status != Status.PUBLISHED:
        return _UNPUBLISHED[article.status]
    if article.published_at > now:
        return State.SCHEDULED
    return State.UNREVIEWED if awaits_review(article) else State.INDEXABLE


def awaits_review(article: Article) -> bool:
    """Whether an article, once public, still waits for a person to look at it."""
    return article.needs_human_review or article.review_status in AWAITING_REVIEW


def visibility_of(article: Article, *, now: datetime) -> Visibility:
    return TABLE[state_of(article, now=now)]
