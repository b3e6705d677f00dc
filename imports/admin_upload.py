"""Where people hand in a delivery."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from imports.encodings import given_encoding
from imports.faults import DeliveryRefused
from imports.mapping import MappingRefused, read_mapping
from imports.models import Run, Source
from imports.orders import Order
from imports.receiving import TOO_LARGE
from imports.runs import spool
from imports.sources import FORMATS
from imports.tasks import enqueue
from imports.uploads import queue_upload

MAY_RUN = "imports.run_import"

_LARGEST_MAPPING = 256 * 1024
_CONFLICTS = [
    ("hold", "ask a person; until then the text here stands"),
    ("keep", "the text here stands"),
    ("take", "the delivery is taken"),
]
_SHOWN_SOURCES = 200


class UploadForm(forms.Form):
    file = forms.FileField(
        error_messages={"required": "Choose the file to import.", "empty": "The file is empty."},
        help_text="Plain, or packed as .gz, .zst or .zip; a tree of Markdown files as .zip.",
    )
    source = forms.CharField(
        max_length=100,
        help_text="The system that it comes from: one that is known, or a new name.",
        error_messages={"required": "Name the system that the delivery comes from."},
        validators=[RegexValidator(r"\A[-a-zA-Z0-9_]+\Z", "A source has letters, digits, - and _ only.")],
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off", "class": "vTextField"}),
    )
    format_name = forms.ChoiceField(
        label="Format",
        choices=[("auto", "by its content"), *((form.name, form.title) for form in FORMATS.values())],
    )
    encoding = forms.CharField(
        required=False, max_length=40, help_text="Of a text that is not UTF-8 and does not say so."
    )
    key = forms.CharField(required=False, max_length=100, help_text="The field where a record's key stands.")
    zone = forms.CharField(
        label="Time zone",
        initial="UTC",
        max_length=60,
        help_text="Of dates without an offset, such as Europe/Berlin.",
    )
    base_url = forms.CharField(
        label="Base URL",
        required=False,
        max_length=500,
        help_text="The source's own address: links that lead there are links among its articles.",
        validators=[
            RegexValidator(r"\Ahttps?://[^/?#\s]+(/[^?#\s]*)?\Z", "Write it as in https://blog.example.org.")
        ],
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "url"}),
    )
    mapping = forms.FileField(
        label="Mapping file", required=False, help_text="TOML that renames and fixes fields."
    )
    conflicts = forms.ChoiceField(label="Fields changed at both ends", choices=_CONFLICTS)
    delete_missing = forms.BooleanField(
        label="Complete: withdraw the articles that it no longer holds", required=False
    )
    max_missing = forms.FloatField(
        label="Withdraw at most, %",
        initial=5,
        min_value=0,
        max_value=100,
        help_text="Of the source's articles; when more are missing, none is withdrawn.",
    )
    force = forms.BooleanField(label="Withdraw also when records were rejected", required=False)

    def __init__(self, *args: Any, too_large: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        largest = filesizeformat(settings.IMPORT_MAX_UPLOAD_BYTES)
        self.fields["file"].help_text += f" Up to {largest}."
        if "file" in too_large:
            self.fields["file"].error_messages["required"] = (
                f"The file is larger than {largest}: hand it in parts, or ask whoever runs the site to "
                "import it."
            )

    def clean_encoding(self) -> str:
        given = self.cleaned_data["encoding"]
        try:
            given_encoding(given)
        except DeliveryRefused as refusal:
            raise forms.ValidationError(
                "No encoding has that name; write it as in windows-1252, utf-16 or shift_jis."
            ) from refusal
        return given

    def clean_zone(self) -> str:
        try:
            return zoneinfo.ZoneInfo(self.cleaned_data["zone"]).key
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise forms.ValidationError("That is no IANA time zone; write it as in Europe/Berlin.") from error

    def clean_mapping(self) -> str:
        file = self.cleaned_data["mapping"]
        if file is None:
            return ""
        if file.size > _LARGEST_MAPPING:
            raise forms.ValidationError("A mapping file has 256 KB at most; is it the right one?")
        try:
            text = file.read().decode("utf-8-sig")
            read_mapping(text, name=file.name)
        except UnicodeDecodeError as error:
            raise forms.ValidationError(f"Byte {error.start} is not UTF-8; save it as UTF-8.") from error
        except MappingRefused as refusal:
            raise forms.ValidationError([*refusal.faults]) from refusal
        return text

    def order(self) -> Order:
        values = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        return Order(**{**values, "max_missing": values["max_missing"] / 100})


class UploadAdmin(admin.ModelAdmin):
    """The form and what becomes of it, for the admin of runs."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", view, name="imports_run_upload"), *super().get_urls()]

    def may_run(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(MAY_RUN)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        if not self.may_run(request):
            raise PermissionDenied("Importing takes the permission to run imports.")
        if request.method != "POST":
            return self._upload_page(request, UploadForm())
        form = UploadForm(request.POST, request.FILES, too_large=frozenset(getattr(request, TOO_LARGE, ())))
        if form.is_valid() and (answer := self._received(request, form)):
            return answer
        return self._upload_page(request, form)

    def _received(self, request: HttpRequest, form: UploadForm) -> HttpResponse | None:
        file: UploadedFile = form.cleaned_data["file"]
        try:
            kept = spool().keep_file(file.file, max_bytes=settings.IMPORT_MAX_UPLOAD_BYTES)
        except DeliveryRefused as refusal:
            form.add_error("file", str(refusal))
            return None
        with transaction.atomic():
            run, is_new = queue_upload(
                form.order(), kept=kept, name=file.name, who=request.user.get_username()
            )
            if is_new:
                enqueue(run)
                self.log_addition(request, run, f"Uploaded {run.input_name} from {run.source}")
        if not is_new:
            messages.info(request, "The same file was handed in with the same choices already: here it is.")
        return HttpResponseRedirect(run_page(run))

    def _upload_page(self, request: HttpRequest, form: UploadForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Import a delivery",
            "opts": self.opts,
            "form": form,
            "first": [form[name] for name in ("file", "source", "format_name")],
            "more": [field for field in form if field.name not in ("file", "source", "format_name")],
            "more_has_errors": any(name not in ("file", "source", "format_name") for name in form.errors),
            "sources": Source.objects.order_by("name").values_list("name", flat=True)[:_SHOWN_SOURCES],
            "media": self.media,
        }
        return TemplateResponse(request, "admin/imports/run/upload.html", context)


def run_page(run: Run) -> str:
    return reverse("admin:imports_run_change", args=[run.pk])
