"""What stands in for the names in braces: the cast of an article.

Drawing every part for every article would cost more than writing the text, so the parts that belong
together are drawn once, into readings of a subject and situations, and an article takes one of each."""

import re

from imports.sampling.drawing import Draw, drawer, pick, shuffled
from imports.sampling.vocabulary import TONGUES
from imports.sampling.vocabulary.people import COLLEAGUES, PLACES, TOWNS
from imports.sampling.vocabulary.shapes import Area, Subject

Cast = dict[str, object]

_READINGS = 24
_SITUATIONS = 997
_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_HOSTS = ("db", "web", "cache", "worker", "queue", "edge", "batch")
# Orders of magnitude of what is bad, by unit.
_BAD = {"ms": 90, "s": 12, "min": 9, "%": 3, "days": 8, "places": 3, "GB": 20, "MB": 150, "kB": 200}
_NAME = re.compile(r"\{(\w+)\}")


def template(text: str) -> str:
    """`text` with its names in braces, as a template for the % operator."""
    return _NAME.sub(r"%(\1)s", text.replace("%", "%%"))


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_capitals(parts: Cast) -> Cast:
    return parts | {capitalized(name): capitalized(str(value)) for name, value in parts.items()}


def readings(area: Area, subject: Subject) -> tuple[Cast, ...]:
    """Ways to talk about a subject: which of its symptoms, causes and tools come first."""
    draw = drawer(0, sum(map(ord, subject.name)))
    return tuple(_reading(draw, area, subject) for _ in range(_READINGS))


def _reading(draw: Draw, area: Area, subject: Subject) -> Cast:
    symptom, symptom2 = shuffled(draw, subject.symptoms)
    cause, cause2 = shuffled(draw, subject.causes)
    remedy, remedy2 = shuffled(draw, subject.remedies)
    fact, fact2, fact3 = shuffled(draw, subject.facts)
    steps = shuffled(draw, subject.steps)
    tool, tool2 = shuffled(draw, subject.tools)[:2]
    spoken = _with_capitals(
        {
            **{"subject": subject.name, "goal": subject.goal},
            **{"measure": subject.metric, "metric": f"the {subject.metric}"},
            **{"symptom": symptom, "symptom2": symptom2, "cause": cause, "cause2": cause2},
            **{"remedy": remedy, "remedy2": remedy2, "fact": fact, "fact2": fact2, "fact3": fact3},
            **{f"step{rank}".removesuffix("1"): step for rank, step in enumerate(steps, start=1)},
        }
    )
    return {
        **spoken,
        **dict(zip(("setting", "setting2"), shuffled(draw, subject.settings), strict=False)),
        **_measure(draw, subject.unit),
        "tool": tool,
        "tool2": tool2,
        "stack": pick(draw, [name for name in area.stacks if name not in (tool, tool2)]),
        "standard": pick(draw, area.standards),
    }


def _measure(draw: Draw, unit: str) -> Cast:
    """A number before and one after: the later is a fraction of the earlier, and at least two."""
    bad = int(_BAD.get(unit, 30) * (1 + 9 * draw()))
    good = max(2, int(bad * (0.04 + 0.3 * draw())))
    space = "" if unit == "%" else " "
    return {"before": f"{bad:,}{space}{unit}", "after": f"{good:,}{space}{unit}"}


def situations() -> tuple[Cast, ...]:
    """Where and when something happened, and the numbers that go with it."""
    draw = drawer(0, 1)
    return tuple(_situation(draw) for _ in range(_SITUATIONS))


def _situation(draw: Draw) -> Cast:
    person, person2 = shuffled(draw, COLLEAGUES)[:2]
    few, few2, weeks = (2 + int(draw() * most) for most in (8, 8, 11))
    place = pick(draw, PLACES)
    names = {"place": place, "site": f"the {place.partition(' ')[2]}", "person": person, "person2": person2}
    words = {"n": _WORDS[few - 2], "m": _WORDS[few2 - 2], "weeks": _WORDS[weeks - 2]}
    return {
        **_with_capitals(names | words),
        **{"digit": few, "digit2": few2, "digits": weeks},
        **{"nn": 11 + int(draw() * 80), "mm": 11 + int(draw() * 80)},
        **{"nnn": 120 + int(draw() * 860), "mmm": 120 + int(draw() * 860)},
        "percent": 4 + int(draw() * 80),
        "weekday": pick(draw, _WEEKDAYS),
        "month": pick(draw, _MONTHS),
        "version": f"{1 + int(draw() * 18)}.{int(draw() * 12)}",
        "host": f"{pick(draw, _HOSTS)}-{1 + int(draw() * 40):02}",
        "town": pick(draw, TOWNS),
    }


def translations() -> dict[tuple[str, str], Cast]:
    """The parts of a cast that another language says differently, by its code and the area's name."""
    return {
        (tongue.code, area): _with_capitals({"subject": name})
        for tongue in TONGUES
        for area, name in tongue.subjects.items()
    }
