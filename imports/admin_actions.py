"""What people do with a run: confirm, cancel, go on, try its rejects again, undo."""

import io
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from psycopg.errors import QueryCanceled

from imports.accounts import named, refuse_unfinished
from imports.admin_upload import MAY_RUN, run_page
from imports.faults import DeliveryRefused
from imports.followups import queue_retry, queue_undo
from imports.models import Run, RunKind
from imports.receiving import TOO_LARGE
from imports.retrying import export_of, open_rejects
from imports.runs import spool
from imports.tasks import enqueue
from imports.undoing import UndoPlan, listed, plan_undo
from imports.uploads import cancel, confirm, resume

MAY_UNDO = "imports.undo_run"

_SHOWN_LEFT = 50

Act = Callable[[HttpRequest, Run], HttpResponse | None]


class ActionsAdmin(admin.ModelAdmin):
    """Every action is a POST that ends on the run's page, or on that of the run which it made."""

    def get_urls(self) -> list[URLPattern]:
        acts: dict[str, Act] = {
            "confirm": self._confirm,
            "cancel": self._cancel,
            "resume": self._resume,
            "retry": self._retry,
        }
        own = [
            path(f"<path:object_id>/{name}/", self._wrapped(act), name=f"imports_run_{name}")
            for name, act in acts.items()
        ]
        undo = path(
            "<path:object_id>/undo/", self.admin_site.admin_view(self.undo_view), name="imports_run_undo"
        )
        export = self.admin_site.admin_view(self.rejects_view)
        return [
            *own,
            undo,
            path("<path:object_id>/rejects.jsonl", export, name="imports_run_rejects"),
            *super().get_urls(),
        ]

    def _wrapped(self, act: Act) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            run = self.permitted(request, object_id)
            if not request.user.has_perm(needed_for(run)):
                raise PermissionDenied
            return act(request, run) or HttpResponseRedirect(run_page(run))

        return self.admin_site.admin_view(require_POST(view))

    def permitted(self, request: HttpRequest, object_id: str, *permissions: str) -> Run:
        """Raises PermissionDenied and Http404."""
        if not self.has_view_permission(request) or not request.user.has_perms(permissions):
            raise PermissionDenied
        run = self.get_object(request, unquote(object_id))
        if run is None:
            raise Http404(f"There is no run {object_id}.")
        return run

    def _confirm(self, request: HttpRequest, run: Run) -> None:
        self._sent_on(request, run, confirm, "Confirmed")

    def _resume(self, request: HttpRequest, run: Run) -> None:
        self._sent_on(request, run, resume, "Sent to a worker again")

    def _sent_on(self, request: HttpRequest, run: Run, send: Callable[[Run], bool], words: str) -> None:
        with transaction.atomic():
            if sent := send(run):
                run.refresh_from_db()
                enqueue(run)
                self.log_change(request, run, words)
        if not sent:
            _tell_that_nothing_happened(request, run)

    def _cancel(self, request: HttpRequest, run: Run) -> None:
        if cancel(run):
            self.log_change(request, run, "Canceled")
        else:
            _tell_that_nothing_happened(request, run)

    def _retry(self, request: HttpRequest, run: Run) -> HttpResponse | None:
        is_mended = "mended" in request.POST
        try:
            content = _mended(request) if is_mended else None
            mended = None if content is None else spool().keep(content)
            return self._queued(
                request, run, lambda who: queue_retry(run, mended=mended, who=who), "Rejects tried again"
            )
        except DeliveryRefused as refusal:
            messages.error(request, str(refusal))
            return None

    def _queued(
        self, request: HttpRequest, run: Run, queue: Callable[[str], tuple[Run, bool]], words: str
    ) -> HttpResponse:
        with transaction.atomic():
            queued, is_new = queue(request.user.get_username())
            if is_new:
                enqueue(queued)
                self.log_change(request, run, f"{words}: run {queued.pk}")
        if not is_new:
            messages.info(request, "That was asked for already: here it is. Ask again when it is over.")
        return HttpResponseRedirect(run_page(queued))

    def undo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = self.permitted(request, object_id, MAY_UNDO)
        try:
            refuse_unfinished(run, before="it is undone")
            if request.method == "POST":
                return self._queued(request, run, lambda who: queue_undo(run, who=who), "Undone")
        except DeliveryRefused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(run_page(run))
        plan = _plan(run)
        left = named(listed(plan.left[:_SHOWN_LEFT])) if plan else []
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Undo run {run.pk}",
            "subtitle": run.input_name,
            "opts": self.opts,
            "original": run,
            "plan": plan,
            "left": left,
            "more": plan.left_count - len(left) if plan else 0,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/imports/run/undo.html", context)

    def rejects_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        run = self.permitted(request, object_id, "imports.view_reject")
        return StreamingHttpResponse(
            _export(run),
            content_type="application/x-ndjson",
            headers={"Content-Disposition": f'attachment; filename="rejects-{run.pk}.jsonl"'},
        )


def needed_for(run: Run) -> str:
    """The permission to set the run going or to end it: that to make such a run."""
    return MAY_UNDO if run.kind == RunKind.UNDO else MAY_RUN


def _tell_that_nothing_happened(request: HttpRequest, run: Run) -> None:
    run.refresh_from_db()
    asked = ", and was asked to stop" if run.cancel_asked else ""
    messages.info(request, f"Nothing had to be done: the run is {run.get_state_display()} by now{asked}.")


def _plan(run: Run) -> UndoPlan | None:
    """None where the articles are too many to be counted while a person waits."""
    try:
        with transaction.atomic():
            plan = plan_undo(run)
            # It has written temporary tables, which nobody needs any longer.
            transaction.set_rollback(True)
    except OperationalError as fault:
        if not isinstance(fault.__cause__, QueryCanceled):
            raise
        return None
    return plan


def _mended(request: HttpRequest) -> io.BufferedIOBase:
    """The uploaded export. Raises DeliveryRefused."""
    file: UploadedFile | None = request.FILES.get("file")
    largest = settings.IMPORT_MAX_MENDED_BYTES
    if "file" in getattr(request, TOO_LARGE, ()) or (file and file.size > largest):
        raise DeliveryRefused(
            f"The mended file is larger than {filesizeformat(largest)}: hand it in parts, or ask "
            "whoever runs the site to try it again."
        )
    if file is None:
        raise DeliveryRefused("Choose the file with the mended records.")
    return file.file


def _export(run: Run) -> Iterator[bytes]:
    for reject in open_rejects(run):
        yield export_of(reject) + b"\n"
