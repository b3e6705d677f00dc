"""Rows in the text format of PostgreSQL's COPY (its documentation, "File Formats", "Text Format")."""

from collections.abc import Iterable
from datetime import date, datetime

_NULL = r"\N"


def copy_row(values: Iterable[object]) -> str:
    """One row without its line end. Takes str, int, bool, bytes, date, datetime, None, and lists of
    str or of int; anything else raises KeyError."""
    return "\t".join([_WRITERS[type(value)](value) for value in values])


def _text(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value:
        value = value.replace("\n", "\\n")
    if "\t" in value:
        value = value.replace("\t", "\\t")
    if "\r" in value:
        value = value.replace("\r", "\\r")
    return value


def _array(values: list[str] | list[int]) -> str:
    return _text("{" + ",".join([_element(value) for value in values]) + "}")


def _element(value: str | int) -> str:
    if type(value) is int:
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_WRITERS = {
    str: _text,
    int: str,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: "\\\\x" + value.hex(),
    date: date.isoformat,
    datetime: datetime.isoformat,
    type(None): lambda value: _NULL,
    list: _array,
}
