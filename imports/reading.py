"""By which rules the records of a delivery are read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from articles.density import BodyTooDense
from imports.deliveries import Delivery
from imports.exports import read_export
from imports.faults import RecordRejected
from imports.mapping import Mapping
from imports.records import Record, read_record
from imports.sources import FORMATS
from imports.sources.format import Attachment, Delivered, RawRecord, ReadOptions, Skipped


@dataclass(frozen=True, slots=True)
class Rules:
    """A format, its options and a person's mapping; `exported`: what is read are rejects of that format.
    Travels to worker processes."""

    format_name: str
    options: ReadOptions
    mapping: Mapping | None = None
    exported: bool = False

    def read(self, delivery: Delivery) -> Iterator[RawRecord | Skipped | Attachment]:
        """The records of the delivery: of the format, or of an export of its rejects. Raises
        DeliveryRefused."""
        form = FORMATS[self.format_name]
        if self.exported:
            return read_export(delivery, form, self.options)
        mapped = self.mapping.explained if self.mapping else frozenset()
        return form.read(delivery, replace(self.options, mapped=mapped))

    def read_record(self, raw: bytes) -> Record:
        """Raises RecordRejected."""
        delivered = self._delivered(raw)
        values = self.mapping.apply(delivered.values) if self.mapping else delivered.values
        record = read_record(values, draft=delivered.draft)
        record.attachments = delivered.pictures
        record.base_url = self.options.base_url or delivered.base_url
        return record

    def _delivered(self, raw: bytes) -> Delivered:
        try:
            return FORMATS[self.format_name].to_values(raw, self.options)
        except BodyTooDense as fault:
            # Where a title is looked for in the body.
            raise RecordRejected("too-large", str(fault)) from fault

    def digest(self) -> bytes:
        """Empty for plain rules; else it enters the hash of every record, which then counts as new when
        the rules change."""
        options = self.options
        chosen = "\0".join((options.key, "" if options.zone == "UTC" else options.zone, options.base_url))
        mapped = self.mapping.digest if self.mapping else b""
        if not chosen.strip("\0") and not mapped:
            return b""
        return hashlib.sha256(chosen.encode() + mapped).digest()[:16]
