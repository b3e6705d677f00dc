"""The one way in which a person or a program changes a single article.

Each change is a compare-and-swap on the article's version; what it replaces becomes a revision, and the
search document is made in the same transaction. Imports follow the same rules in sets of rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from articles.content import CONTENT_FIELDS
from articles.density import BodyTooDense
from articles.indexing import index_articles
from articles.linking import TermName, implied_terms, link_terms, terms_of, without_repeats
from articles.models import Article, ArticleRevision, BodyFormat, Status
from articles.rendering import reading_minutes, render_body
from articles.revisions import before_image
from articles.term_slugs import slug_of

# `body_html` is made of `body`, so nobody sets it.
_EDITABLE = frozenset(CONTENT_FIELDS) - {"body_html"}

_LONGEST_REASON = ArticleRevision._meta.get_field("reason").max_length


class StaleArticle(Exception):
    """Somebody else changed the article since the caller read it; nothing was written."""

    def __init__(self, article_id: int, *, expected_version: int, current_version: int) -> None:
        super().__init__(
            f"Article {article_id} is at version {current_version}, no longer at {expected_version}: "
            "read it again and repeat the change."
        )
        self.article_id = article_id
        self.expected_version = expected_version
        self.current_version = current_version


def change_article(
    article_id: int,
    *,
    expected_version: int,
    changes: Mapping[str, Any],
    terms: Sequence[TermName] | None = None,
    origin: str,
    reason: str,
    now: datetime,
) -> Article:
    """Changes the article and returns it as it is then. Writes nothing where nothing would change.

    `changes` has names of CONTENT_FIELDS, but for `body_html`; `terms` of None leaves the terms alone,
    apart from those that `topic_path` and `entities` name. What follows from a change is made: the
    rendering, the reading time, an empty slug, the date of a publication, the end of a withdrawal.

    Raises StaleArticle, Article.DoesNotExist, and ValidationError for a value that does not fit."""
    with transaction.atomic():
        article = _locked(article_id, expected_version)
        before = _content(article)
        old_terms = terms_of(article_id)
        _apply(article, changes, now=now)
        new_terms = _new_terms(before, _content(article), old_terms if terms is None else terms)
        replaced = {name: value for name, value in before.items() if value != getattr(article, name)}
        relinked = _keys(new_terms) != _keys(old_terms)
        if not replaced and not relinked:
            return article
        _swap(article, replaced, now=now)
        image = before_image(replaced, terms=old_terms if relinked else None)
        ArticleRevision.objects.create(
            article=article, version=expected_version, origin=origin, reason=reason, before=image
        )
        if relinked:
            link_terms(article, new_terms)
        index_articles([article_id])
    return article


def create_article(*, values: Mapping[str, Any], terms: Sequence[TermName] = (), now: datetime) -> Article:
    """`values` and `terms` as in change_article. Raises ValidationError for a value that does not fit."""
    article = Article(updated_at=now)
    with transaction.atomic():
        before = _content(article)
        _apply(article, {"title": "", "body": "", **values}, now=now)
        article.save(force_insert=True)
        link_terms(article, _new_terms(before, _content(article), terms))
        index_articles([article.pk])
    return article


def withdraw_article(
    article_id: int,
    *,
    expected_version: int,
    reason: str,
    successor_id: int | None,
    origin: str,
    now: datetime,
) -> Article:
    """Takes the article from the public: its address then tells `reason` and, where there is one, the
    successor. Raises what change_article raises."""
    return change_article(
        article_id,
        expected_version=expected_version,
        changes={"status": Status.WITHDRAWN, "withdrawal_reason": reason, "successor_id": successor_id},
        origin=origin,
        reason=reason[:_LONGEST_REASON],
        now=now,
    )


def _locked(article_id: int, expected_version: int) -> Article:
    # Waits for a writer that holds the row, and then sees what it wrote.
    article = Article.objects.select_for_update(no_key=True).get(pk=article_id)
    if article.version != expected_version:
        raise StaleArticle(article_id, expected_version=expected_version, current_version=article.version)
    return article


def _content(article: Article) -> dict[str, Any]:
    return {name: getattr(article, name) for name in CONTENT_FIELDS}


def _apply(article: Article, changes: Mapping[str, Any], *, now: datetime) -> None:
    refused = changes.keys() - _EDITABLE
    if refused:
        raise ValueError(f"These are no editable fields of an article: {', '.join(sorted(refused))}.")
    old_text = _text(article)
    for name, value in changes.items():
        setattr(article, name, value)
    untouched = [field.name for field in Article._meta.fields if field.attname not in changes]
    article.clean_fields(exclude=untouched)
    if article.pk is None or _text(article) != old_text:
        html = _render(article)
        # Sanitizing can undo a change, and then the length is what it was.
        if "reading_time" not in changes and _text(article) != old_text:
            article.reading_time = reading_minutes(html)
    _complete(article, now=now)


def _text(article: Article) -> tuple[str, str]:
    return article.body, article.body_format


def _render(article: Article) -> str:
    try:
        html = render_body(article.body, body_format=article.body_format)
    except BodyTooDense as fault:
        raise ValidationError({"body": f"Not saved: {fault}."}) from fault
    if article.body_format == BodyFormat.HTML:
        article.body, article.body_html = html, ""
    else:
        article.body_html = html
    return html


def _complete(article: Article, *, now: datetime) -> None:
    if not article.slug:
        article.slug = slug_of(article.title)
    if article.status == Status.PUBLISHED and article.published_at is None:
        article.published_at = now
    if article.status != Status.WITHDRAWN:
        article.withdrawal_reason, article.successor_id = "", None


def _new_terms(
    before: Mapping[str, Any], after: Mapping[str, Any], terms: Sequence[TermName]
) -> list[TermName]:
    """`terms` without those that only the old columns name, and with those that the new ones name."""
    implied_before, implied = _implied(before), _implied(after)
    if _keys(implied) == _keys(implied_before):
        return without_repeats(terms)
    gone = set(_keys(implied_before)) - set(_keys(implied))
    return without_repeats([*(term for term in terms if term.key not in gone), *implied])


def _implied(values: Mapping[str, Any]) -> list[TermName]:
    return implied_terms(topic_path=values["topic_path"], entities=values["entities"])


def _keys(terms: Sequence[TermName]) -> list[tuple[str, str]]:
    return [term.key for term in terms]


def _swap(article: Article, names: Mapping[str, Any], *, now: datetime) -> None:
    version = article.version
    values = {name: getattr(article, name) for name in names}
    rows = Article.objects.filter(pk=article.pk, version=version)
    if not rows.update(**values, version=version + 1, updated_at=now):
        raise StaleArticle(article.pk, expected_version=version, current_version=version + 1)
    article.version, article.updated_at = version + 1, now
