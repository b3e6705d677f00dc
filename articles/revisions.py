"""What an article was: before-images as JSON, and the values of an earlier version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from articles.content import CONTENT_FIELDS, TERMS
from articles.linking import TermName, terms_of
from articles.models import Article, ArticleRevision


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an article: `version` is the one that it replaced, `before` what it replaced."""

    version: int
    origin: str
    reason: str
    made_at: datetime
    before: Mapping[str, Any]


def before_image(values: Mapping[str, Any], *, terms: Sequence[TermName] | None) -> dict[str, Any]:
    """`values` and, where given, `terms`, as a revision keeps them: moments and days in ISO 8601."""
    image = {name: _as_json(value) for name, value in values.items()}
    if terms is not None:
        image[TERMS] = [[term.kind, term.slug, term.name] for term in terms]
    return image


def changes_since(article_id: int, version: int) -> list[Change]:
    """The changes that replaced `version` and those after it, the newest first."""
    return _changes(ArticleRevision.objects.filter(article=article_id, version__gte=version))


def changes_before(article_id: int, version: int | None, *, limit: int) -> list[Change]:
    """At most `limit` changes older than the one that replaced `version` (None: any), the newest first."""
    revisions = ArticleRevision.objects.filter(article=article_id)
    return _changes(revisions if version is None else revisions.filter(version__lt=version), limit=limit)


def values_at(article: Article, version: int) -> dict[str, Any]:
    """The content fields, and under "terms" a list of TermName, that the article had at `version`."""
    values: dict[str, Any] = {name: getattr(article, name) for name in CONTENT_FIELDS}
    image: dict[str, Any] = {}
    # From the newest to the oldest: what stood at `version` has the last word.
    for change in changes_since(article.pk, version) if version < article.version else ():
        image.update(change.before)
    terms = image.pop(TERMS, None)
    values |= {name: Article._meta.get_field(name).to_python(value) for name, value in image.items()}
    values[TERMS] = terms_of(article.pk) if terms is None else [TermName(*row) for row in terms]
    return values


def _changes(revisions: QuerySet[ArticleRevision], *, limit: int | None = None) -> list[Change]:
    columns = ("version", "origin", "reason", "created_at", "before")
    return [Change(*row) for row in revisions.order_by("-version").values_list(*columns)[:limit]]


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
