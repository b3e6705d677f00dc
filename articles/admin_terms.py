"""Terms and old addresses, as editors look after them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin_paging import KeysetAdmin
from articles.admin_search import is_id
from articles.models import ArticleTerm, LegacyPath, Term, TermKind
from articles.term_slugs import slug_of

_MOST_FOUND = 500


def first_keys(rows: QuerySet, request: HttpRequest) -> list[Any]:
    """The keys of the first of `rows` that an index names, with a notice to the editor if there are more."""
    keys = list(rows.values_list("pk", flat=True)[: _MOST_FOUND + 1])
    if len(keys) > _MOST_FOUND:
        messages.warning(
            request, f"More than {_MOST_FOUND} begin like this, and only some are shown: type more."
        )
    return keys[:_MOST_FOUND]


class TermAdmin(KeysetAdmin):
    keyset = ("kind", "slug")
    fields = ("kind", "name", "slug")
    list_display = ("name", "kind", "slug", "article_count")
    list_filter = ("kind",)
    search_fields = ("slug",)
    search_help_text = "How the name begins."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        prefix = slug_of(search_term)
        if not prefix:
            return queryset, False
        # Naming every kind lets the index of (kind, slug) answer.
        rows = Term.objects.filter(kind__in=TermKind.values, slug__startswith=prefix)
        return queryset.filter(pk__in=first_keys(rows, request)), False

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> tuple[str, ...]:
        # Kind and slug are the address of the term's page.
        return ("kind", "slug", "article_count") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Term | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Term | None = None) -> bool:
        """A term that articles have would take its links along, millions maybe, unseen by any history."""
        is_free = obj is None or not ArticleTerm.objects.filter(term=obj).exists()
        return is_free and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Term, form: forms.ModelForm, change: bool) -> None:
        # Not the whole row: triggers keep its count meanwhile.
        obj.save(update_fields=form.changed_data if change else None)


class LegacyPathForm(forms.ModelForm):
    class Meta:
        model = LegacyPath
        fields = ("path", "article")
        help_texts = {"path": "Begins with a slash; without host and query, as in /2019/05/an-old-post."}

    def clean_path(self) -> str:
        path = self.cleaned_data["path"]
        if not path.startswith("/") or "?" in path or "#" in path:
            raise forms.ValidationError("An old address begins with a slash and has no host, query or #.")
        return path


class LegacyPathAdmin(KeysetAdmin):
    form = LegacyPathForm
    keyset = ("path",)
    list_display = ("path", "article_link")
    raw_id_fields = ("article",)
    search_fields = ("path",)
    search_help_text = "How the address begins, from its first slash on; or the id of an article."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        if is_id(text):
            return queryset.filter(article=int(text)), False
        rows = LegacyPath.objects.filter(path__startswith=text)
        return queryset.filter(pk__in=first_keys(rows, request)), False

    def get_readonly_fields(self, request: HttpRequest, obj: LegacyPath | None = None) -> tuple[str, ...]:
        # The address is the row's key: another address is another row.
        return ("path",) if obj else ()

    @admin.display(description="Article")
    def article_link(self, row: LegacyPath) -> SafeString:
        address = reverse("admin:articles_article_change", args=[row.article_id])
        return format_html('<a href="{}">{}</a>', address, row.article_id)
