"""What load balancers and supervisors ask: is this process alive, and can it serve?"""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from ops.reachability import ask_database

logger = logging.getLogger(__name__)

# Below a second, so that a probe that hangs is answered before its asker gives up.
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
    """Whether the database answers: every page needs it, and none needs Redis."""
    try:
        ask_database(seconds=DATABASE_SECONDS)
    except Exception as error:  # noqa: BLE001 whatever is wrong, a probe gets its answer
        logger.error("Not ready: database %s", type(error).__name__)
        return False
    return True


def answer(word: str, status: HTTPStatus, *, with_body: bool) -> HttpResponse:
    response = HttpResponse(
        word if with_body else b"", status=status, content_type="text/plain; charset=utf-8"
    )
    response.headers["Content-Length"] = str(len(word))
    response.headers["Cache-Control"] = "no-store"
    return response
