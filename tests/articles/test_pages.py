"""What readers see of articles, alone and on the home page."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from articles.allowed_markup import VIDEO_HOSTS
from articles.models import LegacyPath, ViewCount
from tests.articles.markup import text_of, titles_in
from tests.factories import PUBLISHED_AT, make_article, make_term

pytestmark = pytest.mark.django_db


def test_home_shows_the_newest_articles_first(client: Client) -> None:
    make_article(title="Older", published_at=PUBLISHED_AT - timedelta(days=1))
    make_article(title="Newer")
    make_article(title="Oldest", published_at=PUBLISHED_AT - timedelta(days=2))
    assert titles_in(client.get("/").text) == ["Newer", "Older", "Oldest"]


def test_a_card_tells_what_an_article_is(client: Client) -> None:
    make_article(
        summary="How to find them.",
        authors=["Ada Byron", "Łucja Nowak"],
        reading_time=7,
        difficulty="advanced",
        topic_path="databases / query plans",
        terms=[make_term(kind="topic", slug="databases", name="databases")],
    )
    response = client.get("/")
    assert text_of(response.text) == (
        "Newest articles 5 Mar 2024 databases Slow queries How to find them. "
        "Ada Byron, Łucja Nowak 7 min read advanced"
    )
    assert 'href="/by/topic/databases/"' in response.text
    assert 'datetime="2024-03-05T10:30:00+00:00"' in response.text


def test_lists_do_not_load_bodies(client: Client) -> None:
    make_article(body="<p>needle</p>", payload={"needle": 1})
    cards = client.get("/").context["page"].rows
    assert {"body", "body_html", "payload", "extra"} <= cards[0].article.get_deferred_fields()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/", "Nothing has been published yet. Articles appear here as soon as the first one is."),
        ("/archive/", "The archive is empty. Each month with an article will stand here."),
        ("/by/tool/", "No article has been filed here yet."),
    ],
)
def test_an_empty_list_says_so(client: Client, address: str, sentence: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert sentence in text_of(response.text)


def test_an_article_shows_all_its_parts_in_order(client: Client) -> None:
    article = make_article(
        summary="How to find them.",
        authors=["Ada Byron"],
        updated_at=datetime(2024, 4, 6, tzinfo=UTC),
        reading_time=7,
        difficulty="advanced",
        review_status="reviewed",
        last_reviewed=date(2024, 4, 5),
        ai_brief="Measure.\n\nThen change.",
        ai_outline={"problem": "slow pages", "context": "a newsroom"},
        checklist=["run tests"],
        notes=["see also indexes"],
        image_sources=[{"source": "unsplash", "url": "https://images.example.org/1", "caption": "A lake."}],
        topic_path="databases / query plans",
        terms=[
            make_term(kind="topic", slug="databases", name="databases"),
            make_term(kind="tool", slug="psql", name="psql"),
        ],
    )
    text = text_of(client.get(article.get_absolute_url()).text)
    assert text.startswith(
        "databases / query plans Slow queries How to find them. By Ada Byron Published 5 March 2024 "
        "Updated 6 April 2024 7 min read Advanced Reviewed on 5 April 2024 "
        "In brief Measure. Then change. Outline Context a newsroom Problem slow pages "
        "Measure first. Checklist run tests Notes see also indexes Image credits A lake. unsplash "
        "Filed under Topics databases Tools psql Record"
    )


def test_the_body_is_shown_as_it_was_stored_and_everything_else_is_escaped(client: Client) -> None:
    evil = "<script>alert(1)</script>\"'&"
    article = make_article(
        title=evil,
        summary=evil,
        authors=[evil],
        ai_brief=evil,
        ai_outline={evil: evil},
        topic_path=evil,
        checklist=[evil],
        notes=[evil],
        image_sources=[{"source": evil, "url": "javascript:alert(1)", "caption": evil}],
        payload={evil: [evil, {evil: evil}]},
        extra={evil: evil},
        reference=evil,
        entities=[{"name": evil, "type": evil}],
        body="<p>Kept <em>as it is</em></p>",
    )
    for address in (article.get_absolute_url(), "/"):
        html = client.get(address).text
        assert ("<script" in html, "javascript:alert" in html.replace("URL:", "")) == (
            False,
            "Record" in html,
        )
        assert 'href="javascript' not in html
    assert "<p>Kept <em>as it is</em></p>" in client.get(article.get_absolute_url()).text


def test_markdown_is_shown_by_its_rendering(client: Client) -> None:
    article = make_article(body="*First*", body_format="markdown", body_html="<p><em>First</em></p>")
    html = client.get(article.get_absolute_url()).text
    assert ("<p><em>First</em></p>" in html, "*First*" in html) == (True, False)


def test_the_record_box_holds_everything_as_lists(client: Client) -> None:
    article = make_article(
        reference="ref-1",
        source_hash="abc123",
        score={"clarity": 4, "quality": 1},
        review_status="reviewed",
        review_version="1.4.5",
        last_reviewed=date(2024, 4, 5),
        payload={
            "source_id": "n-1",
            "nested": {"list": [1, 2.5, None, True, {"url": "https://example.org/?a=1&b=2"}]},
        },
        extra={"canonicalUrl": "http://old.example.org/1", "empty": [], "odd": ""},
        terms=[make_term()],
    )
    ViewCount.objects.create(article=article, views=12)
    LegacyPath.objects.create(path="/old/1/", article=article)
    html = client.get(article.get_absolute_url()).text
    record = html[html.index('<details class="record"') : html.index("</details>")]
    words = " ".join(re.sub(r"<[^>]+>", " ", record).split())
    for part in (
        f"ID {article.pk} Published 5 March 2024, 10:30 UTC",
        "Views 12 Reference ref-1 Hash abc123 Tags Django Score Quality 1 Clarity 4",
        "Revision Status reviewed Version 1.4.5 Last reviewed 5 April 2024",
        "Flags AI generated style No Has images No Image heavy No Needs human review No",
        "Source Source ID n-1 Nested List 1 2.5 not given Yes URL https://example.org/?a=1&amp;b=2",
        "Old addresses /old/1/ Canonical URL http://old.example.org/1",
    ):
        assert part in words
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="external nofollow noopener noreferrer">' in record
    assert ("{" in words, "Empty" in words, "Odd" in words) == (False, False, False)


def test_the_head_names_the_article_for_those_who_link_to_it(client: Client) -> None:
    article = make_article(summary="How to find them.", slug="łódź")
    html = client.get(article.get_absolute_url()).text
    address = f"{settings.SITE_URL}/articles/{article.pk}/%C5%82%C3%B3d%C5%BA/"
    assert f'<link rel="canonical" href="{address}">' in html
    assert f'<meta property="og:url" content="{address}">' in html
    assert '<meta property="og:title" content="Slow queries">' in html
    assert '<meta property="article:published_time" content="2024-03-05T10:30:00+00:00">' in html


def test_an_article_names_its_language(client: Client) -> None:
    article = make_article(language="pt-BR")
    html = client.get(article.get_absolute_url()).text
    assert '<article class="article h-entry" lang="pt-BR">' in html
    assert '<html lang="en">' in html


def test_a_missing_page_offers_a_search_for_the_words_of_its_address(client: Client) -> None:
    response = client.get("/2012/slow-queries_%3Cscript%3E.html")
    assert response.status_code == 404
    assert 'value="slow queries script"' in response.text
    assert response["Cache-Control"] == "max-age=10"


def test_a_broken_page_needs_nothing_that_may_be_broken(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("articles.listing.newest", lambda *args, **kwargs: 1 / 0)
    response = client.get("/")
    assert (response.status_code, response["Cache-Control"]) == (500, "no-store")
    assert "Something went wrong" in response.text


def test_crawlers_are_asked_to_leave_search_alone(client: Client) -> None:
    response = client.get("/robots.txt")
    assert (response.text, response["Content-Type"]) == (
        "User-agent: *\nDisallow: /search/\n",
        "text/plain; charset=utf-8",
    )


def test_the_policy_lets_in_the_video_hosts_that_bodies_may_name(settings):
    allowed = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-src"]
    assert sorted(allowed) == sorted(f"https://{host}" for host in VIDEO_HOSTS)
