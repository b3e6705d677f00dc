"""The pages that are shown where a page cannot be."""

import re
import sys
from http import HTTPStatus
from urllib.parse import unquote

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control

from articles.http import MISSING_SECONDS
from articles.search import LONGEST_QUERY, tidied

# Away, too busy, or a statement that took too long: none is a fault of the page.
DATABASE_FAULTS = (OperationalError, InterfaceError)
RETRY_SECONDS = 30

_API = "/api/"
_NOT_IN_WORDS = re.compile(r"[\W\d_]+")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = render(request, "404.html", {"query": _words_of(request.path)}, status=404)
    # Not "public": this page stands in for those of the admin too.
    patch_cache_control(response, max_age=MISSING_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """For handler500, which Django calls while it handles the exception."""
    if isinstance(sys.exception(), DATABASE_FAULTS):
        return unavailable(request)
    return _fault(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail="Something went wrong.")


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 without asking the database: a page for readers, a JSON object for programs."""
    response = _fault(
        request, HTTPStatus.SERVICE_UNAVAILABLE, detail="The archive is not available. Try again later."
    )
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _fault(request: HttpRequest, status: HTTPStatus, *, detail: str) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    if request.path_info.startswith(_API):
        return JsonResponse({"detail": detail}, status=status, headers=headers)
    # Without the request there are no context processors: the page needs nothing that may be broken.
    page = render_to_string(f"{status:d}.html", {"site_name": settings.SITE_NAME})
    return HttpResponse(page, status=status, headers=headers)


def _words_of(path: str) -> str:
    """What an address says of its page, as a search to begin with."""
    last = unquote(path).rstrip("/").rpartition("/")[2]
    return tidied(_NOT_IN_WORDS.sub(" ", last.partition(".")[0]))[:LONGEST_QUERY]
