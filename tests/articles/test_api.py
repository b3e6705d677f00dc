"""What programs are told of articles."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article, LegacyPath, ViewCount
from tests.factories import make_article, make_term

pytestmark = pytest.mark.django_db

LIST = "/api/v1/articles/"
SITE = "https://archive.example.org"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.RELEASE = "r1"


def detail(article: Article) -> str:
    return f"{LIST}{article.pk}/"


class TestDetail:
    def test_all_fields_are_there_under_their_names(self, client: Client) -> None:
        terms = [
            make_term(kind="topic", slug="databases", name="Databases"),
            make_term(kind="tag", slug="b", name="B"),
            make_term(kind="tag", slug="a", name="A"),
        ]
        article = make_article(
            terms=terms,
            body="*Hi*",
            body_format="markdown",
            body_html="<p><em>Hi</em></p>",
            ai_brief="Brief",
            ai_outline={"context": "c"},
            score={"quality": 7},
            review_status="reviewed",
            review_version="1.2",
            last_reviewed=date(2024, 3, 1),
            reference="ref",
            source_hash="abc",
            has_images=True,
            checklist=["one"],
            notes=["two"],
            entities=[{"name": "WAL", "type": "thing"}],
            image_sources=[{"url": "https://example.org/a.png"}],
            payload={"seed": 1},
            extra={"odd": [1]},
        )
        LegacyPath.objects.create(path="/old", article=article)
        ViewCount.objects.create(article=article, views=9)
        found = client.get(detail(article)).json()
        [item] = client.get(LIST).json()["results"]
        assert {name: found.pop(name) for name in item} == item
        assert found == {
            "body": "*Hi*",
            "body_format": "markdown",
            "body_html": "<p><em>Hi</em></p>",
            "ai_brief": "Brief",
            "ai_outline": {"context": "c"},
            "terms": {
                "topic": [{"name": "Databases", "slug": "databases", "url": f"{SITE}/by/topic/databases/"}],
                "stack": [],
                "tool": [],
                "language": [],
                "tag": [
                    {"name": "B", "slug": "b", "url": f"{SITE}/by/tag/b/"},
                    {"name": "A", "slug": "a", "url": f"{SITE}/by/tag/a/"},
                ],
                "entity": [],
            },
            "score": {"quality": 7},
            "revision": {"status": "reviewed", "version": "1.2", "last_reviewed": "2024-03-01"},
            "reference": "ref",
            "hash": "abc",
            "flags": {
                "ai_generated_style": False,
                "has_images": True,
                "image_heavy": False,
                "needs_human_review": False,
            },
            "checklist": ["one"],
            "notes": ["two"],
            "entities": [{"name": "WAL", "type": "thing"}],
            "image_sources": [{"url": "https://example.org/a.png"}],
            "view_count": 9,
            "aliases": ["/old"],
            "payload": {"seed": 1},
            "extra": {"odd": [1]},
        }

    def test_an_html_body_is_its_own_rendering(self, client: Client) -> None:
        found = client.get(detail(make_article(body="<p>Hi</p>"))).json()
        assert (found["body"], found["body_html"], found["view_count"]) == ("<p>Hi</p>", "<p>Hi</p>", 0)

    @pytest.mark.parametrize(
        "fields", [{"status": "draft"}, {"status": "in_review"}, {"published_at": "2999-01-01T00:00Z"}]
    )
    def test_what_is_not_public_is_not_found(self, client: Client, fields: dict[str, Any]) -> None:
        article = make_article(**fields)
        response = client.get(detail(article))
        assert response.status_code == 404
        assert response.json() == {"detail": f"There is no public article {article.pk}."}

    @pytest.mark.parametrize("number", ["999", "99999999999999999999", "9" * 5000, "x", "1.json"])
    def test_what_is_not_there_is_not_found_in_json(self, client: Client, number: str) -> None:
        response = client.get(f"{LIST}{number}/")
        assert (response.status_code, response.headers["Content-Type"]) == (404, "application/json")

    def test_a_withdrawn_article_is_gone_and_says_why_and_what_took_its_place(self, client: Client) -> None:
        successor = make_article(slug="new")
        article = make_article(status="withdrawn", withdrawal_reason="It was wrong.", successor=successor)
        response = client.get(detail(article))
        assert response.status_code == 410
        assert response.json() == {
            "detail": "This article was withdrawn.",
            "reason": "It was wrong.",
            "successor": {"id": successor.pk, "url": f"{SITE}/articles/{successor.pk}/new/"},
        }

    def test_a_successor_that_is_not_public_is_not_told(self, client: Client) -> None:
        article = make_article(status="withdrawn", successor=make_article(status="draft", slug="secret-plan"))
        response = client.get(detail(article))
        assert response.json()["successor"] is None
        assert b"secret" not in response.content

    def test_it_costs_the_same_with_one_term_and_with_thirty(self, client: Client) -> None:
        few = make_article(terms=[make_term()])
        many = make_article(terms=[make_term(slug=f"t{number}", name=f"T{number}") for number in range(30)])
        counts = []
        for article in (few, many):
            with CaptureQueriesContext(connection) as queries:
                client.get(detail(article))
            counts.append(len(queries))
        assert counts == [3, 3]


class TestHTTP:
    def test_an_unchanged_article_is_not_sent_again(self, client: Client) -> None:
        article = make_article()
        etag = client.get(detail(article)).headers["ETag"]
        response = client.get(detail(article), headers={"If-None-Match": f'"other", {etag}'})
        assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", etag)
        assert response.headers["Cache-Control"] == "public, max-age=60"

    @pytest.mark.parametrize("change", ["version", "term", "address", "release"])
    def test_each_thing_that_changes_the_answer_changes_the_validator(
        self, client: Client, settings: Any, change: str
    ) -> None:
        term = make_term()
        article = make_article(terms=[term])
        etag = client.get(detail(article)).headers["ETag"]
        if change == "version":
            Article.objects.update(version=2)
        elif change == "term":
            type(term).objects.update(name="Renamed")
        elif change == "address":
            LegacyPath.objects.create(path="/old", article=article)
        else:
            settings.RELEASE = "r2"
        response = client.get(detail(article), headers={"If-None-Match": etag})
        assert response.status_code == 200

    def test_a_counted_view_changes_no_validator(self, client: Client) -> None:
        article = make_article()
        etag = client.get(detail(article)).headers["ETag"]
        assert etag.startswith('W/"')
        ViewCount.objects.create(article=article, views=9)
        assert client.get(detail(article)).headers["ETag"] == etag

    @pytest.mark.parametrize(
        ("path", "status", "seconds"),
        [("", 200, 60), ("1/", 404, 10), ("?x=1", 400, 10), ("nonsense/", 404, 10)],
    )
    def test_every_answer_may_be_shared_and_varies_by_nothing(
        self, client: Client, path: str, status: int, seconds: int
    ) -> None:
        response = client.get(
            f"{LIST}{path}", headers={"Accept": "text/html", "Cookie": f"sessionid={'k' * 32}"}
        )
        assert (response.status_code, response.headers["Content-Type"]) == (status, "application/json")
        assert response.headers["Cache-Control"] == f"public, max-age={seconds}"
        assert "Vary" not in response.headers
        assert not response.cookies
        assert response.headers["X-Robots-Tag"] == "noindex"

    def test_the_accept_header_changes_no_byte(self, client: Client) -> None:
        make_article()
        answers = {
            client.get(LIST, headers={"Accept": accept}).content
            for accept in ("*/*", "application/xml", "application/json; indent=4", "text/html")
        }
        assert len(answers) == 1

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
    @pytest.mark.parametrize("path", ["", "1/"])
    def test_nothing_can_be_written(self, client: Client, method: str, path: str) -> None:
        response = getattr(client, method)(f"{LIST}{path}")
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert "detail" in json.loads(response.content)

    def test_head_answers_as_get_without_a_body(self, client: Client) -> None:
        article = make_article()
        response = client.head(detail(article))
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["ETag"] == client.get(detail(article)).headers["ETag"]

    def test_a_missing_slash_is_mended(self, client: Client) -> None:
        response = client.get("/api/v1/articles")
        assert (response.status_code, response.headers["Location"]) == (301, LIST)
