"""A delivery as bytes that are kept, and read as often as needed: plain or compressed, one file or many."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from imports.archives import Archive, Member
from imports.decompression import unfold
from imports.faults import DeliveryRefused
from imports.transcoding import UTF_8, in_utf8

_BLOCK = 1024 * 1024
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sight:
    """What a delivery looks like from outside: its first bytes, decompressed and in UTF-8; of a tree of
    Markdown files the paths of its `members` instead. `name` ends as the file does that was packed."""

    name: str
    head: bytes = b""
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes as delivered: `reopen` reads them anew, side by side with other readers. They may unfold to
    `limit` bytes. `archive` is set where they are a zip archive."""

    reopen: Callable[[], BinaryIO]
    name: str
    limit: int
    archive: Archive | None = None

    def open(self) -> io.BufferedReader:
        """What is in it, decompressed, in whatever encoding it is."""
        packed = self.archive.open_only() if self.archive else io.BufferedReader(self.reopen(), _BLOCK)
        return unfold(packed, name=self.name, limit=self.limit)


class Guard(Protocol):
    def __call__(self, stream: io.BufferedReader, *, name: str) -> io.BufferedReader:
        """The same bytes; reading them raises DeliveryRefused where they are not what they should be."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes that can be opened again and again. `name` is what people call it; `bytes` and `sha256` are of
    the delivery as it came, which is kept at `path`. `encoding` is what its text is in: of a tree, only
    what somebody asked for. A `guard` stands over what was found out and not told."""

    name: str
    bytes: int
    sha256: str
    path: Path
    content: Content
    encoding: str = UTF_8
    guard: Guard | None = None

    def open(self) -> io.BufferedReader:
        """The content from its beginning, decompressed, in UTF-8 without a byte order mark.

        Raises DeliveryRefused, here or while reading, when it is damaged, unfolds past its limit, is not
        in its encoding, or is a tree of files."""
        stream = self.open_unguarded()
        return self.guard(stream, name=self.name) if self.guard else stream

    def open_unguarded(self) -> io.BufferedReader:
        """As `open`, but bytes that are not UTF-8 may come: for a format whose records stand alone, so that
        each can be rejected alone."""
        if self._is_tree():
            raise DeliveryRefused(
                f"{self.name} is a tree of Markdown files, which this format does not read; "
                "leave --format out, or name a single file."
            )
        return in_utf8(self.content.open(), self.encoding, name=self.name)

    def sight(self) -> Sight:
        archive = self.content.archive
        if archive and archive.members:
            return Sight(self.name, members=archive.members)
        name = f"{self.name}/{archive.only}" if archive else self.name
        with self.open_unguarded() as stream:
            return Sight(name, stream.read(_HEAD))

    def members(self) -> Iterator[Member]:
        """Of a folder or an archive of Markdown files, in the order of their paths."""
        if self._is_tree():
            for member in self.content.archive.read_members():
                yield member._replace(read=lambda member=member: self._read(member))

    def _is_tree(self) -> bool:
        return bool(self.content.archive and self.content.archive.members)

    def _read(self, member: Member) -> bytes:
        raw = member.read()
        if self.encoding == UTF_8:
            return raw
        stream = io.BufferedReader(io.BytesIO(raw))
        return in_utf8(stream, self.encoding, name=f"{self.name}/{member.path}").read()
