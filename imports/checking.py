"""The first reading of a delivery, to its very end, before anything is written. It tells whether the
delivery can be read, which records repeat a key, and which of them the archive holds already."""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum

from articles.density import BodyTooDense
from articles.rendering import refuse_dense_body
from imports.deliveries import Delivery
from imports.faults import RecordRejected
from imports.known import Known
from imports.progress import Progress
from imports.reading import Rules
from imports.sources.format import RawRecord, Skipped

_LOOKUP_RECORDS = 4000
_LOOKUPS_AHEAD = 4

# Answers later, with a Known for each key and the hash of its record.
Lookup = Callable[[list[str], bytes], Future[bytes]]


class Verdict(IntEnum):
    """What the check found out about a record. One byte a record keeps ten million in 10 MB."""

    LOAD = 0
    UNCHANGED = 1
    SUPERSEDED = 2


_VERDICTS = bytes.maketrans(
    bytes((Known.CHANGED, Known.SAME, Known.NEW)), bytes((Verdict.LOAD, Verdict.UNCHANGED, Verdict.LOAD))
)


@dataclass(frozen=True, slots=True)
class Checked:
    """`verdicts` has one Verdict a record, in the order of the delivery; `last_to_load` is the position
    after the last record that has to be loaded; `new_keys` counts what the source never delivered."""

    verdicts: bytearray
    skipped: Counter[str]
    last_to_load: int
    new_keys: int


def check(delivery: Delivery, rules: Rules, *, lookup: Lookup | None, progress: Progress) -> Checked:
    """Reads the whole delivery. `lookup` is None where the source has delivered nothing before.

    Raises DeliveryRefused when the delivery cannot be read to its end."""
    skipped: Counter[str] = Counter()
    keys = _KeyDigests()
    unchanged = _Unchanged(lookup, rules.digest())
    for record in _records(delivery, rules, skipped=skipped):
        keys.add(record.key)
        unchanged.add(record)
        progress.advance()
    verdicts = unchanged.verdicts()
    repeated = keys.repeated(progress)
    if repeated:
        again = _records(delivery, rules, skipped=Counter())
        _mark_superseded(verdicts, repeated, again, rules, progress=progress)
    return Checked(verdicts, skipped, verdicts.rfind(Verdict.LOAD) + 1, unchanged.new_keys)


def _records(delivery: Delivery, rules: Rules, *, skipped: Counter[str]) -> Iterator[RawRecord]:
    for record in rules.read(delivery):
        if type(record) is RawRecord:
            yield record
        else:
            reason, count = record if type(record) is Skipped else ("attachment", 1)
            skipped[reason] += count


def _key_digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


class _KeyDigests:
    """The keys of a delivery in 16 bytes each, parted by their first byte so that looking for
    repeated ones never needs more than a small part of them as Python objects."""

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(256)]

    def add(self, key: str) -> None:
        if key:
            digest = _key_digest(key)
            self._parts[digest[0]] += digest

    def repeated(self, progress: Progress) -> set[bytes]:
        found: set[bytes] = set()
        for part in self._parts:
            progress.advance(0)
            digests = Counter(part[start : start + 16].hex() for start in range(0, len(part), 16))
            found.update(bytes.fromhex(digest) for digest, times in digests.items() if times > 1)
            part.clear()
        return found


class _Unchanged:
    """Asks for the known records in groups while the reading goes on."""

    def __init__(self, lookup: Lookup | None, salt: bytes) -> None:
        self._lookup = lookup
        self._salt = salt
        self._keys: list[str] = []
        self._hashes = bytearray()
        self._pending: deque[Future[bytes]] = deque()
        self._verdicts = bytearray()
        self.new_keys = 0

    def add(self, record: RawRecord) -> None:
        if self._lookup is None:
            self._verdicts.append(Verdict.LOAD)
            self.new_keys += 1
            return
        self._keys.append(record.key)
        self._hashes += record.digest(self._salt)
        if len(self._keys) == _LOOKUP_RECORDS:
            self._ask()

    def verdicts(self) -> bytearray:
        if self._keys:
            self._ask()
        while self._pending:
            self._collect()
        return self._verdicts

    def _ask(self) -> None:
        self._pending.append(self._lookup(self._keys, bytes(self._hashes)))
        self._keys, self._hashes = [], bytearray()
        if len(self._pending) > _LOOKUPS_AHEAD:
            self._collect()

    def _collect(self) -> None:
        known = self._pending.popleft().result()
        self.new_keys += known.count(Known.NEW)
        self._verdicts += known.translate(_VERDICTS)


def _mark_superseded(
    verdicts: bytearray,
    repeated: set[bytes],
    records: Iterator[RawRecord],
    rules: Rules,
    *,
    progress: Progress,
) -> None:
    """Of the records with one key the last good one counts: a broken one must not hide a good one."""
    best: dict[bytes, int] = {}
    for position, record in enumerate(records):
        # It takes longer than the first reading, and a signal is not to wait for it.
        progress.advance(0)
        digest = _key_digest(record.key) if record.key else b""
        if digest in repeated and _is_good(record, rules):
            if digest in best:
                verdicts[best[digest]] = Verdict.SUPERSEDED
            best[digest] = position


def _is_good(record: RawRecord, rules: Rules) -> bool:
    if record.fault:
        return False
    try:
        read = rules.read_record(record.raw)
        refuse_dense_body(read.body, body_format=read.body_format)
    except (RecordRejected, BodyTooDense):
        return False
    return True
