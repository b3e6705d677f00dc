"""Runs of scheduled jobs, to look at: `manage.py job` writes them."""

import shlex

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin_paging import ReadOnlyAdmin
from ops.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "state", "exit_code", "started_at", "seconds", "host", "last_line")
    list_display_links = ("id", "name")
    fieldsets = (
        (None, {"fields": ("name", "state", "exit_code", "started_at", "seen_at", "ended_at", "seconds")}),
        ("Output", {"fields": ("remark", "last_lines")}),
        ("Process", {"fields": ("command_line", "folder", "host", "started_by", "release", "process")}),
    )

    @admin.display(description="Last line")
    def last_line(self, run: JobRun) -> str:
        return run.last_line

    @admin.display(description="Last lines")
    def last_lines(self, run: JobRun) -> SafeString:
        return format_html('<pre class="raw">{}</pre>', run.output)

    @admin.display(description="Command")
    def command_line(self, run: JobRun) -> str:
        return shlex.join(run.command)
