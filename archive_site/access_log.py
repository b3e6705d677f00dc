"""gunicorn's access log: one event a request, with named fields that a log store can search."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

# A client writes these as long as it likes; what tells clients apart stands at the start.
LONGEST_CLIENT_TEXT = 300


class AccessLogger(Logger):
    """Replaces gunicorn's line of text by a log event; logconfig_dict decides how it is written."""

    def access(self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: timedelta) -> None:
        if not self.access_log_enabled:
            return
        fields = access_fields(environ, resp.status, resp.headers, resp.sent, request_time)
        self.access_log.info("%(method)s %(path)s %(status)s %(duration_ms)s ms", fields, extra=fields)


def access_fields(
    environ: Mapping[str, Any],
    status: str | int,
    headers: Iterable[tuple[str, str]],
    sent: int,
    duration: timedelta,
) -> dict[str, Any]:
    """
    The path never holds the query: what readers search for stands in its own field, which a log store can
    drop or keep for a shorter time. The referrer is cut at its query for the same reason.
    """
    path, _, query = environ["RAW_URI"].partition("?")
    return {
        "method": environ["REQUEST_METHOD"],
        "path": path,
        "query": query,
        "status": int(str(status).split()[0]),
        "bytes": sent,
        "duration_ms": round(duration.total_seconds() * 1000, 1),
        "remote_addr": environ.get("REMOTE_ADDR", ""),
        "host": environ.get("HTTP_HOST", ""),
        "referrer": environ.get("HTTP_REFERER", "").partition("?")[0][:LONGEST_CLIENT_TEXT],
        "user_agent": environ.get("HTTP_USER_AGENT", "")[:LONGEST_CLIENT_TEXT],
        "request_id": header_value(headers, "x-request-id") or "-",
    }


def header_value(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)
