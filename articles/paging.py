"""Lists by key: a page begins right after a row that the reader saw, so that it costs the same at any
depth and no new article pushes a row onto two pages. Nothing is counted and nothing skipped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db import models

# Parameters of a list's address. Older articles follow in the list, newer ones precede.
FOLLOWING, PRECEDING = "after", "before"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_ID = 2**63 - 1
_LARGEST_COUNT = 2**31 - 1
_LONGEST_SLUG = 200

_MOMENT_CURSOR = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,19})")
_COUNT_CURSOR = re.compile(r"([0-9]{1,10})\.([^\x00]+)")


class BadCursor(Exception):
    """An address names a place in a list to which no page of ours leads."""


class TopOfList(Exception):
    """The page asked for is the first one, which has an address of its own, without a cursor."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a list a page is: right after `key`, or right before it. `key` None is the top."""

    key: tuple | None = None
    direction: str = FOLLOWING


TOP = Position()


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, in its order, with the query strings that lead to its neighbors."""

    rows: list
    preceding: str = ""
    following: str = ""

    @property
    def is_top(self) -> bool:
        return not self.preceding


class Cursor(Protocol):
    """How the key of a row is written in an address. `key` raises BadCursor."""

    def text(self, key: tuple) -> str: ...
    def key(self, text: str) -> tuple: ...


class MomentCursor:
    """A moment, as microseconds since 1970, and an id: `1709633472123456.42`."""

    def text(self, key: tuple[datetime, int]) -> str:
        moment, pk = key
        return f"{(moment - _EPOCH) // _MICROSECOND}.{pk}"

    def key(self, text: str) -> tuple[datetime, int]:
        match = _MOMENT_CURSOR.fullmatch(text)
        if not match or int(match[2]) > _LARGEST_ID:
            raise BadCursor(text)
        try:
            return _EPOCH + int(match[1]) * _MICROSECOND, int(match[2])
        except OverflowError:
            raise BadCursor(text) from None


class CountCursor:
    """A count and a slug: `17.django`."""

    def text(self, key: tuple[int, str]) -> str:
        count, slug = key
        return f"{count}.{slug}"

    def key(self, text: str) -> tuple[int, str]:
        match = _COUNT_CURSOR.fullmatch(text)
        if not match or int(match[1]) > _LARGEST_COUNT or len(match[2]) > _LONGEST_SLUG:
            raise BadCursor(text)
        return int(match[1]), match[2]


MOMENTS = MomentCursor()
COUNTS = CountCursor()


def position_in(query: Mapping[str, Any], *, cursor: Cursor) -> Position:
    """Where the parameters of an address lead. Raises BadCursor."""
    named = [name for name in (FOLLOWING, PRECEDING) if name in query]
    if not named:
        return TOP
    if len(named) > 1:
        raise BadCursor("both directions")
    return Position(key=cursor.key(query[named[0]]), direction=named[0])


def page_at(position: Position, *, rows: models.QuerySet, size: int, cursor: Cursor) -> Page:
    """`rows` has `first_rows`, `following`, `preceding` and `key_of`. One query; one row more than the
    page shows tells whether there are others. Raises BadCursor below the last row, and TopOfList."""
    if position.direction == PRECEDING:
        return _preceding_page(position.key, rows=rows, size=size, cursor=cursor)
    if position.key is None:
        found = list(rows.first_rows(limit=size + 1))
    else:
        found = list(rows.following(position.key, limit=size + 1))
    if position.key and not found:
        raise BadCursor("below the last row")
    return Page(
        rows=found[:size],
        preceding=_query(PRECEDING, found[0], rows, cursor) if position.key else "",
        following=_query(FOLLOWING, found[size - 1], rows, cursor) if len(found) > size else "",
    )


def _preceding_page(key: tuple, *, rows: models.QuerySet, size: int, cursor: Cursor) -> Page:
    found = list(rows.preceding(key, limit=size + 1))
    if len(found) <= size:
        raise TopOfList
    shown = found[:size][::-1]
    return Page(
        rows=shown,
        preceding=_query(PRECEDING, shown[0], rows, cursor),
        following=_query(FOLLOWING, shown[-1], rows, cursor),
    )


def _query(direction: str, row: models.Model, rows: models.QuerySet, cursor: Cursor) -> str:
    return urlencode({direction: cursor.text(rows.key_of(row))})
