"""The importer beside django-import-export, both until the same records can be read on the site's pages:
articles with sanitized bodies, linked to their terms.

The rival gets what makes it fast: bulk mode, no diffs, instances looked up once a run, terms and links
made in bulk after it, and this project's own parser and sanitizer in place of widgets."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import tablib
from import_export.fields import Field
from import_export.instance_loaders import CachedInstanceLoader
from import_export.resources import ModelResource
from import_export.widgets import Widget

from articles.models import Article, ArticleTerm, Term
from articles.rendering import reading_minutes, render_body
from imports.reading import Rules
from imports.records import Record
from imports.sources.format import ReadOptions
from tests.benchmarks.archives import bring_in, empty_tables, sample
from tests.benchmarks.figures import Figure

RECORDS = 20_000
_BATCH = 1000
_NOW = datetime.now(UTC)
_RULES = Rules("jsonl", ReadOptions(max_record_bytes=10_000_000, delivery="sample"))
_SAME = (
    "title", "slug", "language", "authors", "published_at", "body_format", "summary", "ai_brief",
    "ai_outline", "topic_path", "difficulty", "score", "review_status", "review_version", "last_reviewed",
    "source_hash", "checklist", "notes", "entities", "image_sources", "payload", "extra",
)  # fmt: skip
_OTHERS = ("reference", "status", "updated_at", "body", "reading_time")


class AsItIs(Field):
    """The values are those of the columns already, empty ones too."""

    empty_values = ()


class ArticleResource(ModelResource):
    class Meta:
        model = Article
        fields = (*_OTHERS, *_SAME)
        # The key of the source, where the archive has a table of its own for it.
        import_id_fields = ("reference",)
        instance_loader_class = CachedInstanceLoader
        use_bulk = True
        batch_size = _BATCH
        skip_diff = True
        skip_html_diff = True
        store_instance = False
        use_transactions = True

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        return AsItIs(field_name, field_name, widget=Widget())


def measure() -> list[Figure]:
    path = sample(RECORDS)
    empty_tables()
    first, again = _rival(path), _rival(path)
    empty_tables()
    run, _ = bring_in(path)
    readable = (run.readable_at - run.started_at).total_seconds()
    unchanged = bring_in(path)[1].seconds
    return [
        Figure("django-import-export, first import", RECORDS / first, "records/s"),
        Figure("django-import-export, the same again", RECORDS / again, "records/s"),
        Figure("first import until readable", RECORDS / readable, "records/s"),
        Figure("unchanged second run", RECORDS / unchanged, "records/s"),
        Figure("readable ÷ django-import-export", first / readable, "×", 3),
        Figure("unchanged ÷ django-import-export", again / unchanged, "×", 50),
    ]


def _rival(path: Path) -> float:
    """Seconds from the file to articles that their terms lead to."""
    started = time.perf_counter()
    records = [_RULES.read_record(line) for line in path.read_bytes().splitlines()]
    result = ArticleResource().import_data(_dataset(records), raise_errors=True)
    _link(records)
    seconds = time.perf_counter() - started
    if result.has_errors() or Article.objects.count() != RECORDS:
        raise SystemExit("django-import-export did not bring all records in")
    return seconds


def _dataset(records: list[Record]) -> tablib.Dataset:
    dataset = tablib.Dataset(headers=[*_OTHERS, *_SAME])
    for record in records:
        html = render_body(record.body, body_format=record.body_format)
        others = (
            record.payload["source_id"],
            "draft" if record.draft else "published",
            record.updated_at or record.published_at or _NOW,
            html,
            record.reading_time or reading_minutes(html),
        )
        dataset.append((*others, *(getattr(record, name) for name in _SAME)))
    return dataset


def _link(records: list[Record]) -> None:
    names = {
        term[:2]: Term(kind=term[0], slug=term[1], name=term[2])
        for record in records
        for term in record.terms
    }
    Term.objects.bulk_create(names.values(), batch_size=_BATCH, ignore_conflicts=True)
    terms = {(term.kind, term.slug): term.pk for term in Term.objects.all()}
    articles = dict(Article.objects.values_list("reference", "pk"))
    links = _links(records, terms, articles)
    while batch := list(islice(links, _BATCH)):
        ArticleTerm.objects.bulk_create(batch, ignore_conflicts=True)


def _links(
    records: list[Record], terms: dict[tuple[str, str], int], articles: dict[str, int]
) -> Iterator[ArticleTerm]:
    for record in records:
        article = articles[record.payload["source_id"]]
        for position, (kind, slug, _) in enumerate(record.terms):
            yield ArticleTerm(article_id=article, term_id=terms[kind, slug], position=position)
