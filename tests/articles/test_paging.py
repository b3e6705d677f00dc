"""Lists by key: nothing is shown twice, nothing is left out, and no address breaks a page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from articles.models import Article, ArticleTerm
from articles.paging import COUNTS, MOMENTS, TOP, BadCursor, Position, TopOfList, page_at, position_in
from tests.articles.markup import ids_in
from tests.factories import PUBLISHED_AT, make_article, make_term

moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001 zone follows
    lambda moment: moment.replace(tzinfo=UTC)
)
ids = st.integers(min_value=1, max_value=2**63 - 1)


@pytest.fixture
def eleven_articles(settings: Settings) -> list[Article]:
    """Of three moments, so that most neighbors are parted by their ids alone; newest first."""
    settings.PAGE_SIZE = 3
    term = make_term()
    articles = [
        make_article(published_at=PUBLISHED_AT + timedelta(days=number // 4), terms=[term])
        for number in range(11)
    ]
    return sorted(articles, key=lambda article: (article.published_at, article.pk), reverse=True)


def link_of(html: str, rel: str) -> str | None:
    found = re.search(rf'<a rel="{rel}"[^>]* href="([^"]*)"', html)
    return found[1] if found else None


def walk(client: Client, address: str, rel: str) -> list[list[int]]:
    """What each page shows, from `address` on, following its link of that kind to the end."""
    pages = []
    while address:
        response = client.get(address, follow=True)
        assert response.status_code == 200
        pages.append(ids_in(response.text))
        query = link_of(response.text, rel)
        address = f"{response.request['PATH_INFO']}{query}" if query else ""
    return pages


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/archive/2024/03/", "/by/tag/django/"])
def test_a_walk_down_meets_every_article_once(
    client: Client, eleven_articles: list[Article], address: str
) -> None:
    ids = [article.pk for article in eleven_articles]
    assert walk(client, address, "next") == [ids[0:3], ids[3:6], ids[6:9], ids[9:11]]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/archive/2024/03/", "/by/tag/django/"])
def test_a_walk_up_ends_at_the_plain_address(
    client: Client, eleven_articles: list[Article], address: str
) -> None:
    ids = [article.pk for article in eleven_articles]
    bottom = Position(key=(eleven_articles[8].published_at, ids[8]))
    query = f"?after={MOMENTS.text(bottom.key)}"
    assert walk(client, address + query, "prev") == [ids[9:11], ids[6:9], ids[3:6], ids[0:3]]
    above_second = f"?before={MOMENTS.text((eleven_articles[3].published_at, ids[3]))}"
    response = client.get(address + above_second)
    assert (response.status_code, response["Location"]) == (302, address)


@pytest.mark.django_db
def test_a_new_article_pushes_nothing_onto_two_pages(client: Client, eleven_articles: list[Article]) -> None:
    first = client.get("/").text
    make_article(published_at=PUBLISHED_AT + timedelta(days=30))
    second = client.get(f"/{link_of(first, 'next')}").text
    assert set(ids_in(first)) & set(ids_in(second)) == set()


@pytest.mark.django_db
def test_a_last_page_that_is_exactly_full_leads_nowhere(client: Client, settings: Settings) -> None:
    settings.PAGE_SIZE = 2
    make_article()
    make_article()
    html = client.get("/").text
    assert (len(ids_in(html)), link_of(html, "next"), link_of(html, "prev")) == (2, None, None)


@pytest.mark.django_db
def test_terms_that_are_used_equally_often_are_all_met(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.listing.TERMS_ON_A_PAGE", 3)
    terms = [make_term(slug=f"tag-{number}", name=f"Tag {number}") for number in range(4, 16)]
    for unused in (0, 4, 8):
        make_article(terms=terms[unused:])
    seen, query = [], ""
    while query is not None:
        html = client.get(f"/by/tag/{query}").text
        seen.append(re.findall(r'href="/by/tag/([^"/]+)/"', html[html.index("<main") :]))
        query = link_of(html, "next")
    slugs = [*(f"tag-{n}" for n in (12, 13, 14, 15)), "tag-10", "tag-11", "tag-8", "tag-9"]
    slugs += [f"tag-{n}" for n in (4, 5, 6, 7)]
    assert seen == [slugs[0:3], slugs[3:6], slugs[6:9], slugs[9:12]]
    up = client.get(f"/by/tag/?before={COUNTS.text((1, 'tag-4'))}").text
    assert re.findall(r'href="/by/tag/([^"/]+)/"', up[up.index("<main") :]) == slugs[5:8]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        *(
            "after=",
            "after=x",
            "after=1",
            "after=1.x",
            "after=1.1.1",
            "after=%00",
            "after=1.-1",
            "before=1e5.1",
        ),
        *("after=999999999999999999.1", "after=-999999999999999999.1", "after=1.9223372036854775808"),
        *("after=1.1&before=1.1", "after=" + "9" * 5000, "after=١.1", "after=0.1"),
    ],
)
@pytest.mark.parametrize("address", ["/", "/by/tag/django/", "/archive/2024/03/"])
def test_a_made_up_cursor_is_not_found(client: Client, address: str, query: str) -> None:
    make_article(terms=[make_term()])
    assert client.get(f"{address}?{query}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["after=x", "after=1.%00", "after=2147483648.a", "after=1.", "before=-1.a", "after=1." + "a" * 201],
)
def test_a_made_up_cursor_among_terms_is_not_found(client: Client, query: str) -> None:
    make_article(terms=[make_term()])
    assert client.get(f"/by/tag/?{query}").status_code == 404


@pytest.mark.django_db
def test_a_slug_with_odd_signs_survives_the_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("articles.listing.TERMS_ON_A_PAGE", 1)
    make_article(terms=[make_term(slug="a&b=c+d", name="odd"), make_term(slug="zürich", name="Zürich")])
    html = client.get("/by/tag/").text
    assert "Zürich" in client.get(f"/by/tag/{link_of(html, 'next')}".replace("&amp;", "&")).text


@given(moments, ids)
def test_a_moment_and_an_id_come_back_from_their_cursor(moment: datetime, pk: int) -> None:
    assert MOMENTS.key(MOMENTS.text((moment, pk))) == (moment, pk)


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_is_refused(text: str) -> None:
    for cursor in (MOMENTS, COUNTS):
        try:
            assert cursor.key(cursor.text(cursor.key(text))) == cursor.key(text)
        except BadCursor:
            continue


def test_no_cursor_is_the_top() -> None:
    assert position_in({"page": "2"}, cursor=MOMENTS) == TOP


@pytest.mark.django_db
def test_the_top_of_a_list_is_told_apart(eleven_articles: list[Article]) -> None:
    above_all = Position(key=MOMENTS.key("1.1"), direction="before")
    with pytest.raises(TopOfList):
        page_at(above_all, rows=Article.objects.all(), size=20, cursor=MOMENTS)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Article, ArticleTerm])
def test_a_place_in_a_list_is_one_range_of_an_index(model: type) -> None:
    rows = model.objects.filter(**({"status": "published"} if model is Article else {"term": 1}))
    with connection.cursor() as cursor:
        # On a handful of rows PostgreSQL would rather read the table.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = rows.following((PUBLISHED_AT, 5), limit=20).explain()
    id_name = "id" if model is Article else "article_id"
    assert f"ROW(published_at, {id_name}) < ROW(" in re.search(r"Index Cond: .*", plan)[0]
    assert "Sort" not in plan
    assert "Filter" not in plan
