"""Pages of articles for programs: by key, so that reading the whole archive costs the same at every page."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from articles.paging import (
    FOLLOWING,
    MOMENTS,
    PRECEDING,
    TOP,
    BadCursor,
    Page,
    Position,
    TopOfList,
    page_at,
    position_in,
)
from articles.querysets import ArticleQuerySet

PAGE_SIZE = "page_size"
LARGEST_PAGE = 100
PARAMETERS = (FOLLOWING, PRECEDING, PAGE_SIZE)


class ArticleCursorPagination(BasePagination):
    """`next` leads to older articles, `previous` to newer ones; each is null where there are none. A
    program follows them as they are. Raises ParseError, which says what is wrong with an address."""

    def paginate_queryset(
        self, queryset: ArticleQuerySet, request: Request, view: APIView | None = None
    ) -> list[Any]:
        self._address = f"{settings.SITE_URL}{request.path}"
        self._size = _size_in(request.query_params)
        position = _position_in(request.query_params)
        self._page = _page(position, rows=queryset, size=self._size or settings.PAGE_SIZE)
        return self._page.rows

    def get_paginated_response(self, data: Any) -> Response:
        following, preceding = self._link(self._page.following), self._link(self._page.preceding)
        return Response({"next": following, "previous": preceding, "results": data})

    def _link(self, query: str) -> str | None:
        if not query:
            return None
        size = f"&{urlencode({PAGE_SIZE: self._size})}" if self._size else ""
        return f"{self._address}?{query}{size}"


def _size_in(query: Mapping[str, Any]) -> int | None:
    text = query.get(PAGE_SIZE)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= LARGEST_PAGE):
        raise ParseError(f"{PAGE_SIZE} must be a whole number from 1 to {LARGEST_PAGE}.")
    return int(text)


def _position_in(query: Mapping[str, Any]) -> Position:
    try:
        return position_in(query, cursor=MOMENTS)
    except BadCursor:
        raise ParseError(
            f"{FOLLOWING} and {PRECEDING} come from the addresses under `next` and `previous`: begin again "
            "without them, and follow those addresses as they are."
        ) from None


def _page(position: Position, *, rows: ArticleQuerySet, size: int) -> Page:
    try:
        return page_at(position, rows=rows, size=size, cursor=MOMENTS)
    except TopOfList:
        return page_at(TOP, rows=rows, size=size, cursor=MOMENTS)
    except BadCursor:
        # Whatever stood below was withdrawn since the last page told of it: the program is at the end.
        return Page(rows=[])
