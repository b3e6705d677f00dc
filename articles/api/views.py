"""The API: read-only, the same bytes for everybody, and JSON whatever happens."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from articles.api.pagination import PARAMETERS, ArticleCursorPagination
from articles.api.serializers import ITEM_COLUMNS, ArticleItemSerializer, ArticleSerializer, absolute
from articles.http import MISSING_SECONDS, PAGE_SECONDS
from articles.models import Article, ArticleTerm, Term
from articles.reading import body_html, tombstone
from articles.visibility import TABLE, State, visibility_of


class AlwaysJSON(BaseContentNegotiation):
    """An address has one representation, so that no cache can give one program another's."""

    def select_parser(self, request: Request, parsers: Sequence[Any]) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class PublicView(APIView):
    content_negotiation_class = AlwaysJSON
    http_method_names = ("get", "head", "options")
    parameters: Sequence[str] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A misspelt filter that is ignored would hand over the whole archive instead.
        unknown = sorted(set(request.query_params) - set(self.parameters))
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise ParseError(f"Unknown parameter: {unknown[0][:100]}. Known here: {known}.")

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            kept = response.status_code in _KEPT
            patch_cache_control(response, public=True, max_age=PAGE_SECONDS if kept else MISSING_SECONDS)
        # The pages are what search engines may index, not their data.
        response.headers["X-Robots-Tag"] = "noindex"
        return response


_KEPT = (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.GONE)


class ArticleList(PublicView):
    """Public articles, the newest first."""

    parameters = PARAMETERS

    def get(self, request: Request) -> Response:
        now = timezone.now()
        rows = Article.objects.public(now=now).only(*ITEM_COLUMNS)
        pagination = ArticleCursorPagination()
        page = pagination.paginate_queryset(rows, request, self)
        serializer = ArticleItemSerializer(page, many=True, context={"now": now})
        return pagination.get_paginated_response(serializer.data)


class ArticleDetail(PublicView):
    """One article; 410 with the reason where it was withdrawn."""

    def get(self, request: Request, pk: int) -> HttpResponseBase:
        now = timezone.now()
        article = Article.objects.for_reading().filter(pk=pk).first()
        visibility = visibility_of(article, now=now) if article else TABLE[State.DRAFT]
        if visibility.page == HTTPStatus.GONE:
            return Response(_tombstone(article, now=now), status=HTTPStatus.GONE)
        if not visibility.api:
            raise NotFound(f"There is no public article {pk}.")
        return _detail(request, article, now=now)


class NoSuchResource(PublicView):
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("The API has nothing at this address.")

    def get(self, request: Request) -> Response:
        """Never reached; it makes the address one that can be asked for."""
        raise NotFound


def _tombstone(article: Article, *, now: datetime) -> dict[str, Any]:
    told = tombstone(article, now=now)
    successor = told.successor and {
        "id": told.successor.pk,
        "url": absolute(told.successor.get_absolute_url()),
    }
    return {"detail": "This article was withdrawn.", "reason": told.reason, "successor": successor}


def _detail(request: Request, article: Article, *, now: datetime) -> HttpResponseBase:
    terms = [link.term for link in ArticleTerm.objects.filter(article=article).in_order()]
    aliases = list(article.legacy_paths.order_by("path").values_list("path", flat=True))
    html = body_html(article, now=now)
    etag = _etag(article, html, terms, aliases)
    unchanged = get_conditional_response(request, etag=etag)
    context = {"now": now, "html": html, "terms": terms, "aliases": aliases}
    response = unchanged or Response(ArticleSerializer(article, context=context).data)
    response.headers["ETag"] = etag
    return response


def _etag(article: Article, html: str, terms: Sequence[Term], aliases: Sequence[str]) -> str:
    """Weak, because a view that was counted is no change. Terms, old addresses and what the body's addresses
    lead to change without the article's version, a release changes how all of it is told."""
    beside = repr((html, [(term.kind, term.slug, term.name) for term in terms], aliases, settings.RELEASE))
    digest = hashlib.blake2b(beside.encode(), digest_size=8).hexdigest()
    return f'W/"{article.pk}-{article.version}-{digest}"'
