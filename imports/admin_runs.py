"""Runs as people follow them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin_paging import ReadOnlyAdmin
from imports.accounts import named
from imports.admin_actions import MAY_UNDO, ActionsAdmin, needed_for
from imports.admin_progress import shown_preview, standing_of
from imports.admin_upload import UploadAdmin
from imports.models import Run
from imports.results import COUNTERS

OF_RUN = "run__id__exact"

_SHOWN_LEFT = 50
_SHOWN_SOURCE = "source__id__exact"


class RunAdmin(UploadAdmin, ActionsAdmin, ReadOnlyAdmin):
    change_list_template = "admin/imports/run/change_list.html"
    change_form_template = "admin/imports/run/change_form.html"
    list_display = (
        "id",
        "source",
        "kind",
        "state",
        "input_name",
        "read",
        "created",
        "updated",
        "unchanged",
        "rejects_link",
        "conflicts_link",
        "started_at",
        "finished_at",
    )
    list_display_links = ("id", "input_name")
    list_columns = (
        "source__name",
        "kind",
        "state",
        "input_name",
        "read",
        "created",
        "updated",
        "unchanged",
        "rejected",
        "conflicts",
        "started_at",
        "finished_at",
    )
    list_select_related = ("source",)
    allowed_lookups = (_SHOWN_SOURCE,)
    fieldsets = (
        (
            "Delivery",
            {
                "fields": (
                    "source",
                    "kind",
                    "about_link",
                    "input_name",
                    "input_format",
                    "input_size",
                    "input_sha256",
                    "records",
                    "options",
                )
            },
        ),
        (
            "Process",
            {
                "fields": (
                    "started_by",
                    "started_at",
                    "readable_at",
                    "finished_at",
                    "host",
                    "release",
                    "stage_seconds",
                    "memory",
                    "resumed",
                    "batch",
                    "cursor",
                )
            },
        ),
    )

    class Media:
        css = {"all": ("imports/admin.css",)}
        js = (Script("imports/following.js", defer=True),)

    @admin.display(description="Rejected")
    def rejects_link(self, run: Run) -> SafeString | int:
        return _listed("imports_reject", run, run.rejected)

    @admin.display(description="Conflicts")
    def conflicts_link(self, run: Run) -> SafeString | int:
        return _listed("imports_conflict", run, run.conflicts, state="all")

    @admin.display(description="About")
    def about_link(self, run: Run) -> SafeString | str:
        return link(run.about, run.about) if run.about else self.get_empty_value_display()

    @admin.display(description="Input size")
    def input_size(self, run: Run) -> str:
        return filesizeformat(run.input_bytes)

    @admin.display(description="Peak memory")
    def memory(self, run: Run) -> str:
        return filesizeformat(run.peak_memory) if run.peak_memory else self.get_empty_value_display()

    def changelist_view(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_run": self.may_run(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, unquote(object_id))
        shown = self._shown(request, run) if run and self.has_view_permission(request, run) else {}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def _shown(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        standing = standing_of(run)
        may = {name for name in standing.actions if request.user.has_perm(_needed(run, name))}
        return {
            "title": f"Run {run.pk}",
            "subtitle": f"{run.input_name} from {run.source}",
            "standing": standing,
            "counts": self._counts(run),
            "may": may,
            "may_export": standing.open_rejects and request.user.has_perm("imports.view_reject"),
            "preview": shown_preview(run),
            "left_alone": named(run.left_alone[:_SHOWN_LEFT]),
            "left_alone_more": run.unchanged - min(len(run.left_alone), _SHOWN_LEFT),
        }

    def _counts(self, run: Run) -> list[tuple[str, Any]]:
        """Read is the sum of those up to rejected."""
        if not (run.read or run.skipped or run.missing):
            return []
        return [
            *((name, getattr(run, name)) for name in COUNTERS if name != "rejected"),
            ("rejected", self.rejects_link(run)),
            ("conflicts", self.conflicts_link(run)),
            ("renamed", run.renamed),
            ("missing", run.missing),
        ]


def _needed(run: Run, action: str) -> str:
    return MAY_UNDO if action == "undo" else needed_for(run)


def link(row: Any, label: Any) -> SafeString:
    opts = row._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, label)


def _listed(name: str, run: Run, count: int, **query: str) -> SafeString | int:
    if not count:
        return 0
    address = reverse(f"admin:{name}_changelist", query={OF_RUN: run.pk, **query})
    return format_html('<a href="{}">{}</a>', address, count)
