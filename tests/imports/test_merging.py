"""What an editor and a source changed at the same time: three-way, field by field."""

import pytest
from django.utils import timezone

from articles.editing import change_article, withdraw_article
from articles.linking import terms_of
from articles.models import Article, ArticleRevision, Status
from articles.revisions import values_at
from imports.conflicts import ConflictDecided, decide
from imports.models import Conflict, Item, Run
from tests.imports.deliveries import record, write_jsonl

EDITOR = "editor:7"


def edit(**changes: object) -> Article:
    article = Article.objects.get()
    return change_article(
        article.pk,
        expected_version=article.version,
        changes=changes,
        origin=EDITOR,
        reason="",
        now=timezone.now(),
    )


@pytest.fixture
def deliver(bring_in, tmp_path):
    """Brings one record in, with these changes, and gives the counts that are not 0."""

    def deliver(*, conflicts: str = "hold", **changes: object) -> dict[str, int]:
        result = bring_in(
            write_jsonl(tmp_path / "press.jsonl", record("a-1", **changes)), conflicts=conflicts
        )
        counts = {**result.counts, "conflicts": result.conflicts}
        return {name: count for name, count in counts.items() if count and name != "read"}

    return deliver


def test_a_field_that_nobody_touched_here_follows_the_source(deliver):
    deliver(title="One")
    assert deliver(title="Two") == {"updated": 1}
    assert (Article.objects.get().title, Article.objects.get().version) == ("Two", 2)


def test_an_editors_change_stays_where_the_source_did_not_change_the_field(deliver):
    deliver(summary="Old")
    edit(title="By an editor")
    assert deliver(summary="New") == {"merged": 1}
    article = Article.objects.get()
    assert (article.title, article.summary, article.version) == ("By an editor", "New", 3)
    assert not Conflict.objects.exists()
    assert deliver(summary="Newer") == {"merged": 1}
    assert (Article.objects.get().title, Article.objects.get().summary) == ("By an editor", "Newer")


def test_a_field_that_both_sides_changed_waits_for_a_person_and_the_editors_text_stands(deliver):
    deliver(title="One", summary="Old")
    edit(title="By an editor")
    assert deliver(title="Two", summary="New") == {"merged": 1, "conflicts": 1}
    article, conflict = Article.objects.get(), Conflict.objects.get()
    assert (article.title, article.summary) == ("By an editor", "New")
    assert (conflict.field, conflict.state) == ("title", "open")
    assert (conflict.base, conflict.local, conflict.incoming) == (
        {"title": "One"},
        {"title": "By an editor"},
        {"title": "Two"},
    )


def test_the_same_delivery_again_asks_nothing_again(deliver):
    deliver(title="One")
    edit(title="By an editor")
    deliver(title="Two")
    assert deliver(title="Two") == {"unchanged": 1}
    assert deliver(title="Two", summary="More") == {"merged": 1}
    conflict = Conflict.objects.get()
    assert (conflict.state, conflict.incoming, Article.objects.get().title) == (
        "open",
        {"title": "Two"},
        "By an editor",
    )


def test_a_newer_delivery_of_a_disputed_field_replaces_what_is_offered(deliver):
    deliver(title="One")
    edit(title="By an editor")
    deliver(title="Two")
    assert deliver(title="Three") == {"merged": 1, "conflicts": 1}
    offers = Conflict.objects.order_by("pk").values_list("state", "base", "incoming")
    assert list(offers) == [
        ("moot", {"title": "One"}, {"title": "Two"}),
        ("open", {"title": "Two"}, {"title": "Three"}),
    ]


def test_a_source_that_comes_round_to_the_editors_text_ends_the_dispute(deliver):
    deliver(title="One")
    edit(title="By an editor")
    deliver(title="Two")
    assert deliver(title="By an editor") == {"unchanged": 1}
    assert Conflict.objects.get().state == "moot"
    assert deliver(title="Three") == {"updated": 1}


@pytest.mark.parametrize(
    ("policy", "title", "state"), [("keep", "By an editor", "kept"), ("take", "Two", "taken")]
)
def test_a_policy_decides_without_asking_and_leaves_a_trace(deliver, policy, title, state):
    deliver(title="One")
    edit(title="By an editor")
    assert deliver(title="Two", conflicts=policy) == {"merged": 1}
    assert (Article.objects.get().title, Conflict.objects.get().state) == (title, state)


def test_a_text_that_was_taken_over_an_editors_can_be_brought_back(deliver):
    deliver(title="One")
    edit(title="By an editor")
    deliver(title="Two", conflicts="take")
    article = Article.objects.get()
    assert values_at(article, article.version - 1)["title"] == "By an editor"


def test_body_and_its_format_are_one_field(deliver):
    deliver(body="<p>One.</p>")
    edit(body="By *hand*", body_format="markdown")
    assert deliver(body="<p>Two.</p>") == {"merged": 1, "conflicts": 1}
    article, conflict = Article.objects.get(), Conflict.objects.get()
    assert (article.body, article.body_format) == ("By *hand*", "markdown")
    assert (conflict.incoming["body"], conflict.incoming["body_format"]) == ("<p>Two.</p>", "html")


def test_terms_are_merged_as_one_field(deliver):
    deliver(tags=["Pooling"])
    article = Article.objects.get()
    change_article(
        article.pk, expected_version=1, changes={}, terms=[], origin=EDITOR, reason="", now=timezone.now()
    )
    assert deliver(tags=["Pooling", "Speed"]) == {"merged": 1, "conflicts": 1}
    assert terms_of(article.pk) == []
    conflict = Conflict.objects.get()
    assert ["tag", "speed", "Speed"] in conflict.incoming["terms"]
    assert (conflict.field, conflict.local) == ("terms", {"terms": []})


def test_a_withdrawn_article_that_is_delivered_again_stays_withdrawn(deliver):
    deliver(summary="Old")
    withdraw_article(
        Article.objects.get().pk,
        expected_version=1,
        reason="Wrong",
        successor_id=None,
        origin=EDITOR,
        now=timezone.now(),
    )
    assert deliver(summary="New") == {"merged": 1}
    article = Article.objects.get()
    assert (article.status, article.withdrawal_reason, article.summary) == (Status.WITHDRAWN, "Wrong", "New")


def test_taking_a_conflict_changes_the_article_as_its_editor(deliver):
    deliver(title="One")
    edit(title="By an editor")
    deliver(title="Two")
    decide(
        Conflict.objects.get(),
        take=True,
        expected_version=2,
        origin="editor:9",
        who="ada",
        now=timezone.now(),
    )
    article, conflict = Article.objects.get(), Conflict.objects.get()
    assert (article.title, article.version, conflict.state, conflict.decided_by) == ("Two", 3, "taken", "ada")
    assert list(ArticleRevision.objects.order_by("version").values_list("origin", flat=True)) == [
        EDITOR,
        "editor:9",
    ]
    assert deliver(title="Three") == {"updated": 1}


def test_keeping_the_text_here_is_remembered(deliver):
    deliver(title="One")
    edit(title="By an editor")
    deliver(title="Two")
    decide(
        Conflict.objects.get(), take=False, expected_version=2, origin=EDITOR, who="ada", now=timezone.now()
    )
    assert Article.objects.get().version == 2
    assert deliver(title="Two", summary="More") == {"merged": 1}
    assert Conflict.objects.get().state == "kept"


def test_a_conflict_is_decided_once(deliver):
    deliver(title="One")
    edit(title="By an editor")
    deliver(title="Two")
    conflict = Conflict.objects.get()
    decide(conflict, take=False, expected_version=2, origin=EDITOR, who="ada", now=timezone.now())
    with pytest.raises(ConflictDecided):
        decide(conflict, take=True, expected_version=2, origin=EDITOR, who="bob", now=timezone.now())


def test_the_counts_of_a_run_with_conflicts_balance_and_its_exit_code_says_so(bring_in, tmp_path):
    path = tmp_path / "press.jsonl"
    bring_in(write_jsonl(path, record("a-1", title="One")))
    edit(title="By an editor")
    result = bring_in(write_jsonl(path, record("a-1", title="Two"), record("b-2")))
    assert (result.exit, result.state, result.counts["read"]) == (3, "finished_with_rejects", 2)
    assert Run.objects.get(pk=result.run).conflicts == 1
    assert Item.objects.get(key="a-1").held == {"title": "Two"}
