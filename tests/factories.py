"""Articles and terms for tests. Rows go in by the ORM; the triggers keep what hangs on them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from articles.models import Article, ArticleTerm, Status, Term

PUBLISHED_AT = datetime(2024, 3, 5, 10, 30, tzinfo=UTC)


def make_article(*, terms: Iterable[Term] = (), **fields: Any) -> Article:
    """A public, indexable article unless `fields` say otherwise, with these terms in their order."""
    values = {
        "status": Status.PUBLISHED,
        "title": "Slow queries",
        "slug": "slow-queries",
        "published_at": PUBLISHED_AT,
        "updated_at": PUBLISHED_AT,
        "body": "<p>Measure first.</p>",
        **fields,
    }
    article = Article.objects.create(**values)
    for position, term in enumerate(terms):
        link(article, term, position=position)
    return article


def make_term(*, kind: str = "tag", slug: str = "django", name: str = "Django") -> Term:
    return Term.objects.create(kind=kind, slug=slug, name=name)


def link(article: Article, term: Term, *, position: int = 0) -> ArticleTerm:
    published_at = article.published_at if article.status == Status.PUBLISHED else None
    return ArticleTerm.objects.create(
        article=article, term=term, position=position, published_at=published_at
    )
