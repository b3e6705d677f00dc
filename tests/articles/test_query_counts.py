"""A page asks the database a fixed number of times, however much it shows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.indexing import index_pending
from articles.models import LegacyPath
from tests.factories import PUBLISHED_AT, make_article, make_term

pytestmark = pytest.mark.django_db

# Once for the list itself, and for what stands around it.
LISTS = {
    "/": 1,
    "/archive/": 1,
    "/archive/2024/": 2,
    "/archive/2024/03/": 2,
    "/by/topic/": 1,
    "/by/topic/databases/": 3,
    "/search/?q=slow": 3,
    "/search/?q=nothingatall": 3,
    "/search/": 1,
}


def fill(count: int) -> None:
    terms = [make_term(kind="topic", slug="databases", name="databases"), make_term()]
    for number in range(count):
        make_article(terms=terms, published_at=PUBLISHED_AT + timedelta(minutes=number))
    index_pending()


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("address", "expected"), LISTS.items())
def test_a_list_asks_as_often_for_one_article_as_for_thirty(
    client: Client, address: str, expected: int, count: int
) -> None:
    fill(count)
    assert queries_of(client, address) == expected


@pytest.mark.parametrize("count", [1, 30])
def test_an_article_asks_as_often_for_one_term_as_for_thirty(client: Client, count: int) -> None:
    terms = [make_term(slug=f"tag-{number}", name=f"Tag {number}") for number in range(count)]
    article = make_article(terms=terms, notes=["note"] * count, payload={str(n): [n] for n in range(count)})
    for number in range(count):
        LegacyPath.objects.create(path=f"/old/{number}", article=article)
    assert queries_of(client, article.get_absolute_url()) == 4


@pytest.mark.parametrize("address", [address for address in LISTS if "search" not in address])
def test_no_page_skips_rows_or_counts_others_than_scheduled_ones(client: Client, address: str) -> None:
    fill(30)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    statements = " ".join(query["sql"].upper() for query in queries)
    assert "OFFSET" not in statements
    for counted in statements.split("COUNT(")[1:]:
        assert '"PUBLISHED_AT" > ' in counted.partition("GROUP BY")[0]
