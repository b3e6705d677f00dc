import io
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.addresses import Address
from imports.fetching import FetchFailed, open_url
from tests.imports.answering import Server, moved, ok

LOOPBACK = ip_address("127.0.0.1")


def loopback(address: Address) -> bool:
    return address == LOOPBACK


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def read(url: str, *, allowed: Callable[[Address], bool] = loopback, **options: float) -> bytes:
    with open_url(url, allowed=allowed, **{"max_bytes": 1000, "timeout": 20, **options}) as stream:
        return io.BufferedReader(stream).read()


def failure_of(url: str, **options: object) -> FetchFailed:
    with pytest.raises(FetchFailed) as failure:
        read(url, **options)
    return failure.value


@contextmanager
def quicker_than(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def test_an_answer_is_read_as_it_is_sent(server):
    server.replies.append(ok(b"\x1f\x8b", "Content-Encoding: gzip", "Content-Type: application/gzip; a=b"))
    url = f"{server.url}/Grüße/a%20b c?q=1&r=ö#part"
    with open_url(url, max_bytes=10, timeout=20, allowed=loopback) as stream:
        assert (stream.read(), stream.media_type, stream.url) == (b"\x1f\x8b", "application/gzip", url)
    assert server.requests[0].splitlines()[:-1] == [
        "GET /Gr%C3%BC%C3%9Fe/a%20b%20c?q=1&r=%C3%B6 HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: archive-import",
        "Accept-Encoding: identity",
        "Connection: close",
    ]


def test_an_answer_in_chunks_is_put_together(server):
    server.replies.append(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert read(server.url) == b"abcde"


def test_an_answer_without_a_length_ends_with_the_connection(server):
    server.replies.append(b"HTTP/1.0 200 OK\r\n\r\nabcde")
    assert read(server.url) == b"abcde"


@pytest.mark.parametrize("location", ["http://127.0.0.2:{}/", "//[::1]:{}/", "http://10.0.0.1/", "http://0/"])
def test_a_redirect_into_a_private_network_is_refused(server, location):
    server.replies.append(moved(location.format(server.port)))
    assert "is in a private network, from which nothing is fetched" in str(failure_of(server.url))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("file:///etc/passwd", "file:///etc/passwd is no http or https address, and no other is fetched."),
        ("ftp://127.0.0.1/", "ftp://127.0.0.1/ is no http or https address, and no other is fetched."),
        ("http://[", "{}/start redirects to what is no address."),
        ("http://a:b/", "http://… is no valid address; look for a slip in it."),
    ],
)
def test_a_redirect_to_anything_else_is_refused(server, location, message):
    server.replies.append(moved(location))
    assert str(failure_of(f"{server.url}/start")) == message.format(server.url)


def test_redirects_are_followed_up_to_a_number(server):
    server.replies += [moved("/two?a=1", 301), moved("../grüße", 307), ok(b"found")]
    assert read(f"{server.url}/one", max_redirects=2) == b"found"
    asked = [request.split(" HTTP", 1)[0] for request in server.requests]
    assert asked == ["GET /one", "GET /two?a=1", "GET /gr%FC%DFe"]
    server.replies += [moved("/again")] * 6
    failure = failure_of(f"{server.url}/one")
    assert str(failure) == f"{server.url}/one redirects more than 5 times."


def test_a_second_answer_of_the_name_server_leads_nowhere(server, monkeypatch):
    resolve = socket.getaddrinfo
    answers = ["127.0.0.1", "10.0.0.1", "10.0.0.1"]

    def rebind(host: str, *arguments: object, **options: object) -> list:
        return resolve(answers.pop(0) if host == "rebinding.example" else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    server.replies.append(ok(b"text"))
    assert read(f"http://rebinding.example:{server.port}/") == b"text"
    assert f"Host: rebinding.example:{server.port}" in server.requests[0]
    assert len(answers) == 2


def test_a_name_with_one_private_address_is_refused(server, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda _, *rest, **options: resolve("127.0.0.1", *rest, **options) + resolve("::1", 80),
    )
    assert "is in a private network" in str(failure_of(f"http://both.example:{server.port}/"))
    assert server.requests == []


def test_user_and_password_are_sent_to_their_own_server_only(server):
    with Server() as other:
        server.replies += [moved("/two"), moved(f"http://127.0.0.1:{other.port}/three")]
        other.replies.append(ok(b"text"))
        assert read(server.url.replace("//", "//ada:l%C3%B6ve%40@")) == b"text"
    sent = "Authorization: Basic YWRhOmzDtnZlQA=="
    assert [sent in request for request in server.requests + other.requests] == [True, True, False]


def test_no_proxy_of_the_environment_is_used(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    server.replies.append(ok(b"text"))
    assert read(server.url) == b"text"


@pytest.mark.parametrize(
    ("status", "lasting"), [("404 Not Found", True), ("410 Gone", True), ("429 Too Many Requests", False)]
)
def test_an_error_is_told_with_its_status(server, status, lasting):
    server.replies.append(f"HTTP/1.1 {status}\r\nContent-Length: 4\r\n\r\ngone".encode())
    failure = failure_of(f"{server.url}/a.xml?token=secret")
    assert str(failure) == f"{server.url}/a.xml?… answers {status}; see what is there."
    assert (failure.status, failure.lasting) == (int(status[:3]), lasting)


@pytest.mark.parametrize(
    "reply",
    [
        ok(bytes(1001)),
        b"HTTP/1.0 200 OK\r\n\r\n" + bytes(1001),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + bytes(2000) + b"\r\n0\r\n\r\n",
    ],
)
def test_an_answer_that_is_too_large_is_refused(server, reply):
    server.replies.append(reply)
    failure = failure_of(server.url)
    assert str(failure) == f"{server.url} is larger than 1,000 bytes, which is refused."
    assert failure.lasting


@pytest.mark.parametrize(
    "reply",
    [
        ok(bytes(100))[:-1],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_an_answer_that_is_cut_off_is_no_answer(server, reply):
    server.replies.append(reply)
    failure = failure_of(server.url)
    assert str(failure) == f"{server.url} ends too early; try again later."
    assert not failure.lasting


def dripping(start: bytes) -> Iterator[bytes]:
    yield start
    while True:
        time.sleep(0.02)
        yield b"x"


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.0 200 OK\r\n\r\n", ok(bytes(900))[:-900]]
)
def test_an_answer_that_comes_drop_by_drop_ends_with_the_time(server, start):
    server.replies.append(dripping(start))
    with quicker_than(5):
        failure = failure_of(server.url, timeout=0.2)
    assert str(failure) == f"{server.url} took longer than 0.2 seconds; try again later."


def test_nobody_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    assert (
        str(failure_of(url)) == f"{url} cannot be fetched: [Errno 111] Connection refused; try again later."
    )
    assert str(failure_of("http://nobody.invalid/")) == (
        "http://nobody.invalid/ cannot be fetched: nobody knows the name nobody.invalid."
    )


@pytest.mark.parametrize(
    "url", ["http://", "http:///a", "https://a:b/", "http://[::1/", "http://" + "a" * 70]
)
def test_what_is_no_address_is_told(url):
    assert "address" in str(failure_of(url)) or "nobody knows the name" in str(failure_of(url))


@pytest.fixture
def secure_server(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """With a certificate for localhost that this process trusts; `server.requests` begins with the SNI."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(certificate, key)
    server.context.sni_callback = lambda _, name, __: server.requests.append(name)
    return server


def test_the_certificate_and_its_name_are_checked(secure_server):
    secure_server.replies += [ok(b"text"), ok(b"text")]
    both = lambda address: address.is_loopback  # noqa: E731
    assert read(f"https://localhost:{secure_server.port}/", allowed=both) == b"text"
    assert secure_server.requests[0] == "localhost"
    failure = failure_of(f"https://127.0.0.1:{secure_server.port}/")
    assert "certificate is not valid for '127.0.0.1'" in str(failure)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"HTTP/1.1 200 OK\r\n",
                b"Content-Length: ",
                b"Transfer-Encoding: chunked",
                b"\r\n",
                b"-1",
                b"0",
                b"\xff",
                b"a: b\r\n",
                b"99999999999999999999",
                b"HTTP/1.1 302 \r\n",
                b"Location: http://[::",
                b"HTTP/1.1 100 \r\n\r\n",
            ]
        ),
        max_size=8,
    )
)
def test_whatever_a_server_says_it_is_an_answer_or_a_failure(pieces):
    with Server() as server, suppress(FetchFailed):
        server.replies.append(b"".join(pieces))
        read(server.url, max_redirects=0)
