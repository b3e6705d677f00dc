"""What caches may do with the readers' pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_article, make_term

pytestmark = pytest.mark.django_db

PUBLIC_PAGES = [
    "/",
    "/archive/",
    "/archive/2024/",
    "/archive/2024/03/",
    "/by/tag/",
    "/by/tag/django/",
    "/robots.txt",
]


@pytest.fixture
def addresses() -> list[str]:
    return [*PUBLIC_PAGES, make_article(terms=[make_term()]).get_absolute_url()]


def test_public_pages_are_the_same_for_everybody(client: Client, addresses: list[str]) -> None:
    client.cookies["sessionid"] = "somebody-was-here-before-and-has-a-session"
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        assert response["Cache-Control"] == "public, max-age=60"
        assert (response.headers.get("Vary"), response.cookies.output()) == (None, "")


def test_a_page_that_has_not_changed_is_not_sent_again(client: Client, addresses: list[str]) -> None:
    for address in addresses:
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert again["Cache-Control"] == "public, max-age=60"


def test_a_page_that_has_changed_is_sent(client: Client) -> None:
    make_article()
    before = client.get("/")["ETag"]
    make_article(title="Another")
    assert client.get("/", headers={"If-None-Match": before}).status_code == 200


def test_head_answers_as_get_without_the_body(client: Client, addresses: list[str]) -> None:
    for address in addresses:
        get, head = client.get(address), client.head(address)
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", get["ETag"])


def test_an_article_tells_when_it_was_last_changed(client: Client) -> None:
    article = make_article(updated_at=datetime(2024, 4, 6, 7, 8, 9, tzinfo=UTC))
    response = client.get(article.get_absolute_url())
    assert response["Last-Modified"] == "Sat, 06 Apr 2024 07:08:09 GMT"
    again = client.get(
        article.get_absolute_url(), headers={"If-Modified-Since": "Sat, 06 Apr 2024 07:08:09 GMT"}
    )
    assert again.status_code == 304


def test_an_article_never_tells_a_moment_to_come(client: Client) -> None:
    article = make_article(updated_at=timezone.now() + timedelta(days=365))
    response = client.get(article.get_absolute_url())
    assert int(response["Last-Modified"].split()[3]) <= timezone.now().year


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_pages_are_only_read(addresses: list[str], method: str) -> None:
    # The test client lets forgeries through unless it is told otherwise.
    client = Client(enforce_csrf_checks=True)
    for address in [*addresses, "/search/?q=x", "/articles/", "/by/", "/favicon.ico"]:
        response = client.generic(method, address)
        assert (response.status_code, response.headers.get("Allow")) == (405, "GET, HEAD")


def test_a_search_stays_in_the_browser_of_who_asked(client: Client) -> None:
    response = client.get("/search/?q=slow")
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("private, max-age=60", "noindex")
    assert (response.headers.get("Vary"), response.cookies.output()) == (None, "")


def test_pages_carry_a_policy_without_exceptions_for_inline_code(
    client: Client, addresses: list[str]
) -> None:
    for address in addresses:
        response = client.get(address)
        assert "unsafe" not in response["Content-Security-Policy"]
        assert ("<style" in response.text, " style=" in response.text, "<script" in response.text) == (
            False,
            False,
            False,
        )
