"""The body of an article: sections of paragraphs, put together as one template and filled once."""

from dataclasses import dataclass

from imports.sampling.casting import Cast
from imports.sampling.drawing import Draw, pick, weighted
from imports.sampling.presses import Press, press, printed_link
from imports.sampling.sketches import Sketch, earlier_with_path
from imports.sampling.vocabulary.shapes import Passage, Section

_MARKUPS = weighted(("html", "markdown", "text"), power=4.6, most=100)
# How many supporting sentences each paragraph of a section has.
_SHAPES = ((3, 2), (2, 3), (3, 3), (2, 2, 2), (4,), (4, 3), (3, 2, 2))
_LINKED = 0.4
_WITH_ASIDE = 0.5


@dataclass(frozen=True, slots=True)
class Body:
    """`code_language` is empty where the body has no listing."""

    format: str
    text: str
    paragraphs: int
    code_language: str


def write_body(seed: int, sketch: Sketch) -> Body:
    draw, genre = sketch.draw, sketch.genre
    printed = press(pick(draw, _MARKUPS))
    blocks = _paragraphs(draw, printed, genre.opening)
    paragraphs = len(blocks)
    code_language = ""
    for section in pick(draw, genre.plans):
        passage = printed.passages[id(section.passage)]
        blocks.append(pick(draw, passage.headings))
        written = _paragraphs(draw, printed, section.passage)
        paragraphs += len(written)
        blocks += written
        if section.insert == "code":
            code_language, listing = pick(draw, printed.listings[sketch.subject.name])
            blocks.append(listing)
        elif section.insert:
            blocks.append(_insert(draw, printed, section, sketch))
    cast = _add_extras(seed, sketch, printed, blocks)
    return Body(printed.markup.name, ("".join(blocks) % cast).rstrip(), paragraphs, code_language)


def _paragraphs(draw: Draw, printed: Press, passage: Passage) -> list[str]:
    sentences = printed.passages[id(passage)]
    leads, supports = pick(draw, sentences.leads), pick(draw, sentences.supports)
    before, after = printed.paragraph
    blocks, start = [], 0
    for lead, count in zip(leads, pick(draw, _SHAPES), strict=False):
        blocks.append(f"{before}{lead} {' '.join(supports[start : start + count])}{after}")
        start += count
    return blocks


def _insert(draw: Draw, printed: Press, section: Section, sketch: Sketch) -> str:
    if section.insert == "list":
        return pick(draw, printed.lists[sketch.genre.name])
    return pick(draw, printed.tables if section.insert == "table" else printed.quotes)


def _add_extras(seed: int, sketch: Sketch, printed: Press, blocks: list[str]) -> Cast:
    """Adds what not every article has; the result is the cast that knows the link as well."""
    draw = sketch.draw
    if sketch.language != "en":
        return sketch.cast
    if draw() < _WITH_ASIDE:
        blocks.insert(1 + int(draw() * 2), pick(draw, printed.asides))
    linked = earlier_with_path(seed, sketch) if draw() < _LINKED else None
    if linked is None:
        return sketch.cast
    blocks.append(pick(draw, printed.links))
    return sketch.cast | {"link": printed_link(printed, linked)}
