"""The pages that are shown where a page cannot be."""

import re
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control

from articles.http import MISSING_SECONDS
from articles.search import LONGEST_QUERY, tidied

_NOT_IN_WORDS = re.compile(r"[\W\d_]+")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = render(request, "404.html", {"query": _words_of(request.path)}, status=404)
    # Not "public": this page stands in for those of the admin too.
    patch_cache_control(response, max_age=MISSING_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    # Without the request there are no context processors: the page needs nothing that may be broken.
    page = render_to_string("500.html", {"site_name": settings.SITE_NAME})
    return HttpResponse(page, status=500, headers={"Cache-Control": "no-store"})


def _words_of(path: str) -> str:
    """What an address says of its page, as a search to begin with."""
    last = unquote(path).rstrip("/").rpartition("/")[2]
    return tidied(_NOT_IN_WORDS.sub(" ", last.partition(".")[0]))[:LONGEST_QUERY]
