"""The rules of the archive's record format: from a record, a dict as its source wrote it, to the
values of an article. Pure; knows no file and no database."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.utils.text import slugify

from imports.faults import RecordRejected

_WEB_ADDRESS = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
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
    view_count: int = 0


def read_record(values: dict[str, Any], *, draft: bool = False) -> Record:
    """The record that `values` describe; `draft` keeps it from the public whatever its date says.

    Raises RecordRejected with a code of `imports/faults.py`."""
    fields = dict(values)
    title = _title(fields.pop("title", None))
    body = _body(fields.pop("body", None))
    published_at = _moment("published_at", fields.pop("published_at", None))
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
    return _text("title", value, limit=300)


def _body(value: Any) -> str:
    if value is None:
        raise RecordRejected("missing-body", "the record has no body")
    return _text("body", value)


def _slug(value: Any, title: str) -> str:
    """Not unique and never an identity, so what is too long is cut and what is odd is made plain."""
    given = "" if value is None else _text("slug", value)
    return (slugify(given, allow_unicode=True) or slugify(title, allow_unicode=True))[:200].strip("-")


def _text(name: str, value: Any, *, limit: int | None = None) -> str:
    if type(value) is not str:
        raise RecordRejected("bad-type", f"{name} must be a string, not {_kind(value)}")
    text = value.strip() if limit else value
    if limit and len(text) > limit:
        raise RecordRejected("too-large", f"{name} has {len(text)} characters, at most {limit} are allowed")
    return text


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _moment(name: str, value: Any) -> datetime | None:
    if value is None:
        return None
    text = _text(name, value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RecordRejected("bad-date", f"{name} is no ISO 8601 date and time: {_quoted(text)}") from None
    if moment.tzinfo is None:
        raise RecordRejected(
            "bad-date", f"{name} has no offset from UTC: {_quoted(text)}; write it as in {text[:19]}+00:00"
        )
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise RecordRejected("bad-date", f"{name} is outside the years 1 to 9999: {_quoted(text)}") from None


def _day(name: str, value: Any) -> date:
    text = _text(name, value)
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise RecordRejected("bad-date", f"{name} is no ISO 8601 date: {_quoted(text)}") from None


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _strings(name: str, value: Any, *, limit: int | None = None) -> list[str]:
    if type(value) is not list:
        raise RecordRejected("bad-type", f"{name} must be a list of strings, not {_kind(value)}")
    return [_text(f"{name}[{index}]", item, limit=limit) for index, item in enumerate(value)]


def _object(name: str, value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise RecordRejected("bad-type", f"{name} must be an object, not {_kind(value)}")
    return value


def _objects(name: str, value: Any) -> list[dict[str, Any]]:
    if type(value) is not list:
        raise RecordRejected("bad-type", f"{name} must be a list of objects, not {_kind(value)}")
    return [_object(f"{name}[{index}]", item) for index, item in enumerate(value)]


def _whole_number(name: str, value: Any, *, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise RecordRejected("bad-type", f"{name} must be a whole number from 0 to {most}")
    return value


def _one_of(name: str, value: Any, allowed: Iterable[str]) -> str:
    text = _text(name, value)
    if text not in allowed:
        raise RecordRejected(
            "bad-type", f"{name} must be one of {', '.join(sorted(allowed))}, not {_quoted(text)}"
        )
    return text


# The same few thousand names come again and again, and making their slugs costs.
@lru_cache(maxsize=20_000)
def make_term(kind: str, name: str) -> Term | None:
    """The term of a name, or None for a name without a letter or digit."""
    slug = slugify(name, allow_unicode=True)[:200]
    return (kind, slug, name[:200]) if slug else None


def _add_terms(record: Record, kind: str, names: Iterable[str]) -> None:
    record.terms += filter(None, (make_term(kind, name) for name in names))


def _distinct(terms: Iterable[Term]) -> Iterable[Term]:
    """Terms that differ in kind and slug, in their order; the first spelling stays."""
    return {term[:2]: term for term in reversed(list(terms))}.values().__reversed__()


def _read_text(attribute: str, limit: int | None = None) -> Callable[[Record, str, Any], None]:
    def read(record: Record, name: str, value: Any) -> None:
        setattr(record, attribute, _text(name, value, limit=limit))

    return read


def _read_terms(kind: str) -> Callable[[Record, str, Any], None]:
    def read(record: Record, name: str, value: Any) -> None:
        _add_terms(record, kind, _strings(name, value))

    return read


def _read_body_format(record: Record, name: str, value: Any) -> None:
    record.body_format = _one_of(name, value, _FORMATS)


def _read_language(record: Record, name: str, value: Any) -> None:
    language = _text(name, value, limit=35)
    if not _LANGUAGE.fullmatch(language):
        raise RecordRejected(
            "bad-type", f"language must be a BCP 47 tag such as en or pt-BR, not {_quoted(language)}"
        )
    record.language = language


def _read_author(record: Record, name: str, value: Any) -> None:
    record.authors = [_text(name, value, limit=200), *record.authors] if value else record.authors


def _read_authors(record: Record, name: str, value: Any) -> None:
    record.authors = [author for author in _strings(name, value, limit=200) if author]


def _read_updated_at(record: Record, name: str, value: Any) -> None:
    record.updated_at = _moment(name, value)


def _read_topic(record: Record, name: str, value: Any) -> None:
    record.topic_path = _text(name, value, limit=300)
    _add_terms(record, "topic", [record.topic_path.split(" / ")[0].strip()])


def _read_code_language(record: Record, name: str, value: Any) -> None:
    _add_terms(record, "language", [_text(name, value, limit=200)])


def _read_outline(record: Record, name: str, value: Any) -> None:
    record.ai_outline = _object(name, value)


def _read_difficulty(record: Record, name: str, value: Any) -> None:
    record.difficulty = _one_of(name, value, _DIFFICULTIES)


def _read_reading_time(record: Record, name: str, value: Any) -> None:
    record.reading_time = _whole_number(name, value, most=_MAX_MINUTES)


def _read_view_count(record: Record, name: str, value: Any) -> None:
    record.view_count = _whole_number(name, value, most=_MAX_VIEWS)


def _read_score(record: Record, name: str, value: Any) -> None:
    record.score = _object(name, value)
    for part in _SCORES:
        points = record.score.get(part, 0)
        if type(points) not in (int, float) or not 0 <= points <= 100:
            raise RecordRejected("bad-type", f"score.{part} must be a number from 0 to 100")


def _read_revision(record: Record, name: str, value: Any) -> None:
    review = _object(name, value)
    if review.get("last_reviewed") is not None:
        record.last_reviewed = _day("revision.last_reviewed", review["last_reviewed"])
    if review.get("version") is not None:
        record.review_version = _text("revision.version", review["version"], limit=50)
    status = _text("revision.status", review.get("status") or "")
    # A state that the archive does not know is kept beside, and asks for a person's eyes.
    record.review_status = status if status in _REVIEW_STATUSES else "needs-review" if status else ""
    if review.keys() - {"status", "version", "last_reviewed"} or record.review_status != status:
        record.extra["revision"] = review


def _read_flags(record: Record, name: str, value: Any) -> None:
    flags = _object(name, value)
    for flag in _FLAGS:
        state = flags.get(flag, False)
        if state not in (0, 1):
            raise RecordRejected("bad-type", f"flags.{flag} must be 0, 1, true or false")
        record.flags[flag] = bool(state)
    others = {flag: state for flag, state in flags.items() if flag not in _FLAGS}
    if others:
        record.extra["flags"] = others


def _read_checklist(record: Record, name: str, value: Any) -> None:
    record.checklist = _strings(name, value)


def _read_notes(record: Record, name: str, value: Any) -> None:
    record.notes = _strings(name, value)


def _read_entities(record: Record, name: str, value: Any) -> None:
    record.entities = _objects(name, value)
    names = [
        _text(f"{name}[{index}].name", entity.get("name")) for index, entity in enumerate(record.entities)
    ]
    _add_terms(record, "entity", names)


def _read_image_sources(record: Record, name: str, value: Any) -> None:
    record.image_sources = _objects(name, value)
    for index, image in enumerate(record.image_sources):
        url = image.get("url")
        if url is not None and not is_web_address(_text(f"{name}[{index}].url", url)):
            raise RecordRejected(
                "bad-url", f"{name}[{index}].url must begin with http:// or https://, not {_quoted(url)}"
            )


def is_web_address(url: str) -> bool:
    return _WEB_ADDRESS.match(url) is not None


def _read_payload(record: Record, name: str, value: Any) -> None:
    record.payload = _object(name, value)


def _read_aliases(record: Record, name: str, value: Any) -> None:
    record.aliases = [path for path in map(_alias, _strings(name, value)) if path != "/"]


def _alias(value: str) -> str:
    """The path of an old address, always beginning with a slash."""
    try:
        path = urlsplit(value).path
    except ValueError:
        raise RecordRejected("bad-url", f"aliases holds what is no path: {_quoted(value)}") from None
    if len(path.encode()) > _MAX_PATH_BYTES or len(path) > 1000:
        raise RecordRejected(
            "too-large", f"aliases holds a path of {len(path)} characters, at most 1000 are allowed"
        )
    return f"/{path.lstrip('/')}"


# In this order: terms keep it on the page.
_READERS: dict[str, Callable[[Record, str, Any], None]] = {
    "topic": _read_topic,
    "stack": _read_terms("stack"),
    "tools": _read_terms("tool"),
    "code_language": _read_code_language,
    "tags": _read_terms("tag"),
    "entities": _read_entities,
    "body_format": _read_body_format,
    "language": _read_language,
    "authors": _read_authors,
    "author": _read_author,
    "updated_at": _read_updated_at,
    "summary": _read_text("summary"),
    "ai_brief": _read_text("ai_brief"),
    "ai_outline": _read_outline,
    "difficulty": _read_difficulty,
    "reading_time": _read_reading_time,
    "view_count": _read_view_count,
    "score": _read_score,
    "revision": _read_revision,
    "reference": _read_text("reference", 200),
    "hash": _read_text("source_hash", 200),
    "flags": _read_flags,
    "checklist": _read_checklist,
    "notes": _read_notes,
    "image_sources": _read_image_sources,
    "payload": _read_payload,
    "aliases": _read_aliases,
}


def refuse_illegal_characters(value: Any, *, where: str = "the record") -> None:
    """PostgreSQL stores neither NUL nor a lone surrogate, in text or in jsonb."""
    if type(value) is str:
        if "\x00" in value or _LONE_SURROGATE.search(value):
            raise RecordRejected("illegal-character", f"{where} holds a NUL or half a surrogate pair")
    elif type(value) is dict:
        for name, item in value.items():
            refuse_illegal_characters(name, where=where)
            refuse_illegal_characters(item, where=where if where != "the record" else name)
    elif type(value) is list:
        for item in value:
            refuse_illegal_characters(item, where=where)
