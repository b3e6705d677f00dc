"""Rejected records that come in after all."""

import json
from io import BytesIO

import pytest

from articles.models import Article
from imports.faults import DeliveryRefused
from imports.models import Reject, Run
from imports.progress import Progress
from imports.retrying import export_of, open_rejects, retry_rejects
from tests.imports.deliveries import record, write_jsonl

QUIET = Progress(visible=False)


@pytest.fixture
def rejected(bring_in, tmp_path):
    """A run that turned a record without a title away, and a line that is no JSON."""
    path = write_jsonl(tmp_path / "press.jsonl", record("a-1"), record("b-2", title=None), "{broken")
    return Run.objects.get(pk=bring_in(path).run)


def export(run: Run) -> list[dict]:
    return [json.loads(export_of(reject)) for reject in open_rejects(run)]


def lines(*records: dict) -> BytesIO:
    return BytesIO("\n".join(json.dumps(entry) for entry in records).encode())


def test_an_export_says_what_is_wrong_beside_each_record(rejected):
    first, second = export(rejected)
    assert first == {
        "line": 2,
        "key": "b-2",
        "code": "missing-title",
        "message": "the record has no title",
        "record": record("b-2", title=None),
    }
    assert (second["line"], second["code"], second["text"]) == (3, "not-json", "{broken")


def test_rejects_that_are_tried_again_unmended_are_rejected_again(rejected):
    result = retry_rejects(rejected, progress=QUIET)
    assert (result.counts["read"], result.counts["rejected"], result.exit) == (2, 2, 3)
    assert list(rejected.rejects.values_list("resolved_by", flat=True)) == [None, None]


def test_a_mended_record_comes_in_and_its_reject_is_resolved(rejected):
    first, second = export(rejected)
    first["record"]["title"] = "Mended"
    result = retry_rejects(rejected, mended=lines(first, second), progress=QUIET)
    assert (result.counts["created"], result.counts["rejected"]) == (1, 1)
    assert Article.objects.filter(title="Mended", import_items__key="b-2").exists()
    assert [entry["line"] for entry in export(rejected)] == [3]
    assert Reject.objects.get(run=rejected, line=2).resolved_by_id == result.run


def test_a_record_that_got_its_key_by_hand_is_known_by_it(bring_in, tmp_path):
    keyless = record("a-1") | {"payload": {}}
    run = Run.objects.get(pk=bring_in(write_jsonl(tmp_path / "press.jsonl", keyless)).run)
    (entry,) = export(run)
    entry["record"]["payload"]["source_id"] = "c-3"
    assert retry_rejects(run, mended=lines(entry), progress=QUIET).counts["created"] == 1
    assert Article.objects.get().import_items.get().key == "c-3"
    assert export(run) == []


def test_a_file_that_is_no_export_is_refused_with_its_line(rejected):
    with pytest.raises(DeliveryRefused, match=r"^Line 1 of rejects of run \d+ is none of an export"):
        retry_rejects(rejected, mended=BytesIO(b'{"title": "x"}\n'), progress=QUIET)


def test_where_nothing_is_open_nothing_is_run(bring_in, tmp_path):
    run = Run.objects.get(pk=bring_in(write_jsonl(tmp_path / "press.jsonl", record("a-1"))).run)
    with pytest.raises(DeliveryRefused, match="has no rejects that are still open"):
        retry_rejects(run, progress=QUIET)


def test_a_mended_record_with_the_text_of_another_article_is_an_article_of_its_own(bring_in, tmp_path):
    path = write_jsonl(tmp_path / "press.jsonl", record("a-1"), record("b-2", difficulty="odd"))
    run = Run.objects.get(pk=bring_in(path).run)
    (entry,) = export(run)
    entry["record"]["difficulty"] = "advanced"
    result = retry_rejects(run, mended=lines(entry), progress=QUIET)
    assert (result.counts["created"], result.renamed) == (1, 0)
