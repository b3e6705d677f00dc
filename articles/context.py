"""What every page of the site shows. Reads neither the user nor the session: either would make each
page vary by cookie, and no cache could share it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import escape_uri_path

from articles.wording import PLURALS


@dataclass(frozen=True, slots=True)
class NavLink:
    label: str
    address: str
    is_current: bool


def site(request: HttpRequest) -> dict[str, object]:
    places = [("Archive", reverse("articles:archive"))]
    places += [(heading, reverse("articles:terms", args=[kind])) for kind, heading in PLURALS.items()]
    return {
        "site_name": settings.SITE_NAME,
        "nav": [NavLink(label, address, request.path.startswith(address)) for label, address in places],
        "page_address": f"{settings.SITE_URL}{escape_uri_path(request.path)}",
    }
