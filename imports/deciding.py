"""Open conflicts: shown side by side, and decided many at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from articles.content import TERMS
from articles.editing import StaleArticle
from articles.models import Article
from imports.claiming import system_user
from imports.conflicts import ConflictDecided, decide
from imports.faults import DeliveryRefused
from imports.models import Conflict, Decision, Run
from imports.progress import Progress

_ORIGIN = "job:imports-conflicts"
# Of two long texts the beginning that they share says nothing; this much of it shows the place.
_SHARED = 20
# Made of the body: they only repeat that it differs.
_DERIVED = ("body_html", "reading_time")


@dataclass(frozen=True, slots=True)
class Decided:
    """`settled` are those that were decided before; `refused` has a sentence for each that stays open."""

    count: int
    settled: int
    refused: tuple[str, ...]


def open_conflicts(run: Run | None) -> QuerySet[Conflict]:
    conflicts = Conflict.objects.filter(state=Decision.OPEN).order_by("pk")
    return conflicts.filter(run=run) if run else conflicts


def shown_conflicts(run: Run | None, *, most: int) -> QuerySet[Conflict]:
    """The first, with what identifies their articles."""
    own = ("run", "field", "base", "local", "incoming", "item__key", "item__written_version")
    of_article = ("item__article__title", "item__article__version")
    return open_conflicts(run).select_related("item__article").only(*own, *of_article)[:most]


def edited_since(conflict: Conflict) -> bool:
    """Whether the article was changed after the run compared it."""
    return conflict.item.article.version > conflict.item.written_version


def conflict_as_dict(conflict: Conflict) -> dict[str, Any]:
    return {
        "id": conflict.pk,
        "run": conflict.run_id,
        "article": conflict.item.article_id,
        "title": conflict.item.article.title,
        "key": conflict.item.key,
        "field": conflict.field,
        "base": conflict.base,
        "local": conflict.local,
        "incoming": conflict.incoming,
        "edited_since": edited_since(conflict),
    }


def compared(conflict: Conflict) -> list[str]:
    """What was delivered last, what stands here and what is delivered now, from where they differ on."""
    sides = (conflict.base, conflict.local, conflict.incoming)
    names = [name for name in conflict.base if any(side.get(name) != conflict.base[name] for side in sides)]
    told = [name for name in names if name not in _DERIVED] or names
    texts = [_side(side, told) for side in sides]
    equal = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    start = sum(1 for _ in equal) - _SHARED
    return texts if start <= _SHARED else [f"…{text[start:]}" for text in texts]


def _side(values: dict[str, Any], names: Sequence[str]) -> str:
    if len(names) == 1:
        return _text(names[0], values.get(names[0]))
    return ", ".join(f"{name}: {_text(name, values.get(name))}" for name in names)


def _text(name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return "nothing"
    if name == TERMS:
        return ", ".join(f"{kind} {label}" for kind, _, label in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def known_conflicts(ids: Sequence[int]) -> list[int]:
    """Raises DeliveryRefused where one of them never was, so that a typing error decides nothing."""
    known = set(Conflict.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if unknown := sorted(set(ids) - known):
        raise DeliveryRefused(
            f"There is no conflict {', '.join(map(str, unknown))}, so nothing was decided; imports conflicts "
            "lists those that are open."
        )
    return sorted(known)


def decide_all(ids: Sequence[int], *, take: bool, now: datetime, progress: Progress) -> Decided:
    """Each in a transaction of its own. Raises Interrupted, with what was decided until then decided."""
    count, settled, refused = 0, 0, []
    who = system_user()
    progress.start("deciding", total=len(ids))
    conflicts = Conflict.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "item__article_id")
    for number, article in conflicts:
        try:
            version = Article.objects.values_list("version", flat=True).get(pk=article)
            decide(Conflict(pk=number), take=take, expected_version=version, origin=_ORIGIN, who=who, now=now)
            count += 1
        except ConflictDecided:
            settled += 1
        except (StaleArticle, ValidationError) as fault:
            refused.append(f"Conflict {number} stays open: {_reason(fault)}")
        progress.advance()
    progress.close()
    return Decided(count, settled, tuple(refused))


def _reason(fault: StaleArticle | ValidationError) -> str:
    return "; ".join(fault.messages) if isinstance(fault, ValidationError) else str(fault)
