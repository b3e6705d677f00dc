"""Request ids: whose are taken, what is made, and how long they last."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from archive_site.requests import ACCEPTABLE, is_within, parse_networks, request_id

MADE = re.compile(r"[0-9a-f]{32}")
SENT = "proxy-4711.a_Z"


def told(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request_id.get())


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(request_id.get() for _ in range(2))


def failing(request: HttpRequest) -> HttpResponse:
    raise ValueError


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


handler404, handler500 = missing, broken
urlpatterns = [path("told", told), path("streamed", streamed), path("failing", failing)]


@pytest.fixture
def visitor(settings) -> Callable[..., Client]:
    """A client whose proxies are these. The site's whole list of middleware is at work."""
    settings.ROOT_URLCONF = __name__

    def make(*proxies: str) -> Client:
        settings.TRUSTED_PROXIES = proxies
        return Client(raise_request_exception=False)

    return make


def test_a_request_without_an_id_gets_one_that_the_response_names(visitor):
    response = visitor().get("/told")
    assert MADE.fullmatch(response.headers["X-Request-ID"])
    assert response.text == response.headers["X-Request-ID"]


def test_two_requests_have_two_ids(visitor):
    client = visitor()
    assert client.get("/told").text != client.get("/told").text


@pytest.mark.parametrize(
    ("proxies", "peer"),
    [
        (["10.0.0.7"], "10.0.0.7"),
        (["192.0.2.1", "10.0.0.0/8"], "10.200.3.4"),
        (["10.0.0.0/8"], "::ffff:10.200.3.4"),
        (["2001:db8::/32"], "2001:db8::7"),
    ],
)
def test_the_id_of_a_trusted_proxy_is_taken(visitor, proxies: list[str], peer: str):
    response = visitor(*proxies).get("/told", headers={"x-request-id": SENT}, REMOTE_ADDR=peer)
    assert (response.text, response.headers["X-Request-ID"]) == (SENT, SENT)


@pytest.mark.parametrize(
    ("proxies", "peer"),
    [
        ([], "127.0.0.1"),
        (["10.0.0.0/8"], "192.0.2.1"),
        (["10.0.0.0/8"], ""),
        (["2001:db8::/32"], "10.0.0.7"),
    ],
)
def test_anybody_else_cannot_choose_an_id(visitor, proxies: list[str], peer: str):
    response = visitor(*proxies).get("/told", headers={"x-request-id": SENT}, REMOTE_ADDR=peer)
    assert MADE.fullmatch(response.text)


@pytest.mark.parametrize(
    "sent", ["short", "x" * 65, "with a space", "line\nbreak00", "é" * 10, "a,b-4711-8888", ""]
)
def test_an_unfit_id_is_replaced_even_when_a_trusted_proxy_sends_it(visitor, sent: str):
    response = visitor("127.0.0.1").get("/told", headers={"x-request-id": sent}, REMOTE_ADDR="127.0.0.1")
    assert MADE.fullmatch(response.text)


@given(st.text())
def test_no_id_that_is_taken_can_forge_a_log_line_or_a_header(text: str):
    if ACCEPTABLE.fullmatch(text):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set(" ,;:\"'<>[]{}")


@given(st.ip_addresses(), st.ip_addresses())
def test_an_address_is_within_its_own_network_and_in_no_other(one, other):
    networks = parse_networks([str(other)])
    mapped = getattr(one, "ipv4_mapped", None) or one
    assert is_within(str(one), networks) is (mapped == other)


def test_the_page_of_an_error_names_its_request(visitor):
    response = visitor().get("/failing")
    assert response.status_code == 500
    assert MADE.fullmatch(response.headers["X-Request-ID"])


def test_a_body_is_streamed_under_the_id_of_its_request(visitor):
    response = visitor().get("/streamed")
    assert response.getvalue().decode() == response.headers["X-Request-ID"] * 2


@pytest.fixture
def outside() -> Iterator[None]:
    assert request_id.get() == "-"
    yield
    assert request_id.get() == "-"


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("address", ["/told", "/failing", "/nowhere"])
def test_no_id_outlives_its_request(visitor, address: str):
    assert visitor().get(address).headers["X-Request-ID"] != "-"


def test_a_request_id_makes_no_page_vary_by_visitor(visitor):
    response = visitor().get("/told")
    assert "Cookie" not in response.headers.get("Vary", "")
    assert response.cookies == {}
