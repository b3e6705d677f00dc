"""The history of an article as editors read it: who changed which fields, and what stood there before."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from articles.admin_versions import Conflict
from articles.content import CONTENT_FIELDS, TERMS
from articles.linking import TermName
from articles.models import Article
from articles.revisions import Change, changes_before

_CHANGES_ON_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class ShownField:
    label: str
    text: str

    @property
    def is_long(self) -> bool:
        return len(self.text) > 120 or "\n" in self.text


@dataclass(frozen=True, slots=True)
class ShownChange:
    who: str
    made_at: datetime
    reason: str
    version: int
    fields: list[ShownField]


@dataclass(frozen=True, slots=True)
class ShownConflict:
    changes: list[ShownChange]
    now: list[ShownField]
    version: int


def shown_conflict(conflict: Conflict | None) -> ShownConflict | None:
    if conflict is None:
        return None
    return ShownConflict(shown_changes(conflict.changes), shown_fields(conflict.now), conflict.version)


def shown_changes(changes: Sequence[Change]) -> list[ShownChange]:
    names = _names_of(change.origin for change in changes)
    return [
        ShownChange(
            who=names[change.origin],
            made_at=change.made_at,
            reason=change.reason,
            version=change.version,
            fields=shown_fields(change.before),
        )
        for change in changes
    ]


def shown_fields(values: Mapping[str, Any]) -> list[ShownField]:
    """In the order of the record; what is made of another field is left out."""
    order = [*(name for name in CONTENT_FIELDS if name != "body_html"), TERMS]
    return [ShownField(_label(name), _text(name, values[name])) for name in order if name in values]


def shown_terms(terms: Sequence[TermName]) -> str:
    """A line for each kind."""
    by_kind = groupby(sorted(terms, key=attrgetter("kind")), key=attrgetter("kind"))
    return "\n".join(f"{kind}: {', '.join(term.name for term in group)}" for kind, group in by_kind)


def _names_of(origins: Iterable[str]) -> dict[str, str]:
    kinds = {origin: origin.partition(":")[::2] for origin in set(origins)}
    editors = [int(key) for kind, key in kinds.values() if kind == "editor" and key.isdecimal()]
    users = get_user_model().objects.in_bulk(editors) if editors else {}
    return {origin: _name(kind, key, users) for origin, (kind, key) in kinds.items()}


def _name(kind: str, key: str, users: Mapping[int, Any]) -> str:
    if kind != "editor":
        return {"import": f"import run {key}", "job": f"job {key}"}[kind]
    user = users.get(int(key)) if key.isdecimal() else None
    return user.get_full_name() or user.get_username() if user else f"editor {key}, who is gone"


def _label(name: str) -> str:
    label = "terms" if name == TERMS else Article._meta.get_field(name).verbose_name
    return label[:1].upper() + label[1:]


def _text(name: str, value: Any) -> str:
    if name == TERMS:
        return shown_terms([TermName(*term) if isinstance(term, list) else term for term in value])
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value) or "nothing"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, indent=2) if value else "nothing"
    return "nothing" if value in (None, "") else _plain(value)


def _plain(value: Any) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


class HistoryAdmin(admin.ModelAdmin):
    """Shows the article's revisions where Django shows its log, which has no index by object."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        article = self.get_object(request, unquote(object_id))
        if article is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, article):
            raise PermissionDenied
        changes = changes_before(article.pk, _version_in(request), limit=_CHANGES_ON_A_PAGE + 1)
        shown = shown_changes(changes[:_CHANGES_ON_A_PAGE])
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {article}",
            "opts": self.opts,
            "original": article,
            "changes": shown,
            "older": shown[-1].version if len(changes) > _CHANGES_ON_A_PAGE else None,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/articles/article/history.html", context)


def _version_in(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
