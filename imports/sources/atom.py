"""Atom 1.0 (RFC 4287): the entries of a feed, also of one that Blogger exported. A feed shows its newest
entries only, so what is missing from it is not gone."""

from collections.abc import Callable, Iterable, Iterator

import msgspec
from lxml import etree

from imports.deliveries import Delivery, Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.atom_entries import HTML, Construct, Entry, Link, key_of, to_values
from imports.sources.feeds import absolute, key_from, person_name, root_of
from imports.sources.format import Format, RawRecord, ReadOptions, Skipped
from imports.sources.xml_stream import FORBIDDEN, elements

_NAMESPACE = "http://www.w3.org/2005/Atom"
_NS = f"{{{_NAMESPACE}}}"
_BLOGGER = "{http://schemas.google.com/blogger/2018}"
# RFC 5023 section 13.1.1, and what was written before it was one.
_CONTROLS = ("{http://www.w3.org/2007/app}control", "{http://purl.org/atom/app#}control")
_LANGUAGE_IN_FORCE = etree.XPath("string(ancestor-or-self::*[@xml:lang][1]/@xml:lang)")
_KIND = "http://schemas.google.com/g/2005#kind"
_ARTICLES = frozenset(("post", "page"))
_LONGEST_REASON = 50
_ROOTS = ("feed", "entry")


def _recognizes(sight: Sight) -> bool:
    name, attributes = root_of(sight)
    return name in _ROOTS and _NAMESPACE.encode() in attributes


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord | Skipped]:
    """What the feed says of all its entries counts for those that follow it."""
    if not _recognizes(delivery.sight()):
        raise DeliveryRefused(
            f"{options.delivery} is no Atom feed; leave --format out, or name the right one."
        )
    feed = Entry()
    tags = tuple(f"{_NS}{name}" for name in ("entry", "author", "link", "rights"))
    with delivery.open() as stream:
        dropped: list[int] = []
        for element in elements(
            stream,
            tags=tags,
            delivery=options.delivery,
            on_dropped=dropped.append,
            max_record_bytes=options.max_record_bytes,
        ):
            if element.tag == f"{_NS}entry":
                yield _record(element, feed, options.max_record_bytes)
            elif element.getparent() is not None and element.getparent().tag == f"{_NS}feed":
                _TAKERS[element.tag](feed, element)
        for count in dropped:
            yield Skipped(FORBIDDEN, count)


def _record(element: etree._Element, feed: Entry, limit: int) -> RawRecord | Skipped:
    entry = _entry(element, feed)
    if entry.kind not in _ARTICLES:
        return Skipped(entry.kind[:_LONGEST_REASON] or "other")
    raw = msgspec.json.encode(entry)
    fault = None
    if len(raw) > limit:
        fault = RecordRejected("too-large", f"the entry is longer than {limit} bytes")
    return RawRecord(element.sourceline or 0, key_from(entry.id), raw, fault)


def _entry(element: etree._Element, feed: Entry) -> Entry:
    entry = Entry(language=str(_LANGUAGE_IN_FORCE(element)))
    for child in element:
        if take := _TAKERS.get(child.tag):
            take(entry, child)
    # Section 4.2.1: of the entry, else of its source, else of the feed.
    entry.authors = entry.authors or _authors_of_source(element) or feed.authors
    entry.homes = [link.href for link in feed.links if link.rel in ("alternate", "self")]
    entry.rights = entry.rights or feed.rights
    return entry


def _text(element: etree._Element) -> str:
    return "".join(element.itertext()).strip()


def _take_text(entry: Entry, element: etree._Element) -> None:
    name = etree.QName(element).localname
    setattr(entry, name, getattr(entry, name) or _text(element))


def _take_construct(entry: Entry, element: etree._Element) -> None:
    """Sections 3.1 and 4.1.3."""
    name = etree.QName(element).localname
    setattr(entry, name, getattr(entry, name) or _construct(element))


def _construct(element: etree._Element) -> Construct:
    kind = element.get("type", "text").strip().lower()
    src, base = element.get("src", ""), element.base or ""
    if kind == "xhtml" or kind.endswith(("+xml", "/xml")):
        return Construct(HTML if "html" in kind else kind, _markup(element), src, base)
    return Construct(kind, _text(element), src, base)


def _markup(element: etree._Element) -> str:
    """The markup in an element as HTML knows it. Section 3.1.1.3: the div around it is no part of it."""
    for node in element.iter("*"):
        node.tag = etree.QName(node).localname
    around = element[0] if len(element) == 1 and element[0].tag == "div" else element
    html = etree.tostring(around, encoding="unicode", method="html", with_tail=False)
    return html[html.index(">") + 1 : html.rindex("<")].strip()


def _take_author(entry: Entry, element: etree._Element) -> None:
    entry.authors += _names([element])


def _take_contributor(entry: Entry, element: etree._Element) -> None:
    entry.contributors += _names([element])


def _names(people: Iterable[etree._Element]) -> list[str]:
    # Their mail addresses are nobody's business here.
    return list(filter(None, (person_name(person.findtext(f"{_NS}name") or "") for person in people)))


def _authors_of_source(element: etree._Element) -> list[str]:
    return _names(element.iterfind(f"{_NS}source/{_NS}author"))


def _take_source(entry: Entry, element: etree._Element) -> None:
    entry.source = {name: element.findtext(_NS + name, "").strip() for name in ("id", "title")}


def _take_category(entry: Entry, element: etree._Element) -> None:
    term = element.get("term", "").strip()
    if element.get("scheme") == _KIND:
        entry.kind = term.rpartition("#")[2]
    else:
        entry.categories.append(element.get("label", "").strip() or term)


def _take_link(entry: Entry, element: etree._Element) -> None:
    href = absolute(element.get("href", "").strip(), element.base or "")
    if not href:
        # Blogger's exports have one such in every entry.
        return
    told = {name: element.get(name, "") for name in ("type", "title", "length")}
    entry.links.append(Link(href, element.get("rel", "alternate"), **told))


def _take_control(entry: Entry, element: etree._Element) -> None:
    if any(etree.QName(part).localname == "draft" and _text(part).lower() == "yes" for part in element):
        entry.draft = True


def _take_blogger_type(entry: Entry, element: etree._Element) -> None:
    entry.kind = _text(element).lower()


def _take_blogger_status(entry: Entry, element: etree._Element) -> None:
    if _text(element) != "LIVE":
        entry.draft = True


def _take_blogger_trashed(entry: Entry, element: etree._Element) -> None:
    """When the entry was deleted; every other has the element too, but empty."""
    if _text(element):
        entry.draft = True


_TAKERS: dict[str, Callable[[Entry, etree._Element], None]] = {
    **dict.fromkeys([_NS + name for name in ("id", "published", "updated")], _take_text),
    **dict.fromkeys([_NS + name for name in ("title", "summary", "content", "rights")], _take_construct),
    **dict.fromkeys(_CONTROLS, _take_control),
    _NS + "author": _take_author,
    _NS + "contributor": _take_contributor,
    _NS + "source": _take_source,
    _NS + "category": _take_category,
    _NS + "link": _take_link,
    _BLOGGER + "type": _take_blogger_type,
    _BLOGGER + "status": _take_blogger_status,
    _BLOGGER + "trashed": _take_blogger_trashed,
    _BLOGGER + "filename": _take_text,
}


FORMAT = Format("atom", "Atom feed", _recognizes, _read, to_values, key_of, window=True)
