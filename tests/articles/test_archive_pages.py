"""What readers see of the archive's years, months and terms."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import listing
from articles.models import Article
from tests.articles.markup import text_of, titles_in
from tests.factories import PUBLISHED_AT, make_article, make_term

pytestmark = pytest.mark.django_db

MID_MARCH = datetime(2024, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def mid_march(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment of every request, so that its month has days behind it and days to come."""
    monkeypatch.setattr(timezone, "now", lambda: MID_MARCH)
    return MID_MARCH


def test_the_archive_counts_years_and_months(client: Client) -> None:
    make_article(published_at=datetime(2023, 12, 31, 23, 59, tzinfo=UTC))
    make_article(published_at=datetime(2024, 3, 1, tzinfo=UTC))
    make_article(published_at=datetime(2024, 3, 31, tzinfo=UTC))
    assert text_of(client.get("/archive/").text) == (
        "Archive 2024 2 articles Mar 2024 2 2023 1 article Dec 2023 1"
    )


def test_a_year_shows_its_months_and_its_newest(client: Client) -> None:
    make_article(title="January", published_at=datetime(2024, 1, 1, tzinfo=UTC))
    make_article(title="March", published_at=datetime(2024, 3, 1, tzinfo=UTC))
    make_article(title="Other year", published_at=datetime(2025, 1, 1, tzinfo=UTC))
    html = client.get("/archive/2024/").text
    assert text_of(html).startswith("Archive 2024 2 articles January 1 March 1 Newest of 2024")
    assert titles_in(html) == ["March", "January"]


def test_a_month_ends_where_the_next_begins(client: Client) -> None:
    for title, day in {"before": (2023, 11, 30), "first": (2023, 12, 1), "after": (2024, 1, 1)}.items():
        make_article(title=title, published_at=datetime(*day, tzinfo=UTC))
    make_article(title="last", published_at=datetime(2023, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
    html = client.get("/archive/2023/12/").text
    assert titles_in(html) == ["last", "first"]
    assert 'href="/archive/2023/11/"' in html
    assert 'href="/archive/2024/01/"' in html


@pytest.mark.parametrize(
    ("sloppy", "right"),
    [
        ("/archive/2024/3/", "/archive/2024/03/"),
        ("/archive/2024/003/", "/archive/2024/03/"),
        ("/archive/02024/", "/archive/2024/"),
        ("/archive/999/", "/archive/0999/"),
        ("/articles/", "/archive/"),
        ("/by/", "/by/topic/"),
    ],
)
def test_a_sloppy_address_redirects(client: Client, sloppy: str, right: str) -> None:
    response = client.get(sloppy)
    assert (response.status_code, response["Location"]) == (301, right)


@pytest.mark.parametrize(
    "address",
    [
        *("/archive/2024/13/", "/archive/2024/00/", "/archive/0/", "/archive/0/01/", "/archive/0000/"),
        *("/archive/9999999/", "/archive/9999999999999/", "/archive/9999/12/", "/archive/-1/", "/archive/x/"),
        *(
            "/archive/2001/",
            "/archive/2001/01/",
            "/archive/²/",
            "/by/nothing/",
            "/by/tag/none/",
            "/by/tag/%00/",
        ),
    ],
)
def test_what_was_never_there_is_not_found(client: Client, address: str) -> None:
    make_article()
    assert client.get(address).status_code == 404


def test_months_to_come_stay_hidden(client: Client) -> None:
    later = timezone.now() + timedelta(days=40)
    make_article(published_at=later)
    assert f"{later:%Y/%m}" not in client.get("/archive/").text
    assert client.get(f"/archive/{later:%Y/%m}/").status_code == 404


def test_articles_to_come_this_month_are_not_counted(client: Client, mid_march: datetime) -> None:
    make_article(published_at=mid_march - timedelta(days=30))
    for moment in (mid_march - timedelta(days=1), mid_march, mid_march + timedelta(seconds=1)):
        make_article(published_at=moment)
    make_article(published_at=datetime(2024, 3, 31, 23, 59, 59, tzinfo=UTC))
    make_article(status="draft", published_at=mid_march + timedelta(days=1))
    make_article(published_at=datetime(2024, 4, 1, tzinfo=UTC))
    assert text_of(client.get("/archive/").text) == "Archive 2024 3 articles Feb 2024 1 Mar 2024 2"
    year = text_of(client.get("/archive/2024/").text)
    assert year.startswith("Archive 2024 3 articles February 1 March 2 Newest")
    month = client.get("/archive/2024/03/").text
    assert text_of(month).startswith("Archive / 2024 March 2024 2 articles")
    assert len(titles_in(month)) == 2


def test_a_month_with_nothing_but_articles_to_come_is_not_there(client: Client, mid_march: datetime) -> None:
    make_article(published_at=mid_march + timedelta(days=1))
    assert text_of(client.get("/archive/").text).startswith("Archive The archive is empty.")
    assert client.get("/archive/2024/").status_code == 404
    assert client.get("/archive/2024/03/").status_code == 404
    make_article(published_at=mid_march - timedelta(days=30))
    assert text_of(client.get("/archive/").text) == "Archive 2024 1 article Feb 2024 1"
    assert text_of(client.get("/archive/2024/").text).startswith("Archive 2024 1 article February 1 Newest")
    assert "/archive/2024/03/" not in client.get("/archive/2024/02/").text
    assert client.get("/archive/2024/03/").status_code == 404


def test_a_month_leads_to_the_nearest_that_hold_public_articles(mid_march: datetime) -> None:
    for month in (1, 3, 4):
        make_article(published_at=datetime(2024, month, 1, tzinfo=UTC))
    make_article(published_at=datetime(2023, 5, 1, tzinfo=UTC))
    assert listing.shelf(date(2024, 1, 1), now=mid_march) == listing.MonthShelf(
        article_count=1, earlier=date(2023, 5, 1), later=date(2024, 3, 1)
    )


def test_terms_come_the_most_used_first(client: Client) -> None:
    rare, common = make_term(slug="rare", name="Rare"), make_term(slug="common", name="Common")
    make_term(slug="unused", name="Unused")
    make_term(kind="tool", slug="psql", name="psql")
    make_article(terms=[rare, common])
    make_article(terms=[common])
    assert text_of(client.get("/by/tag/").text) == "Tags Common 2 articles Rare 1 article"


def test_a_term_shows_its_public_articles(client: Client) -> None:
    django, psql = make_term(), make_term(kind="tool", slug="django", name="The other Django")
    make_article(title="older", terms=[django], published_at=PUBLISHED_AT - timedelta(days=1))
    make_article(title="newer", terms=[psql, django])
    make_article(title="draft", status="draft", terms=[django])
    make_article(title="later", published_at=timezone.now() + timedelta(days=1), terms=[django])
    make_article(title="another", terms=[psql])
    assert titles_in(client.get("/by/tag/django/").text) == ["newer", "older"]


def test_a_term_counts_what_is_public(client: Client) -> None:
    django, psql = make_term(), make_term(kind="tool", slug="psql", name="psql")
    make_article(terms=[django, psql])
    make_article(terms=[django], published_at=timezone.now() + timedelta(days=1))
    assert text_of(client.get("/by/tag/django/").text).startswith("Tags Django 1 article ")


def test_a_withdrawn_article_leaves_its_term_and_month(client: Client) -> None:
    article = make_article(terms=[make_term()])
    Article.objects.filter(pk=article.pk).update(status="withdrawn")
    assert client.get("/by/tag/django/").status_code == 404
    assert client.get("/archive/2024/03/").status_code == 404
