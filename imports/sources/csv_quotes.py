"""Where a row of CSV ends. Patterns take no step back, so that none of them can be made slow."""

import re

_QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'
_WITHIN_QUOTES = re.compile(rb'[^"]*+(?:""[^"]*+)*+')


def whole_row(delimiter: str) -> re.Pattern[bytes]:
    """A row to its line end. Fits no row whose quotes are broken."""
    sign = re.escape(delimiter.encode())
    cell = rb'(?:%b|[^"%b\r\n][^%b\n]*+)?+' % (_QUOTED, sign, sign)
    return re.compile(rb"%b(?:%b%b)*+\r?\n" % (cell, sign, cell))


class Quotes:
    """The quotes of one row, told from its bytes piece by piece and read as csv does when it is not strict.

    `ended`: the row is whole. `open`: it stands within quotes. `opened` is the line, counted from 0 within
    the row, in which the last quote opened; `broken` that of the first one which closed where no cell
    ends. `cells` and `lines` count what was passed."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter.encode()
        sign = re.escape(self._delimiter)
        cell = rb'(?:%b|[^"%b\n][^%b\n]*+)?+%b' % (_QUOTED, sign, sign, sign)
        self._cell = re.compile(cell)
        self._cells = re.compile(b"(?:%b)*+" % cell)
        self._end_of_text = re.compile(b"[%b\n]" % sign)
        self._step = self._begin_cell
        self.ended = False
        self.opened = 0
        self.broken: int | None = None
        self.cells = 1
        self.lines = 0

    @property
    def open(self) -> bool:
        return self._step == self._in_quotes

    def feed(self, piece: bytes) -> int:
        """How much of the piece belongs to the row."""
        position = 0
        while position < len(piece) and not self.ended:
            position = self._step(piece, position)
        return position

    def _begin_cell(self, piece: bytes, position: int) -> int:
        end = self._cells.match(piece, position).end()
        if end > position:
            return self._pass_cells(piece, position, end)
        if not piece.startswith(b'"', position):
            self._step = self._in_text
            return position
        self._step = self._in_quotes
        self.opened = self.lines
        return position + 1

    def _pass_cells(self, piece: bytes, position: int, end: int) -> int:
        self.lines += piece.count(b"\n", position, end)
        if piece.find(b'"', position, end) < 0:
            self.cells += piece.count(self._delimiter, position, end)
        else:
            self.cells += sum(1 for _ in self._cell.finditer(piece, position, end))
        return end

    def _in_text(self, piece: bytes, position: int) -> int:
        found = self._end_of_text.search(piece, position)
        if not found:
            return len(piece)
        if found[0] == b"\n":
            self.ended = True
            self.lines += 1
        else:
            self.cells += 1
            self._step = self._begin_cell
        return found.end()

    def _in_quotes(self, piece: bytes, position: int) -> int:
        end = _WITHIN_QUOTES.match(piece, position).end()
        self.lines += piece.count(b"\n", position, end)
        if end == len(piece):
            return end
        self._step = self._after_quote
        return end + 1

    def _after_quote(self, piece: bytes, position: int) -> int:
        """What follows a quote within quotes: another makes it one of the text, all else closes the cell."""
        if piece.startswith(b'"', position):
            self._step = self._in_quotes
            return position + 1
        if self.broken is None and not piece.startswith((self._delimiter, b"\r", b"\n"), position):
            self.broken = self.opened
        self._step = self._in_text
        return position
