"""RSS 2.0 with its forerunners, and RSS 1.0: the items of a feed. A feed shows its newest items only, so
what is missing from it is not gone."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import msgspec
from lxml import etree

from imports.deliveries import Delivery, Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.feed_dates import read_feed_moment
from imports.sources.feeds import (
    absolute,
    as_html,
    as_line,
    hashed_key,
    key_from,
    language_tag,
    own_paths,
    person_name,
    read_again,
    root_of,
    with_absolute_links,
)
from imports.sources.format import Delivered, Format, RawRecord, ReadOptions, Skipped
from imports.sources.loose_dates import zone_named
from imports.sources.titles import fitting_title, is_too_long, title_from
from imports.sources.xml_stream import FORBIDDEN, elements
from imports.values import is_web_address

# Of RSS 2.0 none; of the others what they, and those who took them for RSS 2.0's, declare.
_CORE = frozenset(
    (
        None,
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss2",
        "http://backend.userland.com/RSS2",
        "http://blogs.law.harvard.edu/tech/rss",
    )
)
_WORDPRESS_EXPORT = re.compile(r"https?://wordpress\.org/export/")
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_ORIGINAL_LINK = "{http://rssnamespace.org/feedburner/ext/1.0}origLink"
# Fields of an item, and what tells them: where several modules do, the first that is there counts.
_TEXTS = {
    "title": ("title",),
    # FeedBurner puts an address of its own before that of the article.
    "link": (_ORIGINAL_LINK, "link"),
    "description": ("description",),
    "content": (_ENCODED,),
    "comments": ("comments",),
    "published": ("pubDate", f"{_DC}date", f"{_TERMS}created", f"{_TERMS}issued"),
    "updated": (f"{_ATOM}updated", f"{_TERMS}modified"),
    "language": (f"{_DC}language",),
    "rights": (f"{_DC}rights",),
}


class Enclosure(msgspec.Struct, omit_defaults=True):
    url: str = ""
    type: str = ""
    length: str = ""


class Item(msgspec.Struct, omit_defaults=True):
    """As delivered, with what the channel says of all its items, but without mail addresses. `home` is
    the channel's own address."""

    key: str = ""
    guid: str = ""
    is_permalink: bool = False
    link: str = ""
    title: str = ""
    description: str = ""
    content: str = ""
    published: str = ""
    updated: str = ""
    language: str = ""
    authors: list[str] = []
    categories: list[str] = []
    enclosures: list[Enclosure] = []
    comments: str = ""
    rights: str = ""
    home: str = ""


_DECODER = msgspec.json.Decoder(Item)


def _recognizes(sight: Sight) -> bool:
    name, attributes = root_of(sight)
    if name == "RDF":
        return any(namespace.encode() in attributes for namespace in _CORE if namespace)
    return name == "rss" and not _WORDPRESS_EXPORT.search(attributes.decode(errors="replace"))


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord | Skipped]:
    """What the channel says of all its items counts for those that follow it."""
    if not _recognizes(delivery.sight()):
        raise DeliveryRefused(
            f"{options.delivery} is no RSS feed; leave --format out, or name the right one."
        )
    channel = {"link": "", "language": ""}
    with delivery.open() as stream:
        dropped: list[int] = []
        tags = ("{*}item", "{*}link", "{*}language")
        for element in elements(
            stream,
            tags=tags,
            delivery=options.delivery,
            on_dropped=dropped.append,
            max_record_bytes=options.max_record_bytes,
        ):
            name = _name(element)
            if name == "item":
                yield _record(element, channel, options)
            elif name in channel and _is_of_channel(element):
                channel[name] = channel[name] or _text(element)
        for count in dropped:
            yield Skipped(FORBIDDEN, count)


def _is_of_channel(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and _name(parent) == "channel"


def _name(element: etree._Element) -> str:
    """Without the namespace where it is one of RSS itself."""
    name = etree.QName(element)
    return name.localname if name.namespace in _CORE else name.text


def _text(element: etree._Element) -> str:
    return "".join(element.itertext()).strip()


def _record(element: etree._Element, channel: dict[str, str], options: ReadOptions) -> RawRecord:
    item = _item(element, channel, options.delivery)
    raw = msgspec.json.encode(item)
    fault = None
    if len(raw) > options.max_record_bytes:
        fault = RecordRejected("too-large", f"the item is longer than {options.max_record_bytes} bytes")
    return RawRecord(element.sourceline or 0, item.key, raw, fault)


def _item(element: etree._Element, channel: dict[str, str], delivery: str) -> Item:
    parts = _parts(element, delivery)
    texts = {field: _first_text(parts, names) for field, names in _TEXTS.items()}
    guid = next(iter(parts.get("guid", ())), None)
    item = Item(
        **texts,
        guid="" if guid is None else _text(guid),
        is_permalink=guid is not None and guid.get("isPermaLink", "true").strip().lower() != "false",
        # Names of Dublin Core before those that stand beside a mail address.
        authors=_names(parts.get(f"{_DC}creator", ())) or _names(parts.get("author", ())),
        categories=[_text(part) for name in ("category", f"{_DC}subject") for part in parts.get(name, ())],
        enclosures=[
            Enclosure(*(part.get(name, "") for name in ("url", "type", "length")))
            for part in parts.get("enclosure", ())
        ],
        home=channel["link"],
    )
    item.language = item.language or channel["language"]
    item.key = _key(item, about=element.get(_RDF_ABOUT, "").strip(), link=_first_text(parts, ("link",)))
    return item


def _parts(element: etree._Element, delivery: str) -> dict[str, list[etree._Element]]:
    parts: dict[str, list[etree._Element]] = {}
    for child in element:
        if _WORDPRESS_EXPORT.match(etree.QName(child).namespace or ""):
            # Its drafts and private posts would all come out as public.
            raise DeliveryRefused(f"{delivery} is a WordPress export; import it with --format wxr.")
        parts.setdefault(_name(child), []).append(child)
    return parts


def _first_text(parts: dict[str, list[etree._Element]], names: Iterable[str]) -> str:
    return next((text for name in names for part in parts.get(name, ()) if (text := _text(part))), "")


def _names(people: Iterable[etree._Element]) -> list[str]:
    # As RSS 2.0 has it, a mail address with the name in parentheses; the address is nobody's business here.
    return list(dict.fromkeys(filter(None, (person_name(_text(person)) for person in people))))


def _key(item: Item, *, about: str, link: str) -> str:
    """The guid; else the address; else what else tells an item from the others of its feed."""
    if identity := item.guid or about or link:
        return key_from(identity)
    told = (item.title, item.published, item.description)
    return hashed_key(*told) if any(told) else ""


def _key_of(raw: bytes, options: ReadOptions) -> str:
    """Empty where it cannot be told; `_to_values` says then what is wrong."""
    with suppress(RecordRejected):
        return read_again(raw, _DECODER, what="item").key
    return ""


def _to_values(raw: bytes, options: ReadOptions) -> Delivered:
    item = read_again(raw, _DECODER, what="item")
    if not item.key:
        raise RecordRejected("missing-key", "the item has neither a guid nor anything else to tell it by")
    return Delivered(_values(item, options))


def _values(item: Item, options: ReadOptions) -> dict[str, Any]:
    zone = zone_named(options.zone)
    published_at = read_feed_moment("pubDate", item.published, zone=zone)
    updated_at = read_feed_moment("updated", item.updated, zone=zone)
    addresses = _addresses(item)
    body, summary = _body_and_summary(item, base=(addresses or [item.home])[0])
    return {
        "title": fitting_title(as_line(item.title)) or title_from(as_line(body)),
        "published_at": published_at or updated_at,
        "updated_at": updated_at,
        "body": body,
        "language": language_tag(item.language),
        "authors": item.authors,
        "tags": [as_line(name) for name in item.categories],
        "summary": summary,
        "payload": {"source_id": item.key, "generator": "RSS"},
        "aliases": own_paths(addresses, homes=[item.home, options.base_url]),
        "rss": _kept(item, addresses),
    }


def _addresses(item: Item) -> list[str]:
    """Where the article stands at its source."""
    told = [absolute(item.link, item.home), item.guid if item.is_permalink else ""]
    return list(dict.fromkeys(filter(is_web_address, told)))


def _body_and_summary(item: Item, *, base: str) -> tuple[str, str]:
    """Without the content module's text the description is the body, and no summary of it."""
    body = with_absolute_links(as_html(item.content or item.description), base)
    if not body.strip():
        raise RecordRejected("missing-body", "the item has neither content nor a description")
    return body, as_line(as_html(item.description)) if item.content else ""


def _kept(item: Item, addresses: list[str]) -> dict[str, Any]:
    title = as_line(item.title)
    kept = {
        "guid": item.guid,
        "title": title if is_too_long(title) else "",
        "link": (addresses or [""])[0],
        "comments": item.comments,
        "rights": item.rights,
        "enclosures": msgspec.to_builtins(item.enclosures),
    }
    return {name: value for name, value in kept.items() if value}


FORMAT = Format("rss", "RSS feed", _recognizes, _read, _to_values, _key_of, window=True)
