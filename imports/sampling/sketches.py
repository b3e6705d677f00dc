"""Who an article is, before a word of its body is written: title, date, old address.

Cheap enough to be made for another article as well, whenever one links to it."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from imports.sampling.casting import Cast, readings, situations, template, translations
from imports.sampling.drawing import Draw, drawer, pick, scattered, weighted
from imports.sampling.vocabulary import ALL_GENRES, AREAS, GENRES, TONGUES
from imports.sampling.vocabulary.shapes import Area, Genre, Subject

_FIRST_DAY = date(2009, 1, 5)
_LAST_DAY = date(2026, 6, 30)
# Looking a day up is ten times as fast as reckoning with dates.
DAYS = tuple((_FIRST_DAY + timedelta(days)).isoformat() for days in range((_LAST_DAY - _FIRST_DAY).days + 1))
# Below one: the later, the more articles.
_GROWTH = 0.6
_DRAFTS = 0.01
_FUTURE = 0.002
_OFFSETS = weighted(("+00:00", "+02:00", "+01:00", "-05:00", "+05:30", "+09:00"), power=2)

_AREAS = weighted(AREAS, power=0.7)
_GENRES = weighted(GENRES, power=0.6)
_SUBJECTS = {area.name: weighted(area.subjects, power=0.6) for area in AREAS}
_TITLES = {genre.name: tuple(map(template, genre.titles)) for genre in ALL_GENRES}
_FOREIGN = 0.06
_TONGUES = weighted(TONGUES, power=1)
_READINGS = {subject.name: readings(area, subject) for area in AREAS for subject in area.subjects}
_SITUATIONS = situations()
_TRANSLATIONS = translations()

_NOT_IN_SLUG = re.compile(r"[^\w]+")
_ALIASED_EVERY = 20
_FIRST_ALIASED = 7
_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Sketch:
    """`draw` continues where the sketch has stopped. `day` is a position in DAYS, `published_at` is
    empty for a draft, `path` is empty where the article has no old address."""

    number: int
    draw: Draw
    area: Area
    subject: Subject
    genre: Genre
    language: str
    cast: Cast
    title: str
    slug: str
    day: int
    published_at: str
    path: str


def sketch(seed: int, number: int) -> Sketch:
    draw = drawer(seed, number)
    area = _area(seed, number)
    language, genre, subject = _kind(draw, area)
    day = int(len(DAYS) * draw() ** _GROWTH)
    cast = _cast(draw, area, subject, language) | {"year": int(DAYS[day][:4]) - 1}
    cast["ticket"] = f"INC-{1000 + number * 7919 % 98993}"
    title = pick(draw, _TITLES[genre.name]) % cast
    slug = _NOT_IN_SLUG.sub("-", title.lower()).strip("-")
    published_at = _published_at(draw, day)
    return Sketch(
        number=number,
        draw=draw,
        area=area,
        subject=subject,
        genre=genre,
        language=language,
        cast=cast,
        title=title,
        slug=slug,
        day=day,
        published_at=published_at,
        path=_path(number, slug=slug, published_at=published_at),
    )


def _area(seed: int, number: int) -> Area:
    return _AREAS[scattered(seed, number, len(_AREAS))]


def _kind(draw: Draw, area: Area) -> tuple[str, Genre, Subject]:
    if draw() < _FOREIGN:
        tongue = pick(draw, _TONGUES)
        return tongue.code, tongue.genre, area.subjects[0]
    return "en", pick(draw, _GENRES), pick(draw, _SUBJECTS[area.name])


def _cast(draw: Draw, area: Area, subject: Subject, language: str) -> Cast:
    cast = pick(draw, _READINGS[subject.name]) | pick(draw, _SITUATIONS)
    if language == "en":
        return cast
    digits = {"n": cast["digit"], "m": cast["digit2"], "weeks": cast["digits"]}
    return cast | _TRANSLATIONS[language, area.name] | digits


def _published_at(draw: Draw, day: int) -> str:
    chance = draw()
    if chance < _DRAFTS:
        return ""
    minutes = int(360 + draw() * 900)
    time = f"T{minutes // 60:02}:{minutes % 60:02}:00{pick(draw, _OFFSETS)}"
    if chance < _DRAFTS + _FUTURE:
        return f"2035{DAYS[day % 365][4:]}{time}"
    return f"{DAYS[day]}{time}"


def _path(number: int, *, slug: str, published_at: str) -> str:
    if number % _ALIASED_EVERY != _FIRST_ALIASED:
        return ""
    if not published_at or number % (2 * _ALIASED_EVERY) == _FIRST_ALIASED:
        return f"/node/{number}"
    return f"/blog/{published_at[:4]}/{published_at[5:7]}/{slug[:80].rstrip('-')}-{number}.html"


def earlier_with_path(seed: int, of: Sketch) -> Sketch | None:
    """An article that stands earlier in the archive and has an old address, of the same area if one is
    found quickly; None where there is none, or where the one found cannot be read by the public."""
    candidates = (of.number - _FIRST_ALIASED + _ALIASED_EVERY - 1) // _ALIASED_EVERY
    if candidates <= 0:
        return None
    for _ in range(_CANDIDATES):
        number = int(of.draw() * candidates) * _ALIASED_EVERY + _FIRST_ALIASED
        if _area(seed, number) is of.area:
            break
    found = sketch(seed, number)
    return found if "" < found.published_at <= DAYS[-1] else None
