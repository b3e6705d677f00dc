"""What load balancers and supervisors ask: is this process alive, and can it serve?"""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from ops.reachability import ask_cache, ask_database

logger = logging.getLogger(__name__)

# Together below a second, so that a probe that hangs is answered before its asker gives up.
CACHE_SECONDS = 0.25
DATABASE_SECONDS = 0.7

METHODS = ("GET", "HEAD")


class ProbeMiddleware:
    """Answers /livez and /readyz before anything else can refuse or redirect them.

    Probes come by http, name hosts that ALLOWED_HOSTS does not, and tell the public one word."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.probes = {"/livez": live, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = self.probes.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return answer(*probe(), with_body=request.method == "GET")


def live() -> tuple[str, HTTPStatus]:
    """Checks nothing: a supervisor that restarts processes because a server is away makes things worse."""
    return "ok", HTTPStatus.OK


def ready() -> tuple[str, HTTPStatus]:
    return ("ready", HTTPStatus.OK) if can_serve() else ("not ready", HTTPStatus.SERVICE_UNAVAILABLE)


def can_serve() -> bool:
    """Either server will do: pages that are cached need no database, and the others no cache.

    If both were required, an outage of the cache would take every process out of service at once."""
    problems = []
    for name, ask, seconds in (
        ("cache", ask_cache, CACHE_SECONDS),
        ("database", ask_database, DATABASE_SECONDS),
    ):
        try:
            ask(seconds=seconds)
        except Exception as error:  # noqa: BLE001 whatever is wrong with one, the other is asked
            problems.append(f"{name} {type(error).__name__}")
        else:
            return True
    logger.error("Not ready: %s", ", ".join(problems))
    return False


def answer(word: str, status: HTTPStatus, *, with_body: bool) -> HttpResponse:
    response = HttpResponse(
        word if with_body else b"", status=status, content_type="text/plain; charset=utf-8"
    )
    response.headers["Content-Length"] = str(len(word))
    response.headers["Cache-Control"] = "no-store"
    return response
