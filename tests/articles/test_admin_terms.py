"""Terms and old addresses in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from articles.editing import create_article
from articles.linking import term_named
from articles.models import LegacyPath, Term
from tests.articles.admin_pages import NOW, chief, listing, page_of, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(db: None) -> Client:
    """As pytest-django's own, without the tenth of a second that hashing a password takes."""
    return chief()


class TestTermsAndAddresses:
    def test_a_renamed_term_keeps_its_address_and_its_count(self, admin_client: Client) -> None:
        article = create_article(
            values={"title": "A", "body": "", "status": "published"},
            terms=[term_named("tag", "postgres")],
            now=NOW,
        )
        term = Term.objects.get()
        address = reverse("admin:articles_term_change", args=[term.pk])
        admin_client.post(address, {"name": "PostgreSQL", "slug": "other", "kind": "tool"})
        term.refresh_from_db()
        assert (term.kind, term.slug, term.name, term.article_count) == ("tag", "postgres", "PostgreSQL", 1)
        assert article.pk

    def test_only_a_term_that_no_article_has_can_be_deleted(self, admin_client: Client) -> None:
        create_article(values={"title": "A", "body": ""}, terms=[term_named("tag", "used")], now=NOW)
        free = Term.objects.create(kind="tag", slug="free", name="free")
        used = Term.objects.get(slug="used")
        answers = [
            admin_client.post(
                reverse("admin:articles_term_delete", args=[term.pk]), {"post": "yes"}
            ).status_code
            for term in (used, free)
        ]
        assert answers == [403, 302]
        assert list(Term.objects.all()) == [used]

    @pytest.mark.parametrize("path", ["2019/a", "https://example.org/a", "/a?b=1", "/a#b"])
    def test_an_old_address_is_a_path(self, admin_client: Client, path: str) -> None:
        address = reverse("admin:articles_legacypath_add")
        response = admin_client.post(address, {"path": path, "article": str(written().pk)})
        assert "path" in response.context["adminform"].form.errors
        assert LegacyPath.objects.count() == 0

    def test_an_old_address_is_added_and_leads_to_its_article(self, admin_client: Client) -> None:
        article = written()
        admin_client.post(
            reverse("admin:articles_legacypath_add"), {"path": "/2019/a b", "article": str(article.pk)}
        )
        assert list(LegacyPath.objects.values_list("path", "article")) == [("/2019/a b", article.pk)]
        assert f'href="{page_of(article)}"' in admin_client.get(listing("articles_legacypath")).text
