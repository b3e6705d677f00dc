"""Each check leads to a page that helps, and each page to checks that exist."""

import re
from pathlib import Path

import pytest

from ops.vitals import CHECKS

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
HEADINGS = ["What it means", "First look", "Fix", "Rollback"]


def sections(page: Path) -> dict[str, str]:
    _, *parts = re.split(r"^## (.+)\n", page.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_has_a_page_that_names_it_and_its_owner(check):
    assert check.runbook == f"docs/runbooks/{check.id.partition('.')[0]}.md"
    text = (ROOT / check.runbook).read_text()
    assert f"`{check.id}`" in text
    assert f"Owner: {check.owner}." in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_tells_what_to_know_and_what_to_do(page: Path):
    told = sections(page)
    assert list(told) == HEADINGS
    assert all(text.strip() for text in told.values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_lists_the_checks_that_lead_to_it(page: Path):
    listed = re.search(r"^Checks: (.+?)\. Owner", page.read_text(), flags=re.MULTILINE)
    leading = [check.id for check in CHECKS if check.runbook == f"docs/runbooks/{page.name}"]
    assert re.findall(r"`([^`]+)`", listed[1]) == leading
