"""Zip archives: either a tree of Markdown files, or the wrapping of a single file of data. Nothing is ever
unpacked onto the disk."""

import io
import re
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from posixpath import splitext
from typing import Any, BinaryIO, NamedTuple

from imports.decompression import BOMB, DAMAGE, bounded
from imports.faults import DeliveryRefused

_BLOCK = 1024 * 1024
_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_DATA = (".xml", ".rss", ".atom", ".json", ".jsonl", ".ndjson", ".csv", ".tsv")
_COMPRESSED = (".gz", ".zst")
# What a tree says about itself, such as hugo.toml and _config.yml.
_SETTINGS = (".toml", ".yaml", ".yml")
_OF_USE = frozenset((*_MARKDOWN, *_DATA, *_SETTINGS))
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_DIRECTORY_ENTRY = b"PK\x01\x02"
# An entry of the archive's directory: 46 bytes, its name and some extra fields.
_DIRECTORY_ENTRY_BYTES = 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")
# Controls, and half surrogate pairs, which stand for bytes of a file's name that are not UTF-8.
_ILLEGAL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SHOWN = 3
_SHOWN_CHARACTERS = 100
# zipfile lets through what struct, the codecs and its own checks of features raise.
_BROKEN = (*DAMAGE, ValueError, struct.error, NotImplementedError, RuntimeError)


class Member(NamedTuple):
    """A file within a folder or an archive. `path` is relative, with slashes, and never leads out. `size`
    is what `read` gives at the most; ask it first, for it may be larger than the memory.

    `read` raises DeliveryRefused when the archive is damaged there."""

    path: str
    size: int
    read: Callable[[], bytes]


def is_archive(magic: bytes) -> bool:
    return magic.startswith(_MAGIC)


class Archive:
    """A zip archive that was looked through, of at most `most` files that unfold to at most `limit` bytes.
    `members` are the paths of a tree of Markdown files; where it is none, `only` is the path of its one
    file of data.

    Raises DeliveryRefused when it is damaged, unsafe, or neither of the two."""

    def __init__(self, file: BinaryIO, *, name: str, limit: int, most: int) -> None:
        self._name = name
        self._limit = limit
        with self._telling_damage():
            self._zip = zipfile.ZipFile(_Guarded(file, name=name, most=most))
        entries = self._zip.infolist()
        _require_safe(entries, name=name)
        if sum(entry.file_size for entry in entries) > self._limit:
            raise DeliveryRefused(BOMB.format(name))
        paths = sorted(entry.filename for entry in entries if is_of_use(entry.filename))
        self._require_readable(paths)
        self.only = only_data_file(paths, name=name)
        self.members = () if self.only else tuple(paths)

    def open_only(self) -> io.BufferedReader:
        with self._telling_damage():
            return bounded(self._zip.open(self.only), name=self._name, limit=self._limit)

    def read_members(self) -> Iterator[Member]:
        for path in self.members:
            yield Member(path, self._zip.getinfo(path).file_size, lambda path=path: self._read(path))

    def _read(self, path: str) -> bytes:
        with self._telling_damage(f", at {path!r}"):
            return self._zip.read(path)

    def _require_readable(self, paths: list[str]) -> None:
        for path in paths:
            entry = self._zip.getinfo(path)
            if entry.flag_bits & _ENCRYPTED:
                raise DeliveryRefused(f"{self._name} is encrypted; pack it again without a password.")
            if entry.compress_type not in _METHODS:
                raise DeliveryRefused(
                    f"{self._name} is compressed in a way that is not supported (zip method "
                    f"{entry.compress_type}); pack it again with deflate, as zip does by itself."
                )

    @contextmanager
    def _telling_damage(self, where: str = "") -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise DeliveryRefused(
                f"{self._name} is damaged{where} ({error}); ask its sender for it again."
            ) from error


class _Guarded:
    """A file whose archive directory is read whole, as zipfile does, only when that is bearable."""

    def __init__(self, file: BinaryIO, *, name: str, most: int) -> None:
        self._file = file
        self._name = name
        self._most = most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        if size > max(_BLOCK, self._most * _DIRECTORY_ENTRY_BYTES):
            raise DeliveryRefused(too_many(self._name, self._most))
        block = self._file.read(size)
        if len(block) > self._most and block.count(_DIRECTORY_ENTRY) > self._most:
            raise DeliveryRefused(too_many(self._name, self._most))
        return block


def too_many(name: str, most: int) -> str:
    return f"{name} holds more than {most} files; import its parts one by one."


def _require_safe(entries: list[zipfile.ZipInfo], *, name: str) -> None:
    seen = set()
    for entry in entries:
        path = entry.orig_filename
        require_safe_path(path, name=name)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise DeliveryRefused(
                f"{name} holds the symbolic link {shown(path)}; pack it again with the file in its place."
            )
        if path in seen:
            raise DeliveryRefused(f"{name} holds {shown(path)} twice; pack it again.")
        seen.add(path)


def require_safe_path(path: str, *, name: str) -> None:
    reason = _unsafe(path)
    if reason:
        raise DeliveryRefused(
            f"{name} holds a file called {shown(path)}, {reason}; pack it again with plain relative paths."
        )


def _unsafe(path: str) -> str:
    """Why a path of an archive is not to be trusted (zip specification, APPNOTE.TXT 4.4.17.1)."""
    if "\\" in path:
        return "which has a backslash"
    if path.startswith("/") or _DRIVE.match(path):
        return "which is absolute"
    if not {"", ".", ".."}.isdisjoint(path.removesuffix("/").split("/")):
        return "which may lead out of it"
    return "which has characters that no name should have" if _ILLEGAL.search(path) else ""


def shown(path: str) -> str:
    return repr(path if len(path) <= _SHOWN_CHARACTERS else f"{path[:_SHOWN_CHARACTERS]}…")


def is_of_use(path: str) -> bool:
    *folders, file = path.split("/")
    hidden = "__MACOSX" in folders or any(part.startswith(".") for part in (*folders, file))
    return not hidden and _suffix(file) in _OF_USE


def _suffix(path: str) -> str:
    """In small letters; of `posts.csv.gz` it is `.csv`."""
    stem, suffix = splitext(path.lower())
    if suffix not in _COMPRESSED:
        return suffix
    inner = splitext(stem)[1]
    return inner if inner in _DATA else suffix


def only_data_file(paths: list[str], *, name: str) -> str:
    """The one file of data among the paths, or nothing where they are a tree of Markdown files.

    Raises DeliveryRefused when they are neither."""
    if any(_suffix(path) in _MARKDOWN for path in paths):
        return ""
    data = [path for path in paths if _suffix(path) in _DATA]
    if len(data) == 1:
        return data[0]
    if not data:
        raise DeliveryRefused(
            f"{name} holds no Markdown ({', '.join(_MARKDOWN)}) and no data ({', '.join(_DATA)}); "
            "there is nothing to import."
        )
    some = ", ".join(map(shown, data[:_SHOWN])) + (", …" if len(data) > _SHOWN else "")
    raise DeliveryRefused(
        f"{name} holds {len(data)} files of data ({some}) and no Markdown; import each of them by itself."
    )
