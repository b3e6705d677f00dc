"""Addresses heal: slugs may be wrong or old, and the addresses of a source keep working."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import LegacyPath
from tests.factories import make_article

pytestmark = pytest.mark.django_db


def test_the_right_address_shows_the_article(client: Client) -> None:
    article = make_article()
    response = client.get(f"/articles/{article.pk}/slow-queries/")
    assert (response.status_code, "<h1" in response.text) == (200, True)


@pytest.mark.parametrize("tail", ["", "old-slug/", "Slow-Queries/", "slow%20queries/", "a.b+c/"])
def test_a_wrong_slug_redirects_to_the_right_one(client: Client, tail: str) -> None:
    article = make_article()
    response = client.get(f"/articles/{article.pk}/{tail}?utm_source=elsewhere")
    assert (response.status_code, response["Location"]) == (301, f"/articles/{article.pk}/slow-queries/")


def test_an_id_with_zeros_before_it_redirects(client: Client) -> None:
    article = make_article()
    response = client.get(f"/articles/00{article.pk}/slow-queries/")
    assert (response.status_code, response["Location"]) == (301, f"/articles/{article.pk}/slow-queries/")


def test_a_slug_in_any_script_is_found_at_its_own_address(client: Client) -> None:
    article = make_article(slug="東京-łódź")
    address = article.get_absolute_url()
    assert client.get(address).status_code == 200
    assert client.get(f"/articles/{article.pk}/x/")["Location"] == address


def test_an_article_without_a_slug_has_an_address_too(client: Client) -> None:
    article = make_article(slug="")
    assert article.get_absolute_url() == f"/articles/{article.pk}/-/"
    assert client.get(f"/articles/{article.pk}/-/").status_code == 200


def test_a_redirect_is_forgotten_soon_because_a_slug_may_change_back(client: Client) -> None:
    article = make_article()
    assert client.get(f"/articles/{article.pk}/x/")["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("pk", ["0", "999999999", str(2**63), "9" * 400, "9" * 5000, "-1", "x"])
def test_an_article_that_does_not_exist_is_not_found(client: Client, pk: str) -> None:
    assert client.get(f"/articles/{pk}/slow-queries/").status_code == 404


def test_a_withdrawn_article_tells_why_and_what_took_its_place(client: Client) -> None:
    successor = make_article(title="Quick queries", slug="quick-queries")
    article = make_article(
        status="withdrawn", withdrawal_reason="The numbers were <wrong>.", successor=successor
    )
    for address in (f"/articles/{article.pk}/", f"/articles/{article.pk}/anything/"):
        response = client.get(address)
        assert response.status_code == 410
        assert "The numbers were &lt;wrong&gt;." in response.text
        assert f'href="/articles/{successor.pk}/quick-queries/"' in response.text
        assert "Slow queries" in response.text
        assert response["Cache-Control"] == "public, max-age=60"


def test_a_successor_that_is_not_public_is_not_named(client: Client) -> None:
    successor = make_article(status="draft", title="Secret plans", slug="secret-plans")
    article = make_article(status="withdrawn", successor=successor)
    text = client.get(f"/articles/{article.pk}/").text
    assert ("ecret" in text, f"/articles/{successor.pk}/" in text) == (False, False)


def test_a_draft_that_was_withdrawn_keeps_its_title_to_itself(client: Client) -> None:
    article = make_article(status="withdrawn", published_at=None, title="Secret plans")
    response = client.get(f"/articles/{article.pk}/")
    assert (response.status_code, "Secret plans" in response.text) == (410, False)


def test_a_draft_does_not_tell_its_slug(client: Client) -> None:
    article = make_article(status="draft", slug="secret-plans")
    response = client.get(f"/articles/{article.pk}/")
    assert (response.status_code, "secret-plans" in response.text) == (404, False)


@pytest.mark.parametrize("asked", ["/2012/05/old.html", "/2012/05/old.html/", "/2012/05/old.html?page=2"])
def test_an_old_address_redirects_with_or_without_a_slash(client: Client, asked: str) -> None:
    article = make_article()
    LegacyPath.objects.create(path="/2012/05/old.html", article=article)
    response = client.get(asked)
    assert (response.status_code, response["Location"]) == (301, article.get_absolute_url())


def test_an_old_address_with_a_slash_is_found_without_one(client: Client) -> None:
    article = make_article()
    LegacyPath.objects.create(path="/2012/łódź/", article=article)
    assert client.get("/2012/łódź")["Location"] == article.get_absolute_url()


def test_of_two_old_addresses_the_exact_one_wins(client: Client) -> None:
    first, second = make_article(slug="first"), make_article(slug="second")
    LegacyPath.objects.create(path="/old", article=first)
    LegacyPath.objects.create(path="/old/", article=second)
    assert client.get("/old")["Location"] == first.get_absolute_url()
    assert client.get("/old/")["Location"] == second.get_absolute_url()


def test_an_old_address_of_an_article_that_is_not_public_yet_is_not_found(client: Client) -> None:
    later = make_article(published_at=timezone.now() + timedelta(days=1))
    LegacyPath.objects.create(path="/old/", article=later)
    assert client.get("/old/").status_code == 404


def test_a_page_that_is_found_asks_for_no_old_address(client: Client) -> None:
    article = make_article()
    LegacyPath.objects.create(path=article.get_absolute_url(), article=article)
    with CaptureQueriesContext(connection) as queries:
        client.get(article.get_absolute_url())
        client.get("/archive")
    assert [query for query in queries if "legacypath" in query["sql"] and '"path" IN' in query["sql"]] == []


def test_a_page_that_is_missing_asks_once(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/nowhere/").status_code == 404
    assert len(queries) == 1


@pytest.mark.parametrize("path", ["/a%00b", "/" + "x" * 2000, "/%ff%fe"])
def test_a_strange_address_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
