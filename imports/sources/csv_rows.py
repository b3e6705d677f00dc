"""Rows of a CSV delivery (RFC 4180 section 2, with any delimiter), read one after the other in bounded
memory, however its quotes are broken."""

import csv
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.csv_quotes import Quotes, whole_row

_BLOCK = 1024 * 1024
_PIECE = 64 * 1024


class Row(NamedTuple):
    """`cells` are those of a whole row. `raw` is what stands in the delivery, of a row that is too long the
    beginning. `line` is where it begins, counted from 1."""

    line: int
    cells: list[str]
    raw: bytes
    fault: RecordRejected | None = None


class RowReader:
    """Rows of the stream from where it stands, which is after `line` lines. Blank lines are passed over.

    A row whose quotes are broken is rejected alone where its cells are as many as the `columns`, which
    makes its end sure; anywhere else it is anybody's guess what the next row is, and iterating raises
    DeliveryRefused."""

    def __init__(
        self, stream: BinaryIO, *, delimiter: str, columns: int, limit: int, line: int, delivery: str
    ) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._columns = columns
        self._limit = limit
        self._line = line
        self._delivery = delivery
        self._whole_row = whole_row(delimiter)
        self._buffer = b""
        self._position = 0
        self._at_end = False
        # csv's limit is one for the whole process. It is only ever raised: rows are measured here.
        if csv.field_size_limit() < limit:
            csv.field_size_limit(limit)

    def __iter__(self) -> Iterator[Row]:
        while self._unread() or self._refill():
            row = self._next_row()
            if row is None:
                continue
            if row.cells or row.fault:
                yield row

    def _unread(self) -> int:
        return len(self._buffer) - self._position

    def _refill(self) -> bool:
        """As much again as is there already, so that a long row is not copied for every block of it."""
        if self._at_end:
            return False
        block = self._stream.read(max(_BLOCK, self._unread()))
        self._at_end = not block
        self._buffer = self._buffer[self._position :] + block
        self._position = 0
        if self._at_end and self._buffer and not self._buffer.endswith(b"\n"):
            self._buffer += b"\n"
        return bool(self._buffer)

    def _next_row(self) -> Row | None:
        """None where more must be read first."""
        found = self._whole_row.match(self._buffer, self._position)
        if found and found.end() - self._position <= self._limit:
            self._position = found.end()
            return self._parsed(found[0])
        if not found and self._unread() <= self._limit and not self._at_end:
            self._refill()
            return None
        return self._odd_row()

    def _parsed(self, raw: bytes) -> Row:
        line = self._line + 1
        self._line += raw.count(b"\n")
        fault = RecordRejected("illegal-character", "the row holds a NUL") if b"\x00" in raw else None
        try:
            cells = next(csv.reader((raw.decode(),), delimiter=self._delimiter, strict=True))
        except UnicodeDecodeError as error:
            return Row(line, [], raw, _not_utf8(raw, error))
        except csv.Error:
            fault = RecordRejected("not-an-object", "a carriage return stands in a cell without quotes")
            return Row(line, [], raw, fault)
        return Row(line, cells, raw, fault)

    def _odd_row(self) -> Row:
        """A row that is too long, or whose quotes are broken."""
        first = self._line + 1
        quotes = Quotes(self._delimiter)
        kept, size = self._pass_over(quotes)
        if quotes.open:
            raise self._never_closed(first + quotes.opened)
        broken, right = quotes.broken is not None, quotes.cells == self._columns
        if size <= self._limit and not broken:
            return self._parsed(kept)
        self._line += quotes.lines
        if size <= self._limit and right:
            return Row(first, [], kept, _broken(first + quotes.broken))
        if broken:
            raise self._torn(first + quotes.broken)
        if quotes.lines > 1 and not right:
            raise self._swallowed(first, quotes)
        return Row(first, [], kept, _too_large(self._limit))

    def _pass_over(self, quotes: Quotes) -> tuple[bytes, int]:
        """The beginning of the next row, as much as a record may have, and how many bytes it is."""
        kept, size = bytearray(), 0
        while not quotes.ended and (self._unread() or self._refill()):
            piece = self._buffer[self._position : self._position + _PIECE]
            passed = quotes.feed(piece)
            self._position += passed
            size += passed
            kept += piece[: min(passed, self._limit - len(kept))]
        return bytes(kept), size

    def _never_closed(self, line: int) -> DeliveryRefused:
        return DeliveryRefused(
            f"{self._delivery} opens a quote in line {line} that is never closed, so all that follows would "
            "be one cell; close it there, or ask its sender for the file again if it was cut off."
        )

    def _torn(self, line: int) -> DeliveryRefused:
        return DeliveryRefused(
            f"{self._delivery} opens a quote in line {line} that closes where no cell ends, so that nobody "
            "can tell where the row ends; double the quotes within its cells and import it again."
        )

    def _swallowed(self, first: int, quotes: Quotes) -> DeliveryRefused:
        return DeliveryRefused(
            f"{self._delivery} has a row of {quotes.lines} lines from line {first}, which is longer than "
            f"{self._limit} bytes and has {quotes.cells} cells under {self._columns} columns; its quotes "
            "must be wrong and have taken other rows in. Mend them and import it again."
        )


def _not_utf8(raw: bytes, error: UnicodeDecodeError) -> RecordRejected:
    wrong = raw[error.start : error.end]
    return RecordRejected("not-text", f"the row is not valid UTF-8: {wrong!r} is no character")


def _broken(line: int) -> RecordRejected:
    return RecordRejected(
        "not-an-object", f"the quote that opens in line {line} closes where no cell ends; double it there"
    )


def _too_large(limit: int) -> RecordRejected:
    return RecordRejected("too-large", f"the row is longer than {limit} bytes")
