"""What a record holds beside its text."""

from typing import Any

from imports.sampling.casting import template
from imports.sampling.drawing import drawer, pick, weighted
from imports.sampling.sketches import DAYS, Sketch
from imports.sampling.vocabulary import ALL_GENRES
from imports.sampling.vocabulary.genres import (
    BRIEFS,
    CAPTIONS,
    CHECKLISTS,
    NOTES_BESIDE,
    OUTLINE_ACTIONS,
    OUTLINE_CONTEXTS,
    OUTLINE_PROBLEMS,
    TAGS,
)
from imports.sampling.vocabulary.people import AUTHORS

_AUTHORS = weighted(AUTHORS, power=0.5)
_TAGS = weighted(TAGS, power=0.8)
_SUMMARIES = {genre.name: tuple(map(template, genre.summaries)) for genre in ALL_GENRES}
_BRIEFS = tuple(map(template, BRIEFS))
_CONTEXTS, _PROBLEMS, _ACTIONS = (
    tuple(map(template, texts)) for texts in (OUTLINE_CONTEXTS, OUTLINE_PROBLEMS, OUTLINE_ACTIONS)
)
# Filled as one text and then cut again, which is quicker than item by item.
_CHECKLISTS = tuple(template("\n".join(items)) for items in CHECKLISTS)
_NOTES = tuple(map(template, NOTES_BESIDE))
_CAPTIONS = tuple(map(template, CAPTIONS))
_PICTURE_SOURCES = ("archive", "photo desk", "reader", "press office")

_SEVERAL_AUTHORS = 0.15
_ANONYMOUS = 0.03
_NEEDS_REVIEW = 0.08
_UPDATED = 0.35
_MOST_VIEWS = 4_000_000
_STATUSES = weighted(("reviewed", "needs-review", "draft"), power=2.4)
_LAST_DAY = len(DAYS) - 1


def _scores() -> tuple[dict[str, int], ...]:
    draw = drawer(0, 2)
    parts = ("quality", "freshness", "depth", "clarity")
    return tuple({part: 35 + int(65 * draw() ** 0.7) for part in parts} for _ in range(499))


_SCORES = _scores()


def dates(drawn: Sketch) -> dict[str, str]:
    if not drawn.published_at:
        return {}
    if drawn.draw() > _UPDATED or drawn.published_at > DAYS[-1]:
        return {"published_at": drawn.published_at}
    changed = DAYS[min(_LAST_DAY, drawn.day + 1 + int(900 * drawn.draw() ** 2))]
    return {"published_at": drawn.published_at, "updated_at": f"{changed}T21:30:00+00:00"}


def authorship(drawn: Sketch) -> dict[str, Any]:
    draw = drawn.draw
    chance = draw()
    author = pick(draw, _AUTHORS)
    if chance < _ANONYMOUS:
        return {}
    if chance < _ANONYMOUS + _SEVERAL_AUTHORS:
        return {"authors": list(dict.fromkeys((author, pick(draw, _AUTHORS))))}
    return {"author": author}


def classification(drawn: Sketch) -> dict[str, Any]:
    draw, area, subject, cast = drawn.draw, drawn.area, drawn.subject, drawn.cast
    tool, stack = cast["tool"], cast["stack"]
    return {
        "topic": f"{area.name} / {subject.name[:1].upper()}{subject.name[1:]}",
        "stack": list(dict.fromkeys((stack, pick(draw, area.stacks)))),
        "tools": list(dict.fromkeys((tool, pick(draw, area.tools), cast["tool2"]))),
        "tags": list(
            dict.fromkeys(
                (*subject.tags, pick(draw, drawn.genre.tags), pick(draw, area.tags), pick(draw, _TAGS))
            )
        ),
        "difficulty": pick(draw, drawn.genre.difficulties),
        "entities": [
            {"name": tool, "type": "tool"},
            {"name": subject.name, "type": "concept"},
            {"name": cast["standard"], "type": "standard"},
            {"name": cast["town"], "type": "place"},
        ][: 2 + int(draw() * 3)],
    }


def companions(drawn: Sketch) -> dict[str, Any]:
    """The texts beside the text. In another language than English there is only a summary."""
    draw, cast = drawn.draw, drawn.cast
    texts: dict[str, Any] = {"summary": pick(draw, _SUMMARIES[drawn.genre.name]) % cast}
    if drawn.language != "en":
        return texts
    if draw() < 0.9:
        texts["ai_brief"] = pick(draw, _BRIEFS) % cast
        texts["ai_outline"] = {
            "context": pick(draw, _CONTEXTS) % cast,
            "problem": pick(draw, _PROBLEMS) % cast,
            "stack": f"{cast['stack']}, {cast['tool']}",
            "recommended_action": pick(draw, _ACTIONS) % cast,
        }
    if draw() < 0.7:
        texts["checklist"] = (pick(draw, _CHECKLISTS) % cast).split("\n")
    if draw() < 0.6:
        texts["notes"] = [pick(draw, _NOTES) % cast]
    if draw() < 0.45:
        texts["image_sources"] = [_picture(drawn)]
    return texts


def _picture(drawn: Sketch) -> dict[str, str]:
    draw = drawn.draw
    folder = (drawn.published_at or DAYS[drawn.day])[:7].replace("-", "/")
    return {
        "source": pick(draw, _PICTURE_SOURCES),
        "url": f"https://images.example.org/{folder}/{drawn.number + 1:07}.jpg",
        "caption": pick(draw, _CAPTIONS) % drawn.cast,
    }


def editorial(drawn: Sketch, *, pictured: bool) -> dict[str, Any]:
    """How the article is judged. One that a person has to look at says so in its review record too."""
    draw = drawn.draw
    flagged = draw() < _NEEDS_REVIEW
    views = min(_MOST_VIEWS, int(30 * (1 - draw()) ** -0.85)) if drawn.published_at else 0
    return {
        "view_count": views,
        "score": pick(draw, _SCORES),
        "revision": _revision(drawn, flagged=flagged),
        "flags": {
            "ai_generated_style": int(draw() < 0.2),
            "has_images": int(pictured),
            "image_heavy": int(pictured and draw() < 0.1),
            "needs_human_review": int(flagged),
        },
    }


def _revision(drawn: Sketch, *, flagged: bool) -> dict[str, Any]:
    draw = drawn.draw
    status = "needs-review" if flagged else pick(draw, _STATUSES)
    version = f"{1 + int(3 * draw())}.{int(10 * draw())}"
    if not drawn.published_at:
        return {"status": "draft", "version": version}
    reviewed = min(_LAST_DAY, drawn.day + int(700 * draw() ** 2))
    return {"status": status, "version": version, "last_reviewed": DAYS[reviewed]}


def oddities(drawn: Sketch) -> dict[str, Any]:
    """A key that the format does not know, as real deliveries have them."""
    draw = drawn.draw
    if draw() > 0.02:
        return {}
    part = 1 + int(draw() * 4)
    series = {"series": {"name": f"{drawn.area.name} from the ground up", "part": part}}
    return pick(
        draw,
        (series, {"newsletter": True}, {"old_comments": part * 7}, {"doi": f"10.5555/sample.{drawn.number}"}),
    )
