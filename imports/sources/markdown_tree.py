"""A tree of Markdown files, as Hugo, Jekyll and Zola build sites from: a folder, an archive, or one file.

The key of an article is its `id` or `uid`, else the literal address that its front matter gives it, else
its path in the tree. A single folder around the whole tree, as archives have it, is no part of a path."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

import msgspec

from imports.archives import Member
from imports.deliveries import Delivery, Sight
from imports.encodings import suggested_encoding
from imports.faults import RecordRejected
from imports.sources.format import Delivered, Format, RawRecord, ReadOptions, Skipped
from imports.sources.front_matter import split_page
from imports.sources.markdown_pages import page_key, page_values
from imports.sources.markdown_sections import hidden_folders, is_below

_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_ONE_FILE = re.compile(r"([^/]+\.(?:md|markdown|mdown|mkd))(?:\.gz|\.zst)?", re.IGNORECASE)
_JEKYLLS = ("_includes", "_layouts", "_sass", "_data", "_site")
_MACHINERY = frozenset((*_JEKYLLS, "archetypes", "exampleSite", "node_modules", "vendor"))
# Folders that mean something to the sites' generators, also when nothing stands beside them.
_MEANING = frozenset(("content", "_posts", "_drafts"))


class _File(msgspec.Struct, omit_defaults=True):
    """What travels to the workers. `text` has plain line feeds and no byte order mark. In its place are
    the `data` of a file that is no text, or only the `limit` that a file goes beyond. `hidden`: it is kept
    from the public with its folder."""

    path: str
    text: str = ""
    data: bytes = b""
    limit: int = 0
    hidden: bool = False


_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(_File).decode


def _recognizes(sight: Sight) -> bool:
    if sight.members:
        return any(path.lower().endswith(_MARKDOWN) for path in sight.members)
    found = _ONE_FILE.fullmatch(PurePosixPath(sight.name).name)
    # What a README says it says of other files, also when it comes alone.
    return found is not None and not _no_article(f"folder/{found[1]}") and b"\0" not in sight.head


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord | Skipped]:
    outer = _outer_folder(member.path for member in delivery.members())
    if outer is None:
        yield _one_file(delivery, options)
        return
    hidden = hidden_folders(delivery.members(), outer=outer, limit=options.max_record_bytes)
    for member in delivery.members():
        path = member.path.removeprefix(outer)
        reason = _no_article(path)
        yield Skipped(reason) if reason else _member_record(member, path, is_below(path, hidden), options)


def _outer_folder(paths: Iterable[str]) -> str | None:
    """The folder that holds all files, with its slash; empty where there is none, None without a file."""
    tops = {path.partition("/")[0] if "/" in path else "" for path in paths}
    visible = {top for top in tops if not top.startswith((".", "__"))}
    if len(visible) != 1:
        return "" if tops else None
    (top,) = visible
    return f"{top}/" if top and top not in _MEANING else ""


def _no_article(path: str) -> str:
    """Why the file is no article, or nothing when it is one."""
    file = PurePosixPath(path)
    if any(part in _MACHINERY or part.startswith((".", "__")) for part in file.parts):
        return "site machinery"
    if file.suffix.lower() not in _MARKDOWN:
        return "other file"
    stem = file.stem.lower()
    if stem == "readme":
        return "readme"
    # `_index.fr.md` is one too; an index in a folder of its own is a page with that folder's name.
    name = stem.partition(".")[0]
    is_section = name == "_index" or (name == "index" and "/" not in path)
    return "section page" if is_section else ""


def _one_file(delivery: Delivery, options: ReadOptions) -> RawRecord:
    name = PurePosixPath(delivery.name).name
    found = _ONE_FILE.fullmatch(name)
    path = found[1] if found else name
    with delivery.open() as stream:
        data = stream.read(options.max_record_bytes + 1)
    file = _file(path, data) if len(data) <= options.max_record_bytes else _too_large(path, options)
    return _record(file, path)


def _member_record(member: Member, path: str, hidden: bool, options: ReadOptions) -> RawRecord:
    fits = member.size <= options.max_record_bytes
    file = _file(path, member.read()) if fits else _too_large(path, options)
    file.hidden = hidden
    return _record(file, member.path)


def _too_large(path: str, options: ReadOptions) -> _File:
    return _File(path, limit=options.max_record_bytes)


def _file(path: str, data: bytes) -> _File:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _File(path, data=data)
    return _File(path, text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)


def _record(file: _File, member: str) -> RawRecord:
    return RawRecord(1, _key(file), _encode(file), _fault(file), member)


def _fault(file: _File) -> RecordRejected | None:
    if file.limit:
        return RecordRejected("too-large", f"{file.path} is longer than {file.limit} bytes")
    try:
        file.data.decode()
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        return RecordRejected(
            "not-text", f"{file.path} is no UTF-8 in line {line}; {_remedy(file, error.start)}"
        )
    return None


def _remedy(file: _File, wrong: int) -> str:
    encoding = suggested_encoding(file.data, wrong=wrong)
    return f"save it as UTF-8, or name the encoding of all files, perhaps with --encoding {encoding}"


def _key(file: _File) -> str:
    try:
        return page_key(split_page(file.text), path=file.path) or file.path
    except RecordRejected:
        # `_to_values` tells what is wrong.
        return file.path


def _to_values(raw: bytes, options: ReadOptions) -> Delivered:
    try:
        file = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RecordRejected("not-json", "the record was cut off; import its delivery again") from None
    if fault := _fault(file):
        raise fault
    try:
        delivered = page_values(split_page(file.text), path=file.path, options=options)
    except RecordRejected as fault:
        raise RecordRejected(fault.code, f"{file.path}: {fault.message}") from None
    return replace(delivered, draft=delivered.draft or file.hidden)


FORMAT = Format("markdown", "Markdown tree", _recognizes, _read, _to_values)
