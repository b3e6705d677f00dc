"""What the archive already holds of a source, asked for while the delivery is being read."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from django.db import connection

from imports import staging
from imports.shaping import SHAPE_VERSION

_DIGITS = bytes.maketrans(b"01", b"\0\1")


def _close_connection() -> None:
    # Looked up where it runs: `connection` is another one on each thread.
    connection.close()


class KnownRecords:
    """Answers on a thread and a connection of its own, which end with the `with` block."""

    def __init__(self, source_id: int) -> None:
        self._source_id = source_id
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="known-records")

    def __enter__(self) -> "KnownRecords":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.submit(_close_connection)
        self._thread.shutdown(cancel_futures=error is not None)

    def ask(self, keys: list[str], hashes: bytes) -> Future[bytes]:
        """For each key, 1 where the archive holds the record with this hash of its raw bytes, else 0.
        `hashes` has 16 bytes for each key."""
        return self._thread.submit(self._look_up, keys, hashes)

    def _look_up(self, keys: list[str], hashes: bytes) -> bytes:
        values = {"keys": keys, "hashes": hashes, "source": self._source_id, "shape": SHAPE_VERSION}
        with connection.cursor() as cursor:
            cursor.execute(staging.KNOWN, values)
            return cursor.fetchone()[0].encode().translate(_DIGITS)
