"""Reads .env files: `NAME=value`, `export NAME=value`, comments.

django-environ logs a malformed line and goes on, so that a setting is silently absent. Here it is a fault.
Nothing is expanded: a $ is a $. An unquoted value ends before " #"; within single quotes every character
counts; within double quotes a backslash stands before ", \\ and $ only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ASSIGNMENT = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")
_SINGLE_QUOTED = re.compile(r"'(?P<value>[^']*)'(?:\s+#.*|\s*)")
_DOUBLE_QUOTED = re.compile(r'"(?P<value>(?:[^"\\]|\\["\\$])*)"(?:\s+#.*|\s*)')
_ESCAPED = re.compile(r'\\(["\\$])')
_COMMENT = re.compile(r"\s#.*")


@dataclass(frozen=True, slots=True)
class MalformedLine:
    """`problem` never repeats the line, which may hold a secret."""

    number: int
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Dotenv:
    values: Mapping[str, str]
    malformed: tuple[MalformedLine, ...]


def parse_dotenv(text: str) -> Dotenv:
    values: dict[str, str] = {}
    malformed = []
    for number, line in enumerate(text.split("\n"), start=1):
        read = _parse_line(number, line.strip())
        if isinstance(read, MalformedLine):
            malformed.append(read)
        elif read and read[0] in values:
            malformed.append(
                MalformedLine(number, "sets a name that an earlier line sets", "keep one of them")
            )
        elif read:
            values[read[0]] = read[1]
    return Dotenv(values, tuple(malformed))


def _parse_line(number: int, line: str) -> tuple[str, str] | MalformedLine | None:
    if not line or line.startswith("#"):
        return None
    assignment = _ASSIGNMENT.fullmatch(line)
    if assignment is None:
        return MalformedLine(number, "is no assignment", "write NAME=value, or start the line with #")
    value = _parse_value(assignment["value"].strip())
    if value is None:
        return MalformedLine(
            number,
            "sets a value that could be read in two ways",
            "put the whole value between single quotation marks",
        )
    return assignment["name"], value


def _parse_value(text: str) -> str | None:
    if text.startswith("'"):
        match = _SINGLE_QUOTED.fullmatch(text)
        return match and match["value"]
    if text.startswith('"'):
        match = _DOUBLE_QUOTED.fullmatch(text)
        return match and _ESCAPED.sub(r"\1", match["value"])
    if text.startswith("#"):
        return None
    return _COMMENT.sub("", text).rstrip()


def quote_value(text: str) -> str:
    """How a value stands in a .env file; the reverse of reading it."""
    if re.fullmatch(r"[^\s#'\"\\]*", text):
        return text
    escaped = re.sub(r'(["\\$])', r"\\\1", text)
    return f'"{escaped}"'
