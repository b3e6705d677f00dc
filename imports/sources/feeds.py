"""What Atom and RSS have in common: addresses, people, and how loosely feeds are written."""

import hashlib
import re
from html import escape, unescape
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from articles.rendering import plain_text
from articles.sanitizing import sanitize_html
from imports.deliveries import Sight
from imports.sources.json_reader import decode_record
from imports.sources.paragraphs import add_paragraphs
from imports.values import is_web_address, refuse_illegal_characters, tells_pages_apart

T = TypeVar("T")

_LONGEST_KEY = 200
_ROOT = re.compile(
    rb"(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*+)?>)*+<(?:[\w.-]+:)?([\w.-]++)([^>]*+)>",
    re.DOTALL,
)
_MAIL = re.compile(r"(?:mailto:)?[^\s<>()\[\]\"',;:@]{1,64}@[^\s<>()\[\]\"',;:@]{1,255}", re.IGNORECASE)
_AROUND_NAMES = " \t\n\r<>()[]\"',;:@"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")

_TAG = re.compile(r"</?[A-Za-z][^<>]*+>")
_ADDRESS = re.compile(r"(\s(?:href|src|poster)\s*+=\s*+)(\"[^\"]*+\"|'[^']*+')", re.IGNORECASE)
_WITH_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
# HTML that was escaped twice begins with a tag or has an end tag. What only mentions one is a text.
_IN_ESCAPED_TAG = r"[A-Za-z](?:[^&]|&(?!lt;|gt;))*+&gt;"
_ESCAPED_TAG = re.compile(rf"\A\s*+&lt;{_IN_ESCAPED_TAG}|&lt;/{_IN_ESCAPED_TAG}")


def root_of(sight: Sight) -> tuple[str, bytes]:
    """Local name and attributes of the root element; nothing where the delivery begins with none."""
    found = _ROOT.match(sight.head)
    return (found[1].decode(errors="replace"), found[2]) if found else ("", b"")


def read_again(raw: bytes, decoder: msgspec.json.Decoder[T], *, what: str) -> T:
    """What reading a feed made of a record, which a person may have mended since. Raises RecordRejected."""
    record = decode_record(raw, decoder, what=what)
    if rb"\u0000" in raw:
        refuse_illegal_characters(msgspec.to_builtins(record))
    return record


def key_from(identity: str) -> str:
    """`identity` itself, or its hash where it is longer than a key may be."""
    return identity if len(identity) <= _LONGEST_KEY else hashed_key(identity)


def hashed_key(*parts: str) -> str:
    return f"sha256:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def person_name(text: str) -> str:
    """The name alone, of whatever feeds write around it; nothing where there is only a mail address."""
    name = " ".join(text.split())
    without = _MAIL.sub("", name)
    return name if without == name else without.strip(_AROUND_NAMES)


def language_tag(text: str) -> str | None:
    """As BCP 47 has it; None where it cannot be one, such as `English`."""
    tag = text.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def own_paths(addresses: list[str], *, homes: list[str]) -> list[str]:
    """Those of `addresses` that are on one of the hosts of `homes`: a link to elsewhere is no old path, and
    where a query tells pages apart the path is none of theirs."""
    own = {_host_and_query(home)[0] for home in homes} - {""}
    return [address for address in dict.fromkeys(addresses) if _is_path_of(own, address)]


def _is_path_of(hosts: set[str], address: str) -> bool:
    host, query = _host_and_query(address)
    return host in hosts and not tells_pages_apart(query)


def _host_and_query(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").removeprefix("www."), parts.query
    except ValueError:
        return "", ""


def absolute(address: str, base: str) -> str:
    """`address` as seen from `base`, which may be empty."""
    if not address or address.startswith("#") or _WITH_SCHEME.match(address) or not is_web_address(base):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def with_absolute_links(html: str, base: str) -> str:
    """`html` with the addresses in its tags as seen from `base`; all else stays as it is written."""
    if not is_web_address(base):
        return html
    return _TAG.sub(lambda tag: _ADDRESS.sub(lambda found: _absolute_attribute(found, base), tag[0]), html)


def _absolute_attribute(found: re.Match[str], base: str) -> str:
    name, quoted_address = found.groups()
    address = unescape(quoted_address[1:-1]).strip()
    return f'{name}"{escape(absolute(address, base))}"'


def as_html(text: str) -> str:
    """What a feed calls its content, as HTML: it may be escaped once too often, or be no HTML at all."""
    if _TAG.search(text):
        return text
    if _ESCAPED_TAG.search(text):
        return unescape(text)
    return add_paragraphs(text)


def as_line(text: str) -> str:
    """HTML, or text that may have its entities escaped, as plain text on one line."""
    if _TAG.search(text):
        return plain_text(sanitize_html(text))
    return " ".join(unescape(text).split())
