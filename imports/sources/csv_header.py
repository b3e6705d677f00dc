"""The header of a CSV delivery: its delimiter, its columns, and which of them is the key."""

import csv
import re
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import BinaryIO

from imports.faults import DeliveryRefused
from imports.fields import FIELDS, Kind

KEY = "payload.source_id"

_BOM = "\ufeff"
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
# Spreadsheets write this line before the header.
_TOLD = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_MOST_BYTES = 64 * 1024
_LONGEST_NAME = 200
_MOST_LISTED = 50
# By which systems tell their drafts from what is public.
_STATES = frozenset(("status", "post_status", "state", "draft", "is_draft", "visibility", "published"))
_LIKELY_KEYS = (KEY, "id", "source_id", "post_id", "article_id", "guid", "uuid", "key")


@dataclass(frozen=True, slots=True)
class Header:
    """`lines` counts the lines of the delivery to the header's end."""

    delimiter: str
    columns: tuple[str, ...]
    lines: int


def read_header(stream: BinaryIO, *, delivery: str) -> Header:
    """Leaves the stream after the header. Raises DeliveryRefused."""
    text, lines = _next_row(stream, delivery)
    text = text.removeprefix(_BOM)
    told = _TOLD.fullmatch(text)
    if told:
        text, more = _next_row(stream, delivery)
        lines += more
    if not text:
        raise DeliveryRefused(f"{delivery} is empty; its first row must name the columns.")
    _refuse_characters(text, delivery)
    delimiter = told[1] if told else _delimiter(text, delivery)
    return Header(delimiter, _columns(text, delimiter, delivery), lines)


def check_key(header: Header, key: str, *, delivery: str) -> None:
    """Raises DeliveryRefused, with what to type."""
    columns = header.columns
    if not key:
        example = next((name for name in _LIKELY_KEYS if name in columns), columns[0])
        raise DeliveryRefused(
            f"{delivery} does not say what tells its articles apart; name the column with --key, for example "
            f"--key {shlex.quote(example)}. Its columns are {_listed(columns)}."
        )
    if key not in columns:
        by_letters = {name.casefold(): name for name in columns}
        near = get_close_matches(key.casefold(), by_letters, n=1)
        meant = f" Did you mean --key {shlex.quote(by_letters[near[0]])}?" if near else ""
        raise DeliveryRefused(
            f"{delivery} has no column {key}, which --key names.{meant} Its columns are {_listed(columns)}."
        )
    if KEY in columns and key != KEY:
        raise DeliveryRefused(
            f"{delivery} has a column {KEY}, the archive's own name for a key, but --key names {key}; "
            f"type --key {KEY}, or rename that column."
        )


def check_states(header: Header, mapped: frozenset[str], *, delivery: str) -> None:
    """Raises DeliveryRefused where a column seems to tell drafts and no mapping says how: what has a date
    would be public."""
    doubtful = [name for name in header.columns if name.casefold() in _STATES and name not in mapped]
    if not doubtful or ("published_at" not in header.columns and not mapped):
        return
    raise DeliveryRefused(
        f"{delivery} has a column {doubtful[0]}, which may tell its drafts from what is public; say "
        f'with --map FILE which of its values are public, as in [public] {doubtful[0]} = ["published"], or '
        "let the file drop the column (docs/mapping.md)."
    )


def _next_row(stream: BinaryIO, delivery: str) -> tuple[str, int]:
    """The next row that is not blank, as text with its line end, and how many lines it took to get it."""
    row, lines = b"", 0
    while piece := stream.readline(_MOST_BYTES + 1 - len(row)):
        row += piece
        lines += 1
        if len(row) > _MOST_BYTES:
            raise DeliveryRefused(
                f"{delivery} has no header: its first row is longer than {_MOST_BYTES} bytes. "
                "The first row must name the columns."
            )
        if row.isspace():
            row = b""
        elif row.count(b'"') % 2 == 0:
            break
    try:
        return row.decode(), lines
    except UnicodeDecodeError as error:
        raise DeliveryRefused(
            f"{delivery} has a header that is not UTF-8 (byte {error.start} is wrong); "
            "save the file as UTF-8, or name its encoding with --encoding."
        ) from None


def _refuse_characters(text: str, delivery: str) -> None:
    if "\x00" in text:
        raise DeliveryRefused(f"{delivery} has a NUL in its header; it is no text. Export it again.")
    if _LONE_RETURN.search(text):
        raise DeliveryRefused(
            f"{delivery} ends its lines with carriage returns alone; save it with line feeds and import that."
        )


def _delimiter(text: str, delivery: str) -> str:
    """The one that stands most often between the names. A guess from the rows would be less sure."""
    outside = Counter(_QUOTED.sub("", text))
    counts = sorted(((outside[sign], sign) for sign in _DELIMITERS if outside[sign]), reverse=True)
    if not counts:
        raise DeliveryRefused(
            f"{delivery} has no comma, semicolon, tab or bar in its first row, which must name the columns."
        )
    if len(counts) > 1 and counts[0][0] == counts[1][0]:
        first, second = _DELIMITERS[counts[0][1]], _DELIMITERS[counts[1][1]]
        raise DeliveryRefused(
            f"{delivery} has as many {first} as {second} in its header, so what parts the columns cannot be "
            "told; put quotes around the names that hold one."
        )
    return counts[0][1]


def _columns(text: str, delimiter: str, delivery: str) -> tuple[str, ...]:
    try:
        cells = next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DeliveryRefused(f"{delivery} has broken quotes in its header ({error}); mend them.") from None
    columns = tuple(cell.strip() for cell in cells)
    fault = _fault_of_columns(columns)
    if fault:
        raise DeliveryRefused(f"{delivery} {fault}.")
    return columns


def _fault_of_columns(columns: Sequence[str]) -> str:
    if "" in columns:
        return f"has no name for column {columns.index('') + 1}; the first row must name every column once"
    long = next((name for name in columns if len(name) > _LONGEST_NAME), "")
    if long:
        return f"has no header: a name in its first row has {len(long)} characters, at most 200 make sense"
    repeated = [name for name, times in Counter(columns).items() if times > 1]
    if repeated:
        return f"names more than one column {_listed(repeated)}; give each column a name of its own"
    return _fault_of_places(columns)


def _fault_of_places(columns: Sequence[str]) -> str:
    """A cell holds no object, and parts of one leave no place for the whole."""
    if "payload" in columns:
        return "has a column payload, which no cell can fill; name its parts, as in payload.generator"
    outer = {name.split(".")[0] for name in columns if name in FIELDS and "." in name}
    both = [name for name in columns if name in outer and FIELDS.get(name) == Kind.OBJECT]
    return f"has a column {both[0]} and one that is a part of it; rename one of them" if both else ""


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more
