"""Compressed streams, told by their first bytes and read no further than a limit."""

import gzip
import io
import zipfile
import zlib
from typing import Any, BinaryIO

import zstandard

from imports.faults import DeliveryRefused

_BLOCK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_WINDOW = 2**27
# So few bytes unfold to some 40 MB at the very most.
_ZSTD_PIECE = 1024
# What the readers of compressed data raise when it is broken.
DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, zstandard.ZstdError)
BOMB = (
    "{} unfolds to far more than its size, as a compression bomb does. "
    "If it is honest, decompress it first and import the result."
)


def unfold(stream: io.BufferedReader, *, name: str, limit: int) -> io.BufferedReader:
    """The stream itself, or what it holds when it is compressed by gzip or zstandard.

    The reading raises DeliveryRefused when the compressed data is damaged or longer than `limit`."""
    magic = stream.peek(len(_ZSTD))
    if magic.startswith(_GZIP):
        return bounded(gzip.GzipFile(fileobj=stream), name=name, limit=limit)
    if magic.startswith(_ZSTD):
        return bounded(_ZstandardFrames(stream), name=name, limit=limit)
    return stream


def bounded(stream: Any, *, name: str, limit: int) -> io.BufferedReader:
    return io.BufferedReader(_Unfolding(stream, name=name, limit=limit), _BLOCK)


class _ZstandardFrames:
    """Frames one after the other. zstandard's own reader takes a frame that was cut off for a whole one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._frame = self._new_frame()
        self._started = False
        self._unread = b""

    def _new_frame(self) -> Any:
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    def read(self, size: int) -> bytes:
        while not self._unread:
            piece = self._file.read(_ZSTD_PIECE)
            if not piece:
                if self._started:
                    raise EOFError("the compressed data ends in the middle")
                return b""
            self._unread = self._unfold(piece)
        block, self._unread = self._unread[:size], self._unread[size:]
        return block

    def _unfold(self, piece: bytes) -> bytes:
        unfolded = []
        while piece:
            unfolded.append(self._frame.decompress(piece))
            self._started = not self._frame.eof
            piece = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = self._new_frame()
        return b"".join(unfolded)


class _Unfolding(io.RawIOBase):
    """A decompressed stream that stops at a limit, and says in one sentence what is wrong with it."""

    def __init__(self, stream: Any, *, name: str, limit: int) -> None:
        self._stream = stream
        self._name = name
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        try:
            block = self._stream.read(len(buffer))
        except DAMAGE as error:
            raise DeliveryRefused(
                f"{self._name} is damaged ({error}); ask its sender for it again."
            ) from error
        self._left -= len(block)
        if self._left < 0:
            raise DeliveryRefused(BOMB.format(self._name))
        buffer[: len(block)] = block
        return len(block)
