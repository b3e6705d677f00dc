"""A run's page, and what can be done there by whom."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from articles.models import Article, ArticleRevision
from imports.models import Run, RunState, Source
from imports.results import COUNTERS
from tests.articles.admin_pages import editor
from tests.imports.admin_pages import (
    UPLOAD,
    delivery,
    listing,
    make_conflict,
    make_item,
    make_run,
    order,
    page_of,
    put_to_work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_spool")]


ACTIONS: dict[str, tuple[str, str]] = {
    "upload": ("post", "run_import"),
    "confirm": ("post", "run_import"),
    "cancel": ("post", "run_import"),
    "resume": ("post", "run_import"),
    "retry": ("post", "run_import"),
    "undo": ("post", "undo_run"),
    "plan": ("get", "undo_run"),
    "rejects": ("get", "view_reject"),
    "decide": ("post", "resolve_conflict"),
    "see": ("get", "view_run"),
}


def ask(client: Client, action: str, source: Source) -> int:
    run = make_run(source, rejected=1)
    if action == "upload":
        return client.post(UPLOAD, order()).status_code
    if action == "decide":
        conflict = make_conflict(source)
        sent = {"keep": "1", "expected_version": "1"}
        return client.post(page_of(conflict, "decide"), sent).status_code
    name = {"plan": "undo", "see": "change"}.get(action, action)
    return getattr(client, ACTIONS[action][0])(page_of(run, name)).status_code


@pytest.mark.parametrize("held", ["run_import", "undo_run", "resolve_conflict", "view_reject", "nothing"])
def test_each_action_takes_its_own_permission(source: Source, held: str) -> None:
    client = editor("view_run", "view_conflict", held)
    answers = {action: ask(client, action, source) for action in ACTIONS}
    allowed = {action for action, (_, needed) in ACTIONS.items() if needed in (held, "view_run")}
    assert {action for action, status in answers.items() if status != 403} == allowed
    assert {answers[action] for action in allowed} <= {200, 302}


def test_without_the_permission_to_see_runs_nothing_can_be_done(source: Source) -> None:
    client = editor("run_import", "undo_run", "view_reject", "resolve_conflict")
    assert {action: ask(client, action, source) for action in ACTIONS} == dict.fromkeys(ACTIONS, 403)


def test_who_may_only_look_is_offered_nothing_to_press(source: Source) -> None:
    run = make_run(source, rejected=1)
    Run.objects.filter(pk=run.pk).update(state=RunState.READY)
    client = editor("view_run")
    assert "/upload/" not in client.get(listing("run")).text
    page = client.get(page_of(run)).text
    assert [name for name in ACTIONS if f"/{run.pk}/{name}/" in page] == []


def test_a_run_that_was_checked_offers_what_can_be_done_with_it(source: Source) -> None:
    run = make_run(source, rejected=1)
    Run.objects.filter(pk=run.pk).update(state=RunState.READY)
    page = editor("view_run", "run_import").get(page_of(run)).text
    assert [name for name in ACTIONS if f"/{run.pk}/{name}/" in page] == ["confirm", "cancel"]


def test_what_changes_a_run_is_no_link(admin_client: Client, source: Source) -> None:
    run = make_run(source)
    answers = {
        name: admin_client.get(page_of(run, name)).status_code
        for name in ("confirm", "cancel", "resume", "retry")
    }
    assert set(answers.values()) == {405}


def test_a_double_click_confirms_once(admin_client: Client, source: Source) -> None:
    run = make_run(source)
    Run.objects.filter(pk=run.pk).update(state=RunState.READY, preview={"result": {}})
    for _ in range(2):
        admin_client.post(page_of(run, "confirm"))
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["imports.tasks.run_upload"]
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Confirmed"]


def test_mended_rejects_over_the_limit_are_told(
    admin_client: Client, source: Source, settings: Settings
) -> None:
    settings.IMPORT_MAX_MENDED_BYTES = 10
    run = make_run(source, rejected=1)
    sent = {"mended": "1", "file": delivery(b"x" * 11)}
    page = admin_client.post(page_of(run, "retry"), sent, follow=True).text
    assert "The mended file is larger than 10\xa0bytes" in page
    assert "Choose the file" in admin_client.post(page_of(run, "retry"), {"mended": "1"}, follow=True).text
    assert Run.objects.count() == 1


def test_rejects_are_downloaded_as_lines_to_mend(admin_client: Client, source: Source) -> None:
    run = make_run(source, rejected=2)
    answer = admin_client.get(page_of(run, "rejects"))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="rejects-{run.pk}.jsonl"'
    lines = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert [(line["line"], line["code"], line["record"]) for line in lines] == [
        (10, "bad-date", {}),
        (20, "bad-date", {}),
    ]


def test_a_preview_is_escaped(admin_client: Client, source: Source) -> None:
    run = make_run(source)
    hostile = "<script>alert(1)</script>"
    shown = {
        "line": 1,
        "key": hostile,
        "action": "updated",
        "changes": {"title": [hostile, hostile]},
        "conflicts": [],
        "renamed_from": hostile,
    }
    reject = {"place": "line 2", "key": hostile, "code": "bad-date", "message": hostile}
    result = {"counts": dict.fromkeys(COUNTERS, 0), "skipped": {hostile: 1}, "notes": [hostile]}
    result |= dict.fromkeys(("conflicts", "renamed", "missing"), 0)
    Run.objects.filter(pk=run.pk).update(
        state=RunState.READY,
        input_name=hostile,
        error=hostile,
        preview={"result": result, "records": [shown], "rejects": [reject]},
    )
    page = admin_client.get(page_of(run)).text
    assert hostile not in page
    assert page.count(escape(hostile)) >= 10


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.LOADING])
def test_a_run_at_work_tells_how_far_it_is_and_others_do_not(
    admin_client: Client, source: Source, state: RunState
) -> None:
    run = make_run(source)
    page = admin_client.get(page_of(run)).text
    assert ["http-equiv" in page, "data-following" in page] == [False, False]
    began, shown = timezone.now(), []
    for seconds in (0, 2):
        put_to_work(run, state, done=100 + 250 * seconds, beat=began + timedelta(seconds=seconds))
        page = admin_client.get(page_of(run)).text
        assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
        assert re.search(r'<script src="[^"]*imports/following[^"]*\.js" defer></script>', page)
        assert " data-following>" in page
        shown.append(re.sub(r"\s+", " ", re.search(r"</progress>(.*?)</p>", page, re.DOTALL)[1]).strip())
    assert shown == ["100 of 1000 records", "600 of 1000 records, 250 a second"]


def test_a_run_that_nobody_has_can_be_sent_on(admin_client: Client, source: Source) -> None:
    run = make_run(source)
    Run.objects.filter(pk=run.pk).update(state=RunState.LOADING)
    page = admin_client.get(page_of(run)).text
    assert "nothing more happens until you press “Go on”" in " ".join(page.split())
    viewers = editor("view_run").get(page_of(run)).text
    assert "nothing more happens until somebody who may presses “Go on”" in " ".join(viewers.split())
    admin_client.post(page_of(run, "resume"))
    # It was begun by a command, so nobody is asked to confirm what it is in the midst of.
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["imports.tasks.run_upload"]
    page = admin_client.get(page_of(run)).text
    assert re.search(r"Waiting for a worker for \d s", page)
    assert "manage.py db_worker" in page


@pytest.mark.parametrize(
    ("action", "state", "told"),
    [
        ("cancel", RunState.FINISHED, "Nothing had to be done: the run is finished by now."),
        ("confirm", RunState.QUEUED, "Nothing had to be done: the run is waiting for a worker by now."),
        ("resume", RunState.CANCELED, "Nothing had to be done: the run is canceled by now."),
    ],
)
def test_an_action_that_comes_to_nothing_says_so_and_leaves_no_entry(
    admin_client: Client, source: Source, action: str, state: RunState, told: str
) -> None:
    run = make_run(source)
    Run.objects.filter(pk=run.pk).update(state=state)
    assert told in admin_client.post(page_of(run, action), follow=True).text
    run.refresh_from_db()
    assert [run.state, DBTaskResult.objects.count(), LogEntry.objects.count()] == [state, 0, 0]


def test_what_was_done_is_logged_once(admin_client: Client, source: Source) -> None:
    run = make_run(source)
    put_to_work(run, RunState.LOADING, done=1)
    pages = [admin_client.post(page_of(run, "cancel"), follow=True).text for _ in range(2)]
    told = "Nothing had to be done: the run is loading by now, and was asked to stop."
    assert [told in page for page in pages] == [False, True]
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Canceled"]


@pytest.mark.parametrize(
    ("kind", "held", "allowed"),
    [
        ("import", "run_import", True),
        ("import", "undo_run", False),
        ("undo", "run_import", False),
        ("undo", "undo_run", True),
    ],
)
def test_an_undo_is_sent_on_or_ended_by_those_who_may_undo(
    source: Source, kind: str, held: str, allowed: bool
) -> None:
    run = make_run(source)
    Run.objects.filter(pk=run.pk).update(kind=kind, state=RunState.FAILED, about=make_run(source))
    client = editor("view_run", held)
    page = client.get(page_of(run)).text
    assert [f"/{run.pk}/{name}/" in page for name in ("resume", "cancel")] == [allowed, allowed]
    answers = [client.post(page_of(run, name)).status_code for name in ("resume", "cancel")]
    assert answers == ([302, 302] if allowed else [403, 403])


def test_a_preview_tells_what_would_be_withdrawn_and_what_stands_against_it(
    admin_client: Client, source: Source
) -> None:
    run = make_run(source)
    result = {"counts": dict.fromkeys(COUNTERS, 0), "skipped": {}, "notes": ["5 of 10 are missing: none is."]}
    result |= {"conflicts": 0, "renamed": 2, "missing": 3}
    preview = {"result": result, "records": [], "rejects": []}
    Run.objects.filter(pk=run.pk).update(state=RunState.READY, preview=preview)
    answer = admin_client.get(page_of(run))
    assert dict(answer.context["preview"]["counts"]) == {
        **result["counts"],
        "conflicts": 0,
        "renamed": 2,
        "missing": 3,
    }
    assert '<p class="told">5 of 10 are missing: none is.</p>' in answer.text


def test_an_undo_is_planned_before_it_is_asked_for(admin_client: Client, source: Source) -> None:
    item = make_item(source)
    run = item.created_run
    Run.objects.filter(pk=run.pk).update(created=1, read=1)
    page = admin_client.get(page_of(run, "undo"))
    assert [page.context["plan"].restorable, page.context["plan"].left] == [1, []]
    for _ in range(2):
        answer = admin_client.post(page_of(run, "undo"))
    undo = Run.objects.get(about=run)
    assert [undo.kind, undo.state, undo.started_by, answer.headers["Location"]] == [
        "undo",
        RunState.QUEUED,
        "ada",
        page_of(undo),
    ]
    Run.objects.filter(pk=run.pk).update(state=RunState.READY)
    page = admin_client.get(page_of(run, "undo"), follow=True).text
    assert "wait for it to end, or cancel it, before it is undone" in page


def test_an_undo_that_leaves_many_tells_how_many_more_than_it_lists(
    admin_client: Client, source: Source
) -> None:
    for number in range(52):
        item = make_item(source, key=f"wire-{number}")
        Article.objects.filter(pk=item.article_id).update(version=2)
        ArticleRevision.objects.create(
            article=item.article, version=1, origin="editor:1", before={"title": "Old"}
        )
    Run.objects.filter(pk=item.created_run_id).update(created=52, read=52)
    page = admin_client.get(page_of(item.created_run, "undo")).text
    assert [page.count(", changed by "), "… and 2 more" in page] == [50, True]
