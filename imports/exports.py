"""Rejected records as lines of JSON that a person can mend and hand back."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.sources.format import Format, RawRecord, ReadOptions

# As far as PostgreSQL counts.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Place(msgspec.Struct, kw_only=True):
    """Which record of its delivery a reject is. Its line tells that to people only: many formats have
    several records on one."""

    ordinal: Count


class Exported(Place, omit_defaults=True, kw_only=True):
    """What is wrong with a record and, to be mended, the record itself: the JSON of the delivery, or of
    what its format made of it. `text` stands in the place of `record` where that is no JSON."""

    line: Count
    member: str = ""
    key: str
    code: str
    message: str
    record: Any = msgspec.UNSET
    text: str = ""

    def raw(self) -> bytes:
        return self.text.encode() if self.record is msgspec.UNSET else msgspec.json.encode(self.record)


def name_of_rejects(run: int, *, are_mended: bool) -> str:
    """What the run that tries them has as the name of its input."""
    return f"{'mended ' if are_mended else ''}rejects of run {run}"


def exported(rejected: Exported, raw: bytes) -> bytes:
    """`rejected` with its record, as one line of JSON without its end."""
    try:
        rejected.record = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        rejected.text = raw.decode(errors="backslashreplace")
    return msgspec.json.encode(rejected)


def places(delivery: Delivery) -> Iterator[tuple[int, int]]:
    """For each record that read_export reads, its ordinal in the export and in the delivery of old."""
    with delivery.open() as stream:
        lines = (line for line in stream if line.strip())
        for ordinal, line in enumerate(lines, 1):
            yield ordinal, msgspec.json.decode(line, type=Place).ordinal


def read_export(delivery: Delivery, form: Format, options: ReadOptions) -> Iterator[RawRecord]:
    """Every line that is not empty is a record. Raises DeliveryRefused where one is none of an export."""
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
                    f"Line {number} of {delivery.name} is none of an export of rejects ({error}); export the "
                    "rejects of the run, mend the records in that file, and hand it back."
                ) from error
            raw = rejected.raw()
            key = form.key_of(raw, options) if form.key_of else rejected.key
            yield RawRecord(rejected.line, key, raw, member=rejected.member)
