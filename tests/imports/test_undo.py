"""A run that is taken back, and what it leaves alone."""

import pytest
from django.utils import timezone

from articles.editing import change_article
from articles.linking import terms_of
from articles.models import Article, Status
from imports.faults import DeliveryRefused
from imports.models import Conflict, Run
from imports.progress import Progress
from imports.results import ImportResult
from imports.reversals import undo_run
from imports.undoing import plan_undo
from tests.imports.deliveries import record, write_jsonl


@pytest.fixture
def deliver(bring_in, tmp_path):
    def deliver(*records: dict, **order: object) -> ImportResult:
        return bring_in(write_jsonl(tmp_path / "press.jsonl", *records), **order)

    return deliver


def take_back(result: ImportResult) -> ImportResult:
    return undo_run(Run.objects.get(pk=result.run), progress=Progress(visible=False))


def edit(key: str, **changes: object) -> None:
    article = Article.objects.get(import_items__key=key)
    change_article(
        article.pk,
        expected_version=article.version,
        changes=changes,
        origin="editor:7",
        reason="",
        now=timezone.now(),
    )


def state() -> list[tuple]:
    """All that readers see of the articles."""
    columns = (
        "import_items__key",
        "status",
        "title",
        "body",
        "summary",
        "published_at",
        "extra",
        "checklist",
    )
    rows = Article.objects.order_by("import_items__key").values_list("pk", *columns)
    return [(*row, terms_of(row[0])) for row in rows]


def test_what_a_run_created_is_withdrawn_and_what_it_changed_is_as_before(deliver):
    deliver(record("a-1", title="One", tags=["Old"], extra_field=[1]), record("b-2"))
    before = state()
    second = deliver(
        record("a-1", title="Two", tags=["New"], summary="New", checklist=["x"]), record("b-2"), record("c-3")
    )
    undone = take_back(second)
    assert (undone.counts["read"], undone.counts["updated"], undone.exit) == (2, 2, 0)
    article = Article.objects.get(import_items__key="c-3")
    assert (article.status, article.withdrawal_reason) == (
        Status.WITHDRAWN,
        f"Import run {second.run}, which brought this article, was undone.",
    )
    assert [row for row in state() if row[1] != "c-3"] == before


def test_an_undo_can_be_undone(deliver):
    deliver(record("a-1", title="One"))
    second = deliver(record("a-1", title="Two", tags=["New"]), record("c-3"))
    after = state()
    take_back(take_back(second))
    assert state() == after


def test_an_article_that_an_editor_changed_since_is_left_and_listed(deliver):
    deliver(record("a-1", title="One"))
    second = deliver(record("a-1", title="Two"), record("c-3"))
    edit("a-1", summary="By an editor")
    edit("c-3", summary="By an editor")
    undone = take_back(second)
    assert (undone.counts["updated"], undone.counts["unchanged"]) == (0, 2)
    ids = list(Article.objects.order_by("-pk").values_list("pk", flat=True))
    assert Run.objects.get(pk=undone.run).left_alone == [
        {"article": article, "changed_by": "editor:7"} for article in ids
    ]
    assert set(Article.objects.values_list("status", "summary")) == {("published", "By an editor")}


def test_an_editors_text_from_before_the_run_survives_its_undo(deliver):
    deliver(record("a-1", summary="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", summary="New"))
    take_back(second)
    assert Article.objects.values_list("title", "summary").get() == ("By an editor", "Old")


def test_the_same_delivery_comes_in_again_after_an_undo(deliver):
    first = deliver(record("a-1"), record("b-2"))
    take_back(first)
    assert deliver(record("a-1"), record("b-2")).counts["updated"] == 2
    assert set(Article.objects.values_list("status", "withdrawal_reason")) == {("published", "")}


def test_a_second_undo_finds_nothing_to_do(deliver):
    first = deliver(record("a-1"))
    take_back(first)
    again = take_back(first)
    assert (again.counts["read"], Article.objects.get().version) == (0, 2)


def test_a_plan_tells_the_same_and_writes_nothing(deliver):
    deliver(record("a-1", title="One"))
    second = deliver(record("a-1", title="Two"), record("b-2"), record("c-3"))
    edit("b-2", title="By an editor")
    before = state()
    plan = plan_undo(Run.objects.get(pk=second.run))
    assert (plan.restorable, [origin for _, origin in plan.left]) == (2, ["editor:7"])
    assert state() == before


def test_open_conflicts_of_an_undone_run_are_moot(deliver):
    deliver(record("a-1", title="One", summary="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="Two", summary="New"))
    take_back(second)
    assert Conflict.objects.get().state == "moot"


def test_a_run_at_work_is_not_undone(deliver):
    run = Run.objects.get(pk=deliver(record("a-1")).run)
    run.state = "loading"
    with pytest.raises(DeliveryRefused, match="wait for it to end"):
        undo_run(run, progress=Progress(visible=False))


def test_several_runs_are_undone_newest_first(deliver):
    deliver(record("a-1", title="One", tags=["Old"]))
    before = state()
    second = deliver(record("a-1", title="Two", tags=["New"]))
    third = deliver(record("a-1", title="Three"))
    take_back(third)
    undone = take_back(second)
    assert (undone.counts["updated"], undone.counts["unchanged"]) == (1, 0)
    assert state() == before


def test_an_older_run_is_not_undone_beneath_a_newer_one(deliver):
    deliver(record("a-1", title="One"))
    second = deliver(record("a-1", title="Two"))
    third = deliver(record("a-1", title="Three"))
    undone = take_back(second)
    assert (undone.counts["updated"], undone.counts["unchanged"]) == (0, 1)
    assert Run.objects.get(pk=undone.run).left_alone[0]["changed_by"] == f"import:{third.run}"
    assert Article.objects.get().title == "Three"


def test_a_run_whose_undo_was_undone_can_be_undone_again(deliver):
    deliver(record("a-1", title="One"))
    second = deliver(record("a-1", title="Two"))
    take_back(take_back(second))
    assert take_back(second).counts["updated"] == 1
    assert Article.objects.get().title == "One"


def test_an_undo_that_came_to_nothing_cancels_nothing_out(deliver):
    deliver(record("a-1", title="One"))
    second = deliver(record("a-1", title="Two"))
    third = deliver(record("a-1", title="Three"))
    Run.objects.create(
        source=Run.objects.get(pk=third.run).source, kind="undo", about_id=third.run, state="canceled"
    )
    assert plan_undo(Run.objects.get(pk=second.run)).restorable == 0


def test_an_editors_text_survives_a_taken_conflict_that_was_undone_and_delivered_again(deliver):
    deliver(record("a-1", title="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="New"), conflicts="take")
    assert titles() == ["New"]
    take_back(second)
    assert titles() == ["By an editor"]
    third = deliver(record("a-1", title="Newest"))
    assert (titles(), third.conflicts) == (["By an editor"], 1)


def test_a_question_that_was_undone_is_asked_again_when_it_is_delivered_again(deliver):
    deliver(record("a-1", title="Old", summary="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="New", summary="New"))
    take_back(second)
    assert open_questions() == []
    third = deliver(record("a-1", title="New", summary="New"))
    assert open_questions() == [(third.run, "title", {"title": "Old"}, {"title": "New"})]


def test_a_run_that_only_raised_questions_is_undone_with_them(deliver):
    deliver(record("a-1", title="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="New"))
    undone = take_back(second)
    assert (undone.counts["updated"], open_questions()) == (1, [])
    assert deliver(record("a-1", title="Old")).conflicts == 0
    third = deliver(record("a-1", title="New"))
    assert open_questions() == [(third.run, "title", {"title": "Old"}, {"title": "New"})]


def test_an_older_question_is_open_again_when_the_newer_offer_is_undone(deliver):
    deliver(record("a-1", title="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="New"))
    third = deliver(record("a-1", title="Newest"))
    fourth = take_back(third)
    assert open_questions() == [(second.run, "title", {"title": "Old"}, {"title": "New"})]
    take_back(fourth)
    assert open_questions() == [(third.run, "title", {"title": "New"}, {"title": "Newest"})]
    assert titles() == ["By an editor"]


def test_a_question_that_a_delivery_settled_is_open_again_after_its_undo(deliver):
    deliver(record("a-1", title="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="New"))
    third = deliver(record("a-1", title="By an editor"))
    assert open_questions() == []
    take_back(third)
    assert open_questions() == [(second.run, "title", {"title": "Old"}, {"title": "New"})]


def test_an_older_run_keeps_its_word_on_records_of_which_a_newer_one_spoke(deliver):
    deliver(record("a-1", title="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="New"))
    third = deliver(record("a-1", title="Newest"))
    assert take_back(second).counts["updated"] == 0
    assert open_questions() == [(third.run, "title", {"title": "New"}, {"title": "Newest"})]


def test_a_renamed_record_has_its_old_key_again(deliver):
    old, new = record("a-1", title="One", aliases=None), record("z-9", title="One", aliases=None)
    deliver(old)
    second = deliver(new)
    assert second.renamed == 1
    third = take_back(second)
    assert deliver(old).counts["created"] == 0
    take_back(third)
    assert deliver(new).counts["created"] == 0
    assert Article.objects.count() == 1


def test_an_editors_text_survives_that_a_withdrawal_for_absence_was_undone(deliver):
    deliver(record("a-1", title="Old"), record("b-2"))
    edit("a-1", title="By an editor")
    second = deliver(record("b-2"), delete_missing=True, max_missing=1.0)
    assert second.missing == 1
    take_back(second)
    third = deliver(record("a-1", title="New"), record("b-2"))
    assert (titles()[0], third.conflicts) == ("By an editor", 1)


def titles() -> list[str]:
    return list(Article.objects.order_by("pk").values_list("title", flat=True))


def open_questions() -> list[tuple]:
    conflicts = Conflict.objects.filter(state="open").order_by("pk")
    return list(conflicts.values_list("run_id", "field", "base", "incoming"))


def test_a_run_is_not_undone_beneath_a_newer_one_that_spoke_of_the_same_record(deliver):
    deliver(record("a-1", title="One", aliases=None))
    second = deliver(record("z-9", title="One", aliases=None))
    third = deliver(record("z-9", title="Three", aliases=None))
    assert (take_back(second).counts["updated"], titles()) == (0, ["Three"])
    take_back(third)
    assert take_back(second).counts["updated"] == 1
    assert Article.objects.get().import_items.get().key == "a-1"


def test_what_a_newer_run_asks_stays_when_an_older_one_is_undone(deliver):
    deliver(record("a-1", title="T1", summary="S1"))
    edit("a-1", summary="By an editor")
    deliver(record("a-1", title="T1", summary="S2"))
    third = deliver(record("a-1", title="T2", summary="S3"))
    fourth = deliver(record("a-1", title="T2", summary="S4"))
    undone = take_back(third)
    assert (undone.counts["updated"], titles()) == (0, ["T2"])
    [left] = Run.objects.get(pk=undone.run).left_alone
    assert left["changed_by"] == f"import:{fourth.run}"
    assert open_questions() == [(fourth.run, "summary", {"summary": "S3"}, {"summary": "S4"})]


def test_a_question_comes_back_however_often_an_undo_is_undone(deliver):
    deliver(record("a-1", title="Old"))
    edit("a-1", title="By an editor")
    second = deliver(record("a-1", title="New"))
    third = deliver(record("a-1", title="By an editor"))
    take_back(take_back(third))
    assert open_questions() == []
    take_back(third)
    assert open_questions() == [(second.run, "title", {"title": "Old"}, {"title": "New"})]
