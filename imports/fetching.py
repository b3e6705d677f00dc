"""Reading from http and https addresses that somebody else chose, without being led into this network.

A name is resolved once, every address that it has is checked, and the connection goes to one of just these,
so a second answer of the name server cannot lead elsewhere. http.client is used rather than a library
above it, because there the connection is ours while Host, SNI and the certificate stay with the name, and
because it takes no proxy from the environment and follows no redirect by itself."""

import http.client
import io
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from imports.addresses import Address, Allowed, is_public, masked

_READ_SECONDS = 30
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
# Refusals that another time may not meet.
_PASSING = frozenset((408, 425, 429))
_MAX_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
# RFC 3986: what may stand in a path and a query as it is. `%` is left alone, for it is escaped already.
_LEFT_ALONE = "/?%:@!$&'()*+,;=-._~"


class FetchFailed(Exception):
    """What an address answered cannot be had. One sentence. `status` is the HTTP status where there is one;
    `lasting` says that the same would happen again."""

    def __init__(self, message: str, *, status: int = 0, lasting: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.lasting = lasting


@contextmanager
def open_url(
    url: str,
    *,
    max_bytes: int,
    timeout: float,
    max_redirects: int = _MAX_REDIRECTS,
    allowed: Allowed = is_public,
) -> Iterator["Fetched"]:
    """What the address answers, as it is sent, while it comes. `timeout` bounds all of it, in seconds.

    Raises FetchFailed, here or while reading, when the address or one that it redirects to is not `allowed`,
    or the answer is an error, is longer than `max_bytes`, takes too long or ends too early."""
    with (
        _Deadline(timeout) as deadline,
        _answer(_parsed(url), deadline, max_redirects, allowed) as (target, response),
    ):
        if response.length is not None and response.length > max_bytes:
            raise _too_large(target, max_bytes)
        yield Fetched(response, target, deadline, max_bytes)


@dataclass(frozen=True, slots=True)
class _Target:
    """A parsed address. `host` is in ASCII, `shown` is what people may see of the address."""

    url: str
    shown: str
    scheme: str
    host: str
    port: int
    path: str
    authorization: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def _parsed(url: str) -> _Target:
    shown = masked(url)
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError as error:
        # What is secret in it cannot be told from the rest.
        start = url.partition("//")[0]
        raise FetchFailed(f"{start}//… is no valid address; look for a slip in it.", lasting=True) from error
    if not port or not host:
        raise FetchFailed(f"{shown} is no http or https address, and no other is fetched.", lasting=True)
    path = quote(parts.path or "/", safe=_LEFT_ALONE)
    query = f"?{quote(parts.query, safe=_LEFT_ALONE)}" if parts.query else ""
    return _Target(url, shown, parts.scheme, host, port, path + query, _authorization(parts))


def _authorization(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(secret.encode()).decode()}"


@contextmanager
def _answer(
    target: _Target, deadline: "_Deadline", max_redirects: int, allowed: Allowed
) -> Iterator[tuple[_Target, http.client.HTTPResponse]]:
    asked = target
    for _ in range(max_redirects + 1):
        addresses = _addresses(target, allowed)
        with (
            closing(_Connection(target, addresses, deadline)) as connection,
            closing(_ask(connection, target, deadline)) as response,
        ):
            if response.status not in _REDIRECTS:
                _require_success(response, target)
                yield target, response
                return
            target = _redirected(response, target)
    raise FetchFailed(f"{asked.shown} redirects more than {max_redirects} times.", lasting=True)


def _addresses(target: _Target, allowed: Allowed) -> list[Address]:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise FetchFailed(
            f"{target.shown} cannot be fetched: nobody knows the name {target.host}."
        ) from error
    addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
    if not all(map(allowed, addresses)):
        raise FetchFailed(
            f"{target.shown} is refused: {target.host} is in a private network, from which nothing is "
            "fetched; download it there and name the file.",
            lasting=True,
        )
    return addresses


class _Connection(http.client.HTTPConnection):
    """To one of the checked addresses, whatever the name means by now."""

    def __init__(self, target: _Target, addresses: list[Address], deadline: "_Deadline") -> None:
        super().__init__(target.host, target.port)
        self.default_port = _PORTS[target.scheme]
        self._secure = target.scheme == "https"
        self._addresses = addresses
        self._deadline = deadline

    def connect(self) -> None:
        plain = self._connected()
        self._deadline.watch(plain)
        self.sock = plain
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)

    def _connected(self) -> socket.socket:
        *others, last = self._addresses
        for address in others:
            with suppress(OSError):
                return self._connected_to(address)
        return self._connected_to(last)

    def _connected_to(self, address: Address) -> socket.socket:
        seconds = min(_READ_SECONDS, self._deadline.seconds)
        return socket.create_connection((str(address), self.port), timeout=seconds)


def _ask(connection: _Connection, target: _Target, deadline: "_Deadline") -> http.client.HTTPResponse:
    headers = {"User-Agent": "archive-import", "Accept-Encoding": "identity", "Connection": "close"}
    if target.authorization:
        headers["Authorization"] = target.authorization
    try:
        connection.request("GET", target.path, headers=headers)
        return connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _broken(target, deadline, error) from error


def _broken(target: _Target, deadline: "_Deadline", error: Exception) -> FetchFailed:
    if deadline.passed:
        return FetchFailed(f"{target.shown} took longer than {deadline.seconds:g} seconds; try again later.")
    if isinstance(error, http.client.IncompleteRead):
        return FetchFailed(f"{target.shown} ends too early; try again later.")
    return FetchFailed(f"{target.shown} cannot be fetched: {error}; try again later.")


def _require_success(response: http.client.HTTPResponse, target: _Target) -> None:
    status = response.status
    if status == http.HTTPStatus.OK:
        return
    said = f"{status} {http.client.responses.get(status, '')}".strip()
    lasting = 400 <= status < 500 and status not in _PASSING
    raise FetchFailed(f"{target.shown} answers {said}; see what is there.", status=status, lasting=lasting)


def _redirected(response: http.client.HTTPResponse, target: _Target) -> _Target:
    # http.client reads headers as Latin-1, whatever the bytes were meant for.
    location = response.headers.get("Location", "").encode("latin-1", "replace")
    try:
        url = urljoin(target.url, quote(location, safe=f"{_LEFT_ALONE}#[]"))
    except ValueError as error:
        raise FetchFailed(f"{target.shown} redirects to what is no address.", lasting=True) from error
    following = _parsed(url)
    # RFC 9110, section 15.4: what was meant for one server is not told to another.
    authorization = target.authorization if following.origin == target.origin else ""
    return replace(following, authorization=authorization)


def _too_large(target: _Target, max_bytes: int) -> FetchFailed:
    return FetchFailed(f"{target.shown} is larger than {max_bytes:,} bytes, which is refused.", lasting=True)


class _Deadline:
    """Cuts the connection when the time is over. The timeout of a socket cannot do it alone, for it begins
    anew with every byte that a slow server sends."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()

    def watch(self, connected: socket.socket) -> None:
        with self._lock:
            self._forget()
            # A handle of its own: TLS takes the other one over.
            self._watched = connected.dup()
            if self.passed:
                self._shut()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            self._shut()

    def _shut(self) -> None:
        if self._watched:
            with suppress(OSError):
                self._watched.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._watched:
            self._watched.close()
            self._watched = None


class Fetched(io.RawIOBase):
    """An answer while it comes. `url` is where it came from in the end, `media_type` what it says to be."""

    def __init__(
        self, response: http.client.HTTPResponse, target: _Target, deadline: _Deadline, max_bytes: int
    ) -> None:
        self.url = target.url
        self.media_type = response.headers.get_content_type()
        self._response = response
        self._target = target
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._left = max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        try:
            block = self._response.read1(len(buffer))
            # http.client takes the end of the connection for the end of the answer.
            if not block and (self._response.length or self._deadline.passed):
                raise http.client.IncompleteRead(b"", self._response.length)
        except (OSError, http.client.HTTPException) as error:
            raise _broken(self._target, self._deadline, error) from error
        self._left -= len(block)
        if self._left < 0:
            raise _too_large(self._target, self._max_bytes)
        buffer[: len(block)] = block
        return len(block)
