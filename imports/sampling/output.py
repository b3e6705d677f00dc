"""Where an archive goes: a file that appears only when it is complete, or an open stream."""

import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import zstandard

# About a megabyte: what compressors and pipes like, and little enough to stop at once.
_BATCH = 200


def write_archive(lines: Iterable[bytes], *, to: BinaryIO, advance: Callable[[int], None]) -> None:
    """`advance` is told how many lines have been written since it was last called."""
    lines = iter(lines)
    while batch := list(islice(lines, _BATCH)):
        to.write(b"".join(batch))
        advance(len(batch))


@contextmanager
def archive_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, compressed if `path` ends in .gz or .zst. It takes its name at the end, and
    leaves nothing behind when something fails before. Raises OSError."""
    if path.exists() and not path.is_file():
        # A pipe or a device: there is nothing to replace.
        with path.open("wb") as file, _compressing(file, path.suffix) as stream:
            yield stream
        return
    # A symbolic link stays one, and what it points to is replaced.
    path = path.resolve()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file, _compressing(file, path.suffix) as stream:
            yield stream
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _compressing(file: BinaryIO, suffix: str) -> Iterator[BinaryIO]:
    if suffix == ".gz":
        # Neither name nor time, so that equal archives are equal files.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
            yield stream
    elif suffix == ".zst":
        with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as stream:
            yield stream
    else:
        yield file
