"""From raw records to rows that PostgreSQL can COPY. Runs in worker processes: it parses, checks,
converts and sanitizes, and knows neither Django's settings nor the database."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from articles.rendering import reading_minutes, render_body
from imports.checking import raw_hash
from imports.copying import copy_row
from imports.faults import RecordRejected
from imports.records import Record, Term
from imports.sources import FORMATS
from imports.sources.format import RawRecord

# Raised when the same record would become another article; every record is then shaped anew.
SHAPE_VERSION = 1

# The columns of a shaped row, in its order; loading.py makes its staging table of them.
KEY_COLUMNS = ("ordinal", "key", "raw_hash", "content_hash")
ARTICLE_COLUMNS = (
    "status", "title", "slug", "language", "authors", "published_at", "updated_at", "body", "body_format",
    "body_html", "summary", "ai_brief", "ai_outline", "topic_path", "difficulty", "reading_time", "score",
    "review_status", "review_version", "last_reviewed", "needs_human_review", "ai_generated_style",
    "has_images", "image_heavy", "reference", "source_hash", "checklist", "notes", "entities",
    "image_sources", "payload", "extra",
)  # fmt: skip
SIDE_COLUMNS = ("terms", "aliases", "view_count")

_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Rejected:
    ordinal: int
    line: int
    key: str
    code: str
    message: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Shaped:
    """`rows` are lines in COPY's text format with KEY_, ARTICLE_ and SIDE_COLUMNS. `terms` are the
    batch's terms; a row names its own by their positions therein."""

    rows: bytes
    terms: list[Term]
    rejects: list[Rejected]


def shape_batch(format_name: str, records: Iterable[tuple[int, RawRecord]]) -> Shaped:
    """`records` are pairs of ordinal and raw record."""
    to_record = FORMATS[format_name].to_record
    rows: list[str] = []
    rejects: list[Rejected] = []
    terms: dict[Term, int] = {}
    for ordinal, raw in records:
        try:
            if raw.fault:
                raise raw.fault
            rows.append(_row(ordinal, raw, to_record(raw.raw), terms))
        except RecordRejected as fault:
            rejects.append(_rejected(ordinal, raw, fault))
    return Shaped("".join(rows).encode(), list(terms), rejects)


_KEPT_BYTES = 64 * 1024


def _rejected(ordinal: int, raw: RawRecord, fault: RecordRejected) -> Rejected:
    return Rejected(ordinal, raw.line, raw.key, fault.code, fault.message, raw.raw[:_KEPT_BYTES])


def _row(ordinal: int, raw: RawRecord, record: Record, terms: dict[Term, int]) -> str:
    own_terms = [terms.setdefault(term, len(terms)) for term in record.terms]
    content = copy_row(_article_values(record))
    side = copy_row((own_terms, record.aliases))
    # The terms' positions mean something within the batch only, so the hash is over their names.
    content_hash = hashlib.sha256(f"{content}\n{record.terms}\n{record.aliases}".encode()).digest()[:16]
    keys = copy_row((ordinal, raw.key, raw_hash(raw.raw), content_hash))
    return f"{keys}\t{content}\t{side}\t{record.view_count}\n"


def _article_values(record: Record) -> tuple[object, ...]:
    html = render_body(record.body, body_format=record.body_format)
    body, body_html = (html, "") if record.body_format == "html" else (record.body, html)
    minutes = reading_minutes(html) if record.reading_time is None else record.reading_time
    flags = record.flags
    return (
        "draft" if record.draft else "published",
        record.title,
        record.slug,
        record.language,
        record.authors,
        record.published_at,
        record.updated_at,
        body,
        record.body_format,
        body_html,
        record.summary,
        record.ai_brief,
        _encode(record.ai_outline).decode(),
        record.topic_path,
        record.difficulty,
        minutes,
        _encode(record.score).decode(),
        record.review_status,
        record.review_version,
        record.last_reviewed,
        flags.get("needs_human_review", False),
        flags.get("ai_generated_style", False),
        flags.get("has_images", False),
        flags.get("image_heavy", False),
        record.reference,
        record.source_hash,
        record.checklist,
        record.notes,
        _encode(record.entities).decode(),
        _encode(record.image_sources).decode(),
        _encode(record.payload).decode(),
        _encode(record.extra).decode(),
    )
