"""Lists of the API: what an item tells, and how a program reads all of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from tests.factories import make_article

pytestmark = pytest.mark.django_db

LIST = "/api/v1/articles/"
NEWEST = datetime(2024, 3, 5, 10, 30, tzinfo=UTC)
SITE = "https://archive.example.org"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.PAGE_SIZE = 5


def ids(page: dict[str, Any]) -> list[int]:
    return [item["id"] for item in page["results"]]


def numbered(count: int) -> list[Article]:
    """The newest first, as lists show them."""
    return [make_article(published_at=NEWEST - timedelta(days=number)) for number in range(count)]


def path_of(address: str) -> str:
    assert address.startswith(SITE)
    return address.removeprefix(SITE)


class TestList:
    def test_an_item_tells_what_a_list_needs_and_no_body(self, client: Client) -> None:
        article = make_article(
            title="Slow queries",
            authors=["Ada"],
            topic_path="Databases / Indexes",
            summary="Short",
            difficulty="advanced",
            reading_time=4,
            review_status="reviewed",
        )
        page = client.get(LIST).json()
        assert page == {
            "next": None,
            "previous": None,
            "results": [
                {
                    "id": article.pk,
                    "version": 1,
                    "url": f"{SITE}/articles/{article.pk}/slow-queries/",
                    "title": "Slow queries",
                    "slug": "slow-queries",
                    "published_at": "2024-03-05T10:30:00Z",
                    "updated_at": "2024-03-05T10:30:00Z",
                    "language": "en",
                    "authors": ["Ada"],
                    "topic": "Databases / Indexes",
                    "summary": "Short",
                    "difficulty": "advanced",
                    "reading_time": 4,
                    "review": "reviewed",
                    "indexable": True,
                }
            ],
        }

    @pytest.mark.parametrize(
        ("fields", "review", "indexable"),
        [
            ({}, "none", True),
            ({"review_status": "reviewed"}, "reviewed", True),
            ({"review_status": "needs-review"}, "needs-review", False),
            ({"review_status": "reviewed", "needs_human_review": True}, "flagged", False),
        ],
    )
    def test_the_state_of_review_is_told(
        self, client: Client, fields: dict[str, Any], review: str, indexable: bool
    ) -> None:
        make_article(**fields)
        [item] = client.get(LIST).json()["results"]
        assert (item["review"], item["indexable"]) == (review, indexable)

    def test_only_what_is_public_now_is_there(self, client: Client) -> None:
        for status in ("draft", "in_review", "withdrawn"):
            make_article(status=status)
        make_article(published_at=datetime.now(UTC) + timedelta(hours=1))
        public = make_article()
        assert ids(client.get(LIST).json()) == [public.pk]

    def test_next_and_previous_lead_through_everything_once(self, client: Client) -> None:
        expected = [article.pk for article in numbered(12)]
        pages, address = [], LIST
        while address:
            pages.append(client.get(address).json())
            address = pages[-1]["next"] and path_of(pages[-1]["next"])
        assert [ids(page) for page in pages] == [expected[:5], expected[5:10], expected[10:]]
        back = client.get(path_of(pages[2]["previous"])).json()
        assert ids(back) == expected[5:10]
        first = client.get(path_of(back["previous"])).json()
        assert (ids(first), first["previous"]) == (expected[:5], None)

    def test_articles_of_one_moment_are_told_apart_by_their_ids(self, client: Client) -> None:
        expected = [make_article().pk for _ in range(7)][::-1]
        page = client.get(LIST).json()
        assert ids(page) + ids(client.get(path_of(page["next"])).json()) == expected

    def test_an_article_that_comes_in_meanwhile_moves_no_page(self, client: Client) -> None:
        expected = [article.pk for article in numbered(10)]
        page = client.get(LIST).json()
        make_article(published_at=NEWEST + timedelta(days=1))
        assert ids(client.get(path_of(page["next"])).json()) == expected[5:]

    def test_the_end_of_the_list_is_an_empty_page_when_its_rest_went_meanwhile(self, client: Client) -> None:
        articles = numbered(6)
        following = path_of(client.get(LIST).json()["next"])
        articles[-1].delete()
        assert client.get(following).json() == {"next": None, "previous": None, "results": []}

    def test_a_page_may_be_larger_and_its_neighbors_are_as_large(self, client: Client) -> None:
        expected = [article.pk for article in numbered(8)]
        page = client.get(f"{LIST}?page_size=7").json()
        assert ids(page) == expected[:7]
        assert page["next"].endswith("&page_size=7")
        assert ids(client.get(path_of(page["next"])).json()) == expected[7:]

    @pytest.mark.parametrize("size", ["0", "101", "-1", "x", "", "1" * 5000, "٣"])
    def test_a_size_out_of_bounds_is_refused_with_a_sentence(self, client: Client, size: str) -> None:
        response = client.get(LIST, {"page_size": size})
        assert response.status_code == 400
        assert response.json() == {"detail": "page_size must be a whole number from 1 to 100."}

    @pytest.mark.parametrize(
        "query", ["after=x", "after=", "before=1.99999999999999999999", "after=1.1&before=1.1", "after=%00"]
    )
    def test_a_made_up_place_is_refused_with_a_sentence(self, client: Client, query: str) -> None:
        make_article()
        response = client.get(f"{LIST}?{query}")
        assert response.status_code == 400
        assert response.json() == {
            "detail": "after and before come from the addresses under `next` and `previous`: begin again "
            "without them, and follow those addresses as they are."
        }

    def test_a_misspelt_parameter_is_refused_instead_of_ignored(self, client: Client) -> None:
        response = client.get(f"{LIST}?topik=x")
        assert response.status_code == 400
        assert response.json() == {
            "detail": "Unknown parameter: topik. Known here: after, before, page_size."
        }

    def test_a_page_is_one_range_of_the_index(self, client: Client) -> None:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LIST}?after=1709634600000000.7")
        [sql] = [query["sql"] for query in queries]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON, COSTS OFF) {sql}")
            [[plan]] = cursor.fetchall()
        scan = plan[0]["Plan"]["Plans"][0]
        assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", "article_newest")
        assert "ROW(published_at, id) < ROW(" in scan["Index Cond"]
        assert "Filter" not in scan

    def test_it_costs_the_same_with_one_article_and_with_thirty(self, client: Client) -> None:
        make_article()
        with CaptureQueriesContext(connection) as one:
            client.get(f"{LIST}?page_size=30")
        numbered(29)
        with CaptureQueriesContext(connection) as thirty:
            assert len(client.get(f"{LIST}?page_size=30").json()["results"]) == 30
        assert len(thirty) == len(one) == 1
