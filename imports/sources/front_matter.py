"""Front matter, the block of fields that opens a Markdown file of Hugo, Jekyll or Zola.

Hugo takes YAML between lines of `---`, TOML between lines of `+++` and a JSON object; Jekyll knows YAML
only and ends it with `...` too; Zola knows TOML and YAML."""

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from math import isfinite
from typing import Any

from imports.faults import RecordRejected
from imports.sources.plain_yaml import front_matter_fault, load_plain_yaml
from imports.values import quoted, refuse_depth

_OPENING = re.compile(r"(?:[ \t]*\n)*+(---|\+\+\+)[ \t]*$", re.MULTILINE)
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}
_KINDS = {"---": "yaml", "+++": "toml"}
# Not `{% tag %}`, `{{ variable }}` or `{: .class}`, with which a body may begin.
_OBJECT = re.compile(r"(?:[ \t]*\n)*+[ \t]*(?=\{\s*[\"}])")

_MOST_CHARACTERS = 256 * 1024
_DEEPEST = 40
_INT64 = 2**63
_MOST_BITS = 4096
# tomllib takes the square of their number to read the parts of one dotted key.
_LONG_TOML_KEY = re.compile(
    r"""(?<![\w-])(?>(?>[\w-]+|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){%d}""" % _DEEPEST  # noqa: UP031
)
_TOML_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TOML_DATE = re.compile(r"\s*+([^=#\s][^=#\n]{0,60}?)[ \t]*=[ \t]*(\d{4}-\d{1,2}-\d{1,2}.*)")


@dataclass(frozen=True, slots=True)
class Page:
    """A file parted in two. `kind` is "yaml", "toml", "json", or empty where there is no front matter;
    `first_line` is the line in which `front` begins, counted from 1."""

    kind: str
    front: str
    body: str
    first_line: int = 1


def split_page(text: str) -> Page:
    """`text` has plain line feeds and no byte order mark.

    Raises RecordRejected where front matter begins and never ends, or is too large."""
    opening = _OPENING.match(text)
    page = _fenced(text, opening) if opening else _with_object(text)
    if len(page.front) > _MOST_CHARACTERS:
        raise RecordRejected("too-large", f"the front matter is longer than {_MOST_CHARACTERS} characters")
    return page


def _fenced(text: str, opening: re.Match) -> Page:
    fence = opening[1]
    closing = _CLOSING[fence].search(text, opening.end() + 1)
    line = text.count("\n", 0, opening.end()) + 1
    if not closing:
        raise RecordRejected(
            "bad-front-matter",
            f"the front matter that begins in line {line} never ends; close it with a line of {fence}",
        )
    front = text[opening.end() + 1 : closing.start()]
    return Page(_KINDS[fence], front, text[closing.end() + 1 :], line + 1)


def _with_object(text: str) -> Page:
    opening = _OBJECT.match(text)
    if not opening:
        return Page("", "", text)
    start = opening.end()
    line = text.count("\n", 0, start) + 1
    # An object that goes on past the limit is not worth reading.
    end = start + _end_of_object(text[start : start + _MOST_CHARACTERS + 1], line)
    return Page("json", text[start:end], text[end:].removeprefix("\n"), line)


def _end_of_object(text: str, line: int) -> int:
    try:
        return json.JSONDecoder().raw_decode(text)[1]
    except json.JSONDecodeError as error:
        if len(text) > _MOST_CHARACTERS:
            return len(text)
        raise front_matter_fault(line + error.lineno - 1, f"is no valid JSON: {error.msg}") from None
    except ValueError as error:
        raise front_matter_fault(line, f"is no valid JSON: {error}") from None
    except RecursionError:
        raise _too_deep() from None


def front_matter(page: Page) -> dict[str, Any]:
    """The fields of a page: strings, numbers, booleans, None, lists and dicts that JSON can hold. YAML
    gives strings and None only; dates of TOML are strings too.

    Raises RecordRejected with `bad-front-matter`, `bad-date` or `too-large`."""
    if not page.kind:
        return {}
    fields = _LOADERS[page.kind](page)
    if fields is None:
        return {}
    if type(fields) is not dict:
        raise front_matter_fault(page.first_line, "begins something that has no fields")
    refuse_depth(fields, most=_DEEPEST)
    return fields if page.kind == "yaml" else _plain(fields)


def _yaml(page: Page) -> Any:
    return load_plain_yaml(page.front, first_line=page.first_line)


def _toml(page: Page) -> Any:
    if _LONG_TOML_KEY.search(page.front):
        raise _too_deep()
    try:
        return tomllib.loads(page.front)
    except tomllib.TOMLDecodeError as error:
        raise _toml_fault(page, str(error)) from None
    except ValueError as error:
        raise front_matter_fault(page.first_line, f"is no valid TOML: {error}") from None
    except RecursionError:
        raise _too_deep() from None


def _toml_fault(page: Page, problem: str) -> RecordRejected:
    place = _TOML_LINE.search(problem)
    lines = page.front.splitlines() or [""]
    number = int(place[1]) if place and place[1] else len(lines)
    impossible = _TOML_DATE.match(lines[min(number, len(lines)) - 1])
    if impossible:
        return RecordRejected("bad-date", f"{impossible[1]} is no date: {quoted(impossible[2])}")
    what = problem[: place.start()] if place else problem
    return front_matter_fault(page.first_line + number - 1, f"is no valid TOML: {what}")


def _json(page: Page) -> Any:
    return json.loads(page.front)


_LOADERS = {"yaml": _yaml, "toml": _toml, "json": _json}


def _plain(value: Any) -> Any:
    if type(value) is dict:
        return {name: _plain(item) for name, item in value.items()}
    if type(value) is list:
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if type(value) is float and not isfinite(value):
        return str(value)
    return _plain_number(value) if type(value) is int else value


def _plain_number(value: int) -> int | str:
    """No more than the 64 bits that readers of JSON hold; what is longer is text."""
    if -_INT64 <= value < _INT64:
        return value
    # Python writes no decimals of a number that is longer still.
    return str(value) if value.bit_length() < _MOST_BITS else hex(value)


def _too_deep() -> RecordRejected:
    return RecordRejected("too-large", f"the front matter is nested deeper than {_DEEPEST} levels")
