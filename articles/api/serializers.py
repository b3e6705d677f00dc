"""What programs see of an article. The names are those of the archive's record format, and stay."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from rest_framework import serializers

from articles.models import Article, Term, TermKind
from articles.visibility import State, state_of

FLAGS = ("ai_generated_style", "has_images", "image_heavy", "needs_human_review")


def absolute(address: str) -> str:
    return f"{settings.SITE_URL}{address}"


class ArticleItemSerializer(serializers.ModelSerializer):
    """An article in a list: without its body and its record. Its context holds `now`."""

    url = serializers.SerializerMethodField()
    topic = serializers.CharField(source="topic_path")
    review = serializers.SerializerMethodField()
    indexable = serializers.SerializerMethodField()

    class Meta:
        model = Article
        fields = (
            "id",
            "version",
            "url",
            "title",
            "slug",
            "published_at",
            "updated_at",
            "language",
            "authors",
            "topic",
            "summary",
            "difficulty",
            "reading_time",
            "review",
            "indexable",
        )
        read_only_fields = fields

    def get_url(self, article: Article) -> str:
        return absolute(article.get_absolute_url())

    def get_review(self, article: Article) -> str:
        """`flagged` for a person to look at, or the source's word, or `none` where it keeps no record."""
        return "flagged" if article.needs_human_review else article.review_status or "none"

    def get_indexable(self, article: Article) -> bool:
        return state_of(article, now=self.context["now"]) is State.INDEXABLE


# The columns that a list reads.
ITEM_COLUMNS = (
    "version",
    "title",
    "slug",
    "status",
    "published_at",
    "updated_at",
    "language",
    "authors",
    "topic_path",
    "summary",
    "difficulty",
    "reading_time",
    "review_status",
    "needs_human_review",
)


class ArticleSerializer(ArticleItemSerializer):
    """All of an article. Its context also holds its `html`, its `terms`, of Term, and `aliases`, its old
    addresses."""

    body_html = serializers.SerializerMethodField()
    hash = serializers.CharField(source="source_hash")
    revision = serializers.SerializerMethodField()
    flags = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()
    aliases = serializers.SerializerMethodField()
    view_count = serializers.SerializerMethodField()

    class Meta(ArticleItemSerializer.Meta):
        fields = (
            *ArticleItemSerializer.Meta.fields,
            "body",
            "body_format",
            "body_html",
            "ai_brief",
            "ai_outline",
            "terms",
            "score",
            "revision",
            "reference",
            "hash",
            "flags",
            "checklist",
            "notes",
            "entities",
            "image_sources",
            "view_count",
            "aliases",
            "payload",
            "extra",
        )
        read_only_fields = fields

    def get_body_html(self, article: Article) -> str:
        return self.context["html"]

    def get_revision(self, article: Article) -> dict[str, Any]:
        return {
            "status": article.review_status,
            "version": article.review_version,
            "last_reviewed": article.last_reviewed,
        }

    def get_flags(self, article: Article) -> dict[str, bool]:
        return {flag: getattr(article, flag) for flag in FLAGS}

    def get_terms(self, article: Article) -> dict[str, list[dict[str, str]]]:
        return grouped(self.context["terms"])

    def get_aliases(self, article: Article) -> Sequence[str]:
        return self.context["aliases"]

    def get_view_count(self, article: Article) -> int:
        return article.view_count.views if hasattr(article, "view_count") else 0


def grouped(terms: Sequence[Term]) -> dict[str, list[dict[str, str]]]:
    """By kind; every kind is there, whether the article has a term of it or not."""
    groups: dict[str, list[dict[str, str]]] = {kind: [] for kind in TermKind.values}
    for term in terms:
        address = absolute(term.get_absolute_url())
        groups[term.kind].append({"name": term.name, "slug": term.slug, "url": address})
    return groups
