"""How PostgreSQL, Redis and the disk are."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.db.backends.utils import CursorWrapper
from django_redis import get_redis_connection

from ops.health import Observation, Status, describe_error

STATEMENT_SECONDS = 1
SLOW_MS = 50  # for a question that costs a server nothing: a page asks several
OLDEST_POSTGRESQL = 16
OLDEST_REDIS = (6, 2)
GIB = 1024**3


class ForgetfulCacheError(Exception):
    """Redis took a key and did not return it: it is full and may not evict, or keys go elsewhere."""


@contextmanager
def bounded_cursor() -> Iterator[CursorWrapper]:
    """A transaction in which PostgreSQL gives up a statement, locks included, after STATEMENT_SECONDS."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{STATEMENT_SECONDS}s"])
        yield cursor


def database_answers() -> Observation:
    try:
        with bounded_cursor() as cursor:
            took = quickest_ms(lambda: cursor.execute("SELECT 1"))
    except Error as error:
        return Observation(Status.FAIL, f"does not answer ({describe_error(error)})")
    return timed_answer(took)


def database_version() -> Observation:
    version = connection.pg_version  # as in 180004
    status = Status.PASS if version // 10_000 >= OLDEST_POSTGRESQL else Status.FAIL
    return Observation(status, f"PostgreSQL {version // 10_000}.{version % 10_000}")


def cache_answers() -> Observation:
    """A cache that is away is a warning: pages are served without it, more slowly."""
    try:
        took = quickest_ms(keep_and_return)
    except ForgetfulCacheError:
        return Observation(Status.WARN, "does not keep what it is given")
    except Exception as error:  # noqa: BLE001 drivers and Django raise unrelated classes
        return Observation(Status.WARN, f"does not answer ({describe_error(error)})")
    return timed_answer(took)


def keep_and_return() -> None:
    key = f"health:{uuid4().hex}"
    cache.set(key, key, timeout=10)
    if cache.get(key) != key:
        raise ForgetfulCacheError
    cache.delete(key)


def cache_version() -> Observation:
    version = get_redis_connection("default").info("server")["redis_version"]
    major, minor = (int(part) for part in version.split(".")[:2])
    return Observation(Status.PASS if (major, minor) >= OLDEST_REDIS else Status.FAIL, f"Redis {version}")


def quickest_ms(ask: Callable[[], object]) -> float:
    """Of three times: the first may have to connect, and any may wait for a busy machine."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return min(times)


def timed_answer(milliseconds: float) -> Observation:
    status = Status.PASS if milliseconds <= SLOW_MS else Status.WARN
    return Observation(status, f"answered in {milliseconds:.1f} ms")


def disk_space() -> Observation:
    folder = Path(settings.VAR_DIR)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(existing)
    observed = f"{usage.free / GIB:.1f} of {usage.total / GIB:.1f} GiB free"
    return Observation(disk_status(free=usage.free, total=usage.total), observed)


def disk_status(*, free: int, total: int) -> Status:
    """Bytes for a large disk, shares of a small one."""
    if free < min(GIB, total * 0.02):
        return Status.FAIL
    return Status.WARN if free < min(5 * GIB, total * 0.1) else Status.PASS
