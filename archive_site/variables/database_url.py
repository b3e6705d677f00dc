"""DATABASE_URL as an entry of Django's DATABASES.

django-environ leaves `pool=true` the text "true", which Django takes for no pool at all or for a mapping,
and hands misspelt options to libpq, which complains at the first connection. Here every option has a type.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import ParseResult, unquote

from environ import Env

from archive_site.variables.connection_urls import ENCODE, is_port, split_hosts, split_query, split_url
from archive_site.variables.declaration import UnfitValue
from archive_site.variables.words import BOOLEANS

SCHEMES = ("postgresql", "postgres")
LONGEST_NAME = 63  # bytes of a PostgreSQL identifier
POOL_MIN_SIZE = 4  # what psycopg_pool takes when it is not told


@dataclass(frozen=True, slots=True)
class Shape:
    words: str
    parse: Callable[[str], object]  # raises KeyError or ValueError


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError
    return int(text)


def _seconds(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise ValueError
    return number


def _filled(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _one_of(*words: str) -> Shape:
    return Shape(f"one of {', '.join(words)}", {word: word for word in words}.__getitem__)


TEXT = Shape("a text", _filled)
WHOLE = Shape("a whole number", _whole)
SECONDS = Shape("a number of seconds", _seconds)
YES_NO = Shape("true or false", lambda text: BOOLEANS[text.lower()])
WHOLE_OR_NONE = Shape("a whole number or none", lambda text: None if text.lower() == "none" else _whole(text))

PLACES = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
DJANGO_OPTIONS = {
    "conn_max_age": WHOLE_OR_NONE,
    "conn_health_checks": YES_NO,
    "disable_server_side_cursors": YES_NO,
}
POOL_OPTIONS = {
    "pool_min_size": WHOLE,
    "pool_max_size": WHOLE,
    "pool_max_waiting": WHOLE,
    "pool_num_workers": WHOLE,
    "pool_timeout": SECONDS,
    "pool_max_lifetime": SECONDS,
    "pool_max_idle": SECONDS,
    "pool_reconnect_timeout": SECONDS,
    "pool_name": TEXT,
}
DRIVER_OPTIONS = {
    "pool": YES_NO,
    "server_side_binding": YES_NO,
    "prepare_threshold": WHOLE_OR_NONE,
    "assume_role": TEXT,
    "application_name": TEXT,
    "channel_binding": _one_of("disable", "prefer", "require"),
    "connect_timeout": WHOLE,
    "gssencmode": _one_of("disable", "prefer", "require"),
    "hostaddr": TEXT,
    "keepalives": WHOLE,
    "keepalives_count": WHOLE,
    "keepalives_idle": WHOLE,
    "keepalives_interval": WHOLE,
    "load_balance_hosts": _one_of("disable", "random"),
    "options": TEXT,
    "passfile": TEXT,
    "service": TEXT,
    "sslcert": TEXT,
    "sslcrl": TEXT,
    "sslkey": TEXT,
    "sslmode": _one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "sslnegotiation": _one_of("postgres", "direct"),
    "sslrootcert": TEXT,
    "target_session_attrs": _one_of("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    "tcp_user_timeout": WHOLE,
}
SHAPES = {**dict.fromkeys(PLACES, TEXT), **DJANGO_OPTIONS, **POOL_OPTIONS, **DRIVER_OPTIONS}


def database_config(url: str) -> dict[str, object]:
    """An entry of DATABASES with every option in its type; OPTIONS is always there.

    Takes libpq's URLs: several hosts, sockets as `postgresql:///name?host=/run/postgresql` or with a
    percent-encoded host. Raises UnfitValue, which repeats nothing of the URL.
    """
    parts = split_url(url, schemes=SCHEMES)
    query = {name: _typed(name, value) for name, value in split_query(parts).items()}
    config = _server(parts)
    for name, place in PLACES.items():
        _put(config, place, query.get(name, ""))
    config |= {name.upper(): query[name] for name in DJANGO_OPTIONS.keys() & query.keys()}
    config["OPTIONS"] = {name: query[name] for name in DRIVER_OPTIONS if name in query}
    _check_name(config)
    _settle_pool(config, {name: query[name] for name in POOL_OPTIONS if name in query})
    return config


def _typed(name: str, text: str) -> object:
    shape = SHAPES.get(name)
    if shape is None:
        # The name is not repeated: behind an unescaped ? it may be a piece of the password.
        raise UnfitValue("has an unknown option", f"use {', '.join(sorted(SHAPES))}, and {ENCODE}")
    try:
        return shape.parse(text)
    except (KeyError, ValueError):
        problem = f"has {name} with a value that is not {shape.words}"
    raise UnfitValue(problem, f"give {name} {shape.words} or leave it out")


def _server(parts: ParseResult) -> dict[str, object]:
    """What stands before the query.

    Three answers of django-environ are replaced: it makes hosts lower case and leaves them encoded, lets
    several hosts share one port, and reads + in a name as a space.
    """
    hosts = split_hosts(parts)
    config = Env.db_url_config(parts._replace(path=parts.path or "/", query=""))
    config["PORT"] = _ports([port for _, port in hosts])
    if not parts.path.startswith("//"):
        config["HOST"] = ",".join(host for host, _ in hosts)
        config["NAME"] = unquote(parts.path[1:])
    elif any(host for host, _ in hosts):
        raise UnfitValue("names a host and the folder of a socket", "write only one of them")
    return config


def _ports(ports: list[str]) -> int | str:
    if len(ports) == 1:
        return int(ports[0]) if ports[0] else ""
    return ",".join(ports) if any(ports) else ""


def _put(config: dict[str, object], place: str, value: object) -> None:
    if not value:
        return
    if config[place]:
        raise UnfitValue(f"gives the {place.lower()} twice", "give it before the ? or after it")
    if place == "PORT" and not all(is_port(port) for port in str(value).split(",") if port):
        raise UnfitValue("has a port that is not a number from 1 to 65535", "give it in plain digits")
    config[place] = _ports(str(value).split(",")) if place == "PORT" else value


def _check_name(config: Mapping[str, object]) -> None:
    name = str(config["NAME"])
    if not name and "service" not in config["OPTIONS"]:
        raise UnfitValue("names no database", "write its name after the host and a /")
    if "/" in name or len(name.encode()) > LONGEST_NAME:
        raise UnfitValue("names no possible database", f"write at most 63 bytes without /, and {ENCODE}")


def _settle_pool(config: dict[str, object], settings: Mapping[str, object]) -> None:
    options = config["OPTIONS"]
    if not options.get("pool"):
        if settings:
            raise UnfitValue("has options of a pool, and no pool", "add pool=true or leave them out")
        return
    if config.get("CONN_MAX_AGE", 0) != 0:
        raise UnfitValue("has both a pool and conn_max_age, which Django refuses", "leave conn_max_age out")
    if settings:
        options["pool"] = _pool_settings(settings)


def _pool_settings(options: Mapping[str, object]) -> dict[str, object]:
    """The keyword arguments of psycopg_pool.ConnectionPool."""
    settings = {name.removeprefix("pool_"): value for name, value in options.items()}
    if "max_size" in settings:
        # A pool of two must not fail because the driver's own smallest size is four.
        settings.setdefault("min_size", min(POOL_MIN_SIZE, settings["max_size"]))
    smallest = settings.get("min_size", POOL_MIN_SIZE)
    if settings.get("max_size", smallest) < max(smallest, 1):
        raise UnfitValue("has a pool_max_size below 1 or below pool_min_size", "raise pool_max_size")
    if settings.get("num_workers", 1) < 1:
        raise UnfitValue("has pool_num_workers below 1", "give at least 1")
    return settings
