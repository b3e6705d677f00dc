import gzip
import json
from datetime import UTC, date, datetime

import pytest
import zstandard
from django.db import connection

from articles.models import (
    ArchiveMonth,
    Article,
    ArticleRevision,
    ArticleTerm,
    LegacyPath,
    SearchDocument,
    SearchPending,
    Term,
    ViewCount,
)
from imports.accounts import account_of
from imports.faults import DeliveryRefused
from imports.models import Item, Reject, Run
from tests.imports.deliveries import record, write_jsonl, wxr, wxr_item

NOTHING = dict.fromkeys(("read", "created", "updated", "unchanged", "merged", "duplicate", "rejected"), 0)


def row_versions() -> dict[str, list[tuple[str, str]]]:
    """Where each row of each table stands and which transaction wrote it, but for the log of runs:
    a row that is written anew, even with the same values, changes both."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        versions = {}
        for table in sorted(set(tables) - {"imports_run", "imports_reject"}):
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {table} ORDER BY ctid")  # noqa: S608
            versions[table] = cursor.fetchall()
        return versions


def test_a_delivery_becomes_articles_that_can_be_found(bring_in, tmp_path):
    result = bring_in(write_jsonl(tmp_path / "press.jsonl", record("a-1"), record("a-2", view_count=None)))
    assert result.counts == {**NOTHING, "read": 2, "created": 2}
    assert (result.state, result.exit) == ("finished", 0)
    first = Article.objects.get(import_items__key="a-1")
    assert first.status == "published"
    assert first.published_at == datetime(2024, 3, 5, 7, 30, tzinfo=UTC)
    assert (first.title, first.slug, first.version) == (
        "Pooling connections without regret",
        "pooling-connections",
        1,
    )
    assert first.body == "<p>A pool keeps connections warm.</p>"
    assert (first.authors, first.topic_path, first.score) == (
        ["Ada Example"],
        "Databases / PostgreSQL",
        {"quality": 80},
    )
    links = ArticleTerm.objects.filter(article=first).order_by("position")
    assert [(link.term.kind, link.term.name, link.published_at) for link in links.select_related("term")] == [
        ("topic", "Databases", first.published_at),
        ("stack", "PostgreSQL", first.published_at),
        ("stack", "Django", first.published_at),
        ("tool", "PgBouncer", first.published_at),
        ("language", "python", first.published_at),
        ("tag", "Pooling", first.published_at),
        ("entity", "PgBouncer", first.published_at),
    ]
    assert set(Term.objects.values_list("article_count", flat=True)) == {2}
    assert list(ArchiveMonth.objects.values_list("month", "article_count")) == [(date(2024, 3, 1), 2)]
    assert dict(LegacyPath.objects.values_list("path", "article__import_items__key")) == {
        "/old/a-1/": "a-1",
        "/old/a-2/": "a-2",
    }
    assert list(ViewCount.objects.values_list("article_id", "views")) == [(first.pk, 12)]
    assert SearchDocument.objects.count() == 2
    assert not SearchPending.objects.exists()


def test_the_second_run_of_a_file_writes_no_row(bring_in, tmp_path):
    delivery = write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(30)))
    bring_in(delivery)
    before = row_versions()
    result = bring_in(delivery)
    assert result.counts == {**NOTHING, "read": 30, "unchanged": 30}
    assert row_versions() == before


def test_a_changed_record_changes_its_article_and_keeps_what_was_there(bring_in, tmp_path):
    bring_in(write_jsonl(tmp_path / "one.jsonl", record("a-1"), record("a-2")))
    changed = record("a-1", summary="Now with a summary.", tags=["Pooling", "Latency"], tools=None)
    result = bring_in(write_jsonl(tmp_path / "two.jsonl", changed, record("a-2")))
    assert result.counts == {**NOTHING, "read": 2, "updated": 1, "unchanged": 1}
    article = Article.objects.get(import_items__key="a-1")
    assert (article.summary, article.version) == ("Now with a summary.", 2)
    links = ArticleTerm.objects.filter(article=article, term__kind__in=("tag", "tool")).select_related("term")
    assert sorted(link.term.name for link in links) == ["Latency", "Pooling"]
    revision = ArticleRevision.objects.get()
    assert (revision.article_id, revision.version, revision.origin) == (article.pk, 1, f"import:{result.run}")
    assert revision.before.keys() == {"summary", "terms"}
    assert revision.before["summary"] == ""
    assert ["tool", "pgbouncer", "PgBouncer"] in revision.before["terms"]
    counts = dict(Term.objects.values_list("slug", "article_count").filter(kind__in=("tag", "tool")))
    assert counts == {"pooling": 2, "latency": 1, "pgbouncer": 1}
    assert Item.objects.get(key="a-1").written_version == 2


def test_other_bytes_with_the_same_content_are_unchanged(bring_in, tmp_path):
    bring_in(write_jsonl(tmp_path / "one.jsonl", record("a-1")))
    spaced = json.dumps({**record("a-1"), "view_count": 99}, indent=None, separators=(" , ", " : "))
    result = bring_in(write_jsonl(tmp_path / "two.jsonl", spaced))
    assert result.counts == {**NOTHING, "read": 1, "unchanged": 1}
    assert Article.objects.get().version == 1
    assert ViewCount.objects.get().views == 12


def test_the_last_good_record_of_a_key_wins_and_a_broken_one_hides_none(bring_in, tmp_path):
    delivery = write_jsonl(
        tmp_path / "press.jsonl",
        record("a-1", title="First"),
        record("a-2"),
        record("a-1", title="Second"),
        record("a-1", title=""),
    )
    result = bring_in(delivery)
    assert result.counts == {**NOTHING, "read": 4, "created": 2, "duplicate": 1, "rejected": 1}
    assert Article.objects.get(import_items__key="a-1").title == "Second"
    again = bring_in(delivery)
    assert again.counts == {**NOTHING, "read": 4, "unchanged": 2, "duplicate": 1, "rejected": 1}


def test_a_reject_names_its_line_key_code_and_reason_and_the_rest_goes_on(bring_in, tmp_path):
    delivery = write_jsonl(
        tmp_path / "press.jsonl", record("a-1"), record("a-2", title=None), '{"cut": "off', record("a-3")
    )
    result = bring_in(delivery)
    assert result.counts == {**NOTHING, "read": 4, "created": 2, "rejected": 2}
    assert (result.state, result.exit) == ("finished_with_rejects", 3)
    rejects = Reject.objects.order_by("ordinal").values_list("ordinal", "line", "key", "code", "message")
    assert list(rejects) == [
        (2, 2, "a-2", "missing-title", "the record has no title"),
        (3, 3, "", "not-json", "the line is not valid JSON: Input data was truncated"),
    ]
    assert bytes(Reject.objects.get(line=3).raw) == b'{"cut": "off'


def test_an_editors_change_stands_and_the_rest_of_the_delivery_is_taken(bring_in, tmp_path):
    bring_in(write_jsonl(tmp_path / "one.jsonl", record("a-1")))
    article = Article.objects.get()
    ArticleRevision.objects.create(
        article=article, version=1, origin="editor:1", before={"title": article.title, "status": "published"}
    )
    Article.objects.filter(pk=article.pk).update(title="By the editor", status="withdrawn", version=2)
    delivery = write_jsonl(tmp_path / "two.jsonl", record("a-1", title="By the source", summary="New."))
    result = bring_in(delivery)
    assert result.counts == {**NOTHING, "read": 1, "merged": 1}
    article.refresh_from_db()
    assert (article.title, article.status, article.summary) == ("By the editor", "withdrawn", "New.")
    assert article.version == 3
    later = bring_in(
        write_jsonl(tmp_path / "three.jsonl", record("a-1", title="By the source again", summary="New."))
    )
    assert later.counts == {**NOTHING, "read": 1, "merged": 1}
    article.refresh_from_db()
    assert (article.title, article.version) == ("By the editor", 3)


def test_a_dry_run_tells_what_would_come_and_writes_nothing(bring_in, tmp_path):
    bring_in(write_jsonl(tmp_path / "one.jsonl", record("a-1"), record("a-2")))
    second = write_jsonl(
        tmp_path / "two.jsonl",
        record("a-1", tags=["Unheard of"]),
        record("a-2"),
        record("a-3"),
        record("a-4", body=None),
    )
    before, runs = row_versions(), Run.objects.count()
    result = bring_in(second, dry_run=True)
    assert result.counts == {**NOTHING, "read": 4, "created": 1, "updated": 1, "unchanged": 1, "rejected": 1}
    assert result.rejects == ("line 4: missing-body: the record has no body",)
    assert (row_versions(), Run.objects.count()) == (before, runs)
    assert bring_in(second).counts == result.counts


def test_a_dry_run_for_a_source_that_nobody_knows_makes_none(bring_in, tmp_path):
    result = bring_in(write_jsonl(tmp_path / "one.jsonl", record("a-1")), source="new", dry_run=True)
    assert (result.run, result.counts) == (None, {**NOTHING, "read": 1, "created": 1})
    assert not Run.objects.exists()


@pytest.mark.parametrize(("ending", "compress"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_compressed_deliveries_are_told_by_their_content(bring_in, tmp_path, ending, compress):
    plain = write_jsonl(tmp_path / "press.jsonl", record("a-1"))
    packed = tmp_path / f"misnamed{ending}.data"
    packed.write_bytes(compress(plain.read_bytes()))
    assert bring_in(packed).counts == {**NOTHING, "read": 1, "created": 1}


def test_a_damaged_archive_is_refused_and_nothing_is_written(bring_in, tmp_path):
    plain = write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(500)))
    packed = tmp_path / "press.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes())[:-200])
    with pytest.raises(
        DeliveryRefused, match=r"press\.jsonl\.gz is damaged .+ ask its sender for it again\.$"
    ):
        bring_in(packed)
    assert not Article.objects.exists()


@pytest.mark.parametrize("kept", [0.2, 0.9, "all but the last byte", "to the end of a line"])
def test_a_cut_off_zstandard_archive_is_refused_and_nothing_is_written(bring_in, tmp_path, kept):
    lines = [json.dumps(record(f"a-{number}")) + "\n" for number in range(400)]
    compressor = zstandard.ZstdCompressor().compressobj()
    half = compressor.compress("".join(lines[:200]).encode()) + compressor.flush(
        zstandard.COMPRESSOBJ_FLUSH_BLOCK
    )
    whole = half + compressor.compress("".join(lines[200:]).encode()) + compressor.flush()
    length = {"all but the last byte": len(whole) - 1, "to the end of a line": len(half)}.get(kept)
    packed = tmp_path / "press.jsonl.zst"
    packed.write_bytes(whole[: length or int(len(whole) * kept)])
    with pytest.raises(DeliveryRefused, match=r"is damaged \(the compressed data ends in the middle\)"):
        bring_in(packed)
    assert not Article.objects.exists()


def test_several_zstandard_frames_are_one_delivery(bring_in, tmp_path):
    packed = tmp_path / "press.jsonl.zst"
    frames = [zstandard.compress((json.dumps(record(key)) + "\n").encode()) for key in ("a-1", "a-2")]
    packed.write_bytes(b"".join(frames))
    assert bring_in(packed).counts == {**NOTHING, "read": 2, "created": 2}


def test_texts_of_any_length_are_indexed(bring_in, tmp_path):
    long = " ".join(f"word{number}" for number in range(200_000))
    tags = [f"{number} " + "t" * 150 for number in range(3000)]
    delivery = write_jsonl(
        tmp_path / "press.jsonl",
        record("a-1", summary=long, body=f"<p>{long}</p>", ai_brief=long),
        record("a-2", tags=tags),
    )
    assert bring_in(delivery).counts == {**NOTHING, "read": 2, "created": 2}
    assert SearchDocument.objects.count() == 2


def test_a_wordpress_export_brings_posts_and_pages_in_and_nothing_else(bring_in, tmp_path):
    path = tmp_path / "blog.xml"
    path.write_text(
        wxr(
            wxr_item("1"),
            wxr_item("2", kind="page"),
            wxr_item("3", kind="nav_menu_item"),
            wxr_item("3", kind="nav_menu_item"),
            wxr_item("4", status="private"),
            wxr_item("5", password="secret"),
        )
    )
    result = bring_in(path)
    assert result.counts == {**NOTHING, "read": 4, "created": 4}
    assert result.skipped == {"nav_menu_item": 2}
    public = Article.objects.public(now=datetime(2030, 1, 1, tzinfo=UTC))
    assert sorted(public.values_list("import_items__key", flat=True)) == ["1", "2"]
    assert bring_in(path).counts == {**NOTHING, "read": 4, "unchanged": 4}


def test_a_cut_off_wordpress_export_writes_nothing(bring_in, tmp_path):
    path = tmp_path / "blog.xml"
    path.write_text(wxr(*(wxr_item(str(number)) for number in range(20)))[:-40])
    with pytest.raises(DeliveryRefused, match="is not well-formed XML"):
        bring_in(path)
    assert not Article.objects.exists()


def test_the_order_of_batches_and_their_size_change_nothing(bring_in, tmp_path, settings):
    delivery = write_jsonl(tmp_path / "press.jsonl", *(record(f"a-{number}") for number in range(25)))
    settings.IMPORT_BATCH_RECORDS = 4
    result = bring_in(delivery)
    assert result.counts == {**NOTHING, "read": 25, "created": 25}
    assert list(Item.objects.order_by("article_id").values_list("key", flat=True)) == [
        f"a-{number}" for number in range(25)
    ]
    assert Run.objects.get().batch == 7
    assert Run.objects.get().cursor == 25


def test_a_text_too_long_to_be_searched_whole_is_cut_and_counted(bring_in, tmp_path):
    words = " ".join(f"word{number}" for number in range(40_000))
    path = write_jsonl(tmp_path / "press.jsonl", record("a-1", body=f"<p>{words}</p>"), record("b-2"))
    result = bring_in(path)
    assert result.counts["created"] == 2
    assert account_of(Run.objects.get(pk=result.run)).cut_texts == 1
    found = SearchDocument.objects.order_by("article_id").values_list("is_cut", flat=True)
    assert list(found) == [True, False]


def test_a_body_that_cannot_be_rendered_within_bounds_is_a_reject(bring_in, tmp_path):
    dense = record("a-1", body="<i>a</i>" * 200_001)
    marked = record("b-2", body="*a* " * 60_000, body_format="markdown")
    result = bring_in(write_jsonl(tmp_path / "press.jsonl", dense, marked, record("c-3")))
    assert (result.counts["created"], result.counts["rejected"]) == (1, 2)
    rejects = Reject.objects.order_by("ordinal").values_list("key", "code", "message")
    assert list(rejects) == [
        (
            "a-1",
            "too-large",
            "the body has 400,002 tags, and 400,000 can be rendered; part it into several articles",
        ),
        (
            "b-2",
            "too-large",
            "the body has a list, a table, a paragraph or another block of Markdown that is too large: with "
            "more than 200,000 lines, 250,000 parts or 100,000 marks in one of them; part it into "
            "smaller ones",
        ),
    ]


def test_a_record_that_cannot_be_rendered_hides_no_good_one_of_its_key(bring_in, tmp_path):
    dense = record("a-1", body="<i>a</i>" * 200_001)
    result = bring_in(write_jsonl(tmp_path / "press.jsonl", record("a-1"), dense))
    assert (result.counts["created"], result.counts["rejected"], result.counts["duplicate"]) == (1, 1, 0)
