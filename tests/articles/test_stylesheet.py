"""The style sheet is small, asks nobody else for anything, and its colors can be read."""

import re
from itertools import product
from pathlib import Path

import pytest

from articles import context

SHEET = (Path(context.__file__).parent / "static" / "articles" / "site.css").read_text()

# WCAG 2.2: 4.5 for text, 3 for the edges of controls and for what shows the focus.
TEXT = {
    **dict.fromkeys(product(("ink", "quiet", "accent", "accent-deep"), ("paper", "raised")), 4.5),
    **{(color, "notice"): 4.5 for color in ("ink", "accent")},
    ("on-mark", "mark"): 4.5,
    ("on-accent", "accent"): 4.5,
}
EDGES = dict.fromkeys(product(("edge", "accent"), ("paper", "raised")), 3)


def colors(scheme: str) -> dict[str, str]:
    light, _, rest = SHEET.partition("@media (prefers-color-scheme: dark)")
    declared = light if scheme == "light" else rest.partition("*, *::before")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", declared))


def luminance(color: str) -> float:
    """Of a color such as `#8a2c1d`, as WCAG 2.2 defines it."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_contrast_that_the_standard_gives() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pair", "least"), [*TEXT.items(), *EDGES.items()])
def test_colors_stand_out_from_what_is_behind_them(scheme: str, pair: tuple[str, str], least: float) -> None:
    named = colors(scheme)
    assert contrast(named[pair[0]], named[pair[1]]) >= least


def test_dark_and_light_name_the_same_colors() -> None:
    assert colors("dark").keys() == colors("light").keys()


def test_the_sheet_is_small_and_complete() -> None:
    assert len(SHEET.encode()) < 20_000
    assert re.findall(r"@import|url\(", SHEET) == []
    for feature in ("prefers-color-scheme: dark", "prefers-reduced-motion", "forced-colors", "@media print"):
        assert feature in SHEET


def test_colors_are_named_in_one_place() -> None:
    beyond = SHEET.partition("*, *::before")[2].partition("@media print")[0]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", beyond) == []
