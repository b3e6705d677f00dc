"""The readers' pages in a real browser, wide and narrow, light and dark."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from articles.indexing import index_pending
from tests.factories import PUBLISHED_AT, make_article, make_term

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # One Chromium for all of them.
    pytest.mark.xdist_group("browser"),
]

Open = Callable[..., Page]

WIDTHS = [320, 375, 1280]
SCHEMES = ["light", "dark"]

# What wants to be wider than a telephone.
WIDE_BODY = (
    "<p>" + "unbroken" * 30 + "</p><pre><code>" + "x = 1; " * 60 + "</code></pre>"
    "<table><tr>" + "<td>a cell of a wide table</td>" * 20 + "</tr></table>"
    '<p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="" width="3000" height="10"></p>'
)


@pytest.fixture
def addresses() -> dict[str, str]:
    """Every kind of page, each with something on it."""
    terms = [make_term(kind="topic", slug="databases", name="databases"), make_term(name="long" * 30)]
    article = make_article(
        title="A title with " + "verylongwords" * 8,
        summary="A summary. " * 20,
        authors=["Ada Byron"],
        body=WIDE_BODY,
        ai_brief="In short.",
        ai_outline={"context": "a newsroom", "problem": "long" * 40},
        review_status="needs-review",
        checklist=["one"],
        notes=["two"],
        topic_path="databases / plans",
        payload={
            "address": "https://example.org/" + "path" * 60,
            "deep": {"er": {"and": {"deeper": [1, 2]}}},
        },
        terms=terms,
    )
    gone = make_article(status="withdrawn", withdrawal_reason="Wrong " * 30, successor=article)
    for number in range(25):
        make_article(title=f"Number {number} about queries", terms=terms, summary="word " * 40)
    index_pending()
    return {
        "home": "/",
        "article": article.get_absolute_url(),
        "archive": "/archive/",
        "year": f"/archive/{PUBLISHED_AT:%Y}/",
        "month": f"/archive/{PUBLISHED_AT:%Y/%m}/",
        "terms": "/by/topic/",
        "term": "/by/topic/databases/",
        "search": "/search/?q=queries",
        "no results": "/search/?q=nothing",
        "too long": "/search/?q=" + "x" * 201,
        "gone": gone.get_absolute_url(),
        "missing": "/missing/" + "x" * 300,
    }


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Opens a page of the running site. What the browser complains of stands in `complaints`."""
    contexts = []

    def open_one(address: str, *, width: int = 1280, scheme: str = "light", **options: object) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 800}, color_scheme=scheme, **options
        )
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


# The browser reports every status from 400 on, also of the pages that are meant to have it.
MEANT = ("status of 400 (Bad Request)", "status of 404 (Not Found)", "status of 410 (Gone)")

TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll('main *')]
    .filter(element => !element.closest('pre, table'))
    .filter(element => Math.max(element.getBoundingClientRect().right,
                                element === document.documentElement ? element.scrollWidth : 0)
                       > window.innerWidth + 1)
    .map(element => `too wide: ${element.tagName} ${element.className}`)"""

# WCAG 2.2, 2.5.8. Links inside a sentence are exempt.
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, summary')]
    .filter(target => !target.closest('p:not(.kicker), .record dd, .body, .card-title'))
    .filter(target => !target.matches('.skip'))
    .map(target => [target.textContent.trim() || target.name, target.getBoundingClientRect()])
    .filter(([name, box]) => box.height && (box.height < 24 || box.width < 24))
    .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pages_fit_their_window_break_no_policy_and_have_controls_to_hit(
    open_page: Open, addresses: dict[str, str], scheme: str
) -> None:
    page = open_page("/robots.txt", scheme=scheme)
    faults = {}
    for name, address in addresses.items():
        page.complaints.clear()
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            faults[name, width] = [*page.evaluate(TOO_WIDE), *page.evaluate(SMALL_TARGETS)]
        faults[name, "console"] = [text for text in page.complaints if not text.endswith(MEANT)]
    assert {place: found for place, found in faults.items() if found} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_follows_the_color_scheme(open_page: Open, scheme: str) -> None:
    paper = open_page("/", scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(253, 252, 249)", "dark": "rgb(23, 22, 20)"}[scheme]


def test_the_first_tab_offers_to_skip_to_the_content(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    link = page.get_by_text("Skip to the content")
    assert link.evaluate("link => link === document.activeElement")
    assert link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_focus_is_seen_wherever_tab_leads(open_page: Open, addresses: dict[str, str]) -> None:
    page = open_page(addresses["home"])
    unseen = []
    for _ in range(15):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        if style != "solid":
            unseen.append(page.evaluate("document.activeElement.outerHTML"))
    assert unseen == []


def test_search_and_paging_work_without_scripts(open_page: Open, addresses: dict[str, str]) -> None:
    page = open_page(addresses["home"], java_script_enabled=False)
    page.get_by_role("searchbox").fill("queries")
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text() == "25 articles found."
    page.get_by_role("link", name="Further matches").click()
    assert page.get_by_role("status").inner_text() == "25 articles found. Page 2."
    assert page.get_by_role("searchbox").input_value() == "queries"


def test_a_page_has_the_landmarks_by_which_people_find_their_way(
    open_page: Open, addresses: dict[str, str]
) -> None:
    page = open_page(addresses["article"])
    assert page.locator("h1").count() == 1
    for role in ("banner", "main", "contentinfo", "search", "article", "complementary"):
        assert page.get_by_role(role).count() == 1, role
    assert page.get_by_role("navigation", name="Sections").count() == 1


def test_print_leaves_out_what_paper_cannot_do(open_page: Open, addresses: dict[str, str]) -> None:
    page = open_page(addresses["article"], scheme="dark")
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Sections").is_visible()
    assert not page.get_by_role("search").is_visible()
    assert page.locator(".record dl").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_wide_parts_of_a_body_scroll_by_themselves(open_page: Open, addresses: dict[str, str]) -> None:
    page = open_page(addresses["article"], width=375)
    for part in ("pre", "table"):
        box = page.locator(f".body {part}").evaluate("part => [part.scrollWidth, part.clientWidth]")
        assert box[0] > box[1]
    assert page.locator(".body img").bounding_box()["width"] <= 375
