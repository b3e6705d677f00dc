"""The fields of the record format by the kind of value they take, and how a text is read for them where
a source knows nothing but text."""

import re
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

LIST_SEPARATOR = "|"

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}\.[0-9]{1,18}")
_FLAGS = {"0": 0, "1": 1, "true": True, "false": False}


class Kind(Enum):
    TEXT = "a text"
    TEXTS = "a list of texts"
    NUMBER = "a number"
    FLAG = "0, 1, true or false"
    MOMENT = "a date and time"
    DAY = "a date"
    OBJECT = "an object"
    OBJECTS = "a list of objects"


# Not the key, payload.source_id: that is told by a format and its options.
FIELDS: dict[str, Kind] = {
    "title": Kind.TEXT,
    "slug": Kind.TEXT,
    "published_at": Kind.MOMENT,
    "updated_at": Kind.MOMENT,
    "body": Kind.TEXT,
    "body_format": Kind.TEXT,
    "language": Kind.TEXT,
    "author": Kind.TEXT,
    "authors": Kind.TEXTS,
    "topic": Kind.TEXT,
    "summary": Kind.TEXT,
    "ai_brief": Kind.TEXT,
    "ai_outline": Kind.OBJECT,
    "ai_outline.context": Kind.TEXT,
    "ai_outline.problem": Kind.TEXT,
    "ai_outline.stack": Kind.TEXT,
    "ai_outline.recommended_action": Kind.TEXT,
    "stack": Kind.TEXTS,
    "tools": Kind.TEXTS,
    "tags": Kind.TEXTS,
    "code_language": Kind.TEXT,
    "difficulty": Kind.TEXT,
    "reading_time": Kind.NUMBER,
    "view_count": Kind.NUMBER,
    "score": Kind.OBJECT,
    "score.quality": Kind.NUMBER,
    "score.freshness": Kind.NUMBER,
    "score.depth": Kind.NUMBER,
    "score.clarity": Kind.NUMBER,
    "revision": Kind.OBJECT,
    "revision.status": Kind.TEXT,
    "revision.version": Kind.TEXT,
    "revision.last_reviewed": Kind.DAY,
    "reference": Kind.TEXT,
    "hash": Kind.TEXT,
    "flags": Kind.OBJECT,
    "flags.ai_generated_style": Kind.FLAG,
    "flags.has_images": Kind.FLAG,
    "flags.image_heavy": Kind.FLAG,
    "flags.needs_human_review": Kind.FLAG,
    "checklist": Kind.TEXTS,
    "notes": Kind.TEXTS,
    "entities": Kind.OBJECTS,
    "image_sources": Kind.OBJECTS,
    "aliases": Kind.TEXTS,
}


def value_of(kind: Kind, text: str, *, zone: str) -> Any:
    """What `text` says to a field of this kind; a time without an offset is one of `zone`. A text that
    says nothing of the kind comes back as it is, so that the rules of the record refuse it by its name."""
    match kind:
        case Kind.TEXTS:
            return split_text(text, LIST_SEPARATOR)
        case Kind.NUMBER:
            return _number(text)
        case Kind.FLAG:
            return _FLAGS.get(text.strip().lower(), text)
        case Kind.MOMENT:
            return _moment(text, zone)
        case Kind.DAY:
            return text.strip()
    return text


def split_text(text: str, separator: str) -> list[str]:
    return [part for part in map(str.strip, text.split(separator)) if part]


def _number(text: str) -> int | float | str:
    digits = text.strip()
    if _WHOLE.fullmatch(digits):
        return int(digits)
    return float(digits) if _DECIMAL.fullmatch(digits) else text


def _moment(text: str, zone: str) -> str:
    try:
        moment = datetime.fromisoformat(text.strip())
        return with_offset(moment, ZoneInfo(zone))
    except (ValueError, OverflowError):
        return text


def with_offset(moment: datetime, zone: ZoneInfo) -> str:
    """ISO 8601. Of an hour that a clock strikes twice, the first."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
