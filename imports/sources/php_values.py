"""Values that PHP's serialize() wrote, as WordPress keeps its metadata. Nothing is ever executed or built
but lists, objects of JSON, texts and numbers."""

import re
from typing import Any

_LOOKS_SERIALIZED = re.compile(r"(?:N;|[bid]:[^;{}\"]*;|s:\d+:\".*\";|a:\d+:\{.*\})\Z", re.DOTALL)
_MOST_BYTES = 1024 * 1024
_MOST_VALUES = 10_000
_MOST_REPAIRS = 1_000
_DEEPEST = 20
_INTEGERS = range(-(2**63), 2**63)

_SCALAR = re.compile(rb"(?:(N)|b:([01])|i:([+-]?\d{1,20})|d:([0-9+.eE-]{1,40}|NAN|-?INF));")
_LENGTH = re.compile(rb'(?:s:(\d{1,10}):"|a:(\d{1,10}):\{)')
# What can follow a text: the end of its array, or the next key or value in it.
_TEXT_END = re.compile(rb'";(?=\Z|\}|N;|b:[01];|i:[+-]?\d+;|d:[\dNI.+-]|s:\d+:"|a:\d+:\{)')
# So many other characters a text may have lost, those that XML forbids.
_LOST = 16


def readable(text: str) -> Any:
    """What `text` says when it is a serialized value, else `text` itself: also where it holds PHP's
    objects or references, which nothing but PHP can make sense of, or is damaged beyond repair."""
    for _ in range(2):  # WordPress serializes once more what is serialized already.
        if type(text) is not str or not _LOOKS_SERIALIZED.match(text):
            break
        try:
            text = unserialize(text)
        except ValueError:
            break
    return text


def unserialize(text: str) -> Any:
    """The value that `text` holds. An array is a list if its keys are 0, 1, 2 and so on, else a dict with
    keys of type str.

    Lengths count bytes of UTF-8. A text whose length is wrong, as XML makes it by reading CR LF as LF,
    ends where its end can be told. Raises ValueError for anything else."""
    data = text.encode()
    if len(data) > _MOST_BYTES:
        raise ValueError(f"longer than {_MOST_BYTES} bytes")
    reader = _Reader(data)
    value = reader.value(depth=0)
    if reader.position != len(data):
        raise ValueError(f"more than one value, from byte {reader.position}")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._values = 0
        self._repairs = 0
        self.position = 0

    def value(self, *, depth: int) -> Any:
        self._values += 1
        if self._values > _MOST_VALUES or depth > _DEEPEST:
            raise ValueError("too many values or too deep")
        scalar = _SCALAR.match(self._data, self.position)
        if scalar:
            self.position = scalar.end()
            return _scalar(*scalar.groups())
        start = _LENGTH.match(self._data, self.position)
        if not start:
            raise ValueError(f"no plain value at byte {self.position}")
        self.position = start.end()
        return self._text(int(start[1])) if start[1] else self._array(int(start[2]), depth)

    def _text(self, length: int) -> str:
        start, end = self.position, self.position + length
        if self._data[end : end + 2] != b'";':
            end = self._told_end(length)
        self.position = end + 2
        return self._data[start:end].decode()

    def _told_end(self, length: int) -> int:
        """Where a text of wrong length ends: it has lost one byte a line end at most, if XML shortened it."""
        self._repairs += 1
        declared = self.position + length
        earliest = max(self.position, declared - self._data.count(b"\n", self.position, declared))
        end = _TEXT_END.search(self._data, earliest)
        if not end or end.start() > declared:
            end = _TEXT_END.search(self._data, max(self.position, earliest - _LOST))
        if not end or self._repairs > _MOST_REPAIRS:
            raise ValueError(f"a text without an end at byte {self.position}")
        return end.start()

    def _array(self, count: int, depth: int) -> list[Any] | dict[str, Any]:
        items: dict[Any, Any] = {}
        for _ in range(count):
            key = self.value(depth=_DEEPEST)
            if type(key) not in (int, str):
                raise ValueError(f"no key at byte {self.position}")
            items[key] = self.value(depth=depth + 1)
        if self._data[self.position : self.position + 1] != b"}":
            raise ValueError(f"an array without an end at byte {self.position}")
        self.position += 1
        if list(items) == list(range(len(items))):
            return list(items.values())
        return {str(key): value for key, value in items.items()}


def _scalar(null: bytes | None, truth: bytes | None, whole: bytes | None, real: bytes | None) -> Any:
    if null:
        return None
    if truth:
        return truth == b"1"
    if whole:
        number = int(whole)
        if number not in _INTEGERS:
            raise ValueError("a number of more than 64 bits")
        return number
    # JSON has no word for what is no finite number.
    return float(real) if float(real) - float(real) == 0 else real.decode()
