"""What every format offers to the importer."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from imports.faults import RecordRejected
from imports.records import Record


class RawRecord(NamedTuple):
    """A record as delivered. `fault` is set where reading already shows that it breaks a rule;
    `key` is empty where it has none or cannot be told."""

    line: int
    key: str
    raw: bytes
    fault: RecordRejected | None = None

    def digest(self) -> bytes:
        """What tells one delivery of a record from the next: half a SHA-256, compared within one key only."""
        return hashlib.sha256(self.raw).digest()[:16]


class Skipped(NamedTuple):
    """Something in the delivery that is no article, such as a menu item."""

    reason: str


@dataclass(frozen=True, slots=True)
class Format:
    """`read` walks a delivery and raises DeliveryRefused where it cannot be read to its end.
    `to_record` turns a record's `raw` into what rules apply to; it runs in worker processes and
    raises RecordRejected."""

    name: str
    title: str
    recognizes: Callable[[bytes], bool]
    read: Callable[[BinaryIO, "ReadOptions"], Iterator[RawRecord | Skipped]]
    to_record: Callable[[bytes], Record]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    max_record_bytes: int
    delivery: str
