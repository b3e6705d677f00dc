"""The record box: everything that is known of an article besides its text, as lists for people.

The HTML is made here and not by templates, because a record may hold many thousand values at any depth."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from django.utils.dateformat import format as formatted
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article, Term, TermKind
from articles.wording import PLURALS, label

# Below this depth lists no longer fit beside each other, and each value stands with its whole path.
DEEPEST_LIST = 6

_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'\\^`{|}]{1,2000}", re.IGNORECASE)


_FIRST = (
    *("name", "type", "source_id", "generator", "status", "version"),
    *("quality", "freshness", "depth", "clarity"),
    *("context", "problem", "stack", "recommended_action", "caption", "source", "url"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`html` is escaped: text, or nested lists of it."""

    label: str
    html: SafeString


def record_of(
    article: Article, *, terms: Mapping[str, Sequence[Term]], old_addresses: Sequence[str]
) -> list[Entry]:
    """`terms` are the article's terms by kind. What is empty is left out."""
    # Pairs and no mapping: a key of `extra` may be called like any of ours.
    parts = [
        *_facts(article).items(),
        *_terms(terms),
        *_objects(article).items(),
        ("old_addresses", list(old_addresses)),
        *(article.extra.items() if isinstance(article.extra, Mapping) else [("extra", article.extra)]),
    ]
    return [entry(key, value) for key, value in parts if value not in (None, "", [], {})]


def entry(key: str, value: Any) -> Entry:
    return Entry(label(key), mark_safe(_html(value, depth=1)))  # noqa: S308 every leaf of it is escaped


def is_web_address(text: str) -> bool:
    return _WEB_ADDRESS.fullmatch(text) is not None


def _facts(article: Article) -> dict[str, Any]:
    return {
        "id": article.pk,
        "authors": article.authors,
        "published": article.published_at,
        "updated": article.updated_at,
        "added_here": article.created_at,
        "version": article.version,
        "language": article.language,
        "body_format": article.get_body_format_display(),
        "topic_path": article.topic_path.split(" / ") if article.topic_path else [],
        "difficulty": article.difficulty,
        "reading_time": f"{article.reading_time} min",
        "views": _views(article),
        "reference": article.reference,
        "hash": article.source_hash,
    }


def _terms(terms: Mapping[str, Sequence[Term]]) -> Iterator[tuple[str, list[str]]]:
    # Entities stand in the record with their types.
    for kind, members in terms.items():
        if kind != TermKind.ENTITY:
            yield PLURALS[kind], [term.name for term in members]


def _objects(article: Article) -> dict[str, Any]:
    return {
        "entities": article.entities,
        "score": article.score,
        "revision": _review(article),
        "flags": _flags(article),
        "outline": article.ai_outline,
        "checklist": article.checklist,
        "notes": article.notes,
        "image_sources": article.image_sources,
        "source": article.payload,
    }


def _review(article: Article) -> dict[str, Any]:
    known = {
        "status": article.get_review_status_display() if article.review_status else None,
        "version": article.review_version,
        "last_reviewed": article.last_reviewed,
    }
    return {key: value for key, value in known.items() if value}


def _flags(article: Article) -> dict[str, bool]:
    return {
        "ai_generated_style": article.ai_generated_style,
        "has_images": article.has_images,
        "image_heavy": article.image_heavy,
        "needs_human_review": article.needs_human_review,
    }


def _views(article: Article) -> int | None:
    return article.view_count.views if hasattr(article, "view_count") else None


def _html(value: Any, *, depth: int) -> str:
    if not _holds_others(value):
        return _leaf(value)
    if depth > DEEPEST_LIST:
        return f"<ul>{''.join(_paths(value))}</ul>"
    if isinstance(value, Mapping):
        return f"<ul>{''.join(_named(key, value[key], depth=depth) for key in _in_order(value))}</ul>"
    return f"<ul>{''.join(f'<li>{_html(part, depth=depth + 1)}</li>' for part in value)}</ul>"


def _in_order(value: Mapping[str, Any]) -> list[str]:
    # PostgreSQL keeps no order of keys; people expect the name before what is said of it.
    return sorted(value, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))


def _named(key: str, value: Any, *, depth: int) -> str:
    return f'<li><span class="key">{escape(label(key))}</span> {_html(value, depth=depth + 1)}</li>'


def _paths(value: Any) -> Iterator[str]:
    """Every leaf with the names that lead to it. No recursion: a record nests as deep as it likes."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, part = waiting.pop()
        if not _holds_others(part):
            yield f'<li><span class="key">{escape(path)}</span> {_leaf(part)}</li>'
            continue
        pairs = part.items() if isinstance(part, Mapping) else enumerate(part, start=1)
        inner = [(" › ".join(filter(None, (path, label(str(key))))), leaf) for key, leaf in pairs]
        waiting += reversed(inner)


def _holds_others(value: Any) -> bool:
    return bool(value) and isinstance(value, Mapping | list | tuple)


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None or value == "":
        return '<span class="none">not given</span>'
    if isinstance(value, date):
        return _moment(value)
    if isinstance(value, Mapping | list | tuple):
        return '<span class="none">none</span>'
    text = escape(str(value))
    if is_web_address(str(value)):
        return f'<a href="{text}" rel="external nofollow noopener noreferrer">{text}</a>'
    return text


def _moment(value: date) -> str:
    pattern = "j F Y, H:i e" if isinstance(value, datetime) else "j F Y"
    return f'<time datetime="{value.isoformat()}">{formatted(value, pattern)}</time>'
