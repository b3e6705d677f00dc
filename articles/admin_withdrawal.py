"""Articles are withdrawn, never deleted: their address goes on saying why they are gone."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList, AdminForm
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from articles.admin_fields import PlainTextField
from articles.admin_forms import SAY_WHY, other_article, told_reason
from articles.admin_history import shown_conflict
from articles.admin_versions import VersionedForm
from articles.editing import StaleArticle, withdraw_article
from articles.models import Article, Status


class WithdrawForm(VersionedForm):
    withdrawal_reason = PlainTextField(
        label="Reason",
        rows=4,
        error_messages={"required": SAY_WHY},
        help_text="One or two sentences. Readers see them at the article's address.",
    )

    class Meta:
        model = Article
        fields = ("withdrawal_reason", "successor")
        help_texts = {"successor": "The id of the article that takes its place, if there is one."}

    def clean_withdrawal_reason(self) -> str:
        return told_reason(self.cleaned_data["withdrawal_reason"])

    def clean_successor(self) -> Article | None:
        return other_article(self.cleaned_data["successor"], than=self.instance)


class WithdrawalAdmin(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.withdraw_view)
        return [
            path("<path:object_id>/withdraw/", view, name="articles_article_withdraw"),
            *super().get_urls(),
        ]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("articles.publish_article")

    def may_withdraw(self, request: HttpRequest, article: Article) -> bool:
        allowed = self.has_change_permission(request, article) and self.has_publish_permission(request)
        return allowed and article.status != Status.WITHDRAWN

    def withdraw_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        article = self.get_object(request, unquote(object_id))
        if article is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.may_withdraw(request, article):
            raise PermissionDenied(
                "Withdrawing takes the permission to publish, and an article that still stands."
            )
        form = self._withdraw_form(request, article)
        if request.method == "POST" and form.is_valid():
            try:
                return self._withdraw(request, form)
            except StaleArticle:
                # Saved by somebody else since the form looked: now it will see that and tell.
                article = self.get_object(request, unquote(object_id))
                form = self._withdraw_form(request, article)
        return self._withdraw_page(request, article, form)

    def _withdraw_form(self, request: HttpRequest, article: Article) -> WithdrawForm:
        fields = WithdrawForm._meta.fields
        form_class = self.get_form(request, article, change=True, form=WithdrawForm, fields=fields)
        return form_class(request.POST if request.method == "POST" else None, instance=article)

    def _withdraw(self, request: HttpRequest, form: WithdrawForm) -> HttpResponse:
        successor = form.cleaned_data["successor"]
        with transaction.atomic():
            article = withdraw_article(
                form.instance.pk,
                expected_version=form.expected_version,
                reason=form.cleaned_data["withdrawal_reason"],
                successor_id=successor.pk if successor else None,
                origin=f"editor:{request.user.pk}",
                now=timezone.now(),
            )
            self.log_change(
                request, article, [{"changed": {"fields": ["Status", "Withdrawal reason", "Successor"]}}]
            )
        messages.success(request, f"“{article}” is withdrawn. Its address now tells readers why.")
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def _withdraw_page(self, request: HttpRequest, article: Article, form: WithdrawForm) -> HttpResponse:
        fieldsets = [(None, {"fields": WithdrawForm._meta.fields})]
        admin_form = AdminForm(form, fieldsets, {}, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": "Withdraw article",
            "subtitle": str(article),
            "opts": self.opts,
            "original": article,
            "adminform": admin_form,
            "errors": AdminErrorList(form, []),
            "conflict": shown_conflict(form.conflict),
            "media": self.media + admin_form.media,
        }
        return TemplateResponse(request, "admin/articles/article/withdraw.html", context)
