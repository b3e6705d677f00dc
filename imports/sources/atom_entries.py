"""An entry of an Atom feed, and what it says in the words of the archive's own format."""

from contextlib import suppress
from typing import Any

import msgspec

from imports.faults import RecordRejected
from imports.sources.feed_dates import read_feed_moment
from imports.sources.feeds import (
    as_html,
    as_line,
    key_from,
    language_tag,
    own_paths,
    read_again,
    with_absolute_links,
)
from imports.sources.format import Delivered, ReadOptions
from imports.sources.loose_dates import zone_named
from imports.sources.titles import fitting_title, is_too_long, title_from
from imports.values import quoted

HTML = "html"
# Section 4.1.3.3: other types are no text, or stand in Base64.
_FORMATS = {
    "text": "text",
    "text/plain": "text",
    "html": "html",
    "text/html": "html",
    "xhtml": "html",
    "text/markdown": "markdown",
}


class Construct(msgspec.Struct, omit_defaults=True):
    """A text, HTML in a text, or with `src` what stands elsewhere. `base` is where its links start."""

    type: str = "text"
    text: str = ""
    src: str = ""
    base: str = ""


class Link(msgspec.Struct, omit_defaults=True):
    href: str = ""
    rel: str = "alternate"
    type: str = ""
    title: str = ""
    length: str = ""


class Entry(msgspec.Struct, omit_defaults=True):
    """As delivered, with what the feed says of all its entries, but without mail addresses. `homes` are
    the feed's own addresses, `source` is the feed from which the entry was taken over, `filename` the path of
    the entry where it was exported from Blogger, which tells no other address."""

    id: str = ""
    kind: str = "post"
    draft: bool = False
    title: Construct | None = None
    summary: Construct | None = None
    content: Construct | None = None
    rights: Construct | None = None
    published: str = ""
    updated: str = ""
    language: str = ""
    authors: list[str] = []
    contributors: list[str] = []
    categories: list[str] = []
    links: list[Link] = []
    homes: list[str] = []
    source: dict[str, str] = {}
    filename: str = ""


_DECODER = msgspec.json.Decoder(Entry)


def key_of(raw: bytes, options: ReadOptions) -> str:
    """Empty where it cannot be told; `to_values` says then what is wrong."""
    with suppress(RecordRejected):
        return key_from(read_again(raw, _DECODER, what="entry").id)
    return ""


def to_values(raw: bytes, options: ReadOptions) -> Delivered:
    entry = read_again(raw, _DECODER, what="entry")
    if not entry.id:
        raise RecordRejected("missing-key", "the entry has no id")
    return Delivered(_values(entry, options), draft=entry.draft)


def _values(entry: Entry, options: ReadOptions) -> dict[str, Any]:
    zone = zone_named(options.zone)
    published_at = read_feed_moment("published", entry.published, zone=zone)
    updated_at = read_feed_moment("updated", entry.updated, zone=zone)
    addresses = [link.href for link in entry.links if link.rel == "alternate"]
    body, body_format, summary = _body_and_summary(entry, base=(addresses or [""])[0])
    return {
        "title": fitting_title(_line(entry.title))
        or title_from(as_line(body) if body_format == HTML else body),
        "published_at": published_at or updated_at,
        "updated_at": updated_at,
        "body": body,
        "body_format": body_format,
        "language": language_tag(entry.language),
        "authors": entry.authors,
        "tags": entry.categories,
        "summary": summary,
        "payload": {"source_id": key_from(entry.id), "generator": "Atom"},
        "aliases": [
            *own_paths(addresses, homes=[*entry.homes, options.base_url]),
            *filter(None, [entry.filename]),
        ],
        "atom": _kept(entry),
    }


def _body_and_summary(entry: Entry, *, base: str) -> tuple[str, str, str]:
    """Body, its format, summary. Without content the summary is the body: it is all that the feed gives."""
    for construct in filter(None, (entry.content, entry.summary)):
        body_format = _FORMATS.get(construct.type)
        if body_format and not construct.src and construct.text:
            body = construct.text
            if body_format == HTML:
                body = with_absolute_links(as_html(body), construct.base or base)
            return body, body_format, _line(entry.summary) if construct is entry.content else ""
    raise RecordRejected("missing-body", _why_without_body(entry.content))


def _why_without_body(content: Construct | None) -> str:
    if not content:
        return "the entry has neither content nor a summary"
    if content.src:
        return f"the entry has no summary, and its content stands elsewhere: {quoted(content.src)}"
    if content.text:
        return f"the entry has no summary, and its content is of the type {quoted(content.type)}"
    return "the entry's content and its summary are empty"


def _line(construct: Construct | None) -> str:
    if not construct:
        return ""
    return " ".join(construct.text.split()) if construct.type == "text" else as_line(construct.text)


def _kept(entry: Entry) -> dict[str, Any]:
    title = _line(entry.title)
    kept = {
        "id": entry.id,
        "title": title if is_too_long(title) else "",
        "links": [{"rel": link.rel, **msgspec.to_builtins(link)} for link in entry.links],
        "contributors": entry.contributors,
        "source": entry.source,
        "rights": _line(entry.rights),
        "content_address": entry.content.src if entry.content else "",
    }
    return {name: value for name, value in kept.items() if value}
