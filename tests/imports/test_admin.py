"""Lists of runs, their rejects, items and conflicts, as people look at them."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from imports.models import Conflict, Item, Reject, Run, Source
from tests.articles.admin_pages import queries_of
from tests.imports.admin_pages import column, listing, make_conflict, make_item, make_reject, make_run

pytestmark = pytest.mark.django_db


MODELS = ["source", "run", "reject", "item", "conflict"]


@pytest.mark.parametrize("name", MODELS)
def test_a_list_costs_the_same_with_one_row_and_with_thirty(
    admin_client: Client, source: Source, name: str
) -> None:
    def add(number: int) -> None:
        make_conflict(Source.objects.create(name=f"source-{number}"))
        make_run(source, rejected=1)

    add(0)
    admin_client.get(listing(name))
    first = queries_of(admin_client, listing(name))
    for number in range(1, 30):
        add(number)
    last = queries_of(admin_client, listing(name))
    assert len(last) == len(first)
    of_imports = [sql for sql in last if "imports_" in sql]
    assert of_imports
    assert [
        sql for sql in of_imports if re.search(r"COUNT\(|DISTINCT|OFFSET", sql) or "LIMIT" not in sql
    ] == []


@pytest.mark.parametrize("name", MODELS)
def test_nothing_can_be_added_changed_or_deleted(admin_client: Client, source: Source, name: str) -> None:
    make_conflict(source)
    make_reject(make_run(source), ordinal=1)
    models = {"source": Source, "run": Run, "reject": Reject, "item": Item, "conflict": Conflict}
    row = models[name].objects.first()
    page = reverse(f"admin:imports_{name}_change", args=[row.pk])
    answers = [
        admin_client.get(reverse(f"admin:imports_{name}_add")),
        admin_client.post(page, {"name": "other"}),
        admin_client.post(reverse(f"admin:imports_{name}_delete", args=[row.pk]), {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    shown = admin_client.get(page)
    assert shown.status_code == 200
    assert 'name="_save"' not in shown.text


def test_a_run_leads_to_its_rejects_which_are_read_from_the_first_line_on(
    admin_client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imports.admin_rejects.RejectAdmin.list_per_page", 2)
    run = make_run(source, rejected=3)
    make_run(source, rejected=2)
    link = listing("reject", run__id__exact=run.pk)
    assert f'href="{link}">3</a>' in admin_client.get(listing("run")).text
    assert f'href="{link}">3</a>' in admin_client.get(reverse("admin:imports_run_change", args=[run.pk])).text
    page = admin_client.get(link).text
    following = re.search(r'href="(\?[^"]*)" rel="next"', page)[1].replace("&amp;", "&")
    rest = admin_client.get(f"{listing('reject')}{following}").text
    assert [column(page, "line"), column(rest, "line")] == [["10", "20"], ["30"]]


def test_rejects_of_one_run_are_one_range_of_the_index(admin_client: Client, source: Source) -> None:
    run = make_run(source, rejected=2)
    statements = queries_of(admin_client, listing("reject", run__id__exact=run.pk, after=f"{run.pk},1"))
    [sql] = [sql for sql in statements if "imports_reject" in sql]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "reject_run_ordinal" in plan
    assert "Sort" not in plan


def test_a_list_of_rejects_reads_no_records(admin_client: Client, source: Source) -> None:
    make_run(source, rejected=1)
    assert [sql for sql in queries_of(admin_client, listing("reject")) if '"raw"' in sql] == []


def test_a_rejected_record_is_shown_as_text_whatever_it_is(admin_client: Client, source: Source) -> None:
    reject = make_reject(make_run(source), ordinal=1, raw='<script>alert("é")</script>'.encode() + b"\xff")
    page = admin_client.get(reverse("admin:imports_reject_change", args=[reject.pk])).text
    assert '<pre class="raw">&lt;script&gt;alert(&quot;é&quot;)&lt;/script&gt;\\xff</pre>' in page


def test_items_are_found_by_their_key_or_their_article_through_indexes(
    admin_client: Client, source: Source
) -> None:
    item, other = make_item(source, key="wire-1"), make_item(source, key="wire-2")
    by_key = admin_client.get(listing("item", q="wire-1")).text
    by_article = admin_client.get(listing("item", q=str(other.article_id))).text
    none = admin_client.get(listing("item", q="wire")).text
    assert [column(page, "key") for page in (by_key, by_article, none)] == [["wire-1"], ["wire-2"], []]
    page = admin_client.get(reverse("admin:imports_item_change", args=[item.pk])).text
    assert f"{'01' * 16} / {'ff' * 16}" in page


def test_runs_can_be_kept_to_those_of_a_source(admin_client: Client, source: Source) -> None:
    run = make_run(source)
    make_run(Source.objects.create(name="other"))
    page = admin_client.get(listing("source")).text
    assert listing("run", source__id__exact=source.pk) in page
    assert column(admin_client.get(listing("run", source__id__exact=source.pk)).text, "id") == [str(run.pk)]


def test_an_address_may_not_filter_by_what_has_no_index(admin_client: Client) -> None:
    assert admin_client.get(listing("reject", message__contains="x")).headers["Location"].endswith("?e=1")
