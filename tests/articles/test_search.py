"""What readers find, in which order, and what a search says when it cannot."""

import re

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from articles import search
from articles.indexing import index_pending
from articles.search import MARK, UNMARK, marked, matches, names_a_word, tidied
from tests.articles.markup import ids_in, text_of
from tests.factories import make_article, make_term


def indexed(**fields: object) -> int:
    article = make_article(**{"title": "Untitled", "slug": "untitled", "body": "", **fields})
    index_pending()
    return article.pk


def found(client: Client, query: str) -> list[int]:
    return ids_in(client.get("/search/", {"q": query}).text)


@pytest.mark.django_db
def test_a_match_in_the_title_comes_before_one_in_the_body(client: Client) -> None:
    body = indexed(body="<p>A word about the needle.</p>")
    summary = indexed(summary="A word about the needle.")
    title = indexed(title="A word about the needle")
    topic = indexed(terms=[make_term(kind="topic", slug="needle", name="A word about the needle")])
    assert found(client, "needle") == [title, topic, summary, body]


@pytest.mark.django_db
def test_words_are_found_in_their_other_forms_and_in_any_language(client: Client, settings: Settings) -> None:
    settings.SEARCH_LANGUAGES = ("en", "de")
    english = indexed(title="Running queries", language="en-GB")
    german = indexed(title="Schnelle Abfragen", language="de")
    polish = indexed(title="Szybkie zapytania", language="pl")
    assert found(client, "run query") == [english]
    assert found(client, "schnell Abfrage") == [german]
    assert found(client, "zapytania") == [polish]
    assert found(client, "zapytanie") == []


@pytest.mark.django_db
def test_phrases_alternatives_and_exclusions_work(client: Client) -> None:
    both = indexed(title="cold cache")
    apart = indexed(title="cache that is cold")
    other = indexed(title="warm queue")
    assert found(client, '"cold cache"') == [both]
    assert set(found(client, "queue or cache")) == {both, apart, other}
    assert found(client, 'cache -"cold cache"') == [apart]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ['"unbalanced', "a & | ! ( ) : * <->", "'; DROP TABLE x; --", "\\", "💥", "%", "a:*b", "((", "\u202e"],
)
def test_any_signs_are_a_search(client: Client, query: str) -> None:
    indexed(title="cache")
    assert client.get("/search/", {"q": query}).status_code == 200


@pytest.mark.django_db
def test_the_words_found_are_marked_and_the_rest_is_escaped(client: Client) -> None:
    indexed(
        title="Caching & <b> tags", body="<p>A cache <em>of</em> &lt;script&gt; elements&#8212;really</p>"
    )
    html = client.get("/search/?q=cache").text
    assert "><mark>Caching</mark> &amp; &lt;b&gt; tags</a>" in html
    assert "<mark>cache</mark> of &lt;script&gt; elements—really" in " ".join(html.split())


@pytest.mark.django_db
def test_a_match_outside_of_the_text_shows_the_summary(client: Client) -> None:
    indexed(summary="About other things.", terms=[make_term(slug="needle", name="needle")])
    assert (
        '<p class="card-summary p-summary" dir="auto">About other things.</p>'
        in client.get("/search/?q=needle").text
    )


@pytest.mark.django_db
def test_an_empty_search_shows_the_form_and_topics(client: Client) -> None:
    make_article(terms=[make_term(kind="topic", slug="databases", name="databases")])
    for address in ("/search/", "/search/?q=", "/search/?q=%20%00"):
        response = client.get(address)
        assert response.status_code == 200
        assert "Topics databases 1 article" in text_of(response.text)


@pytest.mark.django_db
def test_nothing_found_says_so_and_suggests_topics(client: Client) -> None:
    make_article(terms=[make_term(kind="topic", slug="databases", name="databases")])
    text = text_of(client.get("/search/?q=<nothing>").text)
    assert text == (
        "Search Words to look for Search No article matches “&lt;nothing&gt;”. "
        "Try fewer or other words, or begin with a topic. Topics databases 1 article"
    )


@pytest.mark.django_db
def test_a_search_that_is_too_long_is_refused_in_one_sentence(client: Client) -> None:
    response = client.get("/search/", {"q": "x" * 201})
    assert response.status_code == 400
    assert "A search may have 200 characters, and this one has 201: shorten it." in text_of(response.text)
    assert client.get("/search/", {"q": "x" * 200}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["-cache", '-"cold cache"', "-a -b", "...", "-"])
def test_a_search_for_no_word_asks_for_one(client: Client, query: str) -> None:
    response = client.get("/search/", {"q": query})
    assert "Please name at least one word to look for." in text_of(response.text)


@pytest.mark.django_db
def test_a_search_that_the_index_cannot_answer_finds_nothing(client: Client) -> None:
    indexed(title="cache")
    assert found(client, "queue or -dog") == []


@pytest.mark.django_db
def test_results_are_paged(client: Client, settings: Settings) -> None:
    settings.PAGE_SIZE = 2
    ids = [indexed(title=f"cache {number}") for number in range(5)]
    pages = [client.get("/search/", {"q": "cache", "page": number}) for number in (1, 2, 3)]
    seen = [ids_in(page.text) for page in pages]
    assert [len(page) for page in seen] == [2, 2, 1]
    assert {pk for page in seen for pk in page} == set(ids)
    assert 'href="?q=cache&amp;page=3"' in pages[1].text
    assert 'href="?q=cache&amp;page=1"' in pages[1].text


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "9" * 5000, "²", ""])
def test_a_page_of_results_that_is_not_there_is_not_found(client: Client, page: str) -> None:
    indexed(title="cache")
    assert client.get("/search/", {"q": "cache", "page": page}).status_code == 404


@pytest.mark.django_db
def test_a_frequent_word_is_weighed_up_to_a_limit_and_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        indexed(title=f"cache {number}")
    monkeypatch.setattr(search, "MOST_MATCHES", 4)
    assert matches("cache", now=timezone.now()).is_cut is False
    monkeypatch.setattr(search, "MOST_MATCHES", 3)
    cut = matches("cache", now=timezone.now())
    assert (len(cut.ids), cut.is_cut) == (3, True)
    monkeypatch.setattr("articles.search_views.MOST_MATCHES", 3)
    assert "The best of the first 3 matches. There are more: add a word to narrow the search." in text_of(
        client.get("/search/?q=cache").text
    )


@pytest.mark.django_db(transaction=True)
def test_a_search_that_takes_too_long_is_stopped_with_a_clear_page(client: Client) -> None:
    indexed(title="cache")
    database = connection.get_connection_params()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 100")
    address = {"host": database["host"], "user": database["user"], "dbname": database["dbname"]}
    # Whoever holds this lock keeps the search waiting for longer than it may.
    with psycopg.connect(**address) as other:
        other.execute("LOCK TABLE articles_searchdocument")
        response = client.get("/search/?q=cache")
    connection.close()
    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
    assert "This search took too long, so it was stopped." in text_of(response.text)
    assert "cache" in client.get("/search/?q=cache").text


@given(st.text(alphabet=st.sampled_from([MARK, UNMARK, "<", ">", "&", '"', "a"]), max_size=30))
def test_marks_never_open_a_tag_of_their_own(text: str) -> None:
    html = marked(text)
    assert re.sub(r"<mark>[^<>]*</mark>", "", html).count("<") == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [("cache", True), ("-cache", False), ("a -b", True), ("- x", True), ("东京", True), ("-", False)],
)
def test_a_word_is_told_from_what_is_left_out(query: str, expected: bool) -> None:
    assert names_a_word(query) is expected


def test_words_are_tidied() -> None:
    assert tidied("  a\t\x00b\n c ") == "a b c"
