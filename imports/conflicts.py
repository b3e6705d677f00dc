"""Decides what a delivery and an editor changed at the same time."""

from datetime import datetime
from typing import Any

from django.db import transaction

from articles.content import TERMS
from articles.editing import change_article
from articles.linking import TermName
from articles.models import Article
from imports.models import Conflict, Decision

# Made of the body, not decided about.
_DERIVED = "body_html"


class ConflictDecided(Exception):
    """Somebody has decided the conflict already, or a delivery made it moot."""


def decide(
    conflict: Conflict, *, take: bool, expected_version: int, origin: str, who: str, now: datetime
) -> Conflict:
    """Takes the delivery's value or lets the value here stand. `origin` goes into the article's revision,
    `expected_version` is the version of the article that the person has seen.

    The delivered value stays the base of the next merge either way: a source that repeats it raises no
    new conflict. Raises ConflictDecided, and what articles.editing.change_article raises."""
    with transaction.atomic():
        # Articles before conflicts, as an import locks them.
        article = Article.objects.select_for_update(of=["self"], no_key=True)
        article.only("pk").filter(import_items__conflicts=conflict.pk).first()
        conflict = Conflict.objects.select_for_update(of=["self"]).select_related("item").get(pk=conflict.pk)
        if conflict.state != Decision.OPEN:
            raise ConflictDecided(f"The conflict is decided already: {conflict.get_state_display()}.")
        if take:
            _take(conflict, expected_version=expected_version, origin=origin, now=now)
        conflict.state = Decision.TAKEN if take else Decision.KEPT
        conflict.decided_by, conflict.decided_at = who, now
        conflict.save(update_fields=["state", "decided_by", "decided_at"])
    return conflict


def _take(conflict: Conflict, *, expected_version: int, origin: str, now: datetime) -> None:
    values = dict(conflict.incoming)
    terms = values.pop(TERMS, None)
    change_article(
        conflict.item.article_id,
        expected_version=expected_version,
        changes={name: _value(name, value) for name, value in values.items() if name != _DERIVED},
        terms=None if terms is None else [TermName(*term) for term in terms],
        origin=origin,
        reason=f"Conflict of import run {conflict.run_id}",
        now=now,
    )


def _value(name: str, value: Any) -> Any:
    return Article._meta.get_field(name).to_python(value)
