"""Texts in any encoding, read as UTF-8."""

import codecs
import io
from typing import BinaryIO

from imports.faults import DeliveryRefused

UTF_8 = "utf-8"
UTF_8_MARKED = "utf-8-sig"
_BLOCK = 1024 * 1024
_PIECE = 64 * 1024
_MARK = "\ufeff"


def in_utf8(stream: io.BufferedReader, encoding: str, *, name: str) -> io.BufferedReader:
    """The text in UTF-8, without a byte order mark. What is in UTF-8 already is passed on unread;
    UTF_8_MARKED is for what is known to begin with a mark.

    The reading raises DeliveryRefused at the first byte that is wrong in another encoding."""
    if encoding == UTF_8:
        return stream
    if encoding == UTF_8_MARKED:
        stream.read(len(codecs.BOM_UTF8))
        return stream
    return io.BufferedReader(_Transcoded(stream, encoding, name=name), _BLOCK)


class _Transcoded(io.RawIOBase):
    def __init__(self, stream: BinaryIO, encoding: str, *, name: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._name = name
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._offset = 0
        self._begun = False
        self._unread = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        while not self._unread:
            block = self._stream.read(_PIECE)
            self._unread = memoryview(self._in_utf8(block))
            if not block:
                break
        count = min(len(buffer), len(self._unread))
        buffer[:count] = self._unread[:count]
        self._unread = self._unread[count:]
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _in_utf8(self, block: bytes) -> bytes:
        self._offset += len(block)
        try:
            text = self._decoder.decode(block, final=not block)
            if not self._begun:
                text = text.removeprefix(_MARK)
                self._begun = bool(text)
            return text.encode()
        except UnicodeError as error:
            raise DeliveryRefused(
                f"{self._name} is not in {self._encoding}: the byte at offset {self._wrong(error)} is wrong. "
                "Find out its encoding and name it with --encoding."
            ) from error

    def _wrong(self, error: UnicodeError) -> int:
        """Within the whole text: decoders count from what they had left over of the block before."""
        if isinstance(error, UnicodeDecodeError):
            return self._offset - len(error.object) + error.start
        return self._offset
