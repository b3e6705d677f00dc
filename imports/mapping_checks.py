"""What can be wrong with a rule of a mapping file. Every check takes the name that a rule is written for
and what is written, and tells each fault in half a sentence."""

from collections.abc import Callable
from datetime import date, time
from math import isfinite
from typing import Any

from imports.faults import RecordRejected
from imports.fields import FIELDS, Kind
from imports.mapping_dates import faults_of_date
from imports.mapping_names import fault_of_source, fault_of_target, kind_of_field, path_of, shown
from imports.records import read_record
from imports.values import quoted, refuse_illegal_characters

_INT64 = 2**63
_SCALARS = (str, int, float, bool)


def _faults_of_public(name: str, rule: Any) -> list[str]:
    if type(rule) is not list or not rule or any(type(value) not in _SCALARS for value in rule):
        return ['must be a list of the values of public articles; write it as in ["publish", "live"]']
    return [fault for fault in (fault_of_source(name), _fault_of_value("", rule)) if fault]


def _faults_of_rename(name: str, rule: Any) -> list[str]:
    if type(rule) is not str:
        return ['must be the name of a field in quotes; write it as in headline = "title"']
    target = fault_of_target(rule)
    return [fault for fault in (fault_of_source(name), target and f"{shown(rule)} {target}") if fault]


def _faults_of_drop(name: str, _rule: Any) -> list[str]:
    return [fault for fault in (fault_of_source(name),) if fault]


def _faults_of_split(name: str, rule: Any) -> list[str]:
    if kind_of_field(name) not in (Kind.TEXTS, None):
        return [f"is {FIELDS[name].value}, and only a list can be cut from a text; take it away"]
    if type(rule) is not str or not rule:
        return ['must be the text between two items; write it as in tags = ","']
    return []


def _faults_of_values(name: str, rule: Any) -> list[str]:
    if type(rule) is not dict or not rule:
        return [f'must be a table of old and new values; write it as in values.{shown(name)}."Old" = "New"']
    if kind_of_field(name) in (Kind.OBJECT, Kind.OBJECTS):
        return [f"is {FIELDS[name].value}; only texts, numbers and flags can be translated"]
    return [
        f'"{shown(old)}" cannot become {quoted(repr(new))[1:-1]}: {fault}'
        for old, new in rule.items()
        if (fault := _fault_of_new(name, new))
    ]


def _fault_of_new(name: str, new: Any) -> str:
    if type(new) not in _SCALARS:
        return "it is neither text nor number nor true or false; write one of these"
    if new == "":
        return ""
    if kind_of_field(name) in (Kind.MOMENT, Kind.DAY):
        return 'of dates only the meaningless are translated, to ""; describe the others under dates'
    return _fault_of_value(name, [new] if kind_of_field(name) == Kind.TEXTS else new)


def _faults_of_given(name: str, rule: Any) -> list[str]:
    return [fault for fault in (_fault_of_value(name, rule),) if fault]


def _fault_of_value(name: str, value: Any) -> str:
    """The rules of the record themselves say what is wrong, so that they are written once."""
    try:
        written = plain(value)
        refuse_illegal_characters(written, where=name)
        if name in FIELDS:
            read_record({"title": "-", "body": "-", **_nested(path_of(name), written)})
    except RecordRejected as fault:
        return fault.message
    return ""


def _nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    return {path[0]: _nested(path[1:], value) if path[1:] else value}


def plain(value: Any) -> Any:
    """What TOML knows and JSON does not, as JSON writes it."""
    if isinstance(value, date | time):
        return value.isoformat()
    if type(value) is list:
        return [plain(item) for item in value]
    if type(value) is dict:
        return {name: plain(item) for name, item in value.items()}
    too_large = type(value) is int and not -_INT64 <= value < _INT64
    if too_large or (type(value) is float and not isfinite(value)):
        raise RecordRejected("bad-type", "the number is too large, or none; write one below 9 * 10**18")
    return value


def _of_field(faults_of_rule: Callable[[str, Any], list[str]]) -> Callable[[str, Any], list[str]]:
    """What is written for a field that there is not needs no second complaint."""

    def check(name: str, rule: Any) -> list[str]:
        fault = fault_of_target(name)
        return [fault] if fault else faults_of_rule(name, rule)

    return check


CHECKS: dict[str, Callable[[str, Any], list[str]]] = {
    "public": _faults_of_public,
    "rename": _faults_of_rename,
    "drop": _faults_of_drop,
    "split": _of_field(_faults_of_split),
    "values": _of_field(_faults_of_values),
    "dates": _of_field(lambda name, rule: faults_of_date(kind_of_field(name), rule)),
    "default": _of_field(_faults_of_given),
    "set": _of_field(_faults_of_given),
}
