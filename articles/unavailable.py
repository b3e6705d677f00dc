"""Pages while the database is away, too busy, or ends a statement that takes too long."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from articles.errors import DATABASE_FAULTS, unavailable

logger = logging.getLogger(__name__)


class DatabaseFaultMiddleware:
    """Answers 503 where a view raises because of the database. What middleware raises comes to handler500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DATABASE_FAULTS):
            return None
        # Django logs the status alone of an exception that was answered.
        logger.exception("The database did not answer %s", request.path, exc_info=exception)
        return unavailable(request)
