"""CSV and TSV: a row is an article, the first row names the columns.

A column that has the name of a field is that field, `score.quality` a part of one; all others are kept
beside. Lists are parted by `|`, dates are ISO 8601, an empty cell is nothing."""

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from imports.deliveries import Delivery, Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.fields import FIELDS, Kind, value_of
from imports.sources.csv_header import Header, check_key, check_states, read_header
from imports.sources.csv_rows import Row, RowReader
from imports.sources.format import Delivered, Format, RawRecord, ReadOptions
from imports.values import refuse_illegal_characters

_NAMED = re.compile(r"\.(csv|tsv)(\.\w+)?$", re.IGNORECASE)
_OTHER_FORMATS = (b"{", b"[", b"<")
# So many rows under a header of the same width are no coincidence.
_ROWS_SEEN = 3
_KEY_LIMIT = 200
_PAYLOAD = "payload."

_decode = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.encode


def _recognizes(sight: Sight) -> bool:
    head = sight.head.lstrip()
    if not head or head.startswith(_OTHER_FORMATS):
        return False
    return _NAMED.search(sight.name) is not None or _looks_like_a_table(sight)


def _looks_like_a_table(sight: Sight) -> bool:
    # The last line may be cut off; a delivery of one line is a header without a row.
    stream = io.BytesIO(sight.head[: sight.head.rfind(b"\n") + 1])
    try:
        header = read_header(stream, delivery=sight.name)
        seen = list(islice(_rows(stream, header, len(sight.head), sight.name), _ROWS_SEEN))
    except DeliveryRefused:
        return False
    return bool(seen) and all(len(row.cells) == len(header.columns) for row in seen)


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord]:
    with delivery.open() as stream:
        header = read_header(stream, delivery=options.delivery)
        check_key(header, options.key, delivery=options.delivery)
        check_states(header, options.mapped, delivery=options.delivery)
        key_at = header.columns.index(options.key)
        for row in _rows(stream, header, options.max_record_bytes, options.delivery):
            if row.fault or any(cell and not cell.isspace() for cell in row.cells):
                yield _raw_record(row, header.columns, key_at)


def _rows(stream: BinaryIO, header: Header, limit: int, delivery: str) -> RowReader:
    return RowReader(
        stream,
        delimiter=header.delimiter,
        columns=len(header.columns),
        limit=limit,
        line=header.lines,
        delivery=delivery,
    )


def _raw_record(row: Row, columns: tuple[str, ...], key_at: int) -> RawRecord:
    cells = row.cells
    fault = row.fault
    if not fault and len(cells) == len(columns):
        key = cells[key_at].strip()
        pairs = zip(columns, cells, strict=True)
        filled = {name: cell for name, cell in pairs if cell and not cell.isspace()}
        return RawRecord(row.line, key if len(key) <= _KEY_LIMIT else "", _encode(filled))
    # A text where an object belongs: nobody who shapes it later can take it for a whole row.
    raw = _encode(row.raw.decode(errors="replace"))
    return RawRecord(row.line, "", raw, fault or _ragged(cells, len(columns), key_at))


def _ragged(cells: list[str], columns: int, key_at: int) -> RecordRejected:
    key = cells[key_at].strip() if key_at < len(cells) else ""
    number = f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'}"
    return RecordRejected("not-an-object", f"the row has {number} under {columns} columns", key=key)


def _key_of(raw: bytes, options: ReadOptions) -> str:
    try:
        key = _decode(raw).get(options.key, "").strip()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return key if len(key) <= _KEY_LIMIT and "\x00" not in key else ""


def _to_values(raw: bytes, options: ReadOptions) -> Delivered:
    cells = _cells(raw)
    values: dict[str, Any] = {"payload": {"source_id": _key(cells.get(options.key, ""))}}
    for column, cell in cells.items():
        kind = FIELDS.get(column)
        if kind is not None:
            _put(values, column, _value(column, kind, cell, options.zone))
        elif column.startswith(_PAYLOAD):
            values["payload"].setdefault(column.removeprefix(_PAYLOAD), cell)
        else:
            values[column] = cell
    return Delivered(values)


def _cells(raw: bytes) -> dict[str, str]:
    try:
        cells = _decode(raw)
    except msgspec.ValidationError:
        raise RecordRejected(
            "not-an-object", "the row is no object of columns and the texts in their cells"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordRejected("not-json", f"the mended row is not valid JSON: {error}") from None
    # A delivered row with a NUL was rejected when it was read; this one was mended by hand.
    if rb"\u0000" in raw:
        refuse_illegal_characters(cells)
    return cells


def _key(cell: str) -> str:
    key = cell.strip()
    if not key:
        raise RecordRejected("missing-key", "the row has an empty cell where its key should be")
    if len(key) > _KEY_LIMIT:
        raise RecordRejected(
            "too-large", f"the key has {len(key)} characters, at most {_KEY_LIMIT} are allowed"
        )
    return key


def _value(column: str, kind: Kind, cell: str, zone: str) -> Any:
    if kind is Kind.TEXT:
        # Spaces at the beginning of a body can mean something, as in Markdown.
        return cell if column == "body" else cell.strip()
    return value_of(kind, cell, zone=zone)


def _put(values: dict[str, Any], column: str, value: Any) -> None:
    outer, _, inner = column.partition(".")
    if inner:
        values.setdefault(outer, {})[inner] = value
    else:
        values[column] = value


FORMAT = Format("csv", "CSV or TSV", _recognizes, _read, _to_values, _key_of)
