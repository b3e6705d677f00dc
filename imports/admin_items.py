"""Sources, and what they hold under which keys."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin_paging import ReadOnlyAdmin
from articles.admin_search import is_id
from imports.models import Item, Source

_MOST_OF_AN_ARTICLE = 100


class SourceAdmin(ReadOnlyAdmin):
    list_display = ("name", "base_url", "created_at", "runs_link")
    fields = ("name", "base_url", "created_at", "runs_link")

    @admin.display(description="Runs")
    def runs_link(self, source: Source) -> SafeString:
        address = reverse("admin:imports_run_changelist")
        return format_html('<a href="{}?source__id__exact={}">its runs</a>', address, source.pk)


class ItemAdmin(ReadOnlyAdmin):
    list_display = ("key", "source", "article_link", "written_version")
    list_columns = ("key", "source__name", "article_id", "written_version")
    list_select_related = ("source",)
    search_fields = ("key",)
    search_help_text = "The key of a record at its source, whole; or the id of its article."
    allowed_lookups = ("source__id__exact",)
    fields = (
        "key",
        "source",
        "article_link",
        "written_version",
        "created_run",
        "updated_run",
        "shape_version",
        "hashes",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        # Naming every source lets the index of (source, key) answer.
        sources = list(Source.objects.values_list("pk", flat=True))
        found = Item.objects.filter(source__in=sources, key=text)
        by_article = Item.objects.filter(article=int(text)) if is_id(text) else Item.objects.none()
        ids = [
            *found.values_list("pk", flat=True),
            *by_article.values_list("pk", flat=True)[:_MOST_OF_AN_ARTICLE],
        ]
        return queryset.filter(pk__in=ids), False

    @admin.display(description="Article")
    def article_link(self, item: Item) -> SafeString:
        address = reverse("admin:articles_article_change", args=[item.article_id])
        return format_html('<a href="{}">{}</a>', address, item.article_id)

    @admin.display(description="Hashes of the record and of its content")
    def hashes(self, item: Item) -> str:
        return f"{bytes(item.raw_hash).hex()} / {bytes(item.content_hash).hex()}"
