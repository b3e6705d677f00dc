"""A delivery as bytes: a file or standard input, plain or compressed, read as often as needed."""

import gzip
import hashlib
import io
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import zstandard

from imports.faults import DeliveryRefused

_BLOCK = 1024 * 1024
_HEAD = 64 * 1024
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
# Below this size a delivery may unfold as far as it likes: nobody is harmed.
_HARMLESS_BYTES = 256 * 1024 * 1024
_ZSTD_WINDOW = 2**27
# So few bytes unfold to some 40 MB at the very most.
_ZSTD_PIECE = 1024


@dataclass(frozen=True, slots=True)
class Sight:
    """What a delivery looks like from outside: its first bytes, decompressed and in UTF-8; of a folder
    or an archive of many files the paths of its `members` instead."""

    name: str
    head: bytes = b""
    members: tuple[str, ...] = ()


class Member(NamedTuple):
    """A file within a folder or an archive. `path` is relative, with slashes, and never leads out."""

    path: str
    size: int
    read: Callable[[], bytes]


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
            return self._unfold(_ZstandardFrames(self.file))
        return io.BufferedReader(_Kept(self.file), _BLOCK)

    def _unfold(self, stream: BinaryIO) -> BinaryIO:
        limit = max(_HARMLESS_BYTES, self.bytes * self.max_ratio)
        return io.BufferedReader(_Unfolding(stream, name=self.name, limit=limit), _BLOCK)

    def sight(self) -> Sight:
        with self.open() as stream:
            return Sight(self.name, stream.read(_HEAD))

    def members(self) -> Iterator[Member]:
        """Of a folder or an archive of many files, in the order of their paths."""
        return iter(())

    def sha256(self) -> str:
        """Of the bytes as delivered, compressed or not. Reads beside an open reader."""
        digest = hashlib.sha256()
        position = 0
        while block := os.pread(self.file.fileno(), _BLOCK, position):
            digest.update(block)
            position += len(block)
        return digest.hexdigest()


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
    """The delivery at `path`, or standard input for `-`. A pipe is first written to `spool`, because it
    has to be read twice. Raises DeliveryRefused when it cannot be read."""
    try:
        file = _spooled(_standard_input(), spool) if path == "-" else _opened(path, spool)
    except OSError as error:
        raise DeliveryRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    with file:
        size = os.fstat(file.fileno()).st_size
        yield Delivery("standard input" if path == "-" else path, file, size, max_ratio)


def _opened(path: str, spool: Path) -> BinaryIO:
    if Path(path).is_dir():
        raise DeliveryRefused(f"{path} is a folder; name a file, or - for standard input.")
    file = Path(path).open("rb", buffering=0)  # noqa: SIM115 - open_delivery closes it
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    with file:
        return _spooled(file, spool)


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise DeliveryRefused("standard input is closed; pipe a delivery in, or name a file.")
    return sys.stdin.buffer


def _spooled(stream: BinaryIO, spool: Path) -> BinaryIO:
    """What cannot be read twice, as a file without a name: nothing is left of it, whatever happens."""
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = tempfile.TemporaryFile(dir=spool)  # noqa: SIM115 - open_delivery closes it
    shutil.copyfileobj(stream, file, _BLOCK)
    file.flush()
    return file
