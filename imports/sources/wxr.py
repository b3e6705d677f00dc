"""WordPress eXtended RSS, as its exporter writes it (wp-admin/includes/export.php): posts and pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
from lxml import etree

from imports.deliveries import Delivery, Sight
from imports.faults import RecordRejected
from imports.sources.format import Attachment, Format, RawRecord, ReadOptions, Skipped
from imports.sources.wordpress import PUBLIC, Item, key_of, to_values
from imports.sources.xml_stream import FORBIDDEN, elements
from imports.values import is_web_address

# Both schemes occur.
_NAMESPACE = r"https?://wordpress\.org/export/1\.[012]/"
_SIGHT = re.compile(_NAMESPACE.encode())
_WORDPRESS = re.compile(rf"\{{{_NAMESPACE}")
_NAMESPACES = tuple(
    f"{{{scheme}://wordpress.org/export/1.{minor}/}}" for scheme in ("http", "https") for minor in range(3)
)
# Items name their terms themselves: those of the channel are only told so that they are freed.
_TERMS = tuple(namespace + name for namespace in _NAMESPACES for name in ("category", "tag", "term"))
_TAGS = ("item", "language", "link", "{*}base_blog_url", "{*}base_site_url", "{*}author", *_TERMS)
# No part of an article, and there can be more of them than fit into memory.
_COMMENTS = tuple(f"{namespace}comment" for namespace in _NAMESPACES)
_ARTICLES = frozenset(("post", "page"))
_HIDDEN = frozenset(("draft", "pending", "private", "auto-draft"))
_MINUTE = timedelta(minutes=1)
_QUARTER = timedelta(minutes=15)
_FARTHEST = timedelta(hours=15)

# The elements of an item by their namespaces, and what they are to an Item.
_OF_RSS = {"title": "title", "link": "link", "guid": "guid", "pubDate": "pub_date", "category": "category"}
_OF_OTHERS = {
    "{http://purl.org/rss/1.0/modules/content/}encoded": "content",
    "{http://purl.org/dc/elements/1.1/}creator": "author",
}
_OF_WORDPRESS = {
    (False, name): name
    for name in (
        *("post_id", "post_type", "status", "post_name", "post_parent", "post_password"),
        *("post_date", "post_date_gmt", "post_modified_gmt", "attachment_url"),
        *("postmeta", "meta_key", "meta_value", "author_login", "author_display_name"),
    )
} | {(True, "encoded"): "excerpt"}


@dataclass(slots=True)
class _Channel:
    """What stands before the items and is true for all of them; `offset` is the site's distance from UTC
    in minutes, as far as the items so far tell it."""

    language: str = "en"
    addresses: dict[str, str] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    offset: int | None = None

    @property
    def site(self) -> str:
        """A blog in a network has an address of its own."""
        found = (self.addresses.get(name) for name in ("base_blog_url", "link", "base_site_url"))
        return next(filter(None, found), "")


def _recognizes(sight: Sight) -> bool:
    return b"<rss" in sight.head and _SIGHT.search(sight.head) is not None


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord | Skipped | Attachment]:
    channel = _Channel()
    with delivery.open() as stream:
        dropped: list[int] = []
        for element in elements(
            stream,
            tags=_TAGS,
            delivery=options.delivery,
            on_dropped=dropped.append,
            unread=_COMMENTS,
            max_record_bytes=options.max_record_bytes,
        ):
            if element.tag == "item":
                yield _entry(element, channel, options.max_record_bytes)
            elif element.tag not in _TERMS:
                _note(element, channel)
        for count in dropped:
            yield Skipped(FORBIDDEN, count)


def _note(element: etree._Element, channel: _Channel) -> None:
    name = element.tag.rpartition("}")[2]
    if name == "language":
        channel.language = _text(element).replace("_", "-") or "en"
    elif name == "author":
        parts = _parts(element)
        login = parts.get("author_login", "")
        channel.authors[login] = parts.get("author_display_name") or login
    else:
        channel.addresses[name] = _text(element)


def _entry(element: etree._Element, channel: _Channel, max_bytes: int) -> RawRecord | Skipped | Attachment:
    item, attachment_url = _item(element, max_bytes)
    if item.post_type == "attachment" and item.post_id and is_web_address(attachment_url):
        return Attachment(item.post_id, attachment_url)
    reason = _not_an_article(item)
    if reason:
        return Skipped(reason)
    _complete(item, channel)
    raw = msgspec.json.encode(item)
    fault = None
    if len(raw) > max_bytes:
        fault = RecordRejected("too-large", f"the item is longer than {max_bytes} bytes")
    return RawRecord(element.sourceline or 0, item.post_id, raw[:max_bytes], fault)


def _not_an_article(item: Item) -> str:
    """Why the item is no article, or nothing when it is one."""
    if not item.post_type or not item.status or item.content is None:
        return "incomplete"
    if item.post_type not in _ARTICLES:
        return item.post_type
    return "" if item.status in PUBLIC or item.status in _HIDDEN else item.status


def _item(element: etree._Element, max_bytes: int) -> tuple[Item, str]:
    """The item, and the address of the file if it is an attachment. A text that makes the item too large
    is cut, so that no more of it is copied than shows that."""
    item = Item()
    attachment_url = ""
    for child in element:
        name = _name(child.tag)
        if not name:
            continue
        if name == "postmeta":
            _add_meta(item, _parts(child))
        elif name == "category":
            domain = child.get("domain", "category")
            item.terms.append((domain, child.get("nicename", ""), _text(child)))
        elif name == "post_password":
            # That there is one is all that matters here; the password itself is kept nowhere.
            item.is_protected = item.is_protected or _is_password("".join(child.itertext()))
        elif name == "attachment_url":
            attachment_url = _text(child)
        else:
            setattr(item, name, _text(child, max_bytes))
    return item, attachment_url


def _is_password(text: str) -> bool:
    """Also if it is a space: only white space with line ends is how somebody laid the file out."""
    return bool(text.strip() or (text and "\n" not in text))


def _add_meta(item: Item, parts: dict[str, str]) -> None:
    """What begins with an underscore is WordPress's and its plugins' own bookkeeping."""
    key, value = parts.get("meta_key", ""), parts.get("meta_value", "")
    if key == "_thumbnail_id":
        item.thumbnail = value
    elif key == "_wp_old_slug":
        item.old_slugs.append(value)
    elif key and not key.startswith("_"):
        item.meta.setdefault(key, []).append(value)


def _complete(item: Item, channel: _Channel) -> None:
    item.author = channel.authors.get(item.author, item.author)
    item.terms = [_named(*term, channel.authors) if term[0] == "author" else term for term in item.terms]
    item.language = channel.language
    item.site = channel.site
    offset = _offset(item)
    if offset is not None:
        channel.offset = offset
    elif item.post_date:
        item.offset = channel.offset


def _named(domain: str, slug: str, name: str, authors: dict[str, str]) -> tuple[str, str, str]:
    """An author as Co-Authors Plus tells it, by the login."""
    return domain, slug, authors.get(name) or authors.get(slug.removeprefix("cap-")) or name


def _offset(item: Item) -> int | None:
    try:
        distance = datetime.fromisoformat(item.post_date) - datetime.fromisoformat(item.post_date_gmt)
    except (ValueError, TypeError):
        return None
    return distance // _MINUTE if abs(distance) < _FARTHEST and not distance % _QUARTER else None


def _parts(element: etree._Element) -> dict[str, str]:
    return {_name(child.tag): _text(child) for child in element}


def _text(element: etree._Element, most: int | None = None) -> str:
    text = "".join(element.itertext()) if len(element) else element.text
    if text and most is not None and len(text) > most:
        return text[:most]
    return text.strip() if text else ""


@lru_cache(maxsize=1000)
def _name(tag: str) -> str:
    """What an element is to an Item; empty for those that are nothing to it."""
    namespace, _, local = tag.rpartition("}")
    if not namespace:
        return _OF_RSS.get(local, "")
    if _WORDPRESS.match(namespace):
        return _OF_WORDPRESS.get((namespace.endswith("/excerpt/"), local), "")
    return _OF_OTHERS.get(tag, "")


FORMAT = Format("wxr", "WordPress export (WXR)", _recognizes, _read, to_values, key_of)
