"""What runs turned away."""

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin_paging import ReadOnlyAdmin
from imports.admin_runs import OF_RUN, link
from imports.models import Reject


class RejectAdmin(ReadOnlyAdmin):
    list_display = ("line", "code", "key", "message", "run", "came_in")
    list_display_links = ("line", "code")
    list_columns = ("line", "code", "key", "message", "ordinal", "run__input_name", "resolved_by_id")
    list_select_related = ("run",)
    allowed_lookups = (OF_RUN,)
    fields = ("run_link", "member", "line", "ordinal", "key", "code", "message", "came_in", "record")

    def get_keyset(self, request: HttpRequest) -> Sequence[str]:
        # One run is read from its first line on; all of them, from the latest.
        return ("run_id", "ordinal") if OF_RUN in request.GET else ("-run_id", "-ordinal")

    @admin.display(description="Run")
    def run_link(self, reject: Reject) -> SafeString:
        return link(reject.run, reject.run)

    @admin.display(description="Came in after all")
    def came_in(self, reject: Reject) -> str | None:
        return f"by run {reject.resolved_by_id}" if reject.resolved_by_id else None

    @admin.display(description="Record as delivered")
    def record(self, reject: Reject) -> SafeString:
        # It may be anything: bytes that are no text are shown as such and never lost in silence.
        text = bytes(reject.raw).decode("utf-8", errors="backslashreplace")
        return format_html('<pre class="raw">{}</pre>', text)
