"""The table of states and surfaces, walked with real articles."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from articles.indexing import index_pending
from articles.models import Article
from articles.visibility import TABLE, State, Visibility, state_of
from tests.factories import PUBLISHED_AT, link, make_article, make_term

pytestmark = pytest.mark.django_db

# Each state with every way in which an article gets there.
WAYS: dict[State, list[dict]] = {
    State.DRAFT: [{"status": "draft"}, {"status": "draft", "published_at": None}],
    State.IN_REVIEW: [{"status": "in_review"}],
    State.SCHEDULED: [{"published_at": timezone.now() + timedelta(days=1)}],
    State.WITHDRAWN: [{"status": "withdrawn"}],
    State.UNREVIEWED: [
        {"review_status": "needs-review"},
        {"review_status": "draft"},
        {"review_status": "reviewed", "needs_human_review": True},
        {"review_status": "", "needs_human_review": True},
    ],
    State.INDEXABLE: [{"review_status": "reviewed"}, {"review_status": ""}],
}
CASES = [(state, fields) for state, ways in WAYS.items() for fields in ways]


def seen(client: Client, article: Article) -> Visibility:
    """What a reader meets, told in the terms of the table."""
    page = client.get(article.get_absolute_url())
    lists = ["/", f"/archive/{article.published_at or PUBLISHED_AT:%Y/%m}/", "/by/tag/django/"]
    found_in = {f'href="{article.get_absolute_url()}"' in client.get(address).text for address in lists}
    assert len(found_in) == 1, "the lists disagree"
    return Visibility(
        page=HTTPStatus(page.status_code),
        robots=page.headers.get("X-Robots-Tag", ""),
        lists=found_in.pop(),
        search=f'href="{article.get_absolute_url()}"' in client.get("/search/?q=slow").text,
        api=client.get(f"/api/v1/articles/{article.pk}/").status_code == 200,
    )


def test_every_state_has_a_line_and_a_way_to_reach_it() -> None:
    assert set(TABLE) == set(State) == set(WAYS)


@pytest.mark.parametrize(("state", "fields"), CASES)
def test_an_article_is_seen_where_the_table_says(client: Client, state: State, fields: dict) -> None:
    article = make_article(**fields)
    link(article, make_term())
    index_pending()
    assert state_of(article, now=timezone.now()) == state
    assert seen(client, article) == TABLE[state]


@pytest.mark.parametrize(("state", "fields"), CASES)
def test_the_words_of_the_query_set_say_what_the_table_says(state: State, fields: dict) -> None:
    make_article(**fields)
    now = timezone.now()
    assert Article.objects.public(now=now).exists() == TABLE[state].lists
    assert Article.objects.indexable(now=now).exists() == TABLE[state].search


@pytest.mark.parametrize(("state", "fields"), CASES)
def test_a_term_is_seen_where_an_article_of_it_is(client: Client, state: State, fields: dict) -> None:
    link(make_article(**fields), make_term(kind="topic"))
    # Above all others is a place that redirects; it must not tell of a hidden term either.
    statuses = [client.get(f"/by/topic/django/{place}").status_code for place in ("", "?before=1.1")]
    assert statuses == ([200, 302] if TABLE[state].lists else [404, 404])
    for address in ("/by/topic/", "/search/"):
        assert ('href="/by/topic/django/"' in client.get(address).text) == TABLE[state].lists


@pytest.mark.parametrize("fields", WAYS[State.UNREVIEWED])
def test_an_article_that_awaits_review_says_so(client: Client, fields: dict) -> None:
    article = make_article(**fields)
    assert "Awaiting review." in client.get(article.get_absolute_url()).text
    assert "awaiting review" in client.get("/").text


@pytest.mark.parametrize("fields", WAYS[State.INDEXABLE])
def test_an_indexable_article_carries_no_such_notice(client: Client, fields: dict) -> None:
    article = make_article(**fields)
    assert "waiting review" not in client.get(article.get_absolute_url()).text
    assert "waiting review" not in client.get("/").text


def test_an_article_appears_when_its_moment_comes(client: Client) -> None:
    article = make_article(published_at=timezone.now() + timedelta(hours=1))
    assert client.get(article.get_absolute_url()).status_code == 404
    Article.objects.filter(pk=article.pk).update(published_at=timezone.now() - timedelta(seconds=1))
    assert client.get(article.get_absolute_url()).status_code == 200
