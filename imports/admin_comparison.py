"""Texts side by side: what was delivered last, what stands here, what is delivered now."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from articles.admin_history import ShownField, shown_fields
from articles.content import TERMS
from articles.models import Article

# The end of a paragraph or its like is the end of a line, as people read HTML.
_LINE_END = re.compile(r"(?<=</p>)|(?<=</h[1-6]>)|(?<=</li>)|(?<=</pre>)|(?<=</figure>)|(?<=<br>)|\n")
# difflib takes the square of their number.
_MOST_LINES = 1000
_AROUND = 2
# They only repeat that the body differs.
_DERIVED = ("body_html", "reading_time")


@dataclass(frozen=True, slots=True)
class Line:
    """`is_other` where the line does not stand in the text that it is compared with; a `gap` stands for so
    many lines that do."""

    text: str
    is_other: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    label: str
    base: list[Line]
    here: list[Line]
    delivered: list[Line]

    @property
    def sides(self) -> list[tuple[str, list[Line]]]:
        return [
            ("Delivered last", self.base),
            ("Stands here", self.here),
            ("Delivered now", self.delivered),
        ]


def compared(
    base: Mapping[str, Any], here: Mapping[str, Any], delivered: Mapping[str, Any]
) -> list[Compared]:
    """Of each field of the unit that is not the same on all sides. In the last delivery's text those lines
    are marked that one of the others no longer has."""
    sides = [{name: _value(name, side.get(name)) for name in base} for side in (base, here, delivered)]
    names = [name for name in base if any(side[name] != sides[0][name] for side in sides)]
    told = [name for name in names if name not in _DERIVED] or names
    fields = [shown_fields({name: side[name] for name in told}) for side in sides]
    return [_compared(*trio) for trio in zip(*fields, strict=True)]


def _value(name: str, value: Any) -> Any:
    """JSON has moments as texts, an article has them as such."""
    return value if name == TERMS else Article._meta.get_field(name).to_python(value)


def _compared(base: ShownField, here: ShownField, delivered: ShownField) -> Compared:
    lines = [_lines(field.text) for field in (base, here, delivered)]
    if max(map(len, lines)) > _MOST_LINES:
        return Compared(base.label, *([Line(line) for line in side] for side in lines))
    lost = _others(lines[0], lines[1]) | _others(lines[0], lines[2])
    marks = (lost, _others(lines[1], lines[0]), _others(lines[2], lines[0]))
    return Compared(base.label, *map(_marked, lines, marks))


def _lines(text: str) -> list[str]:
    return [line for line in _LINE_END.split(text) if line.strip()]


def _others(lines: Sequence[str], than: Sequence[str]) -> frozenset[int]:
    """Places of the lines that have no counterpart."""
    matcher = SequenceMatcher(None, than, lines, autojunk=False)
    blocks = matcher.get_matching_blocks()
    equal = {place for block in blocks for place in range(block.b, block.b + block.size)}
    return frozenset(range(len(lines))) - equal


def _marked(lines: Sequence[str], others: frozenset[int]) -> list[Line]:
    near = {place + step for place in others for step in range(-_AROUND, _AROUND + 1)}
    marked: list[Line] = []
    skipped = 0
    for place, line in enumerate(lines):
        if place not in near:
            skipped += 1
            continue
        marked += [Line("", gap=skipped)] if skipped else []
        skipped = 0
        marked.append(Line(line, place in others))
    return [*marked, Line("", gap=skipped)] if skipped else marked
