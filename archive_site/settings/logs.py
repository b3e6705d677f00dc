"""Logs: readable lines or JSON, each with the id of its request."""

from pythonjsonlogger.core import RESERVED_ATTRS

from archive_site.settings.environment import environment

_FORMATTERS = {
    "text": {
        "format": "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s",
        "datefmt": "%H:%M:%S",
    },
    "json": {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": "%(levelname)s %(name)s %(message)s %(request_id)s",
        "rename_fields": {"levelname": "level", "name": "logger"},
        "timestamp": True,
        # Django hangs the request on its records. Written out it would bring the query, with what readers
        # search for, into every log store; the request id leads to it in the access log.
        "reserved_attrs": [*RESERVED_ATTRS, "request"],
        "static_fields": {
            "environment": environment.environment,
            "release": environment.release or "unreleased",
        },
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "archive_site.requests.RequestIdFilter"},
        "traceback": {"()": "archive_site.tracebacks.TracebackFilter"},
    },
    "formatters": {"console": _FORMATTERS[environment.log_format]},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "console",
            "filters": ["request_id", "traceback"],
        },
    },
    "root": {"handlers": ["console"], "level": environment.log_level},
    "loggers": {
        # Replaces Django's own handlers, which would write each line twice.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
