"""An item of a WordPress export, and what it says in the words of the archive's own format."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import chain
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from articles.rendering import excerpt, plain_text
from articles.sanitizing import sanitize_html
from imports.faults import RecordRejected
from imports.sources.feeds import as_line
from imports.sources.format import Delivered, ReadOptions
from imports.sources.paragraphs import add_paragraphs
from imports.sources.php_values import readable
from imports.sources.shortcodes import expand_shortcodes, gallery_ids
from imports.sources.titles import title_from

PUBLIC = frozenset(("publish", "future"))
_UNNAMED_ZONE = "UTC"
_UNCATEGORIZED = "uncategorized"
# WordPress 1.0 exports call tags so.
_TAG_DOMAINS = frozenset(("post_tag", "tag"))
# Co-Authors Plus keeps authors as terms; a menu says nothing about an article.
_NO_TAXONOMIES = _TAG_DOMAINS | {"category", "author", "nav_menu"}
# What WordPress writes for a moment that it does not know.
_NO_DATES = ("0000-00-00", "-0001-")
_PAGE_BREAK = re.compile(r"<!--\s*+nextpage\s*+-->")
_MORE = re.compile(r"<!--\s*more\b[^<>]*-->")
# A block that several posts share; the export has it as an item of its own, often behind them.
_SHARED_BLOCK = re.compile(r'<!--\s*+wp:block\s*+\{[^{}]{0,200}?"ref":\s*+(\d+)')
_BETWEEN_TOPICS = re.compile(r" /(?= )")
_SLASH_IN_TOPIC = "\N{NO-BREAK SPACE}/"
_SUMMARY_LENGTH = 500
# WordPress is older than UTF-8 in it: its exporter takes what is not UTF-8 for Latin-1, and so the
# letters of Windows' cp1252 between 80 and 9F become control characters.
_C1 = re.compile(rb"\xc2[\x80-\x9f]")


class Item(msgspec.Struct, omit_defaults=True):
    """As delivered, but without what is no reader's business. `content` is None if it was missing, `site`
    the blog's own address. `offset` is in minutes, told by other items, where the item has local time
    only. `terms` are (domain, slug, name)."""

    post_id: str = ""
    post_type: str = ""
    status: str = ""
    title: str = ""
    link: str = ""
    guid: str = ""
    content: str | None = None
    excerpt: str = ""
    author: str = ""
    post_name: str = ""
    post_parent: str = ""
    post_date: str = ""
    post_date_gmt: str = ""
    post_modified_gmt: str = ""
    pub_date: str = ""
    language: str = "en"
    site: str = ""
    offset: int | None = None
    is_protected: bool = False
    thumbnail: str = ""
    old_slugs: list[str] = []
    terms: list[tuple[str, str, str]] = []
    meta: dict[str, list[str]] = {}


_decode = msgspec.json.Decoder(Item).decode


def to_values(raw: bytes, options: ReadOptions) -> Delivered:
    item = _item(raw)
    if not item.post_id:
        raise RecordRejected("missing-key", "the item has no wp:post_id")
    hidden = item.status not in PUBLIC or item.is_protected
    return Delivered(_values(item, options), draft=hidden, pictures=_pictures(item), base_url=item.site)


def key_of(raw: bytes, _options: ReadOptions) -> str:
    """Empty where it cannot be told; `to_values` says then what is wrong."""
    try:
        return _item(raw).post_id
    except RecordRejected:
        return ""


def _item(raw: bytes) -> Item:
    try:
        return _decode(_C1.sub(_as_cp1252, raw))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordRejected("not-json", f"the item is not as it was read: {error}") from None


def _as_cp1252(found: re.Match[bytes]) -> bytes:
    # Five of them mean nothing in cp1252 either.
    return found[0][1:].decode("cp1252", errors="ignore").encode()


def _pictures(item: Item) -> list[str]:
    thumbnail = [item.thumbnail] if item.thumbnail.isdecimal() else []
    return list(dict.fromkeys(chain(thumbnail, *gallery_ids(item.content or ""))))


def _values(item: Item, options: ReadOptions) -> dict[str, Any]:
    topics = _names(item, {"category"})
    content = item.content or ""
    body = _body(content)
    return {
        "title": as_line(item.title) or title_from(plain_text(sanitize_html(body))),
        "slug": unquote(item.post_name),
        "published_at": _published_at(item, options),
        "updated_at": _moment(item.post_modified_gmt, UTC),
        "body": body,
        "language": item.language,
        "authors": _names(item, {"author"}) or [unescape(item.author)],
        # A topic is a path, parted by this; a category is one name.
        "topic": _BETWEEN_TOPICS.sub(_SLASH_IN_TOPIC, topics[0]) if topics else None,
        "tags": [*topics[1:], *_names(item, _TAG_DOMAINS)],
        "summary": as_line(item.excerpt) or _teaser(content),
        "payload": {"source_id": item.post_id, "generator": "WordPress", "type": item.post_type},
        "aliases": _aliases(item, options),
        "wordpress": _kept_whole(item, options),
    }


def _body(content: str) -> str:
    body = add_paragraphs(expand_shortcodes(_PAGE_BREAK.sub("\n\n", content)))
    elsewhere = _SHARED_BLOCK.findall(content)
    if elsewhere and not sanitize_html(body).strip():
        raise RecordRejected(
            "missing-body",
            f"the item shows nothing but reusable block {elsewhere[0]}, which WordPress keeps apart from it; "
            "detach the block in WordPress and export again, or put its text into the item",
        )
    return body


def _names(item: Item, domains: set[str] | frozenset[str]) -> list[str]:
    """Each once: exports of version 1.0 tell every category twice."""
    names = (
        unescape(name)
        for domain, slug, name in item.terms
        if domain in domains and name and _UNCATEGORIZED not in (slug, name.lower())
    )
    return list(dict.fromkeys(names))


def _teaser(content: str) -> str:
    """What WordPress shows in lists: the text before the author's `<!--more-->`."""
    before, *after = _MORE.split(content, maxsplit=1)
    if not after:
        return ""
    return excerpt(sanitize_html(add_paragraphs(expand_shortcodes(before))), length=_SUMMARY_LENGTH)


def _aliases(item: Item, options: ReadOptions) -> list[str]:
    """The permalink, and what it was before the slug changed. An address with a query is none: its path
    is that of the whole site."""
    path, is_own = _path_within(options.base_url or item.site, item.link)
    if not is_own or not path:
        return []
    folder, _, last = path.rstrip("/").rpartition("/")
    stem, dot, ending = last.partition(".")
    if not item.post_name or unquote(stem) != unquote(item.post_name):
        return [path]
    ending += "/" * path.endswith("/")
    olds = (quote(unquote(slug), safe="") for slug in item.old_slugs)
    return list(dict.fromkeys([path, *(f"{folder}/{old}{dot}{ending}" for old in olds if old)]))


def _path_within(site: str, link: str) -> tuple[str, bool]:
    """The path of `link`, empty if it names no page, and whether it is an address of `site`."""
    try:
        home, page = urlsplit(site), urlsplit(link)
    except ValueError:
        return "", False
    is_own = not home.netloc or _host(home) == _host(page)
    names_a_page = not page.query and page.path.strip("/") not in ("", home.path.strip("/"))
    return page.path if names_a_page else "", is_own


def _host(address: SplitResult) -> str:
    return address.netloc.lower().removeprefix("www.")


def _kept_whole(item: Item, options: ReadOptions) -> dict[str, Any]:
    _, is_own = _path_within(options.base_url or item.site, item.link)
    kept = {
        "status": item.status,
        "guid": item.guid,
        "link": "" if is_own else item.link,
        "post_parent": item.post_parent if item.post_parent != "0" else "",
        "taxonomies": _taxonomies(item),
        "blocks": _SHARED_BLOCK.findall(item.content or ""),
        "galleries": gallery_ids(item.content or ""),
        "meta": {
            key: _one_or_all([readable(value) for value in values]) for key, values in item.meta.items()
        },
    }
    return {name: value for name, value in kept.items() if value}


def _taxonomies(item: Item) -> dict[str, list[str]]:
    domains = dict.fromkeys(domain for domain, _, _ in item.terms if domain not in _NO_TAXONOMIES)
    return {domain: _names(item, {domain}) for domain in domains}


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _published_at(item: Item, options: ReadOptions) -> str | None:
    """UTC, else the site's own time, else the feed's date; drafts often have none. A zone that was named
    knows summer time, which may have begun since the item that told the offset."""
    named = item.offset is None or options.zone != _UNNAMED_ZONE
    zone = ZoneInfo(options.zone) if named else timezone(timedelta(minutes=item.offset))
    return _moment(item.post_date_gmt, UTC) or _moment(item.post_date, zone) or _feed_moment(item.pub_date)


def _moment(text: str, zone: tzinfo) -> str | None:
    if not text or text.startswith(_NO_DATES):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RecordRejected("bad-date", f"the item's date is none: {text[:60]!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _feed_moment(text: str) -> str | None:
    # WordPress writes this year for drafts, and email reads it as a zone.
    if not text or " -0001" in text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    # A zone of -0000 says that the time is UTC and the place unknown (RFC 5322 section 3.3).
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
