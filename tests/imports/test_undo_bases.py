"""Whatever editors and deliveries did before: a run and its undo leave behind what would have been without
them, down to what the next merge goes by."""

import random

import pytest
from django.db import connection
from django.utils import timezone

from articles.editing import change_article
from articles.models import Article, Status
from imports.merging import BASE_OF_ITEM
from imports.models import Conflict, Run
from imports.progress import Progress
from imports.reversals import undo_run
from tests.imports.deliveries import record, write_jsonl

KEYS = ("a-1", "b-2", "c-3")
WORDS = ("One", "Two", "Three")


@pytest.mark.parametrize("seed", range(6))
def test_a_run_and_its_undo_leave_the_base_of_the_next_merge_as_it_was(bring_in, tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311 - chooses a scene, guards nothing
    path = tmp_path / "press.jsonl"
    bring_in(write_jsonl(path, *delivered(chance, KEYS)))
    for _ in range(4):
        edit(chance)
        policy = chance.choice(("hold", "hold", "keep", "take"))
        missing = {"delete_missing": True, "max_missing": 1.0} if chance.random() < 0.3 else {}
        records = delivered(chance, chance.sample(KEYS, chance.randint(1, 3)))
        before = believed()
        run = bring_in(write_jsonl(path, *records), conflicts=policy, **missing)
        after = believed()
        undone = undo(run.run)
        assert believed() == before
        undo(undone)
        assert believed() == after


def delivered(chance: random.Random, keys: tuple[str, ...]) -> list[dict]:
    return [
        record(key, title=chance.choice(WORDS), summary=chance.choice(WORDS), tags=[chance.choice(WORDS)])
        for key in keys
    ]


def edit(chance: random.Random) -> None:
    for article in Article.objects.filter(status=Status.PUBLISHED).order_by("pk"):
        if chance.random() < 0.6:
            change_article(
                article.pk,
                expected_version=article.version,
                changes={chance.choice(("title", "summary")): chance.choice(WORDS)},
                origin="editor:7",
                reason="",
                now=timezone.now(),
            )


def undo(run: int) -> int:
    return undo_run(Run.objects.get(pk=run), progress=Progress(visible=False)).run


def believed() -> list[tuple]:
    """Each article as it stands, with what an import takes for delivered last, and the open questions."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.key, a.status, a.title, a.summary, ({BASE_OF_ITEM})::text, "  # noqa: S608
            "ARRAY(SELECT t.slug FROM articles_articleterm AS l JOIN articles_term AS t ON t.id = l.term_id "
            "      WHERE l.article_id = a.id ORDER BY l.position) "
            "FROM imports_item AS i JOIN articles_article AS a ON a.id = i.article_id ORDER BY i.key"
        )
        articles = cursor.fetchall()
    questions = Conflict.objects.filter(state="open").order_by("item__key", "field")
    return [articles, list(questions.values_list("run", "item__key", "field", "base", "incoming"))]
