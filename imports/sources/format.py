"""What every format offers to the importer."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imports.deliveries import Delivery, Sight
from imports.faults import RecordRejected


class RawRecord(NamedTuple):
    """A record as delivered. `fault` is set where reading already shows that it breaks a rule; `key` is
    empty where it has none or cannot be told; `member` is the file within a folder or an archive.

    `raw` is all that `Format.to_values` needs: the bytes of a line, or JSON that the format made."""

    line: int
    key: str
    raw: bytes
    fault: RecordRejected | None = None
    member: str = ""

    def digest(self, rules: bytes) -> bytes:
        """What tells one delivery of a record, read by these rules, from the next: half a SHA-256,
        compared within one key only."""
        return hashlib.sha256(rules + self.raw).digest()[:16]


class Skipped(NamedTuple):
    """Something in the delivery that is no article, such as a menu item, or so many of it."""

    reason: str
    count: int = 1


class Attachment(NamedTuple):
    """A file that articles of the source name by its key. Counted as skipped, for it is no article."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """`key` names where a record's key stands, for formats that leave it open; `zone` is the IANA zone
    of dates without an offset; `base_url` is the source's own address, as far as it is known.
    `mapped` has the names of a record as it comes of which a person's mapping tells what they mean."""

    max_record_bytes: int
    delivery: str
    key: str = ""
    zone: str = "UTC"
    base_url: str = ""
    mapped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record in the words of the archive's own format. `draft` keeps it from the public whatever its
    date says. `pictures` stand beside the body: addresses, or keys of attachments of the same source.
    `base_url` is the source's own address where the delivery tells it."""

    values: dict[str, Any]
    draft: bool = False
    pictures: list[str] = field(default_factory=list)
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """`read` walks a delivery and raises DeliveryRefused where it cannot be read to its end. `to_values`
    turns a record's `raw` into what rules apply to; it runs in worker processes and raises
    RecordRejected. `key_of` reads the key from a `raw` that was mended; without it a record keeps the key
    that it was read with. A `window` shows a source's newest only: what it leaves out is not gone."""

    name: str
    title: str
    recognizes: Callable[[Sight], bool]
    read: Callable[[Delivery, ReadOptions], Iterator[RawRecord | Skipped | Attachment]]
    to_values: Callable[[bytes, ReadOptions], Delivered]
    key_of: Callable[[bytes, ReadOptions], str] | None = None
    window: bool = False
