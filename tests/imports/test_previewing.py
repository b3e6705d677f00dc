"""What a dry run says an import would come to is what the import then comes to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from articles.models import Article, Status
from imports.models import Item, Run
from imports.orders import Order
from imports.previewing import Preview
from imports.progress import Progress
from imports.reporting import summary
from imports.results import ImportResult
from imports.runs import preview_delivery
from tests.imports.deliveries import record, write_jsonl

ALLOWED = {"delete_missing": True, "max_missing": 0.5}

Bring = Callable[..., ImportResult]


def numbered(*numbers: int) -> list[dict[str, Any]]:
    """Records of which each has a text of its own."""
    return [record(f"a-{number}", title=f"Title {number}") for number in numbers]


def previewed(path: Path, **options: Any) -> Preview:
    return preview_delivery(str(path), Order("press", **options), progress=Progress(visible=False))


def told(result: ImportResult) -> dict[str, Any]:
    """What has to be the same before and after."""
    told = result.as_dict()
    return {name: told[name] for name in ("counts", "conflicts", "renamed", "missing", "skipped", "notes")}


@pytest.mark.parametrize(
    ("records", "options", "came_to"),
    [
        ([*numbered(1, 2, 3), record("z-4", title="Title 4")], {}, {"renamed": 1, "missing": 0}),
        ([*numbered(1, 2), record("z-4", title="Title 4")], ALLOWED, {"renamed": 1, "missing": 1}),
        (numbered(1, 2, 3), {}, {"renamed": 0, "missing": 0}),
        (numbered(1), ALLOWED, {"renamed": 0, "missing": 0}),
        ([*numbered(1, 2), "{broken"], ALLOWED, {"renamed": 0, "missing": 0}),
        ([*numbered(1, 2), "{broken"], {**ALLOWED, "force": True}, {"renamed": 0, "missing": 2}),
        ([record("b", title="Title 1"), *numbered(2, 3, 4, 5)], ALLOWED, {"renamed": 1, "missing": 0}),
    ],
)
def test_a_dry_run_comes_to_what_the_import_comes_to(
    bring_in: Bring, tmp_path: Path, records: list[Any], options: dict[str, Any], came_to: dict[str, int]
) -> None:
    bring_in(write_jsonl(tmp_path / "first.jsonl", *numbered(1, 2, 3, 4)))
    second = write_jsonl(tmp_path / "second.jsonl", *records)
    before = list(Article.objects.order_by("pk").values_list("pk", "version", "status"))
    foretold = told(previewed(second, **options).result)
    assert list(Article.objects.order_by("pk").values_list("pk", "version", "status")) == before
    assert [Run.objects.count(), sorted(Item.objects.values_list("key", flat=True))] == [
        1,
        ["a-1", "a-2", "a-3", "a-4"],
    ]
    assert foretold == told(bring_in(second, **options))
    assert {name: foretold[name] for name in came_to} == came_to
    assert Article.objects.filter(status=Status.WITHDRAWN).count() == came_to["missing"]


def test_a_dry_run_says_that_too_much_is_missing(bring_in: Bring, tmp_path: Path) -> None:
    bring_in(write_jsonl(tmp_path / "first.jsonl", *numbered(*range(10))))
    second = write_jsonl(tmp_path / "second.jsonl", *numbered(*range(5)))
    result = previewed(second, delete_missing=True).result
    assert result.notes == (
        "5 of 10 articles are missing from the delivery, more than the 5% that may be withdrawn: none is. If "
        "the delivery is complete, import it again with a higher limit (--max-missing, in the admin "
        "“Withdraw at most”).",
    )
    assert result.notes[0] in summary(result)


def test_a_preview_shows_under_which_key_an_article_came_before(bring_in: Bring, tmp_path: Path) -> None:
    bring_in(write_jsonl(tmp_path / "first.jsonl", *numbered(1, 2)))
    renamed = {**numbered(2)[0], "payload": {"source_id": "z-9"}}
    preview = previewed(write_jsonl(tmp_path / "second.jsonl", *numbered(1), renamed))
    assert [(shown.line, shown.key, shown.renamed_from) for shown in preview.records] == [(2, "z-9", "a-2")]


def test_a_preview_shows_long_texts_where_they_begin_to_differ(bring_in: Bring, tmp_path: Path) -> None:
    common = f"<p>{'same ' * 400}</p>"
    [old, new] = [record("a", body=f"{common}<p>{word} {'more ' * 400}</p>") for word in ("Old", "New")]
    bring_in(write_jsonl(tmp_path / "first.jsonl", old))
    [shown] = previewed(write_jsonl(tmp_path / "second.jsonl", new)).records
    before, after = shown.changes["body"]
    assert [before.replace("Old", "New") == after, "Old" in before, "New" in after] == [True, True, True]
    assert [side[0] + side[-1] for side in (before, after)] == ["……", "……"]
    assert max(len(before), len(after)) <= 502


def test_a_preview_shows_short_texts_whole(bring_in: Bring, tmp_path: Path) -> None:
    bring_in(write_jsonl(tmp_path / "first.jsonl", record("a", title="Old")))
    [shown] = previewed(write_jsonl(tmp_path / "second.jsonl", record("a", title="New"))).records
    assert shown.changes == {"title": ("Old", "New")}
