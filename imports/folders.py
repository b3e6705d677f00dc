"""A folder as one file: a zip archive whose bytes depend on nothing but the folder's content, so that the
same content has the same SHA-256 wherever and whenever it is read."""

import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from imports.archives import is_of_use, only_data_file, require_safe_path, shown, too_many
from imports.faults import DeliveryRefused
from imports.spool import CHANGED_MEANWHILE, OnBytes, Writing

_BLOCK = 1024 * 1024
_DEEPEST = 64
# The first moment that a zip archive can tell.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def pack_folder(folder: Path, target: Writing, *, most: int, on_bytes: OnBytes) -> None:
    """Writes what is of use in the folder to `target`, front to back. Symbolic links are not followed.

    Raises DeliveryRefused when there is nothing to import, too much, or a link where text is looked for."""
    name = str(folder)
    paths = sorted(_paths_within(folder, most))
    only_data_file(paths, name=name)
    with zipfile.ZipFile(target, "w") as archive:
        for path in paths:
            require_safe_path(path, name=name)
            _pack(folder / path, path, archive, on_bytes)


def _paths_within(folder: Path, most: int) -> list[str]:
    paths, links = [], []
    for path, entry in _walk(folder, ""):
        if entry.is_symlink():
            if entry.is_dir() or is_of_use(path):
                links.append(path)
        elif is_of_use(path) and entry.is_file():
            paths.append(path)
        if len(paths) > most:
            raise DeliveryRefused(too_many(str(folder), most))
    if links:
        raise DeliveryRefused(
            f"{folder} holds {len(links)} symbolic links, {shown(min(links))} for one, which are not "
            "followed; pack it with zip -r, which puts the files in their place, and import the archive."
        )
    return paths


def _walk(folder: Path, inside: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    if inside.count("/") > _DEEPEST:
        raise DeliveryRefused(f"{folder} is nested too deeply; import the folder that has the articles.")
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{inside}{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(folder / entry.name, f"{path}/")
            else:
                yield path, entry


def _pack(file: Path, path: str, archive: zipfile.ZipFile, on_bytes: OnBytes) -> None:
    # Neither a link nor a pipe that has taken the file's place since is waited for or followed.
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as source:
        entry = zipfile.ZipInfo(path, _NO_TIME)
        entry.create_system = _UNIX
        entry.external_attr = (stat.S_IFREG | 0o600) << 16
        entry.file_size = left = os.fstat(descriptor).st_size
        with archive.open(entry, "w") as packed:
            while block := source.read(min(_BLOCK, left)):
                packed.write(block)
                on_bytes(len(block))
                left -= len(block)
        if left or source.read(1):
            raise DeliveryRefused(f"{file} {CHANGED_MEANWHILE}")
