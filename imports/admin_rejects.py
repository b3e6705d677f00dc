"""What runs turned away."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin_paging import ReadOnlyAdmin
from articles.admin_search import is_id
from imports.accounts import open_rejects_by_code
from imports.admin_runs import OF_RUN, link
from imports.admin_upload import MAY_RUN
from imports.faults import DeliveryRefused
from imports.models import Reject, Run
from imports.rejects import closed_words, dismiss
from imports.reporting import counted


class RejectAdmin(ReadOnlyAdmin):
    change_list_template = "admin/imports/reject/change_list.html"
    list_display = ("line", "code", "key", "message", "run", "closed")
    list_display_links = ("line", "code")
    list_columns = ("line", "code", "key", "message", "ordinal", "run__input_name", "closed_by")
    list_select_related = ("run",)
    allowed_lookups = (OF_RUN,)
    fields = ("run_link", "member", "line", "ordinal", "key", "code", "message", "closed", "record")

    def get_keyset(self, request: HttpRequest) -> Sequence[str]:
        # One run is read from its first line on; all of them, from the latest.
        return ("run_id", "ordinal") if OF_RUN in request.GET else ("-run_id", "-ordinal")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.dismiss_view)
        return [path("dismiss/<int:run_id>/", view, name="imports_reject_dismiss"), *super().get_urls()]

    def may_dismiss(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(MAY_RUN)

    def changelist_view(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        run = request.GET.get(OF_RUN, "")
        dismissible = run if is_id(run) and self.may_dismiss(request) else ""
        return super().changelist_view(request, {"dismissible": dismissible, **(extra_context or {})})

    def dismiss_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        if not self.may_dismiss(request):
            raise PermissionDenied("Dismissing rejects takes the permission to run imports.")
        run = get_object_or_404(Run, pk=run_id)
        back = reverse("admin:imports_reject_changelist", query={OF_RUN: run.pk})
        if request.method == "POST":
            self._dismiss(request, run, code=request.POST.get("code", ""))
            return HttpResponseRedirect(back)
        codes = open_rejects_by_code(run)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Dismiss rejects of run {run.pk}",
            "subtitle": run.input_name,
            "opts": self.opts,
            "run": run,
            "codes": codes,
            "total": sum(codes.values()),
            "back": back,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/imports/reject/dismiss.html", context)

    def _dismiss(self, request: HttpRequest, run: Run, *, code: str) -> None:
        try:
            dismissed = dismiss(run, code=code, who=request.user.get_username())
        except DeliveryRefused as refusal:
            messages.error(request, str(refusal))
            return
        if not dismissed:
            messages.info(request, "Nothing had to be done: no such reject is open any longer.")
            return
        words = f"Dismissed {counted(dismissed, 'reject')}{f' ({code})' if code else ''}"
        self.log_change(request, run, words)
        messages.success(request, f"{words}.")

    @admin.display(description="Run")
    def run_link(self, reject: Reject) -> SafeString:
        return link(reject.run, reject.run)

    @admin.display(description="Closed")
    def closed(self, reject: Reject) -> str | None:
        return closed_words(reject) or None

    @admin.display(description="Record as delivered")
    def record(self, reject: Reject) -> SafeString:
        # It may be anything: bytes that are no text are shown as such and never lost in silence.
        text = bytes(reject.raw).decode("utf-8", errors="backslashreplace")
        return format_html('<pre class="raw">{}</pre>', text)
