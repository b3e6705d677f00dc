"""Rejects that nobody will mend, closed by a person: by the command and in the admin."""

import json
import re
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from imports.claiming import system_user
from imports.models import Reject, Run, Source
from tests.articles.admin_pages import editor
from tests.imports.admin_pages import column, listing, make_reject, make_run, page_of
from tests.imports.deliveries import record, write_jsonl


def say(*words: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("imports", *map(str, words), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def broken(bring_in, tmp_path) -> int:
    """A run that turned away two records without a title and one with a number for it."""
    bad = [record("a-1", title=None), record("b-2", title=5), record("c-3", title=None)]
    return bring_in(write_jsonl(tmp_path / "press.jsonl", *bad)).run


def test_rejects_are_dismissed_by_their_code_and_then_all(broken):
    dismiss = ("rejects", broken, "--dismiss")
    words = f"Dismissed 2 rejects of run {broken}; 1 of its rejects is open.\n"
    assert say(*dismiss, "--code", "missing-title") == ("", words)
    words = f"Nothing was dismissed of run {broken}; 1 of its rejects is open.\n"
    assert say(*dismiss, "--code", "missing-title") == ("", words)
    assert json.loads(say(*dismiss, "--json")[0]) == {"run": broken, "dismissed": 1, "open": 0}
    assert set(Reject.objects.values_list("closed_by", flat=True)) == {system_user()}


def test_what_was_dismissed_is_told_with_its_name(broken):
    say("rejects", broken, "--dismiss", "--code", "bad-type")
    me = system_user()
    open_one = "1  a-1  missing-title  the record has no title"
    out, _ = say("rejects", broken)
    assert open_one in out
    assert f"2 shown of 2 open (2 missing-title), 3 rejected in all, 1 dismissed by {me}.\n" in out
    shown, _ = say("show", broken)
    assert f"  rejected              3  2 still open: 2 missing-title; 1 dismissed by {me}\n" in shown
    counts = {"open": 2, "by_code": {"missing-title": 2}, "dismissed": 1}
    assert json.loads(say("show", broken, "--json")[0])["rejects"] == counts
    assert json.loads(say("rejects", broken, "--json")[0]).items() >= counts.items()


def test_where_nothing_is_open_it_is_told_what_became_of_all(broken, bring_in, tmp_path):
    bring_in(write_jsonl(tmp_path / "press.jsonl", record("a-1")))
    say("rejects", broken, "--dismiss")
    words = f"None of the 3 rejected records of run {broken} is open: 1 came in since, 2 dismissed by "
    assert say("rejects", broken)[0] == f"{words}{system_user()}.\n"
    nothing = f"Run {broken} has no rejects that are still open; there is nothing to retry.\n"
    assert say("retry", broken) == ("", nothing)
    assert "retry" not in say("show", broken)[0]


def test_one_does_not_export_and_dismiss_at_once(broken, tmp_path):
    with pytest.raises(CommandError, match="not allowed with argument"):
        say("rejects", broken, "--dismiss", "--export", tmp_path / "rejects.jsonl")
    assert Reject.objects.filter(closed_by="").count() == 3


@pytest.fixture
def run(db: None) -> Run:
    run = make_run(Source.objects.create(name="wire"), rejected=2)
    make_reject(run, ordinal=3)
    Reject.objects.filter(ordinal=3).update(code="not-json")
    return run


@pytest.fixture
def erin(db: None) -> Client:
    return editor("view_run", "view_reject", "run_import")


def dismissal(run: Run) -> str:
    return reverse("admin:imports_reject_dismiss", args=[run.pk])


def closed(client: Client, run: Run) -> list[str]:
    return column(client.get(listing("reject", run__id__exact=run.pk)).text, "closed")


def test_the_list_of_a_run_leads_to_the_page_that_dismisses(erin: Client, run: Run) -> None:
    assert dismissal(run) in erin.get(listing("reject", run__id__exact=run.pk)).text
    assert "/dismiss/" not in erin.get(listing("reject")).text
    page = erin.get(dismissal(run)).text
    assert re.findall(r'<option value="(.*?)">(.*?)<', page) == [
        ("", "all that are open (3)"),
        ("bad-date", "bad-date (2)"),
        ("not-json", "not-json (1)"),
    ]
    assert closed(erin, run) == ["–", "–", "–"]


def test_rejects_are_dismissed_by_name_in_the_admin(erin: Client, run: Run) -> None:
    Reject.objects.filter(ordinal=1).update(closed_by="import:9")
    answer = erin.post(dismissal(run), {"code": "not-json"})
    assert answer.url == listing("reject", run__id__exact=run.pk)
    assert closed(erin, run) == ["came in by run 9", "–", "dismissed by erin"]
    assert "Dismissed 1 reject." in erin.post(dismissal(run), follow=True).text
    assert closed(erin, run) == ["came in by run 9", "dismissed by erin", "dismissed by erin"]
    assert "no such reject is open any longer" in erin.post(dismissal(run), follow=True).text
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert said == ["Dismissed 1 reject (not-json)", "Dismissed 1 reject"]
    assert "No reject of run" in erin.get(dismissal(run)).text
    assert "not in yet" not in erin.get(page_of(run)).text


@pytest.mark.parametrize("held", [("view_reject",), ("run_import",)])
def test_dismissing_takes_the_permissions_to_see_rejects_and_to_run_imports(
    run: Run, held: tuple[str]
) -> None:
    client = editor("view_run", *held)
    assert client.get(dismissal(run)).status_code == client.post(dismissal(run)).status_code == 403
    assert "/dismiss/" not in client.get(listing("reject", run__id__exact=run.pk)).text
    assert Reject.objects.filter(closed_by="").count() == 3


def test_a_run_that_there_is_not_has_nothing_to_dismiss(erin: Client) -> None:
    assert erin.post("/admin/imports/reject/dismiss/99999999999999999999/").status_code == 404
