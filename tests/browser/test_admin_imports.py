"""A delivery's way through the admin, in a real browser and with a real worker."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from imports.models import Conflict, Run, RunState
from tests.imports.admin_pages import put_to_work
from tests.imports.deliveries import record, write_jsonl

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # One Chromium for all of them.
    pytest.mark.xdist_group("browser"),
]

Open = Callable[..., Page]
Work = Callable[[], None]


@pytest.fixture(autouse=True)
def private_spool(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Work]:
    database = connection.settings_dict
    address = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='')}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "VAR_DIR": str(tmp_path / "var"),
        "LOG_LEVEL": "ERROR",
    }
    command = [
        *(sys.executable, "manage.py", "db_worker"),
        *("--interval=0.2", "--no-reload", "--no-startup-delay", "--verbosity=0"),
    ]
    workers: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        workers.append(subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=environment))

    yield start
    for worker in workers:
        worker.terminate()
    # A worker that is asked to stop ends its task and itself, without a fault.
    assert [worker.wait(timeout=60) for worker in workers] == [0] * len(workers)


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Opens a page of the admin as somebody who may do everything. What the browser complains of stands in
    `complaints`."""
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True, is_superuser=True))
    session = client.cookies["sessionid"].value
    contexts = []

    def open_one(address: str, *, width: int = 1280, scheme: str = "light", java_script: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=java_script,
            accept_downloads=True,
        )
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_one
    for context in contexts:
        context.close()


def upload(page: Page, path: Path, *, source: str = "press") -> None:
    page.goto("/admin/imports/run/")
    page.get_by_role("link", name="Import a delivery").click()
    page.get_by_label("File:", exact=True).set_input_files(path)
    page.get_by_label("Source:").fill(source)
    page.get_by_role("button", name="Upload and check").click()


def wait_for(page: Page, state: str) -> None:
    """The page follows its run by itself."""
    expect(page.locator("#standing-heading")).to_have_text(re.compile(state), timeout=60_000)


def brought_in(page: Page, path: Path) -> None:
    upload(page, path)
    wait_for(page, "Checked, waits for a person")
    page.get_by_role("button", name="Confirm").click()
    wait_for(page, "Finished")


def test_a_delivery_is_uploaded_shown_confirmed_mended_and_undone(
    open_page: Open, start_worker: Work, tmp_path: Path
) -> None:
    page = open_page("/admin/")
    delivery = write_jsonl(
        tmp_path / "delivery.jsonl",
        record("a", title="One"),
        record("b", title="<b>Two</b>"),
        record("c", title="Three", published_at="tomorrow"),
    )

    upload(page, delivery)
    wait_for(page, "Waiting for a worker")
    assert page.get_by_text("manage.py db_worker").is_visible()

    start_worker()
    wait_for(page, "Checked, waits for a person")
    counts = page.get_by_role("region", name="Counts")
    assert counts.get_by_role("row").nth(1).inner_text().split() == [
        *("3", "2", "0", "0", "0", "0", "1"),
        *("0", "0", "0"),
    ]
    becomes = page.get_by_role("region", name="Records").locator("tbody tr")
    assert [row.split()[:3] for row in becomes.all_inner_texts()] == [
        ["1", "a", "created"],
        ["2", "b", "created"],
    ]
    assert "bad-date" in page.get_by_role("region", name="Rejects").inner_text()
    assert not Article.objects.exists()

    page.get_by_role("button", name="Confirm: import it").click()
    wait_for(page, "Finished with rejects or conflicts")
    assert Article.objects.count() == 2
    imported = page.url

    with page.expect_download() as downloading:
        page.get_by_role("link", name="download them").click()
    mended = tmp_path / "mended.jsonl"
    exported = json.loads(downloading.value.path().read_bytes())
    assert [exported["line"], exported["key"], exported["code"]] == [3, "c", "bad-date"]
    exported["record"]["published_at"] = "2024-03-05T08:30:00+01:00"
    mended.write_text(json.dumps(exported))
    page.get_by_label("Mended file:").set_input_files(mended)
    page.get_by_role("button", name="Try the mended ones").click()
    wait_for(page, r"Finished\s*$")
    assert Article.objects.count() == 3
    page.goto(imported)
    assert page.get_by_text("Rejected and not in yet").count() == 0

    page.get_by_role("link", name="Undo…").click()
    assert page.locator(".counts").inner_text().split() == ["Taken", "back", "2", "Left", "alone", "0"]
    page.get_by_role("button", name="Undo the run").click()
    wait_for(page, r"Finished\s*$")
    assert sorted(Article.objects.values_list("title", "status")) == [
        ("<b>Two</b>", "withdrawn"),
        ("One", "withdrawn"),
        ("Three", "published"),
    ]
    page.goto(imported)
    assert page.get_by_text("It was undone by run").is_visible()
    assert page.complaints == []


def test_progress_is_seen_without_scripts(open_page: Open, tmp_path: Path) -> None:
    page = open_page("/admin/", java_script=False)
    upload(page, write_jsonl(tmp_path / "delivery.jsonl", record("a")))
    put_to_work(Run.objects.get(), RunState.LOADING, done=250)
    page.reload()
    bar = page.get_by_label("Loading:")
    assert [bar.get_attribute("value"), bar.get_attribute("max")] == ["250", "1000"]
    assert page.locator('meta[http-equiv="refresh"]').get_attribute("content") == "10"
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It was asked to stop")).to_be_visible()
    assert Run.objects.get().cancel_asked


def test_a_page_that_follows_its_run_keeps_focus_and_reading_position(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page("/admin/", width=400)
    upload(page, write_jsonl(tmp_path / "delivery.jsonl", record("a")))
    run = Run.objects.get()
    put_to_work(run, RunState.LOADING, done=250)
    page.reload()
    page.evaluate("document.documentElement.dataset.seen = 'since it was opened'")
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()
    page.evaluate("window.scrollTo(0, 300)")
    assert page.evaluate("window.scrollY") == 300

    put_to_work(run, RunState.LOADING, done=750)
    expect(page.get_by_label("Loading:")).to_have_attribute("value", "750", timeout=10_000)
    assert page.evaluate("window.scrollY") == 300
    expect(cancel).to_be_focused()

    put_to_work(run, RunState.RESOLVING, done=10)
    expect(page.get_by_role("status")).to_contain_text("Resolving references", timeout=10_000)
    expect(cancel).to_be_focused()

    # Nothing can be canceled any more: focus stays at hand.
    Run.objects.filter(pk=run.pk).update(state=RunState.FINISHED, holder={}, read=1, created=1)
    wait_for(page, "Finished")
    expect(page.locator("#standing-heading")).to_be_focused()
    assert page.get_by_role("link", name="Undo…").is_visible()
    assert page.evaluate("document.documentElement.dataset.seen") == "since it was opened"
    assert page.complaints == []


def test_a_conflict_is_decided_side_by_side(open_page: Open, start_worker: Work, tmp_path: Path) -> None:
    page = open_page("/admin/")
    start_worker()
    conflict_of(page, tmp_path)
    page.get_by_role("link", name="Fields that wait for a decision: 1").click()
    page.locator("#result_list .field-id a").click()
    sides = page.locator(".side")
    expect(sides).to_have_count(3)
    assert [side.split("\n")[0].strip() for side in sides.all_inner_texts()] == [
        "Delivered last",
        "Stands here",
        "Delivered now",
    ]
    assert page.locator(".side mark").all_inner_texts() == [
        "<p>A pool keeps connections warm.</p>",
        "<p>An editor's words.</p>",
        "<p>The source's words.</p>",
    ]
    page.get_by_role("button", name="Take what is delivered now").click()
    expect(page.get_by_role("button", name="Take what is delivered now")).to_have_count(0)
    assert Article.objects.get().body == "<p>First.</p><p>The source's words.</p>"
    assert Conflict.objects.get().state == "taken"
    assert page.complaints == []


def conflict_of(page: Page, tmp_path: Path) -> None:
    first = "<p>First.</p>"
    old = record("a", body=f"{first}<p>A pool keeps connections warm.</p>")
    brought_in(page, write_jsonl(tmp_path / "old.jsonl", old))
    article = Article.objects.get()
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.locator("#id_body").fill(f"{first}<p>An editor's words.</p>")
    page.locator('[name="_save"]').last.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    new = record("a", body=f"{first}<p>The source's words.</p>")
    brought_in(page, write_jsonl(tmp_path / "new.jsonl", new))
    assert Run.objects.latest("pk").state == RunState.FINISHED_WITH_REJECTS


TOO_WIDE = """() => [document.documentElement]
    .filter(element => element.scrollWidth > window.innerWidth + 1)
    .map(element => `${element.tagName}: ${element.scrollWidth}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_imports_fit_their_window_and_break_no_policy(
    open_page: Open, start_worker: Work, tmp_path: Path, scheme: str
) -> None:
    page = open_page("/admin/", scheme=scheme)
    start_worker()
    conflict_of(page, tmp_path)
    wide = [record("a", summary="long" * 80), *(record(f"{'key' * 20}{number}") for number in range(4))]
    upload(page, write_jsonl(tmp_path / "wide.jsonl", *wide, '{"title": '), source="press")
    wait_for(page, "Checked")
    faults = {}

    def look(name: str, address: str) -> None:
        page.goto(address)
        for width in (375, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            faults[name, width] = page.evaluate(TOO_WIDE)
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)

    run = page.url
    look("preview", run)
    look("upload", "/admin/imports/run/upload/")
    look("runs", "/admin/imports/run/")
    look("conflicts", "/admin/imports/conflict/")
    look("conflict", f"/admin/imports/conflict/{Conflict.objects.get().pk}/change/")
    look("finished", f"/admin/imports/run/{Run.objects.earliest('pk').pk}/change/")
    look("undo", f"/admin/imports/run/{Run.objects.earliest('pk').pk}/undo/")
    put_to_work(Run.objects.latest("pk"), RunState.LOADING, done=250)
    look("progress", run)
    assert {place: found for place, found in faults.items() if found} == {}
    assert page.complaints == []
