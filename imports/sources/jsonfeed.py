"""JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/). A feed shows its newest items
only, so what is missing from it is not gone, and its `next_url` is another delivery."""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec

from articles.rendering import plain_text
from imports.deliveries import Delivery, Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.feeds import language_tag, own_paths
from imports.sources.format import Delivered, Format, RawRecord, ReadOptions
from imports.sources.json_reader import JsonReader, decode_record
from imports.sources.loose_dates import read_loose_moment, zone_named
from imports.sources.titles import fitting_title, is_too_long, title_from
from imports.values import (
    is_web_address,
    kind_of,
    read_objects,
    read_text,
    refuse_depth,
    refuse_illegal_characters,
)

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(?P<number>[\d.]*)/?")
_VERSIONS = ("1", "1.0", "1.1")
_VISIBLE_KEY = re.compile(rb'"id"\s*:\s*"([^"\\\x00-\x1f]{1,200})"')
_IMAGES = ("image", "banner_image")
_DEEPEST = 100
# What becomes a field of the archive's own; all else is kept as it is.
_TAKEN = frozenset(
    (
        *("id", "title", "content_html", "content_text", "summary", "tags", "language"),
        *("date_published", "date_modified", "author", "authors"),
    )
)


class _Feed(msgspec.Struct, omit_defaults=True):
    """What a feed says of all its items. `author` is version 1's, `authors` is 1.1's."""

    home_page_url: str = ""
    language: str = ""
    author: dict[str, Any] | None = None
    authors: list[dict[str, Any]] | None = None


class _Whole(msgspec.Struct):
    """An item that cannot be read is kept as a text, for a person to mend."""

    feed: _Feed
    item: dict[str, Any] | str


_ANY_DECODER = msgspec.json.Decoder()
_ITEM_DECODER = msgspec.json.Decoder(dict[str, Any])
_WHOLE_DECODER = msgspec.json.Decoder(_Whole)
# Sorted, so that the order in which a program happens to write its members means nothing.
_encode = msgspec.json.Encoder(order="deterministic").encode


def _recognizes(sight: Sight) -> bool:
    if not sight.head.lstrip().startswith(b"{"):
        return False
    reader = JsonReader(io.BytesIO(sight.head), name=sight.name, limit=len(sight.head))
    try:
        return any(name == "version" and _version(_member(reader)) is not None for name in reader.members())
    except (DeliveryRefused, RecordRejected):
        # The head ends in the middle of the document, or it is none.
        return False


def _version(value: Any) -> str | None:
    found = _VERSION.fullmatch(value) if isinstance(value, str) else None
    return found["number"] if found else None


def _member(reader: JsonReader) -> Any:
    """Raises RecordRejected where it cannot be read."""
    raw = reader.value()
    if raw is None:
        raise RecordRejected("too-large", "it is too long")
    value = decode_record(raw, _ANY_DECODER, what="value")
    refuse_depth(value, most=_DEEPEST)
    return value


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord]:
    """Walks the delivery twice: what the feed says of all its items may follow them."""
    with delivery.open() as stream:
        feed = _feed(_reader(stream, options), options.delivery)
    with delivery.open() as stream:
        yield from _items(_reader(stream, options), feed, options.max_record_bytes)


def _reader(stream: BinaryIO, options: ReadOptions) -> JsonReader:
    return JsonReader(stream, name=options.delivery, limit=options.max_record_bytes)


def _feed(reader: JsonReader, delivery: str) -> _Feed:
    """Raises DeliveryRefused where it lacks what the format requires."""
    if reader.peek() != b"{":
        raise DeliveryRefused(
            f"{delivery} is no object, so it is no JSON Feed; name its format with --format."
        )
    members: dict[str, Any] = {}
    for name in reader.members():
        if name == "items":
            members[name] = reader.peek() == b"["
        elif name in ("version", "title", *_Feed.__struct_fields__):
            members[name] = _member_of_feed(reader, name, delivery)
    reader.finish()
    _require(members, delivery)
    shared = {name: members[name] for name in _Feed.__struct_fields__ if members.get(name) is not None}
    try:
        return msgspec.convert(shared, _Feed)
    except msgspec.ValidationError as error:
        raise DeliveryRefused(
            f"{delivery} breaks the rules of JSON Feed: {error}. Correct the feed."
        ) from None


def _member_of_feed(reader: JsonReader, name: str, delivery: str) -> Any:
    try:
        return _member(reader)
    except RecordRejected as fault:
        raise DeliveryRefused(
            f"{delivery} has a {name} that cannot be read: {fault.message}. Correct the feed."
        ) from None


def _require(members: dict[str, Any], delivery: str) -> None:
    version = _version(members.get("version"))
    if version not in _VERSIONS:
        which = "names no version" if version is None else f"is of version {version[:20]}"
        raise DeliveryRefused(f"{delivery} {which} of JSON Feed; versions 1 and 1.1 can be imported.")
    title = members.get("title")
    if not isinstance(title, str) or not title.strip():
        raise DeliveryRefused(f"{delivery} has no title, which JSON Feed requires; add one to the feed.")
    if not members.get("items"):
        raise DeliveryRefused(
            f"{delivery} has no list of items, which JSON Feed requires; ask its sender for the whole feed."
        )


def _items(reader: JsonReader, feed: _Feed, limit: int) -> Iterator[RawRecord]:
    for name in reader.members():
        if name == "items" and reader.peek() == b"[":
            for line, raw in reader.values():
                if raw is None:
                    fault = RecordRejected("too-large", f"the item is longer than {limit} bytes")
                    yield _broken(line, reader.cut, feed, fault)
                else:
                    yield _record(line, raw, feed)


def _record(line: int, raw: bytes, feed: _Feed) -> RawRecord:
    try:
        item = _item(raw)
    except RecordRejected as fault:
        return _broken(line, raw, feed, fault)
    return RawRecord(line, _key(item), _encode(_Whole(feed, item)))


def _broken(line: int, raw: bytes, feed: _Feed, fault: RecordRejected) -> RawRecord:
    found = _VISIBLE_KEY.search(raw)
    fault.key = found[1].decode(errors="replace") if found else ""
    return RawRecord(line, "", _encode(_Whole(feed, raw.decode(errors="replace"))), fault)


def _item(raw: bytes) -> dict[str, Any]:
    item = decode_record(raw, _ITEM_DECODER, what="item")
    refuse_depth(item, most=_DEEPEST)
    return item


def _whole(raw: bytes) -> _Whole:
    whole = decode_record(raw, _WHOLE_DECODER, what="item")
    if type(whole.item) is str:
        whole.item = _item(whole.item.encode())
    return whole


def _key_of(raw: bytes, options: ReadOptions) -> str:
    """Empty where it cannot be told; `_to_values` says then what is wrong."""
    with suppress(RecordRejected):
        return _key(_whole(raw).item)
    return ""


def _key(item: dict[str, Any]) -> str:
    """The specification has readers make a string of an id that is a number."""
    ident = item.get("id")
    key = str(ident) if type(ident) in (int, float) else ident if type(ident) is str else ""
    return "" if "\x00" in key else key


def _to_values(raw: bytes, options: ReadOptions) -> Delivered:
    whole = _whole(raw)
    if rb"\u0000" in raw:
        refuse_illegal_characters(msgspec.to_builtins(whole))
    _require_key(whole.item)
    return Delivered(_values(whole.item, whole.feed, options), pictures=_images(whole.item)[:1])


def _require_key(item: dict[str, Any]) -> None:
    ident = item.get("id")
    if ident is None or ident == "":
        raise RecordRejected("missing-key", "the item has no id")
    if not _key(item):
        raise RecordRejected("bad-type", f"id must be a string, not {kind_of(ident)}")


def _values(item: dict[str, Any], feed: _Feed, options: ReadOptions) -> dict[str, Any]:
    body, body_format = _body(item)
    title = read_text("title", item.get("title") or "").strip()
    published_at = _moment(item, "date_published", options)
    updated_at = _moment(item, "date_modified", options)
    return {
        "title": fitting_title(title) or title_from(plain_text(body) if body_format == "html" else body),
        "published_at": published_at or updated_at,
        "updated_at": updated_at,
        "body": body,
        "body_format": body_format,
        "language": language_tag(read_text("language", item.get("language") or ""))
        or language_tag(feed.language),
        "authors": _authors(item.get("authors"), item.get("author")) or _authors(feed.authors, feed.author),
        "tags": item.get("tags"),
        "summary": item.get("summary"),
        "image_sources": [{"url": address} for address in _images(item)],
        "payload": {"source_id": _key(item), "generator": "JSON Feed"},
        "aliases": _aliases(item, feed, options),
        "jsonfeed": _kept(item),
    }


def _body(item: dict[str, Any]) -> tuple[str, str]:
    for name, body_format in (("content_html", "html"), ("content_text", "text")):
        body = read_text(name, item.get(name) or "")
        if body.strip():
            return body, body_format
    raise RecordRejected("missing-body", "the item has neither content_html nor content_text")


def _moment(item: dict[str, Any], name: str, options: ReadOptions) -> str | None:
    text = read_text(name, item.get(name) or "")
    return read_loose_moment(name, text, zone=zone_named(options.zone)).isoformat() if text else None


def _authors(authors: Any, author: Any) -> list[str]:
    """Names; an author without one is told by nothing but an address."""
    people = read_objects("authors", authors or ([author] if author else []))
    return [read_text("authors.name", person["name"]) for person in people if person.get("name")]


def _images(item: dict[str, Any]) -> list[str]:
    addresses = [read_text(name, item.get(name) or "") for name in _IMAGES]
    return list(dict.fromkeys(filter(is_web_address, addresses)))


def _aliases(item: dict[str, Any], feed: _Feed, options: ReadOptions) -> list[str]:
    address = read_text("url", item.get("url") or "")
    return own_paths([address], homes=[feed.home_page_url, options.base_url])


def _kept(item: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in item.items() if name not in _TAKEN}
    for name in _IMAGES:
        if is_web_address(kept.get(name) or ""):
            del kept[name]
    title = (item.get("title") or "").strip()
    if is_too_long(title):
        kept["title"] = title
    people = item.get("authors") or ([item["author"]] if item.get("author") else [])
    if any(person.keys() - {"name"} for person in people):
        kept["authors"] = people
    return kept


FORMAT = Format("jsonfeed", "JSON Feed", _recognizes, _read, _to_values, _key_of, window=True)
