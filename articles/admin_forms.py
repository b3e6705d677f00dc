"""The form in which editors change an article. What they changed is told by what they saw when the form was
opened, so that a save never puts back what somebody else has changed since."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from articles.admin_fields import LinesField, NamesField, PlainTextField, PrettyJSONField
from articles.admin_versions import VersionedForm
from articles.content import CONTENT_FIELDS, TERMS
from articles.linking import TermName, term_named, terms_of
from articles.models import Article, ArticleRevision, Status, TermKind
from articles.revisions import values_at
from articles.shapes import fault_in_entities, fault_in_image_sources, fault_in_object, fault_in_score

_LONGEST_REASON = ArticleRevision._meta.get_field("reason").max_length
SAY_WHY = "Say why: readers are told."

_WIDE = AdminTextInputWidget(attrs={"class": "vLargeTextField"})
# They decide whether, when and why readers see the article or not.
_PUBLISHERS_FIELDS = {"status", "published_at", "withdrawal_reason", "successor"}


class ArticleForm(VersionedForm):
    authors = LinesField(rows=2, longest=200, help_text="One a line.")
    body = PlainTextField(
        rows=24,
        required=False,
        help_text="Scripts, styles and unknown elements are dropped when it is saved.",
    )
    summary = PlainTextField(rows=3, required=False, help_text="Plain text, shown in lists and searched.")
    ai_brief = PlainTextField(label="AI brief", rows=3, required=False)
    checklist = LinesField(help_text="One a line.")
    notes = LinesField(help_text="One a line.")

    terms_topic = NamesField(label="Topics", help_text="The first part of the topic path is added by itself.")
    terms_stack = NamesField(label="Stack")
    terms_tool = NamesField(label="Tools")
    terms_language = NamesField(label="Programming languages")
    terms_tag = NamesField(label="Tags")
    terms_entity = NamesField(
        label="Entities", help_text="The names in the list below are added by themselves."
    )

    ai_outline = PrettyJSONField(
        label="AI outline",
        empty=dict,
        fault_in=fault_in_object,
        help_text="An object of context, problem, stack and recommended_action.",
    )
    score = PrettyJSONField(
        empty=dict,
        fault_in=fault_in_score,
        help_text="An object of quality, freshness, depth and clarity, each from 0 to 100.",
    )
    entities = PrettyJSONField(
        empty=list, fault_in=fault_in_entities, help_text="A list of objects, each with name and type."
    )
    image_sources = PrettyJSONField(
        empty=list,
        fault_in=fault_in_image_sources,
        help_text="A list of objects, each with source, url and caption. Shown as credits.",
    )
    payload = PrettyJSONField(
        empty=dict, fault_in=fault_in_object, help_text="What the source says of the record, kept whole."
    )
    extra = PrettyJSONField(
        empty=dict, fault_in=fault_in_object, help_text="Keys that the record's format does not name."
    )

    withdrawal_reason = PlainTextField(
        rows=3, error_messages={"required": SAY_WHY}, help_text="Shown to readers."
    )
    change_reason = forms.CharField(
        label="Why this change",
        required=False,
        max_length=_LONGEST_REASON,
        widget=_WIDE,
        help_text="Kept in the article's history.",
    )

    # Set by the admin, by what its user may do.
    may_publish = False

    class Meta:
        model = Article
        fields = [name for name in CONTENT_FIELDS if name not in ("body_html", "successor_id")]
        widgets = dict.fromkeys(("title", "slug", "topic_path"), _WIDE)
        help_texts = {
            "slug": "The end of the address; made from the title when empty. Old addresses go on working.",
            "published_at": "UTC. In the future, it schedules the article; left empty, publishing fills it.",
            "needs_human_review": "Keeps a published article out of search and indexes until it is cleared.",
            "reading_time": "Minutes. Counted when the body changes, unless it is changed here too.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self._start_from(values_at(self.instance, self.opened_version or self.instance.version))
        if self.instance.status != Status.WITHDRAWN:
            self.fields.pop("withdrawal_reason", None)
        if "status" in self.fields:
            self._restrict_publishing()

    def changes(self) -> dict[str, Any]:
        """The content fields that the editor changed, as change_article takes them."""
        changed = [field for field in self._content_fields() if field.name in self.changed_data]
        return {field.attname: _key_of(self.cleaned_data[field.name]) for field in changed}

    def terms(self) -> list[TermName] | None:
        """All terms that the article shall have, or None where the editor changed none."""
        typed = [kind for kind in TermKind if f"terms_{kind}" in self.changed_data]
        if not typed:
            return None
        current = terms_of(self.instance.pk) if self.instance.pk else []
        named = [term_named(kind, name) for kind in typed for name in self.cleaned_data[f"terms_{kind}"]]
        return [*filter(None, named), *(term for term in current if term.kind not in typed)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("status") == Status.PUBLISHED and "published_at" in cleaned:
            # change_article dates a publication; Django asks for a date before that.
            cleaned["published_at"] = cleaned["published_at"] or timezone.now()
        return cleaned

    def clean_withdrawal_reason(self) -> str:
        return told_reason(self.cleaned_data["withdrawal_reason"])

    def clean_successor(self) -> Article | None:
        return other_article(self.cleaned_data["successor"], than=self.instance)

    def _content_fields(self) -> list[models.Field]:
        fields = Article._meta.fields
        return [field for field in fields if field.name in self.fields and field.attname in CONTENT_FIELDS]

    def _start_from(self, values: dict[str, Any]) -> None:
        """What the editor saw becomes what a change is told by."""
        for field in self._content_fields():
            self.initial[field.name] = values[field.attname]
        for kind in TermKind:
            self.initial[f"terms_{kind}"] = [term.name for term in values[TERMS] if term.kind == kind]

    def _restrict_publishing(self) -> None:
        status = self.instance.status
        is_public_matter = status in (Status.PUBLISHED, Status.WITHDRAWN)
        if is_public_matter and not self.may_publish:
            for name in _PUBLISHERS_FIELDS & self.fields.keys():
                self.fields[name].disabled = True
            return
        offered = {Status.DRAFT, Status.IN_REVIEW, status} | (
            {Status.PUBLISHED} if self.may_publish else set()
        )
        self.fields["status"].choices = [choice for choice in Status.choices if choice[0] in offered]


def told_reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError(SAY_WHY)
    return reason.strip()


def other_article(successor: Article | None, *, than: Article) -> Article | None:
    if successor is not None and successor.pk == than.pk:
        raise ValidationError("An article cannot be its own successor.")
    return successor


def _key_of(value: Any) -> Any:
    return value.pk if isinstance(value, Article) else value
