"""The traceback of every error that a visitor meets.

Django logs what a view raises with its traceback. Of what is raised while a page for 404, 403 or 400 is made
it logs only that there was an error (get_exception_response in django.core.handlers.exception), and here old
addresses are looked up in such a page."""

import logging
import sys
from contextvars import ContextVar

from django.core.signals import got_request_exception, request_finished

raised: ContextVar[BaseException | None] = ContextVar("raised", default=None)


class TracebackFilter(logging.Filter):
    """Adds the traceback to Django's record of an error that lacks it."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = raised.get()
        if (
            error
            and record.name == "django.request"
            and record.levelno >= logging.ERROR
            and not record.exc_info
        ):
            record.exc_info = (type(error), error, error.__traceback__)
        return True


def remember(**kwargs: object) -> None:
    raised.set(sys.exception())


def forget(**kwargs: object) -> None:
    raised.set(None)


got_request_exception.connect(remember, dispatch_uid="archive_site.tracebacks.remember")
request_finished.connect(forget, dispatch_uid="archive_site.tracebacks.forget")
