"""Where deliveries come from: files, folders, standard input and addresses. All of them are kept first."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from imports.addresses import Allowed, is_public, is_url, masked
from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.fetching import FetchFailed, open_url
from imports.folders import pack_folder
from imports.limits import Limits
from imports.spool import Kept, OnBytes, Spool, tell_nobody

_STANDARD_INPUT = "-"


@contextmanager
def open_delivery(
    origin: str,
    *,
    spool: Spool,
    limits: Limits,
    encoding: str = "",
    on_bytes: OnBytes = tell_nobody,
    allowed: Allowed = is_public,
) -> Iterator[Delivery]:
    """The delivery at `origin`, as the spool keeps it: the path of a file, of a zip archive or of a folder,
    an http or https address whose hosts are `allowed`, or `-` for standard input.

    Raises DeliveryRefused when it cannot be read."""
    name = name_of(origin)
    try:
        kept = _keep(origin, spool, limits, on_bytes, allowed)
    except OSError as error:
        where = error.filename or name
        raise DeliveryRefused(f"{where} cannot be read: {error.strerror or error}.") from error
    with spool.open_kept(kept.sha256, name=name, limits=limits, encoding=encoding) as delivery:
        yield delivery


def name_of(origin: str) -> str:
    """What people may see of an origin: an address may have a password in it."""
    if origin == _STANDARD_INPUT:
        return "standard input"
    return masked(origin) if is_url(origin) else origin


def _keep(origin: str, spool: Spool, limits: Limits, on_bytes: OnBytes, allowed: Allowed) -> Kept:
    if origin == _STANDARD_INPUT:
        return spool.keep(_standard_input(), max_bytes=limits.max_bytes, on_bytes=on_bytes)
    if is_url(origin):
        return _keep_answer(origin, spool, limits, on_bytes, allowed)
    if Path(origin).is_dir():
        return _keep_folder(Path(origin), spool, limits, on_bytes)
    with Path(origin).open("rb", buffering=0) as file:
        keep = spool.keep_file if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else spool.keep
        return keep(file, max_bytes=limits.max_bytes, on_bytes=on_bytes)


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise DeliveryRefused("standard input is closed; pipe a delivery in, or name a file.")
    return sys.stdin.buffer


def _keep_answer(url: str, spool: Spool, limits: Limits, on_bytes: OnBytes, allowed: Allowed) -> Kept:
    try:
        with open_url(
            url, max_bytes=limits.max_bytes, timeout=limits.fetch_seconds, allowed=allowed
        ) as stream:
            return spool.keep(stream, on_bytes=on_bytes)
    except FetchFailed as error:
        raise DeliveryRefused(str(error)) from error


def _keep_folder(folder: Path, spool: Spool, limits: Limits, on_bytes: OnBytes) -> Kept:
    with spool.writing(max_bytes=limits.max_bytes) as entry:
        pack_folder(folder, entry, most=limits.max_entries, on_bytes=on_bytes)
    return entry.kept
