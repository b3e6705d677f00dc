"""The importer beside a bare COPY and beside Django's bulk_create, on the same records in one run."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import connection, models

from articles.models import Article
from imports.reading import Rules
from imports.shaping import ARTICLE_COLUMNS
from imports.sources.format import ReadOptions
from tests.benchmarks.archives import bring_in, empty_tables, sample
from tests.benchmarks.figures import Figure

RECORDS = 20_000
_PAIRS = 3
_BLOCK = 1024 * 1024


class Flat(models.Model):
    """What most projects would do: one table with a stored vector, filled by bulk_create."""

    key = models.CharField(max_length=200, unique=True)
    title = models.TextField()
    slug = models.TextField()
    summary = models.TextField()
    body = models.TextField()
    published_at = models.DateTimeField(null=True)
    record = models.JSONField()
    vector = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("summary", weight="C", config="english")
        + SearchVector("body", weight="D", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        app_label = "benchmarks"
        indexes = [GinIndex(fields=["vector"], name="flat_vector")]

    def __str__(self) -> str:
        return self.key


def measure() -> list[Figure]:
    path = sample(RECORDS)
    flat = _bulk_create(path)
    pairs = [_import_and_copy(path) for _ in range(_PAIRS)]
    readable, searchable, bare = (median(column) for column in zip(*pairs, strict=True))
    before = _written_rows()
    again = median(bring_in(path)[1].seconds for _ in range(_PAIRS))
    return [
        Figure("bare COPY of the articles", RECORDS / bare, "records/s"),
        Figure("bulk_create into one table with a vector", RECORDS / flat, "records/s"),
        Figure("first import until readable", RECORDS / readable, "records/s"),
        Figure("first import until searchable", RECORDS / searchable, "records/s"),
        Figure("readable ÷ bare COPY", median(copy / read for read, _, copy in pairs), "×", 0.3),
        Figure("readable ÷ bulk_create", flat / readable, "×", 1.5),
        Figure("searchable ÷ bulk_create", flat / searchable, "×", 1.0),
        Figure("unchanged second run", RECORDS / again, "records/s", 30_000),
        Figure("rows written by the unchanged runs", _written_rows() - before, "rows", 0, at_least=False),
    ]


def _import_and_copy(path: Path) -> tuple[float, float, float]:
    """Seconds until readable, until searchable, and of the bare COPY right after, on the same machine
    in the same mood: a machine's speed drifts, the ratio of neighbors hardly."""
    empty_tables()
    run, _ = bring_in(path)
    copied = median(_timed(_bare_copy()) for _ in range(3))
    return (
        (run.readable_at - run.started_at).total_seconds(),
        (run.finished_at - run.started_at).total_seconds(),
        copied,
    )


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _bare_copy() -> Callable[[], None]:
    """The articles as imported, copied into a new table with the same columns and no index but its key."""
    columns = ", ".join(("id", *ARTICLE_COLUMNS))
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT {columns} FROM {Article._meta.db_table}) TO STDOUT") as copy:
            content = b"".join(bytes(block) for block in copy)
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TABLE bare AS SELECT {columns} FROM {Article._meta.db_table} WITH NO DATA")
        cursor.execute("ALTER TABLE bare ADD PRIMARY KEY (id)")
        cursor.execute("CHECKPOINT")

    def copy_in() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY bare ({columns}) FROM STDIN") as copy:
            for start in range(0, len(content), _BLOCK):
                copy.write(content[start : start + _BLOCK])

    return copy_in


def _bulk_create(path: Path) -> float:
    with connection.schema_editor() as editor:
        editor.create_model(Flat)
    started = time.perf_counter()
    rows = _flat_rows(path)
    while batch := list(islice(rows, 1000)):
        Flat.objects.bulk_create(
            batch,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["title", "slug", "summary", "body", "published_at", "record"],
        )
    seconds = time.perf_counter() - started
    with connection.schema_editor() as editor:
        editor.delete_model(Flat)
    return seconds


def _flat_rows(path: Path) -> Iterator[Flat]:
    rules = Rules("jsonl", ReadOptions(max_record_bytes=10_000_000, delivery=path.name))
    with path.open("rb") as stream:
        for line in stream:
            record = rules.read_record(line)
            yield Flat(
                key=record.payload["source_id"],
                title=record.title,
                slug=record.slug,
                summary=record.summary,
                body=record.body,
                published_at=record.published_at,
                record=record.payload,
            )


def _written_rows() -> int:
    # Sessions that ended report what they did a moment later.
    time.sleep(2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
            " WHERE schemaname = 'public' AND relname <> 'imports_run'"
        )
        return int(cursor.fetchone()[0])
