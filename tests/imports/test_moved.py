"""What a complete delivery no longer holds, and what came back under another key."""

import signal

import pytest
from django.db import connection
from django.utils import timezone

from articles.editing import change_article
from articles.models import Article, Status
from imports.faults import Interrupted
from imports.models import Item, Run
from imports.orders import Order
from imports.progress import Progress
from imports.runs import import_delivery
from tests.imports.deliveries import record, write_jsonl


def numbered(*numbers: int, **changes: object) -> list[dict]:
    """Records of which each has a text of its own."""
    return [record(f"a-{number}", title=f"Title {number}", **changes) for number in numbers]


@pytest.fixture
def deliver(bring_in, tmp_path):
    def deliver(*records: dict | str, **options: object):
        return bring_in(write_jsonl(tmp_path / "press.jsonl", *records), **options)

    return deliver


def statuses() -> dict[str, str]:
    return dict(Item.objects.order_by("key").values_list("key", "article__status"))


def test_a_complete_delivery_withdraws_what_it_no_longer_holds(deliver):
    deliver(*numbered(1, 2, 3))
    result = deliver(*numbered(1, 3), delete_missing=True, max_missing=0.5)
    assert (result.missing, result.exit) == (1, 0)
    assert statuses() == {"a-1": "published", "a-2": "withdrawn", "a-3": "published"}
    gone = Article.objects.get(status=Status.WITHDRAWN)
    assert gone.withdrawal_reason == "The source of this article no longer holds it."
    assert gone.revisions.get().origin == f"import:{result.run}"


def test_without_the_word_nothing_is_withdrawn(deliver):
    deliver(*numbered(1, 2))
    assert deliver(*numbered(1)).missing == 0
    assert statuses() == {"a-1": "published", "a-2": "published"}


def test_the_same_complete_delivery_again_changes_nothing(deliver):
    deliver(*numbered(1, 2))
    deliver(*numbered(1), delete_missing=True, max_missing=0.5)
    version = Article.objects.get(status=Status.WITHDRAWN).version
    result = deliver(*numbered(1), delete_missing=True, max_missing=0.5)
    assert (result.missing, result.counts["unchanged"]) == (0, 1)
    assert Article.objects.get(status=Status.WITHDRAWN).version == version


def test_what_is_delivered_again_comes_back(deliver):
    deliver(*numbered(1, 2))
    deliver(*numbered(1), delete_missing=True, max_missing=0.5)
    result = deliver(*numbered(1, 2))
    assert (result.counts["updated"], result.counts["unchanged"]) == (1, 1)
    article = Article.objects.get(import_items__key="a-2")
    assert (article.status, article.withdrawal_reason) == (Status.PUBLISHED, "")


def test_an_editors_text_survives_that_its_article_was_missing_for_a_while(deliver):
    deliver(*numbered(1, 2))
    article = Article.objects.get(import_items__key="a-2")
    change_article(
        article.pk,
        expected_version=1,
        changes={"summary": "By an editor"},
        origin="editor:7",
        reason="",
        now=timezone.now(),
    )
    deliver(*numbered(1), delete_missing=True, max_missing=0.5)
    assert deliver(*numbered(1, 2)).counts["merged"] == 1
    article.refresh_from_db()
    assert (article.status, article.summary) == (Status.PUBLISHED, "By an editor")


def test_more_missing_than_allowed_stops_with_exit_4_and_withdraws_nothing(deliver):
    deliver(*numbered(*range(10)))
    result = deliver(*numbered(*range(5)), delete_missing=True)
    assert (result.exit, result.state, result.missing) == (4, "stopped", 0)
    assert result.notes == (
        "5 of 10 articles are missing from the delivery, more than the 5% that may be withdrawn: none is. If "
        "the delivery is complete, import it again with a higher limit (--max-missing, in the admin "
        "“Withdraw at most”).",
    )
    assert set(statuses().values()) == {"published"}


def test_what_was_withdrawn_before_makes_no_delivery_look_more_complete(deliver):
    deliver(*numbered(*range(10)))
    deliver(*numbered(0, 1), delete_missing=True, max_missing=0.9)
    result = deliver(*numbered(0), delete_missing=True, max_missing=0.2)
    assert (result.exit, result.missing) == (4, 0)
    assert result.notes[0].startswith("1 of 2 articles are missing")


def test_what_an_editor_made_a_draft_stays_one_whether_it_is_missing_or_comes_back(deliver):
    deliver(*numbered(1, 2))
    article = Article.objects.get(import_items__key="a-2")
    change_article(
        article.pk,
        expected_version=1,
        changes={"status": "draft"},
        origin="editor:7",
        reason="",
        now=timezone.now(),
    )
    assert deliver(*numbered(1), delete_missing=True, max_missing=1.0).missing == 0
    deliver(*numbered(1, 2))
    assert statuses() == {"a-1": "published", "a-2": "draft"}


def test_a_limit_of_half_a_percent_is_told_as_such(deliver):
    deliver(*numbered(*range(10)))
    [note] = deliver(*numbered(*range(5)), delete_missing=True, max_missing=0.005).notes
    assert "more than the 0.5% that may be withdrawn" in note


def test_rejects_keep_missing_articles_public_unless_forced(deliver):
    deliver(*numbered(1, 2))
    options = {"delete_missing": True, "max_missing": 1.0}
    result = deliver(*numbered(1), "{broken", **options)
    assert (result.missing, result.exit) == (0, 3)
    assert result.notes == (
        "No article is withdrawn as missing, because records were rejected (1): mend the delivery itself and "
        "import it again, or have missing articles withdrawn all the same (--force, in the admin “Withdraw "
        "also when records were rejected”).",
    )
    assert deliver(*numbered(1), "{broken", force=True, **options).missing == 1


def test_a_record_under_a_new_key_with_the_same_text_is_the_same_article(deliver):
    deliver(*numbered(1, 2))
    article = Article.objects.get(import_items__key="a-2")
    renamed = record("z-9", title="Title 2", aliases=None)
    result = deliver(*numbered(1), renamed)
    assert (result.renamed, result.counts["created"], result.counts["updated"]) == (1, 0, 1)
    assert Item.objects.get(article=article).key == "z-9"
    assert deliver(*numbered(1), renamed).counts["unchanged"] == 2


def test_a_record_under_a_new_key_with_an_old_address_is_the_same_article(deliver):
    deliver(*numbered(1, 2))
    article = Article.objects.get(import_items__key="a-2")
    result = deliver(*numbered(1), record("z-9", title="Rewritten", aliases=["/old/a-2/", "/new/"]))
    assert (result.renamed, result.counts["created"], result.counts["updated"]) == (1, 0, 1)
    article.refresh_from_db()
    assert article.title == "Rewritten"


def test_the_same_text_twice_in_one_delivery_stays_two_articles(deliver):
    deliver(record("a-1"))
    result = deliver(record("a-1"), record("b-2"))
    assert (result.renamed, result.counts["created"]) == (0, 1)


def test_a_small_part_of_an_archive_is_not_searched_for_renames(deliver):
    deliver(*numbered(*range(3)))
    result = deliver(record("z-9", title="Rewritten", aliases=["/old/a-2/"]))
    assert (result.renamed, result.counts["created"]) == (0, 1)


def test_what_was_withdrawn_long_ago_does_not_make_a_delivery_look_like_a_part(deliver):
    deliver(*numbered(*range(9)))
    deliver(*numbered(1, 2), delete_missing=True, max_missing=1.0)
    result = deliver(*numbered(1), record("z-9", title="Title 2", aliases=None))
    assert (result.renamed, result.counts["created"]) == (1, 0)


class StoppedAfterABatch(Progress):
    def advance(self, count: int = 1) -> None:
        super().advance(count)
        if self.stage == "loading" and self.done:
            raise Interrupted(signal.SIGTERM)


def test_a_delivery_is_taken_for_whole_also_where_it_is_gone_on_with(deliver, tmp_path, settings):
    settings.IMPORT_BATCH_RECORDS = 4
    back, there = numbered(*range(4)), numbered(*range(4, 13))
    deliver(*back, *there)
    deliver(*there, delete_missing=True, max_missing=1.0)
    renamed = [record(f"z-{number}", title=f"Title {number}", aliases=None) for number in (4, 5)]
    path = write_jsonl(tmp_path / "press.jsonl", *back, *renamed)
    with pytest.raises(Interrupted):
        import_delivery(str(path), Order("press"), progress=StoppedAfterABatch(visible=False))
    assert Run.objects.latest("pk").cursor == 4
    result = deliver(*back, *renamed)
    assert (result.renamed, result.counts["created"]) == (2, 0)


def test_an_archive_whose_keys_all_changed_is_known_again(deliver):
    deliver(*numbered(*range(9)))
    result = deliver(*(record(f"z-{number}", title=f"Title {number}", aliases=None) for number in range(9)))
    assert (result.renamed, result.counts["created"]) == (9, 0)


def test_a_renamed_article_is_not_missing(deliver):
    deliver(*numbered(1, 2))
    result = deliver(*numbered(1), record("z-9", title="Title 2"), delete_missing=True, max_missing=0.0)
    assert (result.renamed, result.missing, result.exit) == (1, 0, 0)
    assert Run.objects.get(pk=result.run).renamed == 1


def test_a_first_delivery_has_nothing_that_could_be_missing(deliver):
    result = deliver(*numbered(1, 2), delete_missing=True)
    assert (result.missing, result.counts["created"], result.exit) == (0, 2, 0)


def test_what_one_run_found_missing_is_nothing_to_the_next_run_of_the_same_worker(deliver):
    deliver(*numbered(*range(10)))
    assert deliver(*numbered(0), delete_missing=True).state == "stopped"
    result = deliver(*numbered(*range(10)), source="radio", delete_missing=True, max_missing=1.0)
    assert (result.missing, Article.objects.filter(status=Status.WITHDRAWN).count()) == (0, 0)


def test_a_worker_has_its_own_settings_back_after_an_import(deliver):
    def settings() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('synchronous_commit'), current_setting('lock_timeout'), "
                "current_setting('idle_in_transaction_session_timeout'), current_setting('jit')"
            )
            return cursor.fetchone()

    before = settings()
    deliver(*numbered(1))
    assert settings() == before
