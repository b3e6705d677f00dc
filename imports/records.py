"""The rules of the archive's record format: from a record, a dict as its source wrote it, to the
values of an article. Pure; knows no file and no database."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from articles.term_slugs import slug_of, term_slug
from imports.faults import RecordRejected
from imports.values import (
    is_web_address,
    quoted,
    read_day,
    read_moment,
    read_object,
    read_objects,
    read_one_of,
    read_strings,
    read_text,
    read_whole_number,
    refuse_illegal_characters,
    tells_pages_apart,
)

_PLAIN_SLUG = re.compile(r"(?=.{1,200}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_FORMATS = frozenset(("html", "markdown", "text"))
_DIFFICULTIES = frozenset(("beginner", "intermediate", "advanced"))
_REVIEW_STATUSES = frozenset(("reviewed", "needs-review", "draft"))
_FLAGS = ("ai_generated_style", "has_images", "image_heavy", "needs_human_review")
_SCORES = ("quality", "freshness", "depth", "clarity")
_MAX_VIEWS = 2**63 - 1
_MAX_MINUTES = 2**31 - 1
# A B-tree entry holds 2,704 bytes at most, and an address longer than this is none.
_MAX_PATH_BYTES = 2000

Term = tuple[str, str, str]  # kind, slug, name


@dataclass(slots=True)
class Record:
    """One article as delivered: every rule holds, the body is not yet rendered."""

    title: str
    slug: str
    body: str
    draft: bool
    body_format: str = "html"
    language: str = "en"
    authors: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    updated_at: datetime | None = None
    summary: str = ""
    ai_brief: str = ""
    ai_outline: dict[str, Any] = field(default_factory=dict)
    topic_path: str = ""
    difficulty: str = ""
    reading_time: int | None = None
    score: dict[str, float] = field(default_factory=dict)
    review_status: str = ""
    review_version: str = ""
    last_reviewed: date | None = None
    flags: dict[str, bool] = field(default_factory=dict)
    reference: str = ""
    source_hash: str = ""
    checklist: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    image_sources: list[dict[str, Any]] = field(default_factory=list)
    payload: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)  # addresses, or keys of files of the same source
    base_url: str = ""  # the source's own address, as far as it is known
    view_count: int = 0


def read_record(values: dict[str, Any], *, draft: bool = False) -> Record:
    """The record that `values` describe; `draft` keeps it from the public whatever its date says.

    Raises RecordRejected with a code of `imports/faults.py`."""
    fields = dict(values)
    title = _title(fields.pop("title", None))
    body = _body(fields.pop("body", None))
    published_at = read_moment("published_at", fields.pop("published_at", None))
    record = Record(
        title=title,
        slug=_slug(fields.pop("slug", None), title),
        body=body,
        draft=draft or published_at is None,
        published_at=published_at,
    )
    for name, read in _READERS.items():
        value = fields.pop(name, None)
        if value is not None:
            read(record, name, value)
    record.extra.update(fields)
    record.terms = list(_distinct(record.terms))
    return record


def _title(value: Any) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise RecordRejected("missing-title", "the record has no title")
    return read_text("title", value, limit=300)


def _body(value: Any) -> str:
    if value is None:
        raise RecordRejected("missing-body", "the record has no body")
    return read_text("body", value)


def _slug(value: Any, title: str) -> str:
    """Not unique and never an identity, so what is too long is cut and what is odd is made plain."""
    given = "" if value is None else read_text("slug", value)
    if _PLAIN_SLUG.fullmatch(given):
        return given
    return slug_of(given) or slug_of(title)


# The same few thousand names come again and again, and making their slugs costs.
@lru_cache(maxsize=20_000)
def make_term(kind: str, name: str) -> Term | None:
    """The term of a name, or None for a name without a letter or digit."""
    slug = term_slug(name)
    return (kind, slug, name[:200]) if slug else None


def _add_terms(record: Record, kind: str, names: Iterable[str]) -> None:
    record.terms += filter(None, (make_term(kind, name) for name in names))


def _distinct(terms: Iterable[Term]) -> Iterable[Term]:
    """Terms that differ in kind and slug, in their order; the first spelling stays."""
    return {term[:2]: term for term in reversed(list(terms))}.values().__reversed__()


def _store(attribute: str, read: Callable[..., Any], **bounds: Any) -> Callable[[Record, str, Any], None]:
    def store(record: Record, name: str, value: Any) -> None:
        setattr(record, attribute, read(name, value, **bounds))

    return store


def _read_terms(kind: str) -> Callable[[Record, str, Any], None]:
    def read(record: Record, name: str, value: Any) -> None:
        _add_terms(record, kind, read_strings(name, value))

    return read


def _read_language(record: Record, name: str, value: Any) -> None:
    language = read_text(name, value, limit=35) or record.language
    if not _LANGUAGE.fullmatch(language):
        raise RecordRejected(
            "bad-type", f"language must be a BCP 47 tag such as en or pt-BR, not {quoted(language)}"
        )
    record.language = language


def _read_author(record: Record, name: str, value: Any) -> None:
    record.authors = [read_text(name, value, limit=200), *record.authors] if value else record.authors


def _read_authors(record: Record, name: str, value: Any) -> None:
    record.authors = [author for author in read_strings(name, value, limit=200) if author]


def _read_topic(record: Record, name: str, value: Any) -> None:
    record.topic_path = read_text(name, value, limit=300)
    _add_terms(record, "topic", [record.topic_path.split(" / ")[0].strip()])


def _read_code_language(record: Record, name: str, value: Any) -> None:
    _add_terms(record, "language", [read_text(name, value, limit=200)])


def _read_score(record: Record, name: str, value: Any) -> None:
    record.score = read_object(name, value)
    for part in _SCORES:
        points = record.score.get(part)
        if points is not None and (type(points) not in (int, float) or not 0 <= points <= 100):
            raise RecordRejected("bad-type", f"score.{part} must be a number from 0 to 100")


def _read_revision(record: Record, name: str, value: Any) -> None:
    review = read_object(name, value)
    if review.get("last_reviewed") is not None:
        record.last_reviewed = read_day("revision.last_reviewed", review["last_reviewed"])
    if review.get("version") is not None:
        version = review["version"]
        text = str(version) if type(version) in (int, float) else version
        record.review_version = read_text("revision.version", text, limit=50)
    status = read_text("revision.status", review.get("status") or "")
    # A state that the archive does not know is kept beside, and asks for a person's eyes.
    record.review_status = status if status in _REVIEW_STATUSES else "needs-review" if status else ""
    if review.keys() - {"status", "version", "last_reviewed"} or record.review_status != status:
        record.extra["revision"] = review


def _read_flags(record: Record, name: str, value: Any) -> None:
    flags = read_object(name, value)
    for flag in _FLAGS:
        state = flags.get(flag, False)
        if state not in (0, 1):
            raise RecordRejected("bad-type", f"flags.{flag} must be 0, 1, true or false")
        record.flags[flag] = bool(state)
    others = {flag: state for flag, state in flags.items() if flag not in _FLAGS}
    if others:
        record.extra["flags"] = others


def _read_entities(record: Record, name: str, value: Any) -> None:
    record.entities = read_objects(name, value)
    names = [
        read_text(f"{name}[{index}].name", entity.get("name")) for index, entity in enumerate(record.entities)
    ]
    _add_terms(record, "entity", names)


def _read_image_sources(record: Record, name: str, value: Any) -> None:
    record.image_sources = read_objects(name, value)
    for index, image in enumerate(record.image_sources):
        url = image.get("url")
        if url not in (None, "") and not is_web_address(read_text(f"{name}[{index}].url", url)):
            raise RecordRejected(
                "bad-url", f"{name}[{index}].url must begin with http:// or https://, not {quoted(url)}"
            )


def _read_aliases(record: Record, name: str, value: Any) -> None:
    paths: list[str] = []
    kept = []
    for address in read_strings(name, value):
        path, query = _parted(address)
        if tells_pages_apart(query):
            # Articles are found by paths, and this one's is that of all its neighbors.
            kept.append(address)
        elif path != "/":
            paths.append(path)
    record.aliases = list(dict.fromkeys(paths))
    if kept:
        record.extra[name] = kept


def _parted(address: str) -> tuple[str, str]:
    """The path of an old address, always beginning with a slash and decoded as Django decodes requests, and
    its query."""
    try:
        parts = urlsplit(address)
        path = unquote(parts.path)
    except ValueError:
        raise RecordRejected("bad-url", f"aliases holds what is no path: {quoted(address)}") from None
    if len(path.encode()) > _MAX_PATH_BYTES or len(path) > 1000:
        raise RecordRejected(
            "too-large", f"aliases holds a path of {len(path)} characters, at most 1000 are allowed"
        )
    refuse_illegal_characters(path, where="aliases")
    return f"/{path.lstrip('/')}", parts.query


# In this order: terms keep it on the page.
_READERS: dict[str, Callable[[Record, str, Any], None]] = {
    "topic": _read_topic,
    "stack": _read_terms("stack"),
    "tools": _read_terms("tool"),
    "code_language": _read_code_language,
    "tags": _read_terms("tag"),
    "entities": _read_entities,
    "body_format": _store("body_format", read_one_of, allowed=_FORMATS),
    "language": _read_language,
    "authors": _read_authors,
    "author": _read_author,
    "updated_at": _store("updated_at", read_moment),
    "summary": _store("summary", read_text),
    "ai_brief": _store("ai_brief", read_text),
    "ai_outline": _store("ai_outline", read_object),
    "difficulty": _store("difficulty", read_one_of, allowed=_DIFFICULTIES),
    "reading_time": _store("reading_time", read_whole_number, most=_MAX_MINUTES),
    "view_count": _store("view_count", read_whole_number, most=_MAX_VIEWS),
    "score": _read_score,
    "revision": _read_revision,
    "reference": _store("reference", read_text, limit=200),
    "hash": _store("source_hash", read_text, limit=200),
    "flags": _read_flags,
    "checklist": _store("checklist", read_strings),
    "notes": _store("notes", read_strings),
    "image_sources": _read_image_sources,
    "payload": _store("payload", read_object),
    "aliases": _read_aliases,
}
