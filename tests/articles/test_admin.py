"""What editors can do with an article, as they see it."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from articles.editing import change_article, create_article
from articles.linking import term_named, terms_of
from articles.models import Article, ArticleRevision
from tests.articles.admin_pages import NOW, chief, editor, form_of, page_of, queries_of, saved, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(db: None) -> Client:
    """As pytest-django's own, without the tenth of a second that hashing a password takes."""
    return chief()


class TestEditing:
    def test_a_form_saved_as_it_was_opened_changes_nothing(self, admin_client: Client) -> None:
        article = create_article(
            values={
                "title": "Everything",
                "body": "\n\nline\nline  \n",
                "body_format": "text",
                "summary": "two\nlines",
                "authors": ["Ada", "Bob, Jr."],
                "status": "published",
                "published_at": NOW.replace(second=7, microsecond=123456),
                "checklist": ["one", "two"],
                "score": {"quality": 7.5},
                "ai_outline": {"context": "ä"},
                "entities": [{"name": "WAL", "type": "thing"}],
                "image_sources": [{"url": "https://example.org/a.png"}],
                "payload": {"seed": 1},
                "topic_path": "Databases / Vacuum",
                "last_reviewed": NOW.date(),
                "has_images": True,
            },
            terms=[term_named("tag", "Washington, D.C."), term_named("tag", 'a "b"')],
            now=NOW,
        )
        response = saved(admin_client, article)
        assert response.status_code == 302
        assert (Article.objects.get().version, ArticleRevision.objects.count()) == (1, 0)

    def test_a_change_is_a_revision_by_the_editor_with_the_reason_and_is_logged(
        self, admin_client: Client
    ) -> None:
        article = written()
        saved(admin_client, article, title="Fast queries", change_reason="More to the point")
        user = User.objects.get()
        assert (Article.objects.get().title, Article.objects.get().version) == ("Fast queries", 2)
        revision = ArticleRevision.objects.get()
        assert (revision.origin, revision.reason) == (f"editor:{user.pk}", "More to the point")
        assert revision.before == {"title": "Slow queries"}
        assert LogEntry.objects.get().get_change_message() == "Changed Title."

    def test_an_article_can_be_written_here(self, admin_client: Client) -> None:
        data = form_of(admin_client, reverse("admin:articles_article_add"))
        typed = {
            "title": "New",
            "body": "<p>Hi<script>x</script></p>",
            "terms_tag": "one, Two",
            "authors": "Ada\r\n\r\nBob",
        }
        response = admin_client.post(reverse("admin:articles_article_add"), data | typed)
        article = Article.objects.get()
        assert response.status_code == 302
        assert (article.slug, article.body, article.authors, article.status) == (
            "new",
            "<p>Hi</p>",
            ["Ada", "Bob"],
            "draft",
        )
        assert [term.name for term in terms_of(article.pk)] == ["one", "Two"]
        assert LogEntry.objects.get().is_addition()

    def test_terms_are_names_parted_by_commas(self, admin_client: Client) -> None:
        article = create_article(
            values={"title": "A", "body": ""}, terms=[term_named("tool", "psql")], now=NOW
        )
        saved(admin_client, article, terms_tag='speed, "Washington, D.C.", Speed')
        assert [(term.kind, term.name) for term in terms_of(article.pk)] == [
            ("tag", "speed"),
            ("tag", "Washington, D.C."),
            ("tool", "psql"),
        ]

    @pytest.mark.parametrize(
        ("field", "text", "told"),
        [
            ("score", '{"quality": 101}', "quality must be a number from 0 to 100."),
            ("terms_tag", "ok, ...", "“...” has no letter or digit, so no address can be made of it."),
            ("title", "", "This field is required."),
        ],
    )
    def test_a_mistake_is_told_beside_its_field_and_what_was_typed_stays(
        self, admin_client: Client, field: str, text: str, told: str
    ) -> None:
        article = written()
        response = saved(admin_client, article, summary="Typed", **{field: text})
        form = response.context["adminform"].form
        assert form.errors == {field: [told]}
        assert (form[field].value(), form["summary"].value()) == (text, "Typed")
        assert Article.objects.get().version == 1

    def test_articles_cannot_be_deleted_here(self, admin_client: Client) -> None:
        article = written()
        assert "Delete" not in admin_client.get(page_of(article)).text
        assert (
            admin_client.post(
                reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"}
            ).status_code
            == 403
        )

    def test_only_what_readers_can_open_is_linked(self, admin_client: Client) -> None:
        draft, public = written(), written(status="published")
        assert "View on site" not in admin_client.get(page_of(draft)).text
        assert (
            f'href="{public.get_absolute_url()}" class="viewsitelink"'
            in admin_client.get(page_of(public)).text
        )

    def test_who_may_only_look_sees_terms_and_no_form(self) -> None:
        client = editor("view_article")
        article = create_article(
            values={"title": "A", "body": ""}, terms=[term_named("tag", "Speed")], now=NOW
        )
        page = client.get(page_of(article)).text
        assert "tag: Speed" in page
        assert 'name="_save"' not in page
        assert client.post(page_of(article), {}).status_code == 403


class TestPublishing:
    def test_without_the_permission_nothing_becomes_public(self) -> None:
        client = editor("view_article", "change_article")
        article = written()
        response = saved(client, article, status="published")
        assert "Select a valid choice" in response.context["adminform"].form.errors["status"][0]
        assert saved(client, article, status="in_review").status_code == 302
        assert Article.objects.get().status == "in_review"

    def test_without_the_permission_nothing_public_is_taken_away(self) -> None:
        client = editor("view_article", "change_article")
        article = written(status="published")
        response = saved(client, article, status="draft", published_at_0="2099-01-01", title="A better title")
        now = Article.objects.get()
        assert response.status_code == 302
        assert (now.status, now.published_at, now.title) == ("published", NOW, "A better title")
        address = reverse("admin:articles_article_withdraw", args=[article.pk])
        assert address not in client.get(page_of(article)).text
        assert client.get(address).status_code == 403

    def test_withdrawing_asks_for_a_reason_and_tells_the_successor(self, admin_client: Client) -> None:
        successor, article = written("Successor", status="published"), written(status="published")
        address = reverse("admin:articles_article_withdraw", args=[article.pk])
        assert address in admin_client.get(page_of(article)).text
        form = admin_client.get(address).text
        assert 'name="successor"' in form
        refused = admin_client.post(address, {"version": "1", "withdrawal_reason": "  "})
        assert refused.context["adminform"].form.errors == {
            "withdrawal_reason": ["Say why: readers are told."]
        }
        typed = {"version": "1", "withdrawal_reason": "It was wrong.", "successor": str(successor.pk)}
        response = admin_client.post(address, typed)
        gone = Article.objects.get(pk=article.pk)
        assert response.headers["Location"] == page_of(article)
        assert (gone.status, gone.withdrawal_reason, gone.successor) == (
            "withdrawn",
            "It was wrong.",
            successor,
        )
        assert "It was wrong." in admin_client.get(page_of(article)).text
        assert (
            LogEntry.objects.get().get_change_message() == "Changed Status, Withdrawal reason and Successor."
        )
        assert admin_client.get(address).status_code == 403

    def test_an_article_is_not_withdrawn_over_a_change_that_was_not_seen(self, admin_client: Client) -> None:
        article = written(status="published")
        change_article(
            article.pk, expected_version=1, changes={"title": "New"}, origin="job:x", reason="", now=NOW
        )
        address = reverse("admin:articles_article_withdraw", args=[article.pk])
        response = admin_client.post(address, {"version": "1", "withdrawal_reason": "Wrong"})
        assert "<strong>job x</strong>" in response.text
        assert Article.objects.get().status == "published"

    def test_an_article_is_not_its_own_successor(self, admin_client: Client) -> None:
        article = written(status="published")
        address = reverse("admin:articles_article_withdraw", args=[article.pk])
        typed = {"version": "1", "withdrawal_reason": "Wrong", "successor": str(article.pk)}
        errors = admin_client.post(address, typed).context["adminform"].form.errors
        assert errors == {"successor": ["An article cannot be its own successor."]}

    def test_a_withdrawn_article_can_be_published_again(self, admin_client: Client) -> None:
        article = written(status="withdrawn", withdrawal_reason="Wrong")
        saved(admin_client, article, status="published")
        now = Article.objects.get()
        assert (now.status, now.withdrawal_reason) == ("published", "")


class TestHistory:
    def test_each_change_shows_what_it_replaced(self, admin_client: Client) -> None:
        article = create_article(
            values={"title": "One", "body": ""}, terms=[term_named("tag", "Old")], now=NOW
        )
        change_article(
            article.pk,
            expected_version=1,
            changes={"title": "Two", "needs_human_review": True, "score": {"depth": 1}, "body": "<p>b</p>"},
            terms=[],
            origin="editor:999",
            reason="<b>why</b>",
            now=NOW,
        )
        page = " ".join(
            admin_client.get(reverse("admin:articles_article_history", args=[article.pk])).text.split()
        )
        shown = re.findall(r"<dt>([^<]*)</dt> <dd>(.*?)</dd>", page)
        assert [(label, text.strip()) for label, text in shown] == [
            ("Title", "One"),
            ("Body", "nothing"),
            ("Score", "nothing"),
            ("Needs human review", "no"),
            ("Terms", "tag: Old"),
        ]
        assert "By editor 999, who is gone: &lt;b&gt;why&lt;/b&gt;" in page

    def test_a_long_history_comes_in_pages_of_as_many_queries(self, admin_client: Client) -> None:
        article = written()
        address = reverse("admin:articles_article_history", args=[article.pk])
        for number in range(1, 31):
            article = change_article(
                article.pk,
                expected_version=number,
                changes={"title": f"Title {number}"},
                origin=f"editor:{number}",
                reason="",
                now=NOW,
            )
            if number == 1:
                few = queries_of(admin_client, address)
        assert len(queries_of(admin_client, address)) == len(few)
        pages = [admin_client.get(address).text, admin_client.get(f"{address}?before=6").text]
        versions = [re.findall(r"Version (\d+) was replaced", page) for page in pages]
        assert versions == [[str(n) for n in range(30, 5, -1)], ["5", "4", "3", "2", "1"]]
        assert "?before=6" in pages[0]
        assert "?before=" not in pages[1]
