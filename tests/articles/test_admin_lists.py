"""Lists of the admin cost the same at ten rows and at ten million."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import admin_search, admin_terms
from articles.admin import ArticleAdmin
from articles.editing import create_article
from articles.linking import term_named
from articles.models import LegacyPath, Term
from tests.articles.admin_pages import NOW, chief, listing, neighbor, queries_of, titles_in, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(db: None) -> Client:
    """As pytest-django's own, without the tenth of a second that hashing a password takes."""
    return chief()


@pytest.fixture
def five_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ArticleAdmin, "list_per_page", 5)


CHANGELISTS = ["articles_article", "articles_term", "articles_legacypath"]


class TestLists:
    @pytest.mark.parametrize("name", CHANGELISTS)
    def test_a_list_costs_the_same_with_one_row_and_with_thirty(
        self, admin_client: Client, name: str
    ) -> None:
        def add(number: int) -> None:
            article = create_article(
                values={"title": f"Number {number}", "body": ""},
                terms=[term_named("tag", f"t{number}")],
                now=NOW,
            )
            LegacyPath.objects.create(path=f"/old/{number}", article=article)

        add(0)
        admin_client.get(listing(name))
        first = queries_of(admin_client, listing(name))
        for number in range(1, 30):
            add(number)
        last = queries_of(admin_client, listing(name))
        assert len(last) == len(first)

    @pytest.mark.parametrize("name", CHANGELISTS)
    @pytest.mark.parametrize(
        "query", [{}, {"q": "number"}, {"q": "/old"}, {"q": "7"}, {"o": "2.-1"}, {"all": ""}]
    )
    def test_no_list_counts_skips_or_sorts_out_repeats(
        self, admin_client: Client, name: str, query: dict[str, str]
    ) -> None:
        article = written("A number")
        LegacyPath.objects.create(path="/old/1", article=article)
        statements = queries_of(admin_client, listing(name, **query))
        of_articles = [sql for sql in statements if "articles_" in sql]
        assert of_articles
        assert [sql for sql in of_articles if re.search(r"COUNT\(|DISTINCT|OFFSET", sql)] == []
        assert [sql for sql in of_articles if "LIMIT" not in sql and "IN (" not in sql] == []

    def test_the_lookup_that_django_offers_for_widgets_counts_nothing_either(
        self, admin_client: Client
    ) -> None:
        article = written("Vacuuming")
        field = {"app_label": "articles", "model_name": "article", "field_name": "successor"}
        for query in (
            {"term": "vacuum"},
            {"term": ""},
            {"term": "", "page": "last"},
            {"term": "", "page": "99"},
        ):
            with CaptureQueriesContext(connection) as queries:
                found = admin_client.get(reverse("admin:autocomplete", query=field | query)).json()
            assert [sql for sql in (query["sql"] for query in queries) if "COUNT(" in sql] == []
            assert (found["results"] == [{"id": str(article.pk), "text": str(article)}]) is (
                "page" not in query
            )

    def test_a_list_of_articles_reads_no_bodies(self, admin_client: Client) -> None:
        written()
        statements = queries_of(admin_client, listing("articles_article"))
        assert [sql for sql in statements if '"articles_article"."body"' in sql] == []

    def test_pages_lead_through_the_whole_list_and_back(
        self, admin_client: Client, five_a_page: None
    ) -> None:
        expected = [written(f"Number {number}").title for number in range(12)][::-1]
        address, pages = listing("articles_article"), []
        while address:
            pages.append(admin_client.get(address))
            address = neighbor(pages[-1], "next")
        assert [titles_in(page.text) for page in pages] == [expected[:5], expected[5:10], expected[10:]]
        second = admin_client.get(neighbor(pages[2], "prev"))
        assert titles_in(second.text) == expected[5:10]
        first = admin_client.get(neighbor(second, "prev"))
        assert (titles_in(first.text), neighbor(first, "prev")) == (expected[:5], "")

    def test_the_way_back_to_fewer_rows_than_a_page_has_shows_a_whole_first_page(
        self, admin_client: Client, five_a_page: None
    ) -> None:
        articles = [written(f"Number {number}") for number in range(7)]
        page = admin_client.get(listing("articles_article", before=articles[-3].pk))
        assert titles_in(page.text) == [article.title for article in articles[:1:-1]]
        assert neighbor(page, "next")

    def test_terms_are_read_in_the_order_of_kind_and_slug(self, admin_client: Client) -> None:
        for kind, slug in [("tool", "b"), ("tag", "z"), ("tool", "a")]:
            Term.objects.create(kind=kind, slug=slug, name=slug.upper())
        page = admin_client.get(listing("articles_term", after="tag,z"))
        assert re.findall(r'class="field-slug">([^<]*)<', page.text) == ["a", "b"]

    @pytest.mark.parametrize("place", ["x", "1,2", "99999999999999999999", "\0", ""])
    def test_a_made_up_place_leads_to_the_whole_list(self, admin_client: Client, place: str) -> None:
        response = admin_client.get(listing("articles_article", after=place))
        assert response.headers["Location"].endswith("?e=1")
        assert admin_client.get(listing("articles_article", e="1")).status_code == 200

    def test_filters_find_states_and_keep_to_them_from_page_to_page(
        self, admin_client: Client, five_a_page: None
    ) -> None:
        written("Flagged", needs_human_review=True)
        drafts = [written(f"Draft {number}").title for number in range(6)][::-1]
        written("Public", status="published")
        page = admin_client.get(listing("articles_article", status__exact="draft"))
        rest = admin_client.get(neighbor(page, "next"))
        assert [*titles_in(page.text), *titles_in(rest.text)] == [*drafts, "Flagged"]
        flagged = admin_client.get(listing("articles_article", needs_review="1"))
        assert titles_in(flagged.text) == ["Flagged"]
        # A filter begins at its first page, wherever it was chosen.
        assert "after=" not in re.search(r'href="([^"]*)">\s*in review', rest.text)[1]

    def test_an_address_may_not_filter_by_what_has_no_index(self, admin_client: Client) -> None:
        response = admin_client.get(listing("articles_article", title__contains="x"))
        assert response.headers["Location"].endswith("?e=1")

    def test_a_scheduled_article_is_called_so(self, admin_client: Client) -> None:
        written("Now", status="published")
        written("Soon", status="published", published_at=timezone.now() + timedelta(days=1))
        page = admin_client.get(listing("articles_article"))
        assert re.findall(r'class="field-state">([^<]*)<', page.text) == ["scheduled", "published"]


class TestSearch:
    def test_digits_are_an_id_that_the_primary_key_answers(self, admin_client: Client) -> None:
        article = written("Wanted")
        written(f"About {article.pk}")
        with CaptureQueriesContext(connection) as queries:
            page = admin_client.get(listing("articles_article", q=f" {article.pk} "))
        assert titles_in(page.text) == ["Wanted"]
        search = next(query["sql"] for query in queries if "articles_article" in query["sql"])
        assert "::text" not in search
        assert f'"articles_article"."id" IN ({article.pk})' in search

    @pytest.mark.parametrize("text", ["99999999999999999999", "9" * 5000, "0", "١٢"])
    def test_digits_that_are_no_id_find_nothing(self, admin_client: Client, text: str) -> None:
        written()
        assert titles_in(admin_client.get(listing("articles_article", q=text)).text) == []

    def test_words_find_articles_in_any_state(self, admin_client: Client) -> None:
        written("Vacuuming a table", status="published")
        written("Draft on vacuum")
        written("Something else", body="<p>about vacuums</p>")
        written("Unrelated")
        page = admin_client.get(listing("articles_article", q="vacuum -draft"))
        assert titles_in(page.text) == ["Something else", "Vacuuming a table"]

    def test_too_many_matches_are_cut_and_the_editor_is_told(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(admin_search, "MOST_MATCHES", 2)
        for number in range(3):
            written(f"Vacuum {number}")
        page = admin_client.get(listing("articles_article", q="vacuum"))
        assert len(titles_in(page.text)) == 2
        assert "add words, or search by id" in page.text

    @pytest.mark.django_db(transaction=True)
    def test_a_search_that_takes_too_long_is_stopped_with_a_word(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 1")
            try:
                found = admin_search.find(" or ".join(f"word{number}" for number in range(20_000)))
            finally:
                cursor.execute("RESET statement_timeout")
        assert (found.ids, "use rarer words" in found.notice) == ([], True)

    def test_terms_are_found_by_how_they_begin(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for kind, name in [("tag", "Postgres tuning"), ("tool", "PostgreSQL"), ("tool", "pgbench")]:
            Term.objects.create(kind=kind, slug=term_named(kind, name).slug, name=name)
        page = admin_client.get(listing("articles_term", q="Postgr"))
        assert re.findall(r'class="field-slug">([^<]*)<', page.text) == ["postgres-tuning", "postgresql"]
        monkeypatch.setattr(admin_terms, "_MOST_FOUND", 1)
        assert "type more" in admin_client.get(listing("articles_term", q="Postgr")).text

    def test_old_addresses_are_found_by_their_beginning_or_by_their_article(
        self, admin_client: Client
    ) -> None:
        article = written()
        LegacyPath.objects.create(path="/2019/a_b", article=article)
        LegacyPath.objects.create(path="/2019/acb", article=written())
        found = [
            admin_client.get(listing("articles_legacypath", q=text)).text
            for text in ("/2019/a_", str(article.pk))
        ]
        assert [("/2019/a_b" in page, "/2019/acb" in page) for page in found] == [
            (True, False),
            (True, False),
        ]
