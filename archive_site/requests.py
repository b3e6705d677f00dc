"""The id that ties one request's log lines, response and proxy record together."""

import logging
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from uuid import uuid4

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
OUTSIDE = "-"

# Goes into logs and a response header, so nothing that could forge either.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")

request_id: ContextVar[str] = ContextVar("request_id", default=OUTSIDE)

Network = IPv4Network | IPv6Network


def is_in_request() -> bool:
    return request_id.get() != OUTSIDE


class RequestIdMiddleware:
    """Gives each request an id: the one its proxy sent when TRUSTED_PROXIES names that proxy, else a new one.

    The id lasts until the response is closed, because Django logs errors of the client, and streams
    bodies, after the middleware has returned. Touches neither session nor user: either would make every
    page vary by cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.proxies = parse_networks(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = self.inbound_id(request) or uuid4().hex
        request_id.set(chosen)
        response = self.get_response(request)
        response.headers[HEADER] = chosen
        return response

    def inbound_id(self, request: HttpRequest) -> str | None:
        sent = request.headers.get(HEADER, "")
        if ACCEPTABLE.fullmatch(sent) and is_within(request.META.get("REMOTE_ADDR", ""), self.proxies):
            return sent
        return None


class RequestIdFilter(logging.Filter):
    """Puts `request_id` on every record, so that both formats of the logs can name it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def parse_networks(entries: Iterable[str]) -> tuple[Network, ...]:
    return tuple(ip_network(entry, strict=False) for entry in entries)


def is_within(peer: str, networks: Iterable[Network]) -> bool:
    """False for a peer without an address, such as one on a unix socket."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    # A server that listens on [::] sees an IPv4 proxy as ::ffff:10.0.0.1.
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)


def forget_request_id(**kwargs: object) -> None:
    request_id.set(OUTSIDE)


request_finished.connect(forget_request_id, dispatch_uid="archive_site.requests.forget_request_id")
