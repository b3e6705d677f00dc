"""Addresses of servers. They hold passwords, so no error here repeats any part of one."""

import re
from urllib.parse import ParseResult, unquote, urlparse

from archive_site.variables.declaration import UnfitValue

ENCODE = "percent-encode all but letters, digits and - . _ ~ in the user, the password and the name"
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::(?P<port>[0-9]*))?")

REDIS_SCHEMES = ("redis", "rediss", "unix")
REDIS_NUMBERS = frozenset({"db", "protocol", "max_connections", "health_check_interval"})
REDIS_TEXTS = frozenset(
    {"client_name", "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"}
)


def split_url(url: str, *, schemes: tuple[str, ...]) -> ParseResult:
    """The parts of a URL that can be read in one way only.

    An unescaped # ? / or @ of a password moves the borders between the parts, and parsers then take half
    a password for a host, a port or an option. Such a URL raises UnfitValue, as does another scheme.
    """
    parts = _parse(url)
    if not url.lower().startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise UnfitValue(f"does not start with {schemes[0]}://", f"give it the scheme {' or '.join(schemes)}")
    if parts is None or "#" in url or "@" in parts.path + parts.query or not _is_decodable(url):
        raise UnfitValue("is a URL that can be read in more than one way", ENCODE)
    return parts


def _parse(url: str) -> ParseResult | None:
    if not url.isprintable() or " " in url:
        return None
    try:
        return urlparse(url)
    except ValueError:
        return None


def _is_decodable(url: str) -> bool:
    if _BROKEN_PERCENT.search(url):
        return False
    try:
        decoded = unquote(url, errors="strict")
    except UnicodeDecodeError:
        return False
    return decoded.isprintable()


def split_hosts(parts: ParseResult) -> list[tuple[str, str]]:
    """Pairs of host and port, either of them possibly empty; IPv6 addresses without their brackets."""
    return [_split_address(address) for address in parts.netloc.rpartition("@")[2].split(",")]


def _split_address(address: str) -> tuple[str, str]:
    match = _ADDRESS.fullmatch(address)
    if match is None or (match["port"] and not is_port(match["port"])):
        raise UnfitValue("has a host or a port that cannot be read", f"write HOST:PORT, and {ENCODE}")
    return unquote(match["host"].strip("[]")), match["port"] or ""


def is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535


def split_query(parts: ParseResult) -> dict[str, str]:
    """The options of the query with lower-case names."""
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    # Not parse_qsl, which makes a space of +: libpq does not.
    options = {unquote(name).lower(): unquote(value) for name, _, value in pairs}
    if len(options) < len(pairs):
        raise UnfitValue("gives an option twice", "give each option once")
    return options


def check_redis_url(url: str) -> None:
    parts = split_url(url, schemes=REDIS_SCHEMES)
    if parts.scheme == "unix":
        _check_redis_socket(parts)
    else:
        _check_redis_server(parts)
    for name, value in split_query(parts).items():
        _check_redis_option(name, value)


def _check_redis_socket(parts: ParseResult) -> None:
    if len(parts.path) < 2:
        raise UnfitValue("names no socket", "write unix:///PATH?db=0")


def _check_redis_server(parts: ParseResult) -> None:
    hosts = split_hosts(parts)
    if len(hosts) != 1 or not hosts[0][0]:
        raise UnfitValue("does not name one host", "write redis://:PASSWORD@HOST:PORT/NUMBER")
    number = parts.path.removeprefix("/")
    if number and not _is_whole(number):
        raise UnfitValue("does not end in the number of a database", f"write /0 after the port, and {ENCODE}")


def _check_redis_option(name: str, value: str) -> None:
    if name not in REDIS_NUMBERS | REDIS_TEXTS:
        known = ", ".join(sorted(REDIS_NUMBERS | REDIS_TEXTS))
        raise UnfitValue("has an unknown option", f"use {known}; REDIS_TIMEOUT_MS is the timeout")
    if name in REDIS_NUMBERS and not _is_whole(value):
        raise UnfitValue(f"has {name} with a value that is not a whole number", "give it in plain digits")


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9
