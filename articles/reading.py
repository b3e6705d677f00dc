"""What an article's own page shows, gathered in as few queries at any length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.storage import storages

from articles.media import media_type
from articles.models import Article, ArticleTerm, Reference, ReviewStatus, Term, TermKind
from articles.record import Entry, entry, is_web_address, record_of
from articles.references import IMAGE, LINK, may_refer, with_addresses
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
class Picture:
    """`full_address` is for those who see it elsewhere."""

    address: str
    alt: str

    @property
    def full_address(self) -> str:
        return urljoin(settings.SITE_URL, self.address)


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """`html` is the body, sanitized, with its addresses as readers get them; `picture` stands above it,
    where the source has one and our own storage too."""

    article: Article
    html: str
    picture: Picture | None
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


@dataclass(slots=True)
class _Stored:
    """What stands in for addresses, and the pictures beside the body with their addresses at the source."""

    links: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)


def article_page(article: Article, *, now: datetime) -> ArticlePage:
    terms = _terms_by_kind(article)
    stored = _stored(article, now=now)
    html = with_addresses(article.html, links=stored.links, files=stored.files)
    old_addresses = article.legacy_paths.order_by("path").values_list("path", flat=True)
    return ArticlePage(
        article=article,
        html=html,
        picture=_picture(article, html, stored.pictures),
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
    stored = _stored(article, now=now)
    return with_addresses(html, links=stored.links, files=stored.files)


def _stored(article: Article, *, now: datetime) -> _Stored:
    stored = _Stored()
    media = storages["media"]
    for kind, address, target, slug, name in Reference.objects.of_body(article.pk, now=now):
        if kind == LINK:
            stored.links[address] = Article(pk=target, slug=slug).get_absolute_url()
        elif kind == IMAGE:
            stored.files[address] = media.url(name)
        elif media_type(name).startswith("image/"):
            stored.pictures[address] = media.url(name)
    return stored


def _picture(article: Article, html: str, pictures: Mapping[str, str]) -> Picture | None:
    """Not a second time where the body shows it itself."""
    for source, address in pictures.items():
        if f'"{escape(address)}"' not in html:
            return Picture(address, _alternative(article.image_sources, source))
    return None


def _alternative(sources: Any, address: str) -> str:
    """Empty, as of a picture that only decorates, where the source does not describe it."""
    described = sources if isinstance(sources, list) else []
    told = (each.get("alt") for each in described if isinstance(each, Mapping) and each.get("url") == address)
    return str(next(filter(None, told), ""))


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
