"""Values of a record, checked for their type and bounds. Each function takes the field's name for the
sentence in which it refuses, and raises RecordRejected."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from imports.faults import RecordRejected

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WEB_ADDRESS = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
# Google Analytics' campaign parameters.
_COUNTING = "utm_"


def read_text(name: str, value: Any, *, limit: int | None = None) -> str:
    if type(value) is not str:
        raise RecordRejected("bad-type", f"{name} must be a string, not {kind_of(value)}")
    text = value.strip() if limit else value
    if limit and len(text) > limit:
        raise RecordRejected("too-large", f"{name} has {len(text)} characters, at most {limit} are allowed")
    return text


def kind_of(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def read_moment(name: str, value: Any) -> datetime | None:
    if value is None:
        return None
    text = read_text(name, value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RecordRejected("bad-date", f"{name} is no ISO 8601 date and time: {quoted(text)}") from None
    if moment.tzinfo is None:
        example = f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"
        raise RecordRejected(
            "bad-date", f"{name} has no offset from UTC: {quoted(text)}; write it as in {example}"
        )
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise RecordRejected("bad-date", f"{name} is outside the years 1 to 9999: {quoted(text)}") from None


def read_day(name: str, value: Any) -> date:
    text = read_text(name, value)
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise RecordRejected("bad-date", f"{name} is no ISO 8601 date: {quoted(text)}") from None


def quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def read_strings(name: str, value: Any, *, limit: int | None = None) -> list[str]:
    if type(value) is not list:
        raise RecordRejected("bad-type", f"{name} must be a list of strings, not {kind_of(value)}")
    for index, item in enumerate(value):
        if type(item) is not str or (limit and len(item) > limit):
            read_text(f"{name}[{index}]", item, limit=limit)
    return value


def read_object(name: str, value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise RecordRejected("bad-type", f"{name} must be an object, not {kind_of(value)}")
    return value


def read_objects(name: str, value: Any) -> list[dict[str, Any]]:
    if type(value) is not list:
        raise RecordRejected("bad-type", f"{name} must be a list of objects, not {kind_of(value)}")
    for index, item in enumerate(value):
        if type(item) is not dict:
            read_object(f"{name}[{index}]", item)
    return value


def read_whole_number(name: str, value: Any, *, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise RecordRejected("bad-type", f"{name} must be a whole number from 0 to {most}")
    return value


def read_one_of(name: str, value: Any, *, allowed: Iterable[str]) -> str:
    text = read_text(name, value)
    if text not in allowed:
        raise RecordRejected(
            "bad-type", f"{name} must be one of {', '.join(sorted(allowed))}, not {quoted(text)}"
        )
    return text


def is_web_address(url: str) -> bool:
    return _WEB_ADDRESS.match(url) is not None


def tells_pages_apart(query: str) -> bool:
    """Whether the path before this query of an address is no page's own: all queries do but those by which
    visitors are counted."""
    return any(part and not part.startswith(_COUNTING) for part in query.split("&"))


def refuse_depth(value: Any, *, most: int, depth: int = 0) -> None:
    """What is nested deeper than any source has reason to would exhaust whoever walks it later."""
    if depth > most:
        raise RecordRejected("too-large", f"the record is nested deeper than {most} levels")
    for item in value.values() if type(value) is dict else value if type(value) is list else ():
        refuse_depth(item, most=most, depth=depth + 1)


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
