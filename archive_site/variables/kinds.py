"""What each kind of variable accepts. Stricter than django-environ: what could be misread is refused."""

import math
import re
from collections.abc import Callable
from ipaddress import ip_network

from environ import Env

from archive_site.variables.connection_urls import check_redis_url, is_port
from archive_site.variables.database_url import database_config
from archive_site.variables.declaration import UnfitValue, Variable
from archive_site.variables.words import as_boolean, quoted

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
ALLOWED_HOST = re.compile(rf"\*|\.?{_HOST}", re.IGNORECASE)
ORIGIN = re.compile(rf"https?://{_HOST}(?::(?P<port>[0-9]+))?", re.IGNORECASE)
TRUSTED_ORIGIN = re.compile(rf"https?://(?:\*\.)?{_HOST}(?::(?P<port>[0-9]+))?", re.IGNORECASE)
BIND = re.compile(rf"unix:/\S+|{_HOST}:(?P<port>[0-9]+)", re.IGNORECASE)
URL_PATH = re.compile(r"(?:[A-Za-z0-9_-]+/)+")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
ORIGIN_REMEDY = "write http:// or https:// and the host, without a path or a / at the end"
# Longer than any bound here, shorter than what int() refuses.
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")


def parse_value(variable: Variable, text: str) -> object:
    """The typed value. Lists are tuples without repetitions; URLs, paths and networks stay text.

    Raises UnfitValue.
    """
    return PARSERS[variable.kind](text, variable)


def _text(text: str, variable: Variable) -> str:
    return text


def _bool(text: str, variable: Variable) -> bool:
    value = as_boolean(text)
    if value is None:
        raise UnfitValue("is neither true nor false", "write true or false")
    return value


def _int(text: str, variable: Variable) -> int:
    if not WHOLE_NUMBER.fullmatch(text):
        raise UnfitValue("is not a whole number", f"give {number_words(variable)} in plain digits")
    return _within_bounds(int(text), variable)


def _float(text: str, variable: Variable) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UnfitValue("is not a number", "give a number with a decimal point")
    return _within_bounds(number, variable)


def _within_bounds(number: float, variable: Variable) -> float:
    if variable.minimum is not None and number < variable.minimum:
        raise UnfitValue(f"is less than {variable.minimum}", f"give {number_words(variable)}")
    if variable.maximum is not None and number > variable.maximum:
        raise UnfitValue(f"is more than {variable.maximum}", f"give {number_words(variable)}")
    return number


def number_words(variable: Variable) -> str:
    noun = "a number" if variable.kind == "float" else "a whole number"
    match variable.minimum, variable.maximum:
        case None, None:
            return noun
        case minimum, None:
            return f"{noun}, at least {minimum}"
        case None, maximum:
            return f"{noun}, at most {maximum}"
        case minimum, maximum:
            return f"{noun} from {minimum} to {maximum}"


def _choice(text: str, variable: Variable) -> str:
    if text not in variable.choices:
        raise UnfitValue("is not one of its values", f"choose {_alternatives(variable.choices)}")
    return text


def _alternatives(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def _list(text: str, variable: Variable) -> tuple[str, ...]:
    items = _items(text)
    for item in items:
        if variable.choices and item not in variable.choices:
            problem = f"has {quoted(item)}, which is not offered"
            raise UnfitValue(problem, f"choose from {', '.join(variable.choices)}")
    return items


def _items(text: str) -> tuple[str, ...]:
    items = (item.strip() for item in Env.parse_value(text, list))
    unique = tuple(dict.fromkeys(item for item in items if item))
    if not unique:
        raise UnfitValue("has no item", "separate the items with commas")
    return unique


def _hosts(text: str, variable: Variable) -> tuple[str, ...]:
    for item in _items(text):
        if not ALLOWED_HOST.fullmatch(item):
            problem = f"has {quoted(item)}, which is no host name"
            raise UnfitValue(problem, "write names without scheme, port or path")
    return _items(text.lower())


def _origin(text: str, variable: Variable) -> str:
    _check_address(ORIGIN.fullmatch(text), "is no origin", ORIGIN_REMEDY)
    return text.lower()


def _origins(text: str, variable: Variable) -> tuple[str, ...]:
    for item in _items(text):
        problem = f"has {quoted(item)}, which is no origin"
        _check_address(TRUSTED_ORIGIN.fullmatch(item), problem, ORIGIN_REMEDY)
    return _items(text.lower())


def _bind(text: str, variable: Variable) -> str:
    _check_address(BIND.fullmatch(text), "is no address to listen on", "write HOST:PORT or unix:/PATH")
    return text


def _check_address(match: re.Match[str] | None, problem: str, remedy: str) -> None:
    if match is None or (match["port"] and not is_port(match["port"])):
        raise UnfitValue(problem, remedy)


def _networks(text: str, variable: Variable) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_network(item) for item in _items(text)))


def _network(item: str) -> str:
    try:
        return str(ip_network(item))
    except ValueError:
        problem = f"has {quoted(item)}, which is no address and no network"
    raise UnfitValue(problem, "write addresses, or networks whose host bits are zero")


def _path(text: str, variable: Variable) -> str:
    if text.startswith("~"):
        raise UnfitValue("starts with ~, which nothing expands here", "write the whole path")
    return text


def _url_path(text: str, variable: Variable) -> str:
    if not URL_PATH.fullmatch(text):
        raise UnfitValue(
            "is no path of letters, digits, - and _ that ends with /", "leave the first / out and end with /"
        )
    return text


def _language(text: str, variable: Variable) -> str:
    if not LANGUAGE.fullmatch(text):
        raise UnfitValue("is no language code", "write it in lower case with hyphens")
    return text


def _postgres_url(text: str, variable: Variable) -> str:
    database_config(text)
    return text


def _redis_url(text: str, variable: Variable) -> str:
    check_redis_url(text)
    return text


PARSERS: dict[str, Callable[[str, Variable], object]] = {
    "str": _text,
    "bool": _bool,
    "int": _int,
    "float": _float,
    "choice": _choice,
    "list": _list,
    "hosts": _hosts,
    "origin": _origin,
    "origins": _origins,
    "networks": _networks,
    "postgres_url": _postgres_url,
    "redis_url": _redis_url,
    "bind": _bind,
    "path": _path,
    "url_path": _url_path,
    "language": _language,
}
