"""By which rules the records of a delivery are read."""

import hashlib
from dataclasses import dataclass

from imports.mapping import Mapping
from imports.records import Record, read_record
from imports.sources import FORMATS
from imports.sources.format import ReadOptions


@dataclass(frozen=True, slots=True)
class Rules:
    """A format, its options and a person's mapping. Travels to worker processes."""

    format_name: str
    options: ReadOptions
    mapping: Mapping | None = None

    def read_record(self, raw: bytes) -> Record:
        """Raises RecordRejected."""
        delivered = FORMATS[self.format_name].to_values(raw, self.options)
        values = self.mapping.apply(delivered.values) if self.mapping else delivered.values
        return read_record(values, draft=delivered.draft)

    def digest(self) -> bytes:
        """Empty for plain rules; else it enters the hash of every record, which then counts as new when
        the rules change."""
        options = self.options
        chosen = "\0".join((options.key, "" if options.zone == "UTC" else options.zone, options.base_url))
        mapped = self.mapping.digest if self.mapping else b""
        if not chosen.strip("\0") and not mapped:
            return b""
        return hashlib.sha256(chosen.encode() + mapped).digest()[:16]
