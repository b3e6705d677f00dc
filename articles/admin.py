"""What editors work with. Lists are read by key and searched through indexes; every save of an article
goes through articles.editing."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from articles.admin_forms import ArticleForm
from articles.admin_history import HistoryAdmin, shown_conflict, shown_terms
from articles.admin_paging import KeysetAdmin
from articles.admin_search import find
from articles.admin_terms import LegacyPathAdmin, TermAdmin
from articles.admin_withdrawal import WithdrawalAdmin
from articles.editing import StaleArticle, change_article, create_article
from articles.linking import terms_of
from articles.models import Article, LegacyPath, Status, Term, TermKind
from articles.visibility import State, state_of

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "Editing and imports"
admin.site.empty_value_display = "–"

_TERM_FIELDS = tuple(f"terms_{kind}" for kind in TermKind)

_FIELDSETS = (
    (None, {"fields": ("title", "body", "body_format", "summary", "change_reason")}),
    ("Publication", {"fields": ("status", "published_at", "slug", "language", "authors")}),
    ("Review", {"fields": ("needs_human_review", "review_status", "review_version", "last_reviewed")}),
    (
        "Terms",
        {
            "fields": ("topic_path", *_TERM_FIELDS),
            "description": "Names parted by commas; a name that holds a comma stands in double quotes. "
            "A name that is new becomes a new term.",
        },
    ),
    (
        "Reading aids",
        {"fields": ("difficulty", "reading_time", "ai_brief", "ai_outline", "checklist", "notes")},
    ),
    (
        "Record",
        {
            "classes": ("collapse",),
            "fields": (
                ("has_images", "image_heavy", "ai_generated_style"),
                "score",
                "entities",
                "image_sources",
                "reference",
                "source_hash",
                "payload",
                "extra",
            ),
        },
    ),
)
_WITHDRAWAL = ("Withdrawal", {"fields": ("withdrawal_reason", "successor")})
# For those who may only look.
_SHOWN_TERMS = ("Terms", {"fields": ("topic_path", "all_terms")})


class NeedsReviewFilter(admin.SimpleListFilter):
    """Offers only the flagged articles, which have an index; the others are nearly all."""

    title = "review"
    parameter_name = "needs_review"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", "needs human review")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(needs_human_review=True) if self.value() == "1" else queryset


class ArticleAdmin(WithdrawalAdmin, HistoryAdmin, KeysetAdmin):
    form = ArticleForm
    fieldsets = _FIELDSETS
    raw_id_fields = ("successor",)
    save_on_top = True
    change_form_template = "admin/articles/article/change_form.html"
    list_display = ("id", "title", "state", "review", "published")
    list_display_links = ("id", "title")
    list_columns = ("title", "status", "needs_human_review", "review_status", "published_at")
    list_filter = ("status", NeedsReviewFilter)
    search_fields = ("id", "search_document__vector")
    search_help_text = "An id; or words, “a phrase”, -without, one OR other. Finds articles in any state."

    @admin.display(description="State")
    def state(self, article: Article) -> str:
        is_scheduled = state_of(article, now=timezone.now()) is State.SCHEDULED
        return "scheduled" if is_scheduled else article.get_status_display()

    @admin.display(description="Review")
    def review(self, article: Article) -> str | None:
        if article.needs_human_review:
            return "needs human review"
        return article.get_review_status_display() if article.review_status else None

    @admin.display(description="Published, UTC")
    def published(self, article: Article) -> str | None:
        moment = article.published_at
        return moment and f"{moment:%Y-%m-%d %H:%M}"

    @admin.display(description="All terms")
    def all_terms(self, article: Article) -> str:
        return shown_terms(terms_of(article.pk))

    def view_on_site(self, article: Article) -> str | None:
        is_there = article.status in (Status.PUBLISHED, Status.WITHDRAWN)
        return article.get_absolute_url() if is_there else None

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        found = find(search_term)
        if found.notice:
            messages.warning(request, found.notice)
        return queryset.filter(pk__in=found.ids), False

    def get_fieldsets(
        self, request: HttpRequest, obj: Article | None = None
    ) -> list[tuple[str | None, dict]]:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj and obj.status == Status.WITHDRAWN:
            fieldsets.insert(1, _WITHDRAWAL)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            _SHOWN_TERMS if name == "Terms" else _without_reason(name, options) for name, options in fieldsets
        ]

    def get_form(
        self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        form.may_publish = self.has_publish_permission(request)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StaleArticle:
            # Saved by somebody else after the form had compared versions: comparing again, it tells.
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        article = context["original"]
        context["conflict"] = shown_conflict(context["adminform"].form.conflict)
        context["may_withdraw"] = article is not None and self.may_withdraw(request, article)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Article, form: ArticleForm, change: bool) -> None:
        now = timezone.now()
        if not change:
            saved = create_article(values=form.changes(), terms=form.terms() or [], now=now)
        else:
            saved = change_article(
                obj.pk,
                expected_version=form.expected_version,
                changes=form.changes(),
                terms=form.terms(),
                origin=f"editor:{request.user.pk}",
                reason=form.cleaned_data["change_reason"],
                now=now,
            )
        # Django goes on with its own object: the log, the message and the redirect tell of it.
        vars(obj).update(vars(saved))


def _without_reason(name: str | None, options: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    return name, {
        **options,
        "fields": tuple(field for field in options["fields"] if field != "change_reason"),
    }


admin.site.register(Article, ArticleAdmin)
admin.site.register(Term, TermAdmin)
admin.site.register(LegacyPath, LegacyPathAdmin)
