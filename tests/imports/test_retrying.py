"""Rejected records that come in after all."""

import json
from io import BytesIO

import pytest

from articles.models import Article
from imports.claiming import Wanted, claim
from imports.faults import DeliveryRefused, SourceBusy
from imports.followups import carry_out_retry, queue_retry
from imports.models import Reject, Run
from imports.progress import Progress
from imports.retrying import export_of, open_rejects, retry_rejects
from imports.reversals import undo_run
from tests.imports.deliveries import record, write_jsonl

QUIET = Progress(visible=False)
NOON = "2026-01-01T12:00:00Z"


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
        "ordinal": 2,
        "line": 2,
        "key": "b-2",
        "code": "missing-title",
        "message": "the record has no title",
        "record": record("b-2", title=None),
    }
    assert (second["ordinal"], second["line"], second["code"], second["text"]) == (
        3,
        3,
        "not-json",
        "{broken",
    )


def test_rejects_that_are_tried_again_unmended_are_rejected_again(rejected):
    result = retry_rejects(rejected, progress=QUIET)
    assert (result.counts["read"], result.counts["rejected"], result.exit) == (2, 2, 3)
    assert list(rejected.rejects.values_list("closed_by", flat=True)) == ["", ""]


def test_a_mended_record_comes_in_and_its_reject_is_resolved(rejected):
    first, second = export(rejected)
    first["record"]["title"] = "Mended"
    result = retry_rejects(rejected, mended=lines(first, second), progress=QUIET)
    assert (result.counts["created"], result.counts["rejected"]) == (1, 1)
    assert Article.objects.filter(title="Mended", import_items__key="b-2").exists()
    assert [entry["line"] for entry in export(rejected)] == [3]
    assert Reject.objects.get(run=rejected, line=2).closed_by == f"import:{result.run}"


def test_a_record_that_got_its_key_by_hand_is_known_by_it(bring_in, tmp_path):
    keyless = record("a-1") | {"payload": {}}
    run = Run.objects.get(pk=bring_in(write_jsonl(tmp_path / "press.jsonl", keyless)).run)
    (entry,) = export(run)
    entry["record"]["payload"]["source_id"] = "c-3"
    assert retry_rejects(run, mended=lines(entry), progress=QUIET).counts["created"] == 1
    assert Article.objects.get().import_items.get().key == "c-3"
    assert export(run) == []


@pytest.fixture
def on_one_line(bring_in, tmp_path):
    """A run that turned three records away, all of them on the only line of their delivery."""
    items = [
        {"id": f"k-{number}", "content_html": "<p>Text.</p>", "date_published": "odd"}
        for number in range(1, 4)
    ]
    path = tmp_path / "feed.json"
    path.write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items}))
    return Run.objects.get(pk=bring_in(path).run)


def opened(run: Run) -> list[str]:
    return [entry["key"] for entry in export(run)]


def test_of_records_on_one_line_only_the_mended_one_is_resolved(on_one_line):
    _, second, _ = export(on_one_line)
    second["record"]["item"]["date_published"] = NOON
    result = retry_rejects(on_one_line, mended=lines(second), progress=QUIET)
    assert (result.counts["created"], opened(on_one_line)) == (1, ["k-1", "k-3"])


def test_a_record_that_fails_again_leaves_the_others_of_its_line_resolved(on_one_line):
    first, second, third = export(on_one_line)
    first["record"]["item"]["date_published"] = third["record"]["item"]["date_published"] = NOON
    result = retry_rejects(on_one_line, mended=lines(third, second, first), progress=QUIET)
    assert (result.counts["created"], result.counts["rejected"]) == (2, 1)
    assert opened(on_one_line) == ["k-2"]


def test_an_export_without_the_place_of_a_record_is_refused(rejected):
    entry = {name: value for name, value in export(rejected)[0].items() if name != "ordinal"}
    with pytest.raises(DeliveryRefused, match="missing required field `ordinal`"):
        retry_rejects(rejected, mended=lines(entry), progress=QUIET)


def test_a_file_that_is_no_export_is_refused_with_its_line(rejected):
    with pytest.raises(DeliveryRefused, match=r"^Line 1 of mended rejects of run \d+ is none of an export"):
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


def test_what_a_later_delivery_brought_is_not_tried_again(rejected, bring_in, tmp_path):
    good = record("b-2", title="Good", summary="Newer")
    later = bring_in(write_jsonl(tmp_path / "press.jsonl", record("a-1"), good, record("c-3", title=None)))
    assert Reject.objects.get(run=rejected, key="b-2").closed_by == f"import:{later.run}"
    assert [entry["key"] for entry in export(rejected)] == [""]
    assert opened(Run.objects.get(pk=later.run)) == ["c-3"]


def test_a_retry_says_nothing_of_what_later_deliveries_were_rejected_for(rejected, bring_in, tmp_path):
    (first, _), path = export(rejected), tmp_path / "press.jsonl"
    newer = Run.objects.get(pk=bring_in(write_jsonl(path, record("b-2", difficulty="odd"))).run)
    first["record"]["title"] = "Older"
    retry_rejects(rejected, mended=lines(first), progress=QUIET)
    assert (len(export(rejected)), opened(newer)) == (1, ["b-2"])


def test_other_sources_and_other_keys_keep_their_rejects(rejected, bring_in, tmp_path):
    path = write_jsonl(tmp_path / "press.jsonl", record("b-2"))
    bring_in(path, source="blog")
    bring_in(write_jsonl(path, record("d-4")))
    assert [entry["key"] for entry in export(rejected)] == ["b-2", ""]


def test_rejects_count_as_open_again_when_the_run_that_brought_them_is_undone(rejected):
    first, _ = export(rejected)
    first["record"]["title"] = "Mended"
    retry = Run.objects.get(pk=retry_rejects(rejected, mended=lines(first), progress=QUIET).run)
    assert undo_run(retry, progress=QUIET).counts["updated"] == 1
    assert [entry["key"] for entry in export(rejected)] == ["b-2", ""]
    again = retry_rejects(rejected, mended=lines(first), progress=QUIET)
    assert (again.counts["updated"], Article.objects.get(title="Mended").status) == (1, "published")
    assert [entry["key"] for entry in export(rejected)] == [""]


def test_a_record_that_comes_in_at_the_second_retry_is_open_nowhere(rejected):
    first = Run.objects.get(pk=retry_rejects(rejected, progress=QUIET).run)
    entry, _ = export(first)
    entry["record"]["title"] = "Mended"
    retry_rejects(first, mended=lines(entry), progress=QUIET)
    assert (opened(rejected), opened(first)) == ([""], [""])


def test_a_retry_of_a_run_whose_process_was_killed_need_not_wait_for_it(rejected):
    Run.objects.filter(pk=rejected.pk).update(state="loading", lease_until=None)
    rejected.refresh_from_db()
    retry, _ = queue_retry(rejected, mended=None, who="ada")
    assert carry_out_retry(retry, progress=QUIET).counts["read"] == 2


def test_a_retry_that_waited_for_another_run_tries_what_is_open_then(rejected, bring_in, tmp_path):
    retry, _ = queue_retry(rejected, mended=None, who="ada")
    holder = claim(rejected.source, Wanted(sha256="0" * 64), input_name="x", input_format="jsonl")
    with pytest.raises(SourceBusy):
        carry_out_retry(retry, progress=QUIET)
    Run.objects.filter(pk=holder.pk).update(state="canceled")
    bring_in(write_jsonl(tmp_path / "press.jsonl", record("b-2")))
    assert carry_out_retry(retry, progress=QUIET).counts["read"] == 1
