"""What caches may do with a page, and how a page says that it has not changed."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.http import http_date, parse_http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]

# How long a change may take to reach a reader who has just read the page.
PAGE_SECONDS = 60
# An address that is not there now may be there soon, so a cache only takes the edge off a storm.
MISSING_SECONDS = 10


def public_page(view: View) -> View:
    """The same bytes for everybody: any cache may keep them for a minute, then ask with the validator."""
    return _cached(view, public=True, max_age=PAGE_SECONDS)


def personal_page(view: View) -> View:
    """Only the reader's own browser keeps it: the way back costs nothing, yet no shared cache fills up
    with what single people looked for."""
    return _cached(view, private=True, max_age=PAGE_SECONDS)


def moved(address: str) -> HttpResponsePermanentRedirect:
    """Permanent, but remembered for no longer than a page: a slug may change back, and browsers that
    kept both redirects for ever would go round in circles."""
    return _briefly(HttpResponsePermanentRedirect(address))


def elsewhere(address: str) -> HttpResponseRedirect:
    return _briefly(HttpResponseRedirect(address))


def last_modified(response: HttpResponse, moment: datetime, *, now: datetime) -> None:
    """RFC 9110, section 8.8.2.1: never a moment that is still to come."""
    response.headers["Last-Modified"] = http_date(min(moment, now).timestamp())


def _briefly(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, public=True, max_age=PAGE_SECONDS)
    return response


def _cached(view: View, **directives: bool | int) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, **directives)
        return _conditional(request, response)

    # Pages change nothing, so there is nothing to forge. The check comes before the view, and would answer
    # every other method with 403 and a page on cookies where 405 and Allow are the answer.
    return csrf_exempt(require_safe(answer))


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != HTTPStatus.OK:
        return response
    set_response_etag(response)
    modified = response.get("Last-Modified")
    return get_conditional_response(
        request,
        etag=response["ETag"],
        last_modified=parse_http_date(modified) if modified else None,
        response=response,
    )
