"""Everything that bodies are made of, prepared as templates: once for each markup."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from imports.sampling.casting import template
from imports.sampling.drawing import drawer, shuffled, weighted
from imports.sampling.markup import MARKUPS, Markup
from imports.sampling.sketches import Sketch
from imports.sampling.vocabulary import ALL_GENRES, AREAS, LISTINGS
from imports.sampling.vocabulary.asides import ASIDES, LINK_SENTENCES, QUOTES, TABLES
from imports.sampling.vocabulary.shapes import Genre, Listing, Passage, Subject

# In how many orders the sentences of a passage are prepared.
_ORDERS = 60
_SETTING = re.compile(r"\{setting2?\}")
_SUBJECT = re.compile(r"\{[sS]ubject\}")
_NUMBER = re.compile(r"\{(nnn?)\}")


@dataclass(frozen=True, slots=True)
class PrintedPassage:
    """`leads` and `supports` are orders of the sentences, so that one draw gives as many different
    ones as a section needs."""

    headings: tuple[str, ...]
    leads: tuple[tuple[str, ...], ...]
    supports: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Press:
    """Templates of one markup. `paragraph` is what stands around one; `passages` is by identity of the
    passage, `lists` by name of the genre, `listings` by name of the subject: pairs of language and code."""

    markup: Markup
    paragraph: tuple[str, str]
    passages: dict[int, PrintedPassage]
    lists: dict[str, tuple[str, ...]]
    listings: dict[str, tuple[tuple[str, str], ...]]
    tables: tuple[str, ...]
    quotes: tuple[str, ...]
    asides: tuple[str, ...]
    links: tuple[str, ...]


@cache
def press(name: str) -> Press:
    """The press of the markup `name`: html, markdown or text."""
    markup = MARKUPS[name]
    before, after = markup.paragraph("\0").split("\0")
    return Press(
        markup=markup,
        paragraph=(before, after),
        passages={id(passage): _passage(markup, passage) for passage in _passages()},
        lists={genre.name: _lists(markup, genre) for genre in ALL_GENRES},
        listings=_listings(markup),
        tables=tuple(template(_marked(markup, markup.table(rows))) for rows in TABLES),
        quotes=_blocks(markup, markup.quote, QUOTES),
        asides=weighted(_blocks(markup, markup.paragraph, ASIDES), power=1),
        links=_blocks(markup, markup.paragraph, LINK_SENTENCES),
    )


def printed_link(printed: Press, to: Sketch) -> str:
    return printed.markup.link(to.title, to.path)


def _passages() -> list[Passage]:
    openings = [genre.opening for genre in ALL_GENRES]
    return openings + [section.passage for genre in ALL_GENRES for plan in genre.plans for section in plan]


def _marked(markup: Markup, text: str) -> str:
    return _SETTING.sub(lambda name: markup.code(name[0]), text)


def _blocks(markup: Markup, make: Callable[[str], str], texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(template(make(_marked(markup, text))) for text in texts)


def _passage(markup: Markup, passage: Passage) -> PrintedPassage:
    return PrintedPassage(
        headings=tuple(template(markup.heading(heading)) for heading in passage.headings),
        leads=_orders(markup, passage.leads if passage.headings else _stressed(markup, passage.leads)),
        supports=_orders(markup, passage.supports),
    )


def _stressed(markup: Markup, leads: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_SUBJECT.sub(lambda name: markup.strong(name[0]), lead) for lead in leads)


def _orders(markup: Markup, sentences: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    draw = drawer(0, len(sentences))
    ready = [template(_marked(markup, sentence)) for sentence in sentences]
    return tuple(shuffled(draw, ready) for _ in range(_ORDERS))


def _lists(markup: Markup, genre: Genre) -> tuple[str, ...]:
    return tuple(template(_marked(markup, markup.items(items))) for items in genre.lists)


def _listings(markup: Markup) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        subject.name: tuple(
            (listing.language, _listing(markup.listing(listing)))
            for listing in _fitting(LISTINGS[area.name], subject)
        )
        for area in AREAS
        for subject in area.subjects
    }


def _fitting(listings: tuple[Listing, ...], subject: Subject) -> tuple[Listing, ...]:
    return tuple(listing for listing in listings if listing.subject == subject.name) or listings


def _listing(block: str) -> str:
    """Code has braces of its own, so only the two names that listings know are replaced."""
    return _NUMBER.sub(r"%(\1)s", block.replace("%", "%%"))
