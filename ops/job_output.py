"""What a command writes: passed on as it comes, and its last lines kept."""

import os
import re
import select
import threading
from collections import deque
from typing import BinaryIO

from ops.masking import Mask

KEPT_LINES = 50
KEPT_BYTES = 16 * 1024
_BLOCK = 64 * 1024
# Of a line that does not end: more than is kept, because masking may shorten it.
_LONGEST_LINE = 64 * 1024
# Line breaks and tabs alone may stay: the rest can command a terminal, and PostgreSQL takes no NUL.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Tail:
    """The last lines of several streams, each line whole, in the order in which they ended."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._lines: deque[bytes] = deque(maxlen=KEPT_LINES)
        self._streams: list[_Lines] = []

    def stream(self) -> "_Lines":
        lines = _Lines(self._lines)
        self._streams.append(lines)
        return lines

    def add(self, sentence: str) -> None:
        self._lines.append(sentence.encode())

    def text(self) -> str:
        """The last KEPT_LINES lines in at most KEPT_BYTES of UTF-8, with secrets masked and what is no
        text as backslash escapes."""
        rest = [stream.rest for stream in self._streams if stream.rest]
        lines = [self._readable(line) for line in [*self._lines, *rest][-KEPT_LINES:]]
        kept = "\n".join(lines).encode()[-KEPT_BYTES:]
        return kept.decode(errors="ignore")

    def _readable(self, line: bytes) -> str:
        # Of a line that progress was drawn on, the last state.
        text = line.rstrip(b"\r").rpartition(b"\r")[2].decode(errors="backslashreplace")
        masked = self._mask(text)
        if len(line) >= _LONGEST_LINE:
            # The half of a secret may stand where its beginning was cut off.
            masked = masked[self._mask.longest :]
        return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", masked)


class _Lines:
    """Cuts one stream into lines."""

    def __init__(self, lines: deque[bytes]) -> None:
        self._lines = lines
        self.rest = b""

    def add(self, block: bytes) -> None:
        *ended, rest = (self.rest + block).split(b"\n")
        self._lines.extend(line[-_LONGEST_LINE:] for line in ended[-KEPT_LINES:])
        self.rest = rest[-_LONGEST_LINE:]


def pass_on(source: BinaryIO, target: int, lines: _Lines) -> threading.Thread:
    """Starts a thread that writes what comes from `source` to the descriptor `target`, to its end."""
    thread = threading.Thread(target=_pump, args=(source, target, lines), daemon=True)
    thread.start()
    return thread


def _pump(source: BinaryIO, target: int, lines: _Lines) -> None:
    listening = True
    while block := os.read(source.fileno(), _BLOCK):
        lines.add(block)
        # Without a reader the command goes on all the same, and its last lines are kept.
        listening = listening and _write(target, block)


def _write(target: int, block: bytes) -> bool:
    """False when nobody reads any more."""
    left = memoryview(block)
    while left:
        try:
            left = left[os.write(target, left) :]
        except BlockingIOError:
            select.select([], [target], [])
        except OSError:
            return False
    return True
