"""JSON Lines in the archive's own format: one object a line, UTF-8."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from imports.deliveries import Delivery, Sight
from imports.faults import RecordRejected
from imports.sources.format import Delivered, Format, RawRecord, ReadOptions
from imports.values import refuse_depth, refuse_illegal_characters

_BOM = b"\xef\xbb\xbf"
_KEY_LIMIT = 200
_KEY_TEXT = re.compile(rb'"source_id"\s*:\s*"?([^"\\\x00-\x1f,}]{1,200})')
_DEEPEST = 100


class _Payload(msgspec.Struct):
    source_id: str = ""


class _Keyed(msgspec.Struct):
    """Only the key: msgspec passes over everything else without building it."""

    payload: _Payload = msgspec.field(default_factory=_Payload)


_decode_key = msgspec.json.Decoder(_Keyed).decode
_decode = msgspec.json.Decoder().decode


def _recognizes(sight: Sight) -> bool:
    return sight.head.removeprefix(_BOM).lstrip().startswith(b"{")


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord]:
    # Looking at every byte would take longer than all else that a line needs which has not changed.
    with delivery.open_unguarded() as stream:
        yield from _lines(stream, options)


def _lines(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord]:
    limit = options.max_record_bytes
    line = 0
    while raw := stream.readline(limit + 1):
        line += 1
        if line == 1:
            raw = raw.removeprefix(_BOM)
        if len(raw) > limit:
            yield _too_large(stream, raw, line=line, limit=limit)
        elif not raw.isspace():
            raw = raw.rstrip(b"\r\n")
            yield RawRecord(line, _key_of(raw, options), raw)


def _too_large(stream: BinaryIO, raw: bytes, *, line: int, limit: int) -> RawRecord:
    """The rest of the line is passed over in pieces: it may be larger than the memory."""
    piece = raw
    while not piece.endswith(b"\n") and (piece := stream.readline(limit)):
        pass
    return RawRecord(line, "", raw, RecordRejected("too-large", f"the line is longer than {limit} bytes"))


def _key_of(raw: bytes, options: ReadOptions) -> str:
    """The record's key, or nothing where it cannot be told; `_to_values` says then what is wrong."""
    try:
        key = _chosen_key(_decode(raw), options.key) if options.key else _decode_key(raw).payload.source_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    good = type(key) is str and len(key) <= _KEY_LIMIT and "\x00" not in key
    return key if good else ""


def _chosen_key(values: Any, path: str) -> Any:
    """What stands under a dotted path; a number that a source uses as a key becomes its digits."""
    for name in path.split("."):
        values = values.get(name) if type(values) is dict else None
    return str(values) if type(values) is int else values


def _to_values(raw: bytes, options: ReadOptions) -> Delivered:
    try:
        values = _values(raw, options.key)
    except RecordRejected as fault:
        fault.key = fault.key or _visible_key(raw)
        raise
    # The format knows neither name, but nobody who writes this expects to see the article in public.
    return Delivered(values, draft=values.get("draft") is True or values.get("status") == "draft")


def _visible_key(raw: bytes) -> str:
    """For people: what stands where the key should be, also in a line that is no JSON."""
    found = _KEY_TEXT.search(raw)
    return found[1].decode(errors="replace") if found else ""


def _values(raw: bytes, key_path: str) -> dict[str, Any]:
    values = _object(raw)
    if raw.count(b"{") + raw.count(b"[") > _DEEPEST:
        refuse_depth(values, most=_DEEPEST)
    # Looked for in the bytes first, because walking every value of every record costs.
    if rb"\u0000" in raw:
        refuse_illegal_characters(values)
    _require_key(values, key_path)
    body = values.get("body")
    if isinstance(body, str) and not body.strip():
        raise RecordRejected("missing-body", "the record's body is empty")
    return values


def _object(raw: bytes) -> dict[str, Any]:
    try:
        values = _decode(raw)
    except RecursionError:
        raise RecordRejected("not-json", "the line is nested too deeply") from None
    except msgspec.DecodeError as error:
        _refuse_lone_surrogates(raw)
        raise RecordRejected("not-json", f"the line is not valid JSON: {error}") from None
    except UnicodeDecodeError as error:
        raise RecordRejected(
            "not-json", f"the line is not valid UTF-8: byte {error.start} is wrong"
        ) from None
    if type(values) is not dict:
        raise RecordRejected("not-an-object", "the line is valid JSON, but no object")
    return values


def _refuse_lone_surrogates(raw: bytes) -> None:
    """msgspec takes half a surrogate pair for broken JSON; json reads it, so it can be named."""
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        return
    refuse_illegal_characters(values)


def _require_key(values: dict[str, Any], path: str) -> None:
    payload = values.get("payload")
    given = payload.get("source_id") if type(payload) is dict else None
    key = _chosen_key(values, path) if path else given
    path = path or "payload.source_id"
    if key is None or key == "":
        raise RecordRejected("missing-key", f"the record has no {path}")
    if type(key) is not str:
        raise RecordRejected("bad-type", f"{path} must be a string")
    if len(key) > _KEY_LIMIT:
        raise RecordRejected(
            "too-large", f"{path} has {len(key)} characters, at most {_KEY_LIMIT} are allowed"
        )


FORMAT = Format("jsonl", "JSON Lines", _recognizes, _read, _to_values, key_of=_key_of)
