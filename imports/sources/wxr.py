"""WordPress eXtended RSS, as its exporter writes it (wp-admin/includes/export.php): posts and pages."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from urllib.parse import unquote

import msgspec
from lxml import etree

from articles.rendering import plain_text
from imports.deliveries import Delivery, Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.format import Delivered, Format, RawRecord, ReadOptions, Skipped
from imports.sources.paragraphs import add_paragraphs

# Both schemes occur, so elements are told by their local name.
_NAMESPACE = re.compile(rb"https?://wordpress\.org/export/1\.[012]/")
# XML 1.0 section 2.2 forbids these; WordPress writes them all the same.
_ILLEGAL = bytes(set(range(32)) - {9, 10, 13})
_ARTICLES = frozenset(("post", "page"))
_PUBLIC = frozenset(("publish", "future"))
_HIDDEN = frozenset(("draft", "pending", "private", "auto-draft"))
_NO_DATE = "0000-00-00 00:00:00"
_UNCATEGORIZED = "uncategorized"
_TITLE_WORDS = 8
_FIELDS = {
    "title": "title",
    "link": "link",
    "pubDate": "pub_date",
    "creator": "creator",
    "guid": "guid",
    "post_id": "post_id",
    "post_date": "post_date",
    "post_date_gmt": "post_date_gmt",
    "post_modified_gmt": "post_modified_gmt",
    "post_name": "post_name",
    "status": "status",
    "post_type": "post_type",
    "post_parent": "post_parent",
}


def _recognizes(sight: Sight) -> bool:
    return b"<rss" in sight.head and _NAMESPACE.search(sight.head) is not None


class _Cleaned(io.RawIOBase):
    """The stream without the control characters that no XML parser may accept."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        # An empty answer means the end, so a block of nothing but dropped characters is passed over.
        while block := self._stream.read(size):
            if cleaned := block.translate(None, _ILLEGAL):
                return cleaned
        return b""


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord | Skipped]:
    with delivery.open() as stream:
        yield from _items(stream, options)


def _items(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Skipped]:
    _refuse_doctype(stream, options.delivery)
    channel: dict[str, Any] = {"language": "en", "authors": {}}
    try:
        for element in _elements(stream):
            if element.tag == "item":
                yield _item(element, channel, options.max_record_bytes)
            else:
                _note_channel(element, channel)
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise DeliveryRefused(
            f"{options.delivery} is not well-formed XML{_where(error)}. It may have been cut off on its way; "
            "export it again."
        ) from error


def _where(error: etree.XMLSyntaxError) -> str:
    # For a file that just ends libxml2 has no words but these.
    unknown = not error.msg or error.msg.startswith("Unregistered")
    return f": it ends too early, near line {error.lineno}" if unknown else f": {error.msg}"


def _refuse_doctype(stream: BinaryIO, delivery: str) -> None:
    """WordPress writes none, and entities declared there are a way to read files and fill memory."""
    prolog = stream.peek(64 * 1024).split(b"<rss", 1)[0]
    if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog:
        raise DeliveryRefused(f"{delivery} declares a DOCTYPE, which no WordPress export has; it is refused.")


def _elements(stream: BinaryIO) -> Iterator[etree._Element]:
    events = etree.iterparse(
        _Cleaned(stream),
        events=("end",),
        tag=("item", "language", "{*}author"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
    )
    for _, element in events:
        yield element


def _forget(element: etree._Element) -> None:
    """Frees what was read; without it iterparse keeps the whole tree."""
    if element.tag != "item":
        return
    element.clear(keep_tail=True)
    while element.getprevious() is not None:
        del element.getparent()[0]


def _note_channel(element: etree._Element, channel: dict[str, Any]) -> None:
    if element.tag == "language":
        channel["language"] = (element.text or "en").strip()
        return
    parts = {_local(child): _text(child) for child in element}
    if parts.get("author_login"):
        channel["authors"][parts["author_login"]] = parts.get("author_display_name") or parts["author_login"]


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: etree._Element) -> str:
    """All text: the exporter splits `]]>` over two CDATA nodes."""
    return "".join(element.itertext()).strip()


def _item(element: etree._Element, channel: dict[str, Any], max_bytes: int) -> RawRecord | Skipped:
    item = _fields_of(element, channel)
    reason = _not_an_article(item)
    if reason:
        return Skipped(reason)
    raw = msgspec.json.encode(item)
    fault = None
    if len(raw) > max_bytes:
        fault = RecordRejected("too-large", f"the item is longer than {max_bytes} bytes")
    return RawRecord(element.sourceline or 0, item.get("post_id", ""), raw, fault)


def _fields_of(element: etree._Element, channel: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {"categories": [], "meta": {}, "language": channel["language"]}
    for child in element:
        name = _local(child)
        if name in _FIELDS:
            item[_FIELDS[name]] = _text(child)
        elif name == "encoded":
            item["excerpt" if "excerpt" in child.tag else "content"] = _text(child)
        elif name == "category":
            item["categories"].append(
                [child.get("domain", "category"), child.get("nicename", ""), _text(child)]
            )
        elif name == "postmeta":
            parts = {_local(part): _text(part) for part in child}
            item["meta"][parts.get("meta_key", "")] = parts.get("meta_value", "")
        elif name == "post_password":
            # That there is one is all that matters here; the password itself is kept nowhere.
            item["protected"] = bool(_text(child))
    item["author"] = channel["authors"].get(item.get("creator"), item.get("creator", ""))
    return item


def _not_an_article(item: dict[str, Any]) -> str:
    """Why the item is no article, or nothing when it is one."""
    kind, status = item.get("post_type"), item.get("status")
    if not kind or not status or "content" not in item:
        return "incomplete"
    if kind not in _ARTICLES:
        return kind
    return "" if status in _PUBLIC or status in _HIDDEN else status


def _to_values(raw: bytes, options: ReadOptions) -> Delivered:
    item = msgspec.json.decode(raw)
    if not item.get("post_id"):
        raise RecordRejected("missing-key", "the item has no wp:post_id")
    published_at = _published_at(item)
    hidden = item["status"] not in _PUBLIC or item.get("protected", False)
    return Delivered(_values(item, published_at), draft=hidden)


def _values(item: dict[str, Any], published_at: str | None) -> dict[str, Any]:
    topics = _names(item, "category")
    text = plain_text(item["content"])
    return {
        "title": plain_text(item.get("title", "")) or _title_from(text),
        "slug": unquote(item.get("post_name", "")),
        "published_at": published_at,
        "updated_at": _moment(item.get("post_modified_gmt")),
        "body": add_paragraphs(item["content"]),
        "language": item["language"],
        "author": item["author"],
        "topic": topics[0] if topics else None,
        "tags": [*topics[1:], *_names(item, "post_tag")],
        "summary": plain_text(item.get("excerpt", "")),
        "payload": {"source_id": item["post_id"], "generator": "WordPress", "type": item["post_type"]},
        "aliases": [item["link"]] if item.get("link") else [],
        "wordpress": _kept_whole(item),
    }


def _names(item: dict[str, Any], domain: str) -> list[str]:
    return [name for where, slug, name in item["categories"] if where == domain and slug != _UNCATEGORIZED]


def _title_from(text: str) -> str:
    """WordPress lets a post go without a title, and people still have to find it."""
    words = text.split()
    if not words:
        return "Untitled"
    return " ".join(words[:_TITLE_WORDS])[:200] + ("…" if len(words) > _TITLE_WORDS else "")


def _kept_whole(item: dict[str, Any]) -> dict[str, Any]:
    kept = {name: item[name] for name in ("status", "guid", "post_parent") if item.get(name)}
    public_meta = {key: value for key, value in item["meta"].items() if key and not key.startswith("_")}
    return {**kept, "meta": public_meta} if public_meta else kept


def _published_at(item: dict[str, Any]) -> str | None:
    """UTC, else the site's own time taken for UTC, else the feed's date; drafts often have none."""
    moment = _moment(item.get("post_date_gmt")) or _moment(item.get("post_date"))
    return moment or _feed_moment(item.get("pub_date"))


def _moment(text: str | None) -> str | None:
    if not text or text == _NO_DATE:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat()
    except ValueError:
        raise RecordRejected("bad-date", f"the item's date is none: {text[:60]!r}") from None


def _feed_moment(text: str | None) -> str | None:
    try:
        return parsedate_to_datetime(text).isoformat() if text else None
    except ValueError:
        # WordPress writes the year -0001 here for drafts.
        return None


FORMAT = Format("wxr", "WordPress export (WXR)", _recognizes, _read, _to_values)
