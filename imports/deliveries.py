"""A delivery as bytes: a file or standard input, plain or compressed, read as often as needed."""

import gzip
import hashlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from imports.faults import DeliveryRefused

_BLOCK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
# Below this size a delivery may unfold as far as it likes: nobody is harmed.
_HARMLESS_BYTES = 256 * 1024 * 1024
_ZSTD_WINDOW = 2**27


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes that can be opened again and again. `name` is what people call it."""

    name: str
    file: BinaryIO
    bytes: int
    max_ratio: int

    def open(self) -> BinaryIO:
        """The content from its beginning, decompressed. One reader at a time.

        Raises DeliveryRefused, here or while reading, when it is damaged or unfolds past `max_ratio`."""
        self.file.seek(0)
        magic = self.file.read(4)
        self.file.seek(0)
        if magic.startswith(_GZIP):
            return self._unfold(gzip.GzipFile(fileobj=self.file))
        if magic == _ZSTD:
            decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
            return self._unfold(decompressor.stream_reader(self.file, read_across_frames=True, closefd=False))
        return io.BufferedReader(_Kept(self.file), _BLOCK)

    def _unfold(self, stream: BinaryIO) -> BinaryIO:
        limit = max(_HARMLESS_BYTES, self.bytes * self.max_ratio)
        return io.BufferedReader(_Unfolding(stream, name=self.name, limit=limit), _BLOCK)

    def head(self, size: int = 64 * 1024) -> bytes:
        with self.open() as stream:
            return stream.read(size)

    def sha256(self) -> str:
        """Of the bytes as delivered, compressed or not. Reads beside an open reader."""
        digest = hashlib.sha256()
        position = 0
        while block := os.pread(self.file.fileno(), _BLOCK, position):
            digest.update(block)
            position += len(block)
        return digest.hexdigest()


class _Kept(io.RawIOBase):
    """Leaves the file beneath open when a reader closes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        return self._file.readinto(buffer)


class _Unfolding(io.RawIOBase):
    """A decompressed stream that stops at a limit, and says in one sentence what is wrong with it."""

    def __init__(self, stream: BinaryIO, *, name: str, limit: int) -> None:
        self._stream = stream
        self._name = name
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        try:
            block = self._stream.read(len(buffer))
        except (OSError, EOFError, zstandard.ZstdError) as error:
            raise DeliveryRefused(
                f"{self._name} is damaged ({error}); ask its sender for it again."
            ) from error
        self._left -= len(block)
        if self._left < 0:
            raise DeliveryRefused(
                f"{self._name} unfolds to far more than its size, as a compression bomb does. "
                "If it is honest, decompress it first and import the result."
            )
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def open_delivery(path: str, *, spool: Path, max_ratio: int) -> Iterator[Delivery]:
    """The delivery at `path`, or standard input for `-`, which is first written to `spool`, because
    it has to be read twice. Raises DeliveryRefused when it cannot be read."""
    try:
        file = _spooled(spool) if path == "-" else _opened(path)
    except OSError as error:
        raise DeliveryRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    with file:
        size = os.fstat(file.fileno()).st_size
        yield Delivery("standard input" if path == "-" else path, file, size, max_ratio)


def _opened(path: str) -> BinaryIO:
    if Path(path).is_dir():
        raise DeliveryRefused(f"{path} is a folder; name a file, or - for standard input.")
    return Path(path).open("rb", buffering=0)


def _spooled(spool: Path) -> BinaryIO:
    """Without a name, so that nothing is left of it whatever happens."""
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = tempfile.TemporaryFile(dir=spool)  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(sys.stdin.buffer, file, _BLOCK)
    file.flush()
    return file
