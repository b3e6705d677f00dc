"""From raw records to rows that PostgreSQL can COPY. Runs in worker processes: it parses, checks,
converts and sanitizes, and knows neither Django's settings nor the database."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from articles.density import BodyTooDense
from articles.references import ATTACHMENT, LONGEST_ADDRESS, references_in
from articles.rendering import reading_minutes, render_body
from imports.copying import copy_row
from imports.faults import RecordRejected
from imports.reading import Rules
from imports.records import Record, Term
from imports.sources.format import RawRecord

# Raised when the same record would become another article; every record is then shaped anew.
SHAPE_VERSION = 1

# The columns of a shaped article, in their order. The loader's statements are made of them.
KEY_COLUMNS = (
    "ordinal", "key", "raw_hash", "content_hash", "fingerprint", "terms", "aliases", "view_count",
    "public_at",
)  # fmt: skip
CONTENT_COLUMNS = (
    "status", "title", "slug", "language", "authors", "published_at", "body", "body_format", "body_html",
    "summary", "ai_brief", "ai_outline", "topic_path", "difficulty", "reading_time", "score", "review_status",
    "review_version", "last_reviewed", "needs_human_review", "ai_generated_style", "has_images",
    "image_heavy", "reference", "source_hash", "checklist", "notes", "entities", "image_sources", "payload",
    "extra",
)  # fmt: skip
# The source's own clock, which says nothing about content: neither hashed nor compared.
ARTICLE_COLUMNS = (*CONTENT_COLUMNS, "updated_at")

_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Rejected:
    ordinal: int
    member: str
    line: int
    key: str
    code: str
    message: str
    raw: bytes
    raw_bytes: int


@dataclass(frozen=True, slots=True)
class Shaped:
    """Articles in COPY's text format, without line ends: `keys` has their KEY_COLUMNS, `articles` in
    the same order their ARTICLE_COLUMNS, by ordinal in `ordinals`. `terms` are those of the whole
    batch; an article names its own by their positions therein. `references` has the ordinal, kind and
    address of what bodies lead to."""

    ordinals: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    articles: list[bytes] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    references: list[tuple[int, str, str]] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)


def shape_batch(rules: Rules, records: Iterable[tuple[int, RawRecord]], now: datetime) -> Shaped:
    """`records` are pairs of ordinal and raw record; `now` dates an article whose source does not."""
    salt = rules.digest()
    batch = _Batch(now)
    for ordinal, raw in records:
        try:
            _refuse_faults(raw)
            batch.add(rules.read_record(raw.raw), ordinal, raw.key, raw.digest(salt))
        except BodyTooDense as fault:
            batch.shaped.rejects.append(rejected(ordinal, raw, RecordRejected("too-large", str(fault))))
        except RecordRejected as fault:
            batch.shaped.rejects.append(rejected(ordinal, raw, fault))
    batch.shaped.terms.extend(batch.terms)
    return batch.shaped


def _refuse_faults(raw: RawRecord) -> None:
    if raw.fault:
        raise raw.fault
    if len(raw.key) > _KEY_LIMIT:
        raise RecordRejected(
            "too-large", f"the key has {len(raw.key)} characters, at most {_KEY_LIMIT} are allowed"
        )


_KEY_LIMIT = 200
_KEPT_BYTES = 1024 * 1024


def rejected(ordinal: int, raw: RawRecord, fault: RecordRejected) -> Rejected:
    return Rejected(
        ordinal=ordinal,
        member=raw.member[-1000:],
        line=raw.line,
        key=(raw.key or fault.key)[:_KEY_LIMIT],
        code=fault.code,
        message=fault.message,
        raw=raw.raw[:_KEPT_BYTES],
        raw_bytes=len(raw.raw),
    )


@dataclass(slots=True)
class _Batch:
    now: datetime
    shaped: Shaped = field(default_factory=Shaped)
    terms: dict[Term, int] = field(default_factory=dict)

    def add(self, record: Record, ordinal: int, key: str, raw_hash: bytes) -> None:
        html = render_body(record.body, body_format=record.body_format)
        content = copy_row(_content_values(record, html)).encode()
        keys = (
            ordinal,
            key,
            raw_hash,
            _content_hash(content, record),
            _fingerprint(record),
            [self.terms.setdefault(term, len(self.terms)) for term in record.terms],
            record.aliases,
            record.view_count,
            None if record.draft else record.published_at,
        )
        updated_at = record.updated_at or record.published_at or self.now
        shaped = self.shaped
        shaped.ordinals.append(ordinal)
        shaped.keys.append(copy_row(keys).encode())
        shaped.articles.append(b"%b\t%b" % (content, updated_at.isoformat().encode()))
        references = references_in(html, base_url=record.base_url)
        shaped.references.extend((ordinal, *reference) for reference in references)
        shaped.references.extend(
            (ordinal, ATTACHMENT, name) for name in record.attachments if len(name) <= LONGEST_ADDRESS
        )


def _fingerprint(record: Record) -> bytes:
    """The same for the same text under another key. The date keeps apart what repeats on purpose."""
    text = f"{record.title}\0{record.published_at}\0{record.body}"
    return hashlib.sha256(text.encode()).digest()[:16]


def _content_hash(content: bytes, record: Record) -> bytes:
    """Over what makes the article. Terms count by name: their positions mean something in a batch only."""
    names = "\0".join(["\0".join(term) for term in record.terms] + ["", *record.aliases])
    digest = hashlib.sha256(content)
    digest.update(names.encode())
    return digest.digest()[:16]


def _content_values(record: Record, html: str) -> tuple[object, ...]:
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
