"""From a Markdown file with front matter, whichever generator it was written for, to the archive's record.

Fields have the names of Hugo, Jekyll and Zola. What no field of the record takes is kept whole, as
`front_matter`."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote

from articles.rendering import plain_text, render_body
from imports.sources.format import Delivered, ReadOptions
from imports.sources.front_matter import Page, front_matter
from imports.sources.headings import split_heading
from imports.sources.hugo_markup import linked_markdown
from imports.sources.jekyll_markup import plain_markdown, post_path
from imports.sources.loose_dates import read_loose_moment, zone_named
from imports.sources.page_fields import HIDING, Fields, is_hidden_draft, names_in, text_of, truth_of, words_in
from imports.sources.page_names import FileName, literal_address, path_address, read_file_name
from imports.values import is_web_address, refuse_illegal_characters

# Reading all front matter twice would cost as much as all else, and few pages name themselves.
_NAMES_ITSELF = re.compile(r"\b(?:id|uid|permalink|url|path)[\"']?\s*[:=]", re.IGNORECASE)
_IDS = ("id", "uid")
_SHOWING = ("published", "render")
_PUBLICATION = ("publishdate", "pubdate", "published", "date")
_CHANGE = ("lastmod", "modified", "updated", "last_modified_at")
_EXPIRY = ("expirydate", "unpublishdate")
_SUMMARY = ("summary", "description", "excerpt")
_LANGUAGE = ("language", "lang", "locale")
_IMAGES = ("image", "images", "cover")
_IMAGE_ADDRESSES = ("url", "image", "src", "path")
_IMAGE_CAPTIONS = ("caption", "alt", "title")
_IMAGE_KEYS = frozenset(_IMAGE_ADDRESSES + _IMAGE_CAPTIONS)

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_MORE = re.compile(r"<!--[ \t]*more[ \t]*-->[ \t]*$", re.IGNORECASE | re.MULTILINE)
_MARKUP = re.compile(r"<[a-z!/]|\]\(|\*\*|`", re.IGNORECASE)


def page_key(page: Page, *, path: str) -> str:
    """The identity that front matter gives its page; empty where the file's path has to serve. What is
    said in a translation it may have in common with others, so its language is a part of it."""
    if not _NAMES_ITSELF.search(page.front):
        return ""
    fields = Fields(front_matter(page))
    language = read_file_name(path).language
    key = _identity(fields) or _own_address(fields, page, language)
    # PostgreSQL could not look up every character.
    if not key.isprintable():
        return ""
    return f"{language.lower()}:{key}" if key and language else key


def page_values(page: Page, *, path: str, options: ReadOptions) -> Delivered:
    """The record of the file at `path`. Whether a page has expired is asked of the clock.

    Raises RecordRejected."""
    fields = Fields(front_matter(page))
    refuse_illegal_characters([page.body, fields.rest])
    file, zone = read_file_name(path), zone_named(options.zone)
    # Before the dates: `published` is a boolean for Jekyll and a date for Hugo.
    hidden = _is_hidden(fields, file, zone=zone)
    published_at = _moment(fields, _PUBLICATION, zone=zone)
    if not published_at and file.moment:
        published_at = read_loose_moment("the date in the file's name", file.moment, zone=zone)
    values = {
        **_text(fields, page, file, path),
        **_marks(fields, page, file, path, day=published_at.astimezone(zone) if published_at else None),
        "published_at": _iso(published_at),
        "updated_at": _iso(_moment(fields, _CHANGE, zone=zone)),
    }
    values["front_matter"] = fields.rest
    told = {name: value for name, value in values.items() if value not in (None, [], {})}
    pictures = [image["url"] for image in values["image_sources"][:1]]
    return Delivered(told, draft=hidden, pictures=pictures)


def _identity(fields: Fields) -> str:
    name = next((name for name in _IDS if type(fields.get(name)) in (str, int)), "")
    return text_of(name, fields.take(name)) if name else ""


def _own_address(fields: Fields, page: Page, language: str) -> str:
    # `path` is an address in Zola only, whose front matter is TOML.
    names = ("permalink", "url", "path") if page.kind == "toml" else ("permalink", "url")
    name = next((name for name in names if literal_address(fields.get(name))), "")
    if not name:
        return ""
    given = fields.take(name)
    address, home = literal_address(given), f"/{language.lower()}"
    # Zola, and Hugo unless a slash begins it, count from where the language has its home.
    from_top = name != "path" and given.strip().startswith("/")
    return address if not language or from_top or address.startswith(f"{home}/") else f"{home}{address}"


def _is_hidden(fields: Fields, file: FileName, *, zone: tzinfo) -> bool:
    """Whether anything kept the page from the public at its source."""
    hiding = is_hidden_draft(fields)
    for name in HIDING:
        fields.take(name)
    shown = {name: truth_of(fields.get(name)) for name in _SHOWING}
    for name in shown:
        if shown[name] is not None:
            fields.take(name)
    expired = [moment <= datetime.now(UTC) for moment in _moments(fields, _EXPIRY, zone=zone)]
    # It does not become a part of the article.
    protected = fields.take("password") is not None
    return file.in_drafts or protected or hiding or any(expired) or False in shown.values()


def _moments(fields: Fields, names: tuple[str, ...], *, zone: tzinfo) -> list[datetime]:
    given = [(name, text_of(name, fields.get(name))) for name in names]
    return [read_loose_moment(name, text, zone=zone) for name, text in given if text]


def _moment(fields: Fields, names: tuple[str, ...], *, zone: tzinfo) -> datetime | None:
    name, value = fields.first(*names)
    return read_loose_moment(name, text_of(name, value), zone=zone) if name else None


def _text(fields: Fields, page: Page, file: FileName, path: str) -> dict[str, Any]:
    """What people read."""
    body = plain_markdown(page.body) if page.kind == "yaml" else page.body
    body = linked_markdown(body, path=path)
    title = text_of("title", fields.take("title"))
    if not title:
        title, body = split_heading(body)
    more = _MORE.search(body)
    intro = body[: more.start()] if more else ""
    name, summary = fields.first(*_SUMMARY)
    return {
        "title": title or _title_from(file),
        "body": f"{intro}{body[more.end() :]}" if more else body,
        "body_format": "markdown",
        "summary": _summary(text_of(name, summary)) or _plain(intro),
    }


def _title_from(file: FileName) -> str:
    words = " ".join(re.split(r"[-_\s]+", file.slug)).strip()
    return f"{words[:1].upper()}{words[1:]}" or "Untitled"


def _summary(text: str) -> str:
    return _plain(text) if _MARKUP.search(text) else text


def _plain(markdown: str) -> str:
    return plain_text(render_body(markdown, body_format="markdown")) if markdown else ""


def _marks(fields: Fields, page: Page, file: FileName, path: str, *, day: datetime | None) -> dict[str, Any]:
    """By what the page is found; `day` has its date at the source."""
    identity = _identity(fields)
    given = text_of("slug", fields.take("slug"))
    slug = given or file.slug
    categories, tags = _terms(fields)
    own = _own_address(fields, page, file.language)
    aliases = [own, *_old_addresses(fields)]
    if page.kind == "yaml":
        aliases += _jekyll_addresses(file, slug=slug, categories=categories, day=day)
    # An address that is given stands in the place of the made one, but links name the file.
    aliases += [
        path_address(path, slug=slug if not own and (given or file.moment) else ""),
        path_address(path),
    ]
    return {
        "payload": {"source_id": identity} if identity else None,
        "slug": slug,
        "language": _language(fields) or file.language or None,
        "authors": list(dict.fromkeys(_names(fields, "author", "authors"))),
        "topic": categories[0] if categories else None,
        "tags": [*categories[1:], *tags],
        "image_sources": _images(fields),
        "aliases": [alias for alias in dict.fromkeys(aliases) if alias],
    }


def _names(fields: Fields, *names: str) -> list[str]:
    """Objects that tell more than a name stay fields."""
    found = []
    for name in names:
        value = fields.get(name)
        found += names_in(name, value)
        if not any(type(item) is dict and len(item) > 1 for item in _items(value)):
            fields.take(name)
    return found


def _items(value: Any) -> list[Any]:
    return value if type(value) is list else [value]


def _terms(fields: Fields) -> tuple[list[str], list[str]]:
    """Categories, and everything else by which pages are grouped. Zola has both in a table of their own."""
    categories, tags = _terms_of(fields)
    if type(fields.get("taxonomies")) is dict:
        zola = Fields(fields.take("taxonomies"))
        more_categories, more_tags = _terms_of(zola)
        fields.put("taxonomies", zola.rest)
        return categories + more_categories, tags + more_tags
    return categories, tags


def _terms_of(fields: Fields) -> tuple[list[str], list[str]]:
    categories = _names(fields, "category") + words_in("categories", fields.take("categories"))
    tags = _names(fields, "tag") + words_in("tags", fields.take("tags")) + _names(fields, "series")
    return categories, tags


def _old_addresses(fields: Fields) -> list[str]:
    """`aliases` of Hugo and Zola, `redirect_from` of Jekyll. What is no path of the site stays a field."""
    addresses = []
    for name in ("aliases", "redirect_from"):
        given = names_in(name, fields.take(name))
        addresses += map(literal_address, given)
        fields.put(name, [address for address in given if not literal_address(address)])
    return addresses


def _jekyll_addresses(file: FileName, *, slug: str, categories: list[str], day: datetime | None) -> list[str]:
    """Where a post of Jekyll stands unless its site was told otherwise (`/:categories/:year/:month/:day/
    :title.html`), and where links to it lead that were written as `{% post_url %}`."""
    linked = post_path(file.name)
    if not linked or not day:
        return []
    folders = [quote(name.lower(), safe="") for name in dict.fromkeys((*file.folders, *categories))]
    return [f"/{'/'.join([*folders, f'{day:%Y/%m/%d}', quote(slug, safe='')])}.html", linked]


def _language(fields: Fields) -> str | None:
    for name in _LANGUAGE:
        value = fields.get(name)
        if type(value) is str and _LANGUAGE_TAG.fullmatch(value):
            fields.take(name)
            return value.replace("_", "-")
    return None


def _images(fields: Fields) -> list[dict[str, str]]:
    """Those that can be fetched. What names another file of the site, or tells more, stays a field."""
    images = []
    for name in _IMAGES:
        items = _items(fields.get(name))
        found = [_image(item) for item in items]
        if all(found) and not any(type(item) is dict and item.keys() - _IMAGE_KEYS for item in items):
            fields.take(name)
        images += filter(None, found)
    return images


def _image(item: Any) -> dict[str, str]:
    given = item if type(item) is dict else {"url": item}
    url = next((text for text in map(given.get, _IMAGE_ADDRESSES) if _is_web_address(text)), "")
    caption = next((text for text in map(given.get, _IMAGE_CAPTIONS) if type(text) is str and text), "")
    return {"url": url, **({"caption": caption} if caption else {})} if url else {}


def _is_web_address(value: Any) -> bool:
    return type(value) is str and is_web_address(value)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
