"""One large JSON document (RFC 8259), read value by value.

A parser of the whole document would take all of it for lost when one record holds half a surrogate
pair, and would build a text of any length on the way. Here a value is first cut out by its quotes and
brackets, and only what a format wants is decoded, alone, by msgspec. ijson was tried: its C backend
(3.6.0) makes half a pair a question mark, and a number of 5,000 digits crashes the process."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from imports.faults import DeliveryRefused, RecordRejected
from imports.values import refuse_illegal_characters

_BLOCK = 1024 * 1024
_LEAPT_DEPTH = 3
# One more than is kept of a reject, which so can be seen to be cut.
_MOST_OF_A_LONG_VALUE = 1024 * 1024 + 1

_SPACE = re.compile(rb"[ \t\n\r]*+")
_BARE = re.compile(rb'[^"{}\[\],:\s]*+')
_IN_STRING = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_STRING_REST = re.compile(_IN_STRING, re.DOTALL)


def _balanced(depth: int) -> bytes:
    """Whatever stands between brackets, as long as it is nested no deeper than `depth`: a pattern that
    leaps over thousands of values at once."""
    deeper = rb"|[{\[]%b[}\]]" % _balanced(depth - 1) if depth else b""
    return rb'[^"{}\[\]]*+(?:(?:"%b"%b)[^"{}\[\]]*+)*+' % (_IN_STRING, deeper)


_VALUE = rb'(?:"%b"|[{\[]%b[}\]])' % (_IN_STRING, _balanced(_LEAPT_DEPTH))
_BALANCED = re.compile(_balanced(_LEAPT_DEPTH), re.DOTALL)
_WHOLE_VALUE = re.compile(_VALUE, re.DOTALL)
_WHOLE_ELEMENT = re.compile(rb"[ \t\n\r]*+(%b)[ \t\n\r]*+," % _VALUE, re.DOTALL)


class JsonReader:
    """Steps through a document: `members` and `elements` enter the container that comes next, `value`
    and `values` take whole ones, and one that a caller leaves alone is passed over. Memory is bounded by
    `limit`, the most bytes of a value, whatever the depth and length of what is passed over, which is not
    decoded. `cut` is the beginning of the last value that was too long.

    Each method raises DeliveryRefused where the document is no JSON or ends too early; the sentence never
    quotes it, for a document may hold secrets."""

    def __init__(self, stream: BinaryIO, *, name: str, limit: int) -> None:
        self._stream = stream
        self._name = name
        self._limit = limit
        self._buffer = b""
        self._at = 0
        self._before = 0  # bytes of the document before the buffer
        self._counted = 0  # up to here in the buffer lines are counted
        self._line = 1
        self.cut = b""

    def line(self) -> int:
        self._line += self._buffer.count(b"\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def peek(self) -> bytes:
        """The first byte of what comes next."""
        while True:
            self._at = _SPACE.match(self._buffer, self._at).end()
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            self._need_more()

    def members(self) -> Iterator[str]:
        """Stops before each value of the object that comes next, with its name."""
        self._expect(b"{")
        for _ in self._parts(b"}"):
            name = self._member_name()
            self._expect(b":")
            yield from self._offer(name)

    def elements(self) -> Iterator[None]:
        """Stops before each element of the array that comes next."""
        self._expect(b"[")
        for _ in self._parts(b"]"):
            yield from self._offer(None)

    def values(self) -> Iterator[tuple[int, bytes | None]]:
        """The line and the `value` of each element of the array that comes next."""
        self._expect(b"[")
        for _ in self._parts(b"]"):
            while whole := _WHOLE_ELEMENT.match(self._buffer, self._at):
                self._at = whole.start(1)
                line = self.line()
                self._at = whole.end()
                yield line, self._bounded(whole[1], len(whole[1]))
            self.peek()
            yield self.line(), self.value()

    def value(self) -> bytes | None:
        """The bytes of the value that comes next; None where there are more of them than `limit`."""
        pieces: list[bytes] = []
        size = 0
        for piece in self._pieces():
            size += len(piece)
            pieces.append(piece)
            if size > self._limit:
                pieces = [b"".join(pieces)[:_MOST_OF_A_LONG_VALUE]]
        return self._bounded(b"".join(pieces), size)

    def _bounded(self, value: bytes, size: int) -> bytes | None:
        if size <= self._limit:
            return value
        self.cut = value[:_MOST_OF_A_LONG_VALUE]
        return None

    def pass_over(self) -> None:
        for _ in self._pieces():
            pass

    def finish(self) -> None:
        """Nothing may follow the document."""
        more = True
        while more:
            self._at = _SPACE.match(self._buffer, self._at).end()
            if self._at < len(self._buffer):
                raise self._broken("something follows its end")
            more = self._more()

    def _offer(self, given: Any) -> Iterator[Any]:
        self.peek()
        start = self._before + self._at
        yield given
        if start == self._before + self._at:
            self.pass_over()

    def _parts(self, closing: bytes) -> Iterator[None]:
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            yield
            mark = self.peek()
            if mark == closing:
                self._at += 1
                return
            self._expect(b",")

    def _expect(self, mark: bytes) -> None:
        if self.peek() != mark:
            raise self._broken(f"a {mark.decode()} is missing")
        self._at += 1

    def _member_name(self) -> str:
        if self.peek() != b'"':
            raise self._broken("the name of a value is missing")
        name = self.value()
        try:
            return msgspec.json.decode(name or b"", type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._broken("the name of a value cannot be read") from None

    def _pieces(self) -> Iterator[bytes]:
        """The value that comes next, as much of it as each block holds."""
        if self.peek() not in (b'"', b"{", b"["):
            yield from self._bare()
            return
        start = self._at
        if whole := _WHOLE_VALUE.match(self._buffer, start):
            self._at = whole.end()
            yield whole[0]
            return
        quoted = self._buffer[start : start + 1] == b'"'
        depth = 0 if quoted else 1
        self._at += 1
        while True:
            depth, quoted = self._walk(depth, quoted)
            yield self._buffer[start : self._at]
            if not (depth or quoted):
                return
            self._need_more()
            start = self._at

    def _bare(self) -> Iterator[bytes]:
        """A number or a word."""
        empty = True
        while True:
            start = self._at
            self._at = _BARE.match(self._buffer, start).end()
            empty = empty and self._at == start
            yield self._buffer[start : self._at]
            if self._at < len(self._buffer) or not self._more():
                break
        if empty:
            raise self._broken("a value is missing")

    def _walk(self, depth: int, quoted: bool) -> tuple[int, bool]:
        """Goes on to the end of the value or of the block; answers how deep it is there, and whether that
        is in a string."""
        while depth or quoted:
            if quoted:
                self._at = _STRING_REST.match(self._buffer, self._at).end()
            else:
                self._at = _BALANCED.match(self._buffer, self._at).end()
            mark = self._buffer[self._at : self._at + 1]
            if mark in (b"", b"\\"):
                break
            self._at += 1
            if mark == b'"':
                quoted = not quoted
            else:
                depth += 1 if mark in b"{[" else -1
        return depth, quoted

    def _need_more(self) -> None:
        if not self._more():
            raise self._broken("it ends too early and may have been cut off on its way")

    def _more(self) -> bool:
        block = self._stream.read(_BLOCK)
        self.line()
        self._before += self._at
        # What is left is part of a token: a backslash whose character is yet to come.
        self._buffer = self._buffer[self._at :] + block
        self._at = self._counted = 0
        return bool(block)

    def _broken(self, what: str) -> DeliveryRefused:
        return DeliveryRefused(
            f"{self._name} is no valid JSON: near line {self.line()} {what}. Export it again and import that."
        )


def decode_record(raw: bytes, decoder: msgspec.json.Decoder[Any], *, what: str) -> Any:
    """What `decoder` makes of a value that is one record; `what` is the record's name in sentences.

    Raises RecordRejected."""
    try:
        return decoder.decode(raw)
    except RecursionError:
        raise RecordRejected("too-large", f"the {what} is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise RecordRejected("not-json", f"the {what} is not valid UTF-8: {error.reason}") from None
    except msgspec.ValidationError as error:
        code = "bad-type" if raw.startswith(b"{") else "not-an-object"
        raise RecordRejected(code, f"the {what} is not as it should be: {error}") from None
    except msgspec.DecodeError as error:
        _refuse_lone_surrogates(raw)
        raise RecordRejected("not-json", f"the {what} is not valid JSON: {error}") from None


def _refuse_lone_surrogates(raw: bytes) -> None:
    """msgspec takes half a surrogate pair for broken JSON; json reads it, so it can be named."""
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        return
    refuse_illegal_characters(values)
