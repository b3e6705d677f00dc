"""A person's corrections of a delivery (`--map FILE`): fields renamed and fixed before rules apply.

The file is TOML; docs/mapping.md is its guide. It is read strictly: everything wrong is told at once."""

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from imports.faults import DeliveryRefused
from imports.fields import LIST_SEPARATOR, Kind
from imports.mapping_checks import CHECKS, plain
from imports.mapping_dates import date_step
from imports.mapping_names import did_you_mean, kind_of_field, path_of, shown
from imports.mapping_rules import Default, Mapping, Move, ReadText, Set, Split, Step, Translate

_SECTIONS = ("public", "rename", "drop", "split", "values", "dates", "default", "set")
_MOST_BYTES = 256 * 1024
# tomllib takes the square of their number to read the parts of one dotted name.
_LONGEST_LINE = 10_000

Rules = dict[str, Any]  # of one section: what is written, by the name it is written for


class MappingRefused(DeliveryRefused):
    """`faults` has everything that is wrong with a mapping file, a sentence each, with its place."""

    def __init__(self, name: str, faults: list[str]) -> None:
        places = "1 place" if len(faults) == 1 else f"{len(faults)} places"
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"{name} cannot be used: {places} must be mended.\n{lines}")
        self.faults = tuple(faults)


def load_mapping(path: Path, *, zone: str = "UTC") -> Mapping:
    """Raises MappingRefused."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        return read_mapping(content.decode("utf-8-sig"), name=str(path), zone=zone)
    except UnicodeDecodeError as error:
        raise MappingRefused(
            str(path), [f"byte {error.start} is not UTF-8; save the file as UTF-8"]
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MappingRefused(str(path), [f"the file cannot be read: {reason}; check its path"]) from None


def read_mapping(text: str, *, name: str = "the mapping", zone: str = "UTC") -> Mapping:
    """`name` is what people call the file; `zone` is that of dates which tell none.

    Raises MappingRefused."""
    faults: list[str] = []
    try:
        sections = _sections(_document(text, name), faults)
        _check(sections, faults)
    except RecursionError:
        raise MappingRefused(name, ["it is nested too deeply; no rule needs that"]) from None
    if faults:
        raise MappingRefused(name, faults)
    return _compiled(sections, zone)


def _document(text: str, name: str) -> dict[str, Any]:
    if len(text) > _MOST_BYTES:
        raise MappingRefused(name, [f"it is longer than {_MOST_BYTES} bytes; is it the right file?"])
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > _LONGEST_LINE:
            raise MappingRefused(name, [f"line {number} is longer than {_LONGEST_LINE} characters; break it"])
    try:
        text.encode()
        return tomllib.loads(text)
    except ValueError as error:
        raise MappingRefused(name, [f"it is not TOML: {error}; mend that first"]) from None


def _sections(document: dict[str, Any], faults: list[str]) -> dict[str, Rules]:
    """Each section with its names written in one piece, however the file wrote them."""
    sections: dict[str, Rules] = {}
    for section, content in document.items():
        if section not in _SECTIONS:
            remedy = did_you_mean(section, _SECTIONS) or f"write one of {', '.join(_SECTIONS)}"
            faults.append(f"{shown(section)}: is no part of a mapping; {remedy}")
        elif section == "drop":
            sections[section] = _dropped(content, faults)
        elif type(content) is dict:
            sections[section] = _flat(section, content, faults)
        else:
            faults.append(f"{section}: must be a table; begin it with [{section}]")
    if not faults and not any(sections.values()):
        faults.append(f"it holds no rule; write one of {', '.join(_SECTIONS)}")
    return sections


def _dropped(content: Any, faults: list[str]) -> Rules:
    if type(content) is list and all(type(name) is str for name in content):
        return dict.fromkeys(sorted(content), True)
    faults.append('drop: must be a list of names; write it as in drop = ["guid", "meta.editor"]')
    return {}


def _flat(section: str, table: dict[str, Any], faults: list[str]) -> Rules:
    rules: Rules = {}
    leads_inwards = _holds_tables if section in ("values", "dates") else bool
    for name, value in _leaves(table, "", leads_inwards):
        if name in rules:
            faults.append(f"{section}.{shown(name)}: is written twice; keep one")
        rules[name] = value
    return rules


def _leaves(
    table: dict[str, Any], prefix: str, leads_inwards: Callable[[dict[str, Any]], bool]
) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if type(value) is dict and leads_inwards(value):
            yield from _leaves(value, f"{prefix}{key}.", leads_inwards)
        else:
            yield prefix + key, value


def _holds_tables(table: dict[str, Any]) -> bool:
    return any(type(value) is dict for value in table.values())


def _check(sections: dict[str, Rules], faults: list[str]) -> None:
    for section, faults_of_rule in CHECKS.items():
        for name, rule in sections.get(section, {}).items():
            faults += (f"{section}.{shown(name)}: {fault}" for fault in faults_of_rule(name, rule))
    _check_targets(sections.get("rename", {}), faults)
    for name in sections.get("drop", {}).keys() & sections.get("rename", {}).keys():
        faults.append(f"drop: {shown(name)} is renamed, so there is nothing to drop; take one of them away")
    for name in sections.get("default", {}).keys() & sections.get("set", {}).keys():
        faults.append(f"default.{shown(name)}: is set in any case; take one of them away")


def _check_targets(renamed: Rules, faults: list[str]) -> None:
    sources: dict[str, str] = {}
    for source, target in renamed.items():
        if type(target) is str and sources.setdefault(target, source) != source:
            taken = f"{shown(target)} is what {shown(sources[target])} becomes"
            faults.append(f"rename.{shown(source)}: {taken}; keep one of them")
    for target, source in sources.items():
        parts = target.split(".")
        for outer in {".".join(parts[:size]) for size in range(1, len(parts))} & sources.keys():
            taken = f"{shown(target)} lies within {shown(outer)}, which {shown(sources[outer])} becomes"
            faults.append(f"rename.{shown(source)}: {taken}; keep one of them")


def _compiled(sections: dict[str, Rules], zone: str) -> Mapping:
    rules = {section: dict(sorted(plain(sections.get(section, {})).items())) for section in _SECTIONS}
    rules["public"] = {name: sorted(map(_word, allowed)) for name, allowed in rules["public"].items()}
    renamed = sorted(rules["rename"].items(), key=lambda item: (-item[0].count("."), item[0]))
    return Mapping(
        digest=hashlib.sha256(msgspec.json.encode(rules, order="deterministic")).digest()[:16],
        public=tuple((name, frozenset(allowed)) for name, allowed in rules["public"].items()),
        moves=tuple(Move(source, target, path_of(target)) for source, target in renamed),
        drop=tuple(rules["drop"]),
        steps=tuple(_steps(rules, zone)),
    )


def _word(value: Any) -> str:
    return str(value).lower() if type(value) is bool else str(value)


def _steps(rules: dict[str, Rules], zone: str) -> Iterator[Step]:
    """In the order that the guide promises."""
    renamed = {target: kind_of_field(target) for target in sorted(rules["rename"].values())}
    for name, kind in renamed.items():
        if kind == Kind.TEXTS and name not in rules["split"]:
            yield Split(name, path_of(name), LIST_SEPARATOR, items=False)
    for name, separator in rules["split"].items():
        yield Split(name, path_of(name), separator)
    for name, table in rules["values"].items():
        yield Translate(name, path_of(name), table)
    for name, rule in rules["dates"].items():
        yield date_step(name, kind_of_field(name), rule, zone=zone)
    for name, kind in renamed.items():
        if kind == Kind.MOMENT and name not in rules["dates"]:
            yield date_step(name, kind, {}, zone=zone)
        elif kind in (Kind.NUMBER, Kind.FLAG):
            yield ReadText(name, path_of(name), kind)
    for name, value in rules["default"].items():
        yield Default(name, path_of(name), value)
    for name, value in rules["set"].items():
        yield Set(name, path_of(name), value)
