"""Fields that a source and an editor both changed, decided side by side."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from articles.admin_history import shown_fields
from articles.admin_paging import ReadOnlyAdmin
from articles.admin_search import is_id
from articles.content import TERMS
from articles.editing import StaleArticle
from articles.linking import terms_of
from articles.models import Article
from imports.admin_comparison import compared
from imports.admin_runs import OF_RUN, link
from imports.conflicts import ConflictDecided, decide
from imports.models import Conflict, Decision

MAY_RESOLVE = "imports.resolve_conflict"


class DecisionFilter(admin.SimpleListFilter):
    """Shows those that wait for somebody, unless asked for others."""

    title = "decision"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("all", "all")]

    def choices(self, changelist: Any) -> list[dict[str, Any]]:
        is_all = self.value() == "all"
        return [
            {
                "selected": not is_all,
                "query_string": changelist.get_query_string(remove=["state"]),
                "display": "open",
            },
            {
                "selected": is_all,
                "query_string": changelist.get_query_string({"state": "all"}),
                "display": "all",
            },
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset if self.value() == "all" else queryset.filter(state=Decision.OPEN)


class ConflictAdmin(ReadOnlyAdmin):
    list_display = ("id", "field", "article", "run", "state", "decided_by", "decided_at")
    list_display_links = ("id", "field")
    list_columns = (
        "field",
        "state",
        "decided_by",
        "decided_at",
        "run__input_name",
        "item__key",
        "item__article__title",
    )
    list_select_related = ("run", "item__article")
    list_filter = (DecisionFilter,)
    allowed_lookups = (OF_RUN,)
    fields = ("article_link", "item", "run_link", "field", "state", "decided_by", "decided_at")
    change_form_template = "admin/imports/conflict/change_form.html"

    class Media:
        css = {"all": ("imports/admin.css",)}

    @admin.display(description="Article")
    def article(self, conflict: Conflict) -> str:
        return conflict.item.article.title

    @admin.display(description="Article")
    def article_link(self, conflict: Conflict) -> SafeString:
        return link(conflict.item.article, conflict.item.article)

    @admin.display(description="Run")
    def run_link(self, conflict: Conflict) -> SafeString:
        return link(conflict.run, conflict.run)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.decide_view))
        return [
            path("<path:object_id>/decide/", view, name="imports_conflict_decide"),
            *super().get_urls(),
        ]

    def may_resolve(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(MAY_RESOLVE)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        conflict: Conflict = context["original"]
        article = conflict.item.article
        is_open = conflict.state == Decision.OPEN
        here = _values_here(conflict, article) if is_open else conflict.local
        context |= {
            "title": f"Conflict: {_name(conflict)} of “{article}”",
            "subtitle": None,
            "compared": compared(conflict.base, here, conflict.incoming),
            "may_resolve": is_open and self.may_resolve(request),
            "version": article.version,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.may_resolve(request):
            raise PermissionDenied("Deciding conflicts takes its own permission.")
        conflict = self.get_object(request, unquote(object_id))
        version = request.POST.get("expected_version", "")
        if conflict is None or not is_id(version) or not {"keep", "take"} & request.POST.keys():
            raise Http404(f"There is no conflict {object_id}.")
        take = "take" in request.POST
        try:
            self._decide(request, conflict, take=take, expected_version=int(version))
        except StaleArticle:
            messages.error(
                request,
                "Nothing was decided: somebody changed the article meanwhile. Below is what stands now.",
            )
        except ConflictDecided as decided:
            return self._instead(request, conflict, str(decided))
        except (ValidationError, Article.DoesNotExist) as fault:
            said = fault.messages if isinstance(fault, ValidationError) else [str(fault)]
            messages.error(request, " ".join(said))
        else:
            return self._next(conflict)
        return HttpResponseRedirect(reverse("admin:imports_conflict_change", args=[conflict.pk]))

    def _instead(self, request: HttpRequest, conflict: Conflict, reason: str) -> HttpResponse:
        """The newest offer for the field, where there is one by now."""
        same = Conflict.objects.filter(item=conflict.item_id, field=conflict.field, state=Decision.OPEN)
        newer = same.values_list("pk", flat=True).first()
        if newer:
            reason = "Nothing was decided: a newer delivery offers something else. Below is what it offers."
        messages.error(request, reason)
        return HttpResponseRedirect(reverse("admin:imports_conflict_change", args=[newer or conflict.pk]))

    def _decide(self, request: HttpRequest, conflict: Conflict, *, take: bool, expected_version: int) -> None:
        decide(
            conflict,
            take=take,
            expected_version=expected_version,
            origin=f"editor:{request.user.pk}",
            who=request.user.get_username(),
            now=timezone.now(),
        )
        words = "Took the delivery" if take else "Kept what stands here"
        self.log_change(request, conflict, words)
        messages.success(request, f"{words}: {_name(conflict)} of “{conflict.item.article}”.")

    def _next(self, conflict: Conflict) -> HttpResponse:
        """The next open one of the same run, so that many are decided in a row."""
        left = Conflict.objects.filter(run=conflict.run_id, state=Decision.OPEN).order_by("pk")
        if following := left.values_list("pk", flat=True).first():
            return HttpResponseRedirect(reverse("admin:imports_conflict_change", args=[following]))
        return HttpResponseRedirect(reverse("admin:imports_run_change", args=[conflict.run_id]))


def _name(conflict: Conflict) -> str:
    return shown_fields({conflict.field: conflict.base[conflict.field]})[0].label.lower()


def _values_here(conflict: Conflict, article: Article) -> dict[str, Any]:
    """As they stand now: somebody may have edited the article after the run."""
    return {name: _value_here(name, article) for name in conflict.local}


def _value_here(name: str, article: Article) -> Any:
    if name != TERMS:
        return getattr(article, name)
    return [[term.kind, term.slug, term.name] for term in terms_of(article.pk)]
