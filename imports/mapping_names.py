"""The names that a mapping file may use, and what to say of the others."""

from collections.abc import Iterable
from difflib import get_close_matches

from imports.fields import FIELDS, Kind
from imports.mapping_rules import Path

_KEY = "payload.source_id"
_LONGEST = 200
_GUIDE = "docs/mapping.md lists the fields"


def path_of(name: str) -> Path:
    """Where a field stands. What is `extra` stands beside the fields until the rules sort it out."""
    parts = tuple(name.split("."))
    return parts[1:] if parts[0] == "extra" else parts


def kind_of_field(name: str) -> Kind | None:
    """None within `extra` and `payload`, which take anything."""
    return FIELDS.get(name)


def fault_of_source(name: str) -> str:
    """What keeps `name` from being one of the incoming record, or nothing."""
    if not 0 < len(name) <= _LONGEST:
        return f"a name has 1 to {_LONGEST} characters; write it as the source does"
    if name in (_KEY, "payload"):
        return f"holds the key of the article ({_KEY}), which no mapping may move; rename what is beside it"
    return ""


def fault_of_target(name: str) -> str:
    """What keeps `name` from being a field of the archive's records, or nothing."""
    if name in FIELDS:
        return ""
    if len(name) > _LONGEST or not name.isprintable() or "" in name.split("."):
        return f"is no name of a field; {_GUIDE}"
    if name == _KEY:
        return "is the key of the article, which no mapping may change; name its place with --key"
    if name.startswith("payload."):
        return ""
    return _fault_of_extra(name) if name.startswith("extra.") else f"is no field; {_remedy(name)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Empty where nothing is near."""
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""


def shown(name: str) -> str:
    """For a sentence: what cannot be printed is escaped, what is long is cut."""
    printable = name if name.isprintable() else ascii(name)[1:-1]
    return printable if len(printable) <= 100 else f"{printable[:100]}…"


def _fault_of_extra(name: str) -> str:
    first = name.split(".")[1]
    if first in FIELDS or first == "payload":
        return f"would hide the field {first}; write {name.removeprefix('extra.')} or another name"
    return ""


def _remedy(name: str) -> str:
    parts = [field for field in FIELDS if field.endswith(f".{name}")]
    meant = f"did you mean {parts[0]}?" if parts else did_you_mean(name, FIELDS)
    beside = f"extra.{shown(name)} to keep it beside"
    return f"{meant} Or write {beside}" if meant else f"{_GUIDE}, or write {beside}"
