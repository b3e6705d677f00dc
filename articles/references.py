"""The addresses in a body: which of them an archive can stand in for, and how they are put in place.

Works on what `articles.sanitizing` wrote, where each attribute stands in double quotes, so that short
patterns are exact. Nothing here asks for Django's settings, so that worker processes can import it as it is.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from urllib.parse import unquote

from articles.sanitizing import SRCSET_CANDIDATE, anchor

LINK, IMAGE, ATTACHMENT = "link", "image", "attachment"

_MOST_REFERENCES = 500
LONGEST_ADDRESS = 2000

_TAG = r"<(?:a|img|source|audio|video)"
_NAMES = "href|src|srcset|poster"
# Attribute by attribute, so that nothing in a title is taken for one.
_ATTRIBUTE = re.compile(rf' ({_NAMES})="([^"]*)"| [a-z]+="[^"]*"')
_REFERRING = re.compile(rf'{_TAG}(?: [a-z]+="[^"]*")+>')
# The same with the first address cut out: most elements have one.
_FIRST_ADDRESS = re.compile(rf'{_TAG}(?: (?!(?:{_NAMES})=)[a-z]+="[^"]*")* ({_NAMES})="([^"]*)"([^>]*)>')

_HOST = re.compile(r"\s*(?:https?:)?//(?:[^/?#]*@)?(?:www\.)?([^/?#]*)", re.IGNORECASE)
_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# What a page links to as a file: its full-size pictures, its documents.
_FILES = frozenset(
    ("avif", "flac", "gif", "jpeg", "jpg", "m4a", "mp3", "mp4", "ogg", "pdf", "png", "wav", "webm", "webp")
)


def may_refer(html: str) -> bool:
    """False where sanitized `html` names nothing outside of itself."""
    return any(address[:1] != "#" for _, address in _addresses(html))


def references_in(html: str, *, base_url: str) -> list[tuple[str, str]]:
    """Pairs of kind and address, each once and in their order, at most 500; longer addresses than 2,000
    characters are left out.

    A link leads to a page of the source: it is relative, or has the host of `base_url`, which may be empty.
    An image is any file that the body shows, or a file of the source that it links to. An address is what
    a browser makes of the attribute, without entities."""
    host = _host(base_url)
    found: dict[tuple[str, str], None] = {}
    for name, address in _addresses(html):
        kind = _kind_of_link(address, host) if name == "href" else _kind_of_file(address)
        if kind and len(address) <= LONGEST_ADDRESS:
            found[kind, address] = None
            if len(found) == _MOST_REFERENCES:
                break
    return list(found)


def with_addresses(html: str, *, links: Mapping[str, str], files: Mapping[str, str]) -> str:
    """Sanitized `html` with the addresses that are keys replaced by their values: `links` by pages, `files`
    wherever a file is shown or linked to. Sanitizing the result changes nothing."""

    def replaced(attribute: re.Match) -> str:
        name, value = attribute.groups()
        if not name:
            return attribute[0]
        address = unescape(value)
        known = _KNOWN.get(name, _known_file)(address, links, files)
        return f' {name}="{_escaped(known)}"' if known != address else attribute[0]

    return _REFERRING.sub(lambda tag: _ATTRIBUTE.sub(replaced, tag[0]), html)


def _known_page(address: str, links: Mapping[str, str], files: Mapping[str, str]) -> str:
    page = links.get(address)
    if not page:
        return files.get(address, address)
    # The page's own anchors begin with a prefix.
    name = anchor(unquote(address.partition("#")[2]))
    return f"{page}#{name}" if name else page


def _known_candidates(value: str, links: Mapping[str, str], files: Mapping[str, str]) -> str:
    candidates = SRCSET_CANDIDATE.findall(value)
    if not any(address in files for address, _ in candidates):
        return value
    return ", ".join(f"{files.get(address, address)} {width}".strip() for address, width in candidates)


def _known_file(address: str, links: Mapping[str, str], files: Mapping[str, str]) -> str:
    return files.get(address, address)


_KNOWN = {"href": _known_page, "srcset": _known_candidates}


def _escaped(address: str) -> str:
    """As nh3 writes attributes (HTML standard, section 13.3, "escaping a string")."""
    return escape(address, quote=False).replace('"', "&quot;").replace("\xa0", "&nbsp;")


def _addresses(html: str) -> Iterator[tuple[str, str]]:
    for name, value, rest in _FIRST_ADDRESS.findall(html):
        yield from _read(name, value)
        if " src" in rest or " poster" in rest:
            for other, text in _ATTRIBUTE.findall(rest):
                yield from _read(other, text)


def _read(name: str, value: str) -> Iterator[tuple[str, str]]:
    address = unescape(value) if "&" in value else value
    if name == "srcset":
        yield from ((name, candidate) for candidate, _ in SRCSET_CANDIDATE.findall(address))
    elif name:
        yield name, address


def _kind_of_link(address: str, host: str) -> str:
    if not _is_of_source(address, host):
        return ""
    path = address.partition("#")[0].partition("?")[0]
    return IMAGE if path.rpartition(".")[2].lower() in _FILES else LINK


def _is_of_source(address: str, host: str) -> bool:
    if not address or address[0] == "#":
        return False
    absolute = _HOST.match(address)
    if absolute:
        return bool(host) and absolute[1].lower() == host
    return not _SCHEME.match(address)


def _kind_of_file(address: str) -> str:
    is_web = address.startswith(("https://", "http://", "/")) or not _SCHEME.match(address)
    return IMAGE if address and is_web else ""


def _host(address: str) -> str:
    absolute = _HOST.match(address)
    return absolute[1].lower() if absolute else ""
