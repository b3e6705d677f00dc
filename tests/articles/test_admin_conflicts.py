"""Two editors at one article: nobody loses what somebody else has saved."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from articles.editing import change_article, create_article
from articles.linking import term_named, terms_of
from articles.models import Article, ArticleRevision
from tests.articles.admin_pages import NOW, chief, form_of, page_of, saved, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(db: None) -> Client:
    """As pytest-django's own, without the tenth of a second that hashing a password takes."""
    return chief()


class TestTwoEditors:
    def test_a_lost_update_is_refused_and_tells_who_changed_what_and_when(self, admin_client: Client) -> None:
        article = written()
        opened = form_of(admin_client, page_of(article))
        anna = User.objects.create_user("anna", first_name="Anna", last_name="Lind")
        change_article(
            article.pk,
            expected_version=1,
            changes={"title": "Theirs", "summary": "Their summary"},
            origin=f"editor:{anna.pk}",
            reason="typo",
            now=NOW,
        )
        response = admin_client.post(page_of(article), opened | {"title": "Mine", "body": "<p>My text</p>"})
        page = " ".join(response.text.split())
        made = ArticleRevision.objects.get().created_at
        assert "Nothing of yours is saved yet" in page
        assert f"<strong>Anna Lind</strong>, {made:%-d %B %Y, %H:%M} UTC: Title, Summary (“typo”)" in page
        assert "<dt>Title</dt> <dd> Theirs </dd>" in page
        assert 'value="Mine"' in page
        assert "&lt;p&gt;My text&lt;/p&gt;" in page
        assert Article.objects.get().title == "Theirs"

    def test_saving_over_it_changes_only_what_was_typed_here(self, admin_client: Client) -> None:
        article = create_article(values={"title": "A", "body": ""}, terms=[term_named("tag", "old")], now=NOW)
        opened = form_of(admin_client, page_of(article))
        change_article(
            article.pk,
            expected_version=1,
            changes={"title": "Theirs", "summary": "Their summary"},
            terms=[term_named("tag", "theirs")],
            origin="import:3",
            reason="",
            now=NOW,
        )
        mine = opened | {"title": "Mine", "terms_tool": "mine"}
        response = admin_client.post(page_of(article), mine)
        assert "import run 3" in response.text
        response = admin_client.post(page_of(article), mine | {"over_version": "2"})
        now = Article.objects.get()
        assert response.status_code == 302
        assert (now.title, now.summary, now.version) == ("Mine", "Their summary", 3)
        assert {term.name for term in terms_of(now.pk)} == {"theirs", "mine"}

    def test_the_leave_to_save_over_it_holds_for_the_version_that_was_told(
        self, admin_client: Client
    ) -> None:
        article = written()
        opened = form_of(admin_client, page_of(article))
        for version, title in [(1, "Second"), (2, "Third")]:
            change_article(
                article.pk,
                expected_version=version,
                changes={"title": title},
                origin="job:x",
                reason="",
                now=NOW,
            )
        response = admin_client.post(page_of(article), opened | {"title": "Mine", "over_version": "2"})
        assert response.status_code == 200
        assert 'name="over_version" value="3"' in response.text
        assert Article.objects.get().title == "Third"

    @pytest.mark.parametrize("version", ["", "x", "0", "-1", "99", "9" * 30])
    def test_a_form_without_its_version_saves_nothing(self, admin_client: Client, version: str) -> None:
        article = written()
        response = saved(admin_client, article, title="Mine", version=version)
        assert "This form has lost the version" in response.text
        assert Article.objects.get().title == "Slow queries"

    @pytest.mark.django_db(transaction=True)
    def test_a_save_between_the_look_and_the_write_is_refused_in_the_same_words(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        article = written()
        opened = form_of(admin_client, page_of(article))

        def change_after_somebody_else(article_id: int, **kwargs: Any) -> Article:
            monkeypatch.undo()
            elsewhere(
                change_article, article_id, **{**kwargs, "changes": {"title": "Theirs"}, "origin": "job:x"}
            )
            return change_article(article_id, **kwargs)

        monkeypatch.setattr("articles.admin.change_article", change_after_somebody_else)
        response = admin_client.post(page_of(article), opened | {"title": "Mine"})
        assert response.status_code == 200
        assert "Nothing of yours is saved yet" in response.text
        assert "<strong>job x</strong>" in response.text
        assert Article.objects.get().title == "Theirs"


def elsewhere(work: Any, *args: Any, **kwargs: Any) -> Any:
    """What `work` returns on a connection of its own."""

    def run() -> Any:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()
