"""Rejected records as lines of JSON that a person can mend and hand back."""

from collections.abc import Iterator
from typing import Any

import msgspec

from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.sources.format import Format, RawRecord, ReadOptions


class Place(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Where a record stands in its delivery."""

    line: int
    member: str = ""


class Exported(Place, kw_only=True):
    """What is wrong with a record and, to be mended, the record itself: the JSON of the delivery, or of
    what its format made of it. `text` stands in the place of `record` where that is no JSON."""

    key: str
    code: str
    message: str
    record: Any = msgspec.UNSET
    text: str = ""

    def raw(self) -> bytes:
        return self.text.encode() if self.record is msgspec.UNSET else msgspec.json.encode(self.record)


def exported(rejected: Exported, raw: bytes) -> bytes:
    """`rejected` with its record, as one line of JSON without its end."""
    try:
        rejected.record = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        rejected.text = raw.decode(errors="backslashreplace")
    return msgspec.json.encode(rejected)


def read_export(delivery: Delivery, form: Format, options: ReadOptions) -> Iterator[RawRecord]:
    """Raises DeliveryRefused where a line is none of an export."""
    decode = msgspec.json.Decoder(Exported).decode
    with delivery.open() as stream:
        number = 0
        # A record and what is told of it: twice its size is enough for any way to write it.
        while line := stream.readline(2 * options.max_record_bytes):
            number += 1
            if not line.strip():
                continue
            try:
                rejected = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise DeliveryRefused(
                    f"Line {number} of {delivery.name} is none of an export of rejects ({error}); export "
                    "them with imports rejects RUN --export FILE, mend the records there, and repeat."
                ) from error
            raw = rejected.raw()
            key = form.key_of(raw, options) if form.key_of else rejected.key
            yield RawRecord(rejected.line, key, raw, member=rejected.member)
