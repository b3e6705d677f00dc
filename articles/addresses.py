"""The parts of an address. A part that none of these can read is an address that does not exist."""

from urllib.parse import unquote

from django.http import HttpRequest
from django.urls.converters import StringConverter

from articles.models import TermKind


class TextConverter(StringConverter):
    """A slug, right or wrong, in any script. PostgreSQL cannot even be asked for a NUL."""

    regex = r"[^/\x00]+"


class KindConverter(StringConverter):
    regex = "|".join(TermKind.values)


class DigitsConverter:
    """A number as it was written, zeros included; nine digits hold every year and every month."""

    regex = "[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return str(value)


def is_written_as(request: HttpRequest, address: str) -> bool:
    """Whether the page was asked for at this very path."""
    return request.path == unquote(address)
