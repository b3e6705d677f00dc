"""The terms of an article: how they are named, read and linked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from articles.models import Article, ArticleTerm, Status, Term, TermKind
from articles.term_slugs import term_slug


@dataclass(frozen=True, slots=True)
class TermName:
    kind: str
    slug: str
    name: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells terms apart; two spellings of a name are one term."""
        return self.kind, self.slug


def term_named(kind: str, name: str) -> TermName | None:
    """The term of a name, or None for a name without a letter or digit."""
    slug = term_slug(name)
    return TermName(kind, slug, name[:200]) if slug else None


def terms_of(article_id: int) -> list[TermName]:
    links = ArticleTerm.objects.filter(article=article_id).order_by("position", "term_id")
    return [TermName(*row) for row in links.values_list("term__kind", "term__slug", "term__name")]


def without_repeats(terms: Iterable[TermName]) -> list[TermName]:
    """In their order; the first spelling of a term stays."""
    kept: dict[tuple[str, str], TermName] = {}
    for term in terms:
        kept.setdefault(term.key, term)
    return list(kept.values())


def implied_terms(*, topic_path: str, entities: Sequence[Any]) -> list[TermName]:
    """The terms that two columns name: the first part of a topic path, and each entity."""
    topic = term_named(TermKind.TOPIC, topic_path.split(" / ")[0].strip())
    names = [entity.get("name") for entity in entities if isinstance(entity, Mapping)]
    terms = [topic, *(term_named(TermKind.ENTITY, name) for name in names if isinstance(name, str))]
    return without_repeats(term for term in terms if term)


def link_terms(article: Article, wanted: Sequence[TermName]) -> None:
    """Makes `wanted`, in this order, the terms of the article, whose row the caller has locked.

    A term that exists keeps its name; one that does not is made."""
    positions = {term_id: position for position, term_id in enumerate(_term_ids(wanted))}
    linked = dict(ArticleTerm.objects.filter(article=article).values_list("term_id", "position"))
    gone = linked.keys() - positions.keys()
    moved = {term_id for term_id, position in positions.items() if linked.get(term_id) != position}
    _lock_terms(gone | moved)
    ArticleTerm.objects.filter(article=article, term__in=gone).delete()
    _write_links(article, {term_id: positions[term_id] for term_id in moved})


def _term_ids(terms: Sequence[TermName]) -> list[int]:
    if not terms:
        return []
    ids = _ids_by_key(terms)
    missing = [term for term in terms if term.key not in ids]
    if missing:
        rows = [Term(kind=term.kind, slug=term.slug, name=term.name) for term in missing]
        # Another writer may make the same term now: its row is as good as ours.
        Term.objects.bulk_create(rows, ignore_conflicts=True)
        ids |= _ids_by_key(missing)
    return [ids[term.key] for term in terms]


def _ids_by_key(terms: Iterable[TermName]) -> dict[tuple[str, str], int]:
    same = reduce(or_, (Q(kind=term.kind, slug=term.slug) for term in terms))
    rows = Term.objects.filter(same).values_list("kind", "slug", "id")
    return {(kind, slug): term_id for kind, slug, term_id in rows}


def _lock_terms(term_ids: Iterable[int]) -> None:
    # The triggers that keep the counts lock terms in the order of their ids, for each statement. Two
    # statements of two writers could meet crosswise, so all are locked in that order first.
    list(Term.objects.filter(id__in=term_ids).order_by("id").select_for_update(no_key=True).values_list("id"))


def _write_links(article: Article, positions: Mapping[int, int]) -> None:
    published_at = article.published_at if article.status == Status.PUBLISHED else None
    links = [
        ArticleTerm(article=article, term_id=term_id, position=position, published_at=published_at)
        for term_id, position in positions.items()
    ]
    ArticleTerm.objects.bulk_create(
        links, update_conflicts=True, unique_fields=["article", "term"], update_fields=["position"]
    )
