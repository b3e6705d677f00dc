"""What the bytes of a delivery turn out to be."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from imports.archives import Archive, is_archive
from imports.deliveries import Content, Delivery
from imports.encodings import encoding_of, given_encoding, strict_utf8
from imports.limits import Limits
from imports.transcoding import UTF_8

_HEAD = 64 * 1024


def inspect(
    reopen: Callable[[], BinaryIO],
    *,
    name: str,
    size: int,
    sha256: str,
    path: Path,
    limits: Limits,
    encoding: str = "",
) -> Delivery:
    """Raises DeliveryRefused for what cannot be read to its first line."""
    with reopen() as file:
        magic = file.read(4)
    limit = limits.unfolded(size)
    archive = (
        Archive(reopen(), name=name, limit=limit, most=limits.max_entries) if is_archive(magic) else None
    )
    content = Content(reopen, name, limit, archive)
    found = _encoding(content, encoding)
    guard = strict_utf8 if found == UTF_8 and not encoding else None
    return Delivery(name, size, sha256, path, content, found, guard)


def _encoding(content: Content, given: str) -> str:
    if content.archive and content.archive.members:
        return given_encoding(given)
    with content.open() as stream:
        head = stream.read(_HEAD)
        whole = not stream.read(1)
    return encoding_of(head, whole=whole, name=content.name, given=given)
