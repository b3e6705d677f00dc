"""Texts for people without the secrets of the environment."""

import os
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from archive_site.env import DOTENV, VARIABLES, read

_MASK = "***"
# As in redis://:PASSWORD@HOST.
_PASSWORD = re.compile(r"://[^/?#:@]*:([^/?#]*)@")
# Who somebody is at any address: it needs no variable to be secret.
_LONGEST_USER = 300
_USER = rf"(?<=://)[^\s/?#@]{{1,{_LONGEST_USER}}}(?=@)"


class Mask:
    """Replaces whichever of `secrets` stands in a text, and user and password in any address. `longest` is
    the length of the longest of them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # The longest first: an address before the password in it.
        ordered = sorted(set(filter(None, secrets)), key=len, reverse=True)
        self.longest = max(_LONGEST_USER, *map(len, ordered), 0)
        self._pattern = re.compile("|".join([*map(re.escape, ordered), _USER]))

    def __call__(self, text: str) -> str:
        return self._pattern.sub(_MASK, text)


def environment_mask() -> Mask:
    """Of every secret variable that has a value here, and of the password in it where it is an address."""
    environment = read(os.environ, dotenv=DOTENV)
    values = [getattr(environment, variable.name.lower()) for variable in VARIABLES if variable.secret]
    return Mask([text for value in values for text in (value, *_passwords(value))])


def _passwords(value: str) -> Iterable[str]:
    """As it stands in the address and as drivers write it."""
    if found := _PASSWORD.search(value):
        yield from (found[1], unquote(found[1]), quote(unquote(found[1]), safe=""))
