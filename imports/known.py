"""What the archive already holds of a source, asked for while the delivery is being read."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from types import TracebackType

from django.db import connection

from imports import staging
from imports.shaping import SHAPE_VERSION


class Known(IntEnum):
    """What the archive holds under a key: another record, this very one, or nothing."""

    CHANGED = 0
    SAME = 1
    NEW = 2


@dataclass(frozen=True, slots=True)
class Watched:
    """Keys to look out for; `held` gathers those whose very record the archive holds."""

    keys: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)

    def look(self, keys: list[str], known: bytes) -> None:
        if self.keys and not self.keys.isdisjoint(keys):
            answers = zip(keys, known, strict=True)
            self.held.update(key for key, answer in answers if answer == Known.SAME and key in self.keys)


_DIGITS = bytes.maketrans(b"012", bytes((Known.CHANGED, Known.SAME, Known.NEW)))


def _close_connection() -> None:
    # Looked up where it runs: `connection` is another one on each thread.
    connection.close()


class KnownRecords:
    """Answers on a thread and a connection of its own, which end with the `with` block; what is `watched`
    is complete then."""

    def __init__(self, source_id: int, watched: Watched) -> None:
        self._source_id = source_id
        self._watched = watched
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="known-records")

    def __enter__(self) -> "KnownRecords":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.submit(_close_connection)
        self._thread.shutdown(cancel_futures=error is not None)

    def ask(self, keys: list[str], hashes: bytes) -> Future[bytes]:
        """For each key a byte, a Known. `hashes` has 16 bytes for each key, of its record's raw bytes."""
        return self._thread.submit(self._look_up, keys, hashes)

    def _look_up(self, keys: list[str], hashes: bytes) -> bytes:
        values = {"keys": keys, "hashes": hashes, "source": self._source_id, "shape": SHAPE_VERSION}
        with connection.cursor() as cursor:
            cursor.execute(staging.KNOWN, values)
            known = cursor.fetchone()[0].encode().translate(_DIGITS)
        self._watched.look(keys, known)
        return known
