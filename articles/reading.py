"""What an article's own page shows, gathered in as few queries at any length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.storage import storages

from articles.models import Article, ArticleTerm, Reference, ReviewStatus, Term, TermKind
from articles.record import Entry, entry, is_web_address, record_of
from articles.references import LINK, may_refer, with_addresses
from articles.visibility import State, awaits_review, state_of
from articles.wording import PLURALS

_OUTLINE_ORDER = ("context", "problem", "stack", "recommended_action")


@dataclass(frozen=True, slots=True)
class TermGroup:
    heading: str
    terms: list[Term]


@dataclass(frozen=True, slots=True)
class Credit:
    """`address` is empty unless it is one that a page may link to."""

    caption: str
    source: str
    address: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """`html` is the body, sanitized, with its addresses as readers get them."""

    article: Article
    html: str
    topic: Term | None
    awaits_review: bool
    is_reviewed: bool
    is_updated: bool
    outline: list[Entry]
    credits: list[Credit]
    term_groups: list[TermGroup]
    record: list[Entry]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is told of a withdrawn article. One that never was public has no title here."""

    title: str
    reason: str
    successor: Article | None


def article_page(article: Article, *, now: datetime) -> ArticlePage:
    terms = _terms_by_kind(article)
    old_addresses = article.legacy_paths.order_by("path").values_list("path", flat=True)
    return ArticlePage(
        article=article,
        html=body_html(article, now=now),
        topic=next(iter(terms.get(TermKind.TOPIC, ())), None),
        awaits_review=awaits_review(article),
        is_reviewed=article.review_status == ReviewStatus.REVIEWED and not awaits_review(article),
        is_updated=article.updated_at.date() > article.published_at.date(),
        outline=_outline(article.ai_outline),
        credits=_credits(article.image_sources),
        term_groups=[TermGroup(PLURALS[kind], members) for kind, members in terms.items()],
        record=record_of(article, terms=terms, old_addresses=old_addresses),
    )


def body_html(article: Article, *, now: datetime) -> str:
    """The body as sanitized HTML. Links to articles of its source lead to these where they are public, and
    files come from our own storage where it has them; every other address is as the source wrote it."""
    html = article.html
    if not may_refer(html):
        return html
    links: dict[str, str] = {}
    files: dict[str, str] = {}
    media = storages["media"]
    for kind, address, target, slug, name in Reference.objects.of_body(article.pk, now=now):
        if kind == LINK:
            links[address] = Article(pk=target, slug=slug).get_absolute_url()
        else:
            files[address] = media.url(name)
    return with_addresses(html, links=links, files=files)


def tombstone(article: Article, *, now: datetime) -> Tombstone:
    was_public = article.published_at is not None and article.published_at <= now
    successor = article.successor
    if successor and state_of(successor, now=now) not in (State.UNREVIEWED, State.INDEXABLE):
        successor = None
    return Tombstone(article.title if was_public else "", article.withdrawal_reason, successor)


def _terms_by_kind(article: Article) -> dict[str, Sequence[Term]]:
    """In the order of the kinds, and in each kind in the author's."""
    links = ArticleTerm.objects.filter(article=article).in_order()
    by_kind: dict[str, list[Term]] = {kind: [] for kind in TermKind.values}
    for link in links:
        by_kind[link.term.kind].append(link.term)
    return {kind: terms for kind, terms in by_kind.items() if terms}


# JSON columns may hold anything. What has another shape than expected stands in the record alone.


def _outline(outline: Any) -> list[Entry]:
    if not isinstance(outline, Mapping):
        return []
    known = [key for key in _OUTLINE_ORDER if key in outline]
    others = [key for key in outline if key not in _OUTLINE_ORDER]
    return [entry(key, outline[key]) for key in (*known, *others) if outline[key]]


def _credits(sources: Any) -> list[Credit]:
    if not isinstance(sources, list):
        return []
    return [_credit(source) for source in sources if isinstance(source, Mapping)]


def _credit(source: Mapping[str, Any]) -> Credit:
    address = str(source.get("url") or "")
    return Credit(
        caption=str(source.get("caption") or ""),
        source=str(source.get("source") or ""),
        address=address if is_web_address(address) else "",
    )
