"""Where deliveries are kept, each under the SHA-256 of its content."""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO

from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.inspection import inspect
from imports.limits import Limits

CHANGED_MEANWHILE = "was changed while it was read; wait until it is complete, then try again."
_BLOCK = 1024 * 1024
_UNFINISHED = "unfinished-"
_SHA256 = re.compile(r"[0-9a-f]{64}")

# Is told how many bytes each block has that is taken in.
OnBytes = Callable[[int], None]


def tell_nobody(count: int) -> None:
    """For callers that show no progress."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery in the spool. `kept_at` is when it came last."""

    sha256: str
    path: Path
    bytes: int
    kept_at: datetime


class Spool:
    """A directory of deliveries that nobody but this user may read. A file's name is the SHA-256 of its
    content, so what is there is whole, and equal content is kept once. A process that is killed leaves at
    most an unfinished file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path_of(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256 in hexadecimal digits")
        return self.directory / sha256

    def keep(
        self, stream: BinaryIO, *, max_bytes: int | None = None, on_bytes: OnBytes = tell_nobody
    ) -> Kept:
        """Everything that the stream still gives.

        Raises DeliveryRefused when it is longer than `max_bytes` or the disk cannot take it."""
        with self.writing(max_bytes=max_bytes) as entry:
            entry.take(stream, on_bytes)
        return entry.kept

    def keep_file(
        self, file: BinaryIO, *, max_bytes: int | None = None, on_bytes: OnBytes = tell_nobody
    ) -> Kept:
        """As `keep`, of a regular file from its beginning. It is copied only when its content is not here
        yet. Raises DeliveryRefused also when somebody writes to it meanwhile."""
        before = os.fstat(file.fileno())
        if self._holds_size(before.st_size) and (kept := self._touched(_digest(file, on_bytes))):
            return kept
        file.seek(0)
        with self.writing(max_bytes=max_bytes) as entry:
            entry.take(file, on_bytes)
            after = os.fstat(file.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise DeliveryRefused(f"{file.name} {CHANGED_MEANWHILE}")
        return entry.kept

    @contextmanager
    def writing(self, *, max_bytes: int | None = None) -> Iterator["Writing"]:
        """A delivery that is written piece by piece, and kept when the block ends without an error."""
        with self._on_disk():
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, path = tempfile.mkstemp(prefix=_UNFINISHED, dir=self.directory)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                entry = Writing(file, self._on_disk, max_bytes=max_bytes)
                yield entry
                entry.write_out()
                with self._on_disk():
                    entry.kept = self._settle(entry, Path(path))
        finally:
            Path(path).unlink(missing_ok=True)

    def temporary(self) -> IO[bytes]:
        """A file on the same disk that is gone when it is closed. What a killed process leaves of it is
        found by `remove_unfinished`."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return tempfile.NamedTemporaryFile(prefix=_UNFINISHED, dir=self.directory)

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DeliveryRefused(
                f"{self.directory} cannot take the delivery: {error.strerror or error}; make room there or "
                "point VAR_DIR at another disk, then try again."
            ) from error

    def _settle(self, entry: "Writing", path: Path) -> Kept:
        sha256 = entry.digest.hexdigest()
        if kept := self._touched(sha256):
            return kept
        os.fsync(entry.file.fileno())
        path.rename(self.path_of(sha256))
        self._sync_directory()
        return _kept(self.path_of(sha256))

    def _sync_directory(self) -> None:
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def open_kept(self, sha256: str, *, name: str, limits: Limits, encoding: str = "") -> Iterator[Delivery]:
        """A delivery that was kept before. It stays readable to the end of the block, whoever removes it.

        Raises DeliveryRefused when it is gone, or for what cannot be read to its first line."""
        path = self.path_of(sha256)
        try:
            file = path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise DeliveryRefused(
                f"{name} is no longer in {self.directory}, where deliveries are kept for a while; "
                "import it from where it came from."
            ) from error
        with file:
            yield inspect(
                partial(_Again, file),
                name=name,
                size=os.fstat(file.fileno()).st_size,
                sha256=sha256,
                path=path,
                limits=limits,
                encoding=encoding,
            )

    def remove(self, sha256: str) -> None:
        self.path_of(sha256).unlink(missing_ok=True)

    def entries(self) -> list[Kept]:
        """Every delivery that is kept, those that came first in front."""
        kept = [_kept(path) for path in self._files() if _SHA256.fullmatch(path.name)]
        return sorted(filter(None, kept), key=lambda entry: (entry.kept_at, entry.sha256))

    def remove_unfinished(self, *, before: datetime) -> int:
        """Removes what killed processes left: files that nobody has written to since. Says how many."""
        left = [path for path in self._files() if path.name.startswith(_UNFINISHED)]
        old = [entry for entry in map(_kept, left) if entry and entry.kept_at < before]
        for entry in old:
            entry.path.unlink(missing_ok=True)
        return len(old)

    def _files(self) -> list[Path]:
        return list(self.directory.iterdir()) if self.directory.is_dir() else []

    def _holds_size(self, size: int) -> bool:
        return any(entry.bytes == size for entry in self.entries())

    def _touched(self, sha256: str) -> Kept | None:
        path = self.path_of(sha256)
        try:
            # Whoever clears the spool by age must not take what came again a moment ago.
            os.utime(path)
        except FileNotFoundError:
            return None
        return _kept(path)


def _kept(path: Path) -> Kept | None:
    """Nothing where somebody has just removed it."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return Kept(path.name, path, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _digest(file: BinaryIO, on_bytes: OnBytes) -> str:
    digest = hashlib.sha256()
    buffer = bytearray(_BLOCK)
    view = memoryview(buffer)
    while count := file.readinto(buffer):
        digest.update(view[:count])
        on_bytes(count)
    return digest.hexdigest()


class Writing(io.RawIOBase):
    """A file that is hashed while it is written, from front to back. `kept` is set when it is whole."""

    kept: Kept

    def __init__(self, file: BinaryIO, on_disk: Callable[[], Any], *, max_bytes: int | None) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self._on_disk = on_disk
        self._max_bytes = max_bytes
        self._bytes = 0
        # The parts of an archive are many and small.
        self._unwritten = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        """Raises DeliveryRefused when that is too much for the bounds or for the disk."""
        self._bytes += len(block)
        if self._max_bytes is not None and self._bytes > self._max_bytes:
            raise DeliveryRefused(
                f"The delivery is larger than {self._max_bytes:,} bytes, the most that is taken here; import "
                "it in parts. Whoever runs the site can raise max_bytes in settings/imports.py."
            )
        self._unwritten += block
        if len(self._unwritten) >= _BLOCK:
            self.write_out()
        return len(block)

    def write_out(self) -> None:
        self.digest.update(self._unwritten)
        left = memoryview(self._unwritten)
        with self._on_disk():
            while left:
                left = left[self.file.write(left) :]
        self._unwritten = bytearray()

    def take(self, stream: BinaryIO, on_bytes: OnBytes) -> None:
        while block := stream.read(_BLOCK):
            self.write(block)
            on_bytes(len(block))


class _Again(io.RawIOBase):
    """A reader of its own over an open file: any number of them read side by side."""

    def __init__(self, file: BinaryIO) -> None:
        self._descriptor = file.fileno()
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        count = os.preadv(self._descriptor, [buffer], self._position)
        self._position += count
        return count

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = os.fstat(self._descriptor).st_size
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: size}[whence]
        if start + offset < 0:
            raise ValueError(f"{start + offset} is no place in a file")
        self._position = start + offset
        return self._position
