"""Runs and what they turned away, to look at: programs write them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin_paging import ReadOnlyAdmin
from articles.admin_search import is_id
from imports.models import Item, Reject, Run, Source

_OF_RUN = "run__id__exact"
_MOST_OF_AN_ARTICLE = 100


def _link(row: Any, label: Any) -> SafeString:
    opts = row._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, label)


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    list_display = ("name", "created_at", "runs_link")
    fields = ("name", "created_at", "runs_link")

    @admin.display(description="Runs")
    def runs_link(self, source: Source) -> SafeString:
        address = reverse("admin:imports_run_changelist")
        return format_html('<a href="{}?source__id__exact={}">its runs</a>', address, source.pk)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "source",
        "state",
        "input_name",
        "read",
        "created",
        "updated",
        "unchanged",
        "rejects_link",
        "started_at",
        "finished_at",
    )
    list_display_links = ("id", "input_name")
    list_select_related = ("source",)
    allowed_lookups = ("source__id__exact",)
    fieldsets = (
        (None, {"fields": ("source", "state", "error", "started_at", "readable_at", "finished_at")}),
        (
            "Delivery",
            {"fields": ("input_name", "input_format", "input_size", "input_sha256", "records", "options")},
        ),
        (
            "Result",
            {
                "fields": (
                    "read",
                    "created",
                    "updated",
                    "unchanged",
                    "merged",
                    "duplicate",
                    "rejects_link",
                    "skipped",
                ),
                "description": "Read is the sum of the others; what was skipped is no article in its format.",
            },
        ),
        ("Process", {"fields": ("started_by", "host", "release", "batch", "cursor")}),
    )

    @admin.display(description="Rejected")
    def rejects_link(self, run: Run) -> SafeString | int:
        if not run.rejected:
            return 0
        address = reverse("admin:imports_reject_changelist")
        return format_html('<a href="{}?{}={}">{}</a>', address, _OF_RUN, run.pk, run.rejected)

    @admin.display(description="Input size")
    def input_size(self, run: Run) -> str:
        return filesizeformat(run.input_bytes)


@admin.register(Reject)
class RejectAdmin(ReadOnlyAdmin):
    list_display = ("line", "code", "key", "message", "run")
    list_display_links = ("line", "code")
    list_columns = ("line", "code", "key", "message", "ordinal", "run__input_name")
    list_select_related = ("run",)
    allowed_lookups = (_OF_RUN,)
    fields = ("run_link", "line", "ordinal", "key", "code", "message", "record")

    def get_keyset(self, request: HttpRequest) -> Sequence[str]:
        # One run is read from its first line on; all of them, from the latest.
        return ("run_id", "ordinal") if _OF_RUN in request.GET else ("-run_id", "-ordinal")

    @admin.display(description="Run")
    def run_link(self, reject: Reject) -> SafeString:
        return _link(reject.run, reject.run)

    @admin.display(description="Record as delivered")
    def record(self, reject: Reject) -> SafeString:
        # It may be anything: bytes that are no text are shown as such and never lost in silence.
        text = bytes(reject.raw).decode("utf-8", errors="backslashreplace")
        return format_html('<pre class="raw">{}</pre>', text)


@admin.register(Item)
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
