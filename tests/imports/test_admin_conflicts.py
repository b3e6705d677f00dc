"""Conflicts, decided side by side."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from articles.editing import change_article
from articles.models import Article
from imports.models import Conflict, Source
from tests.factories import PUBLISHED_AT
from tests.imports.admin_pages import column, listing, make_conflict, make_run, page_of

pytestmark = pytest.mark.django_db


def test_a_conflict_is_kept_or_taken_by_name(admin_client: Client, source: Source) -> None:
    conflict = make_conflict(source)
    page = admin_client.get(page_of(conflict)).text
    assert [unescape(mark) for mark in re.findall(r"<mark>(.*?)</mark>", page)] == [
        "Old",
        conflict.item.article.title,
        "New",
    ]
    sent = {"take": "1", "expected_version": "1"}
    answer = admin_client.post(page_of(conflict, "decide"), sent)
    conflict.refresh_from_db()
    assert [conflict.state, conflict.decided_by, answer.headers["Location"]] == [
        "taken",
        "ada",
        page_of(conflict.run),
    ]
    article = Article.objects.get(pk=conflict.item.article_id)
    assert [article.title, article.revisions.get().origin] == ["New", f"editor:{User.objects.get().pk}"]
    again = admin_client.post(page_of(conflict, "decide"), sent, follow=True)
    assert "The conflict is decided already" in again.text


def test_a_conflict_about_an_article_that_moved_on_is_shown_anew(
    admin_client: Client, source: Source
) -> None:
    conflict = make_conflict(source)
    change_article(
        conflict.item.article_id,
        expected_version=1,
        changes={"title": "Newer"},
        origin="editor:1",
        reason="",
        now=PUBLISHED_AT,
    )
    sent = {"take": "1", "expected_version": "1"}
    page = admin_client.post(page_of(conflict, "decide"), sent, follow=True).text
    assert "somebody changed the article meanwhile" in page
    assert "<mark>Newer</mark>" in page
    assert 'name="expected_version" value="2"' in page
    assert Conflict.objects.get().state == "open"


def test_nobody_takes_what_they_have_not_seen(admin_client: Client, source: Source) -> None:
    conflict = make_conflict(source)
    sent = {"take": "1", "expected_version": "1"}
    Conflict.objects.update(state="moot")
    newer = Conflict.objects.create(
        run=make_run(source),
        item=conflict.item,
        field="title",
        base=conflict.base,
        local=conflict.local,
        incoming={"title": "Newest"},
    )
    page = admin_client.post(page_of(conflict, "decide"), sent, follow=True).text
    assert "a newer delivery offers something else" in page
    assert "<mark>Newest</mark>" in page
    assert list(Conflict.objects.filter(state="open")) == [newer]


def test_open_conflicts_are_listed_unless_all_are_asked_for(admin_client: Client, source: Source) -> None:
    conflict = make_conflict(source)
    Conflict.objects.create(
        run=conflict.run, item=conflict.item, field="slug", base={}, local={}, incoming={}, state="kept"
    )
    shown = [
        column(admin_client.get(listing("conflict", **query)).text, "field")
        for query in ({}, {"state": "all"}, {"run__id__exact": conflict.run_id})
    ]
    assert shown == [["title"], ["slug", "title"], ["title"]]
