"""The queue of files to fetch: who takes which, and what came of it."""

# ruff: noqa: S608 - only constants of this project are joined into statements

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Now

from articles.models import MediaFile, MediaState

MOST_ATTEMPTS = 6
# Longer than fetching and storing a file can take.
_LEASE = timedelta(minutes=5)
# After the first attempt; four times as long after each other, up to five hours. Half of it to one and a half
# times as much, so that files that failed together do not come back together.
_FIRST_WAIT = timedelta(minutes=1)
# Any number that no other advisory lock of this database has.
_CLAIMING = 0x3ED1A

_FIRST = """(
    SELECT m.id FROM articles_mediafile AS m
    WHERE m.host = hosts.host AND m.state = '{state}' AND m.next_try_at <= now()
    ORDER BY m.next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED
)"""
# One file each of hosts that nobody asks at the moment, going from host to host along the index. Files whose
# worker died come first. `attempts` is the token by which a worker that was too slow is told.
_CLAIM = f"""
WITH RECURSIVE hosts AS (
    (SELECT host FROM articles_mediafile WHERE state IN ('pending', 'fetching') ORDER BY host LIMIT 1)
    UNION ALL
    SELECT (SELECT m.host FROM articles_mediafile AS m
            WHERE m.state IN ('pending', 'fetching') AND m.host > hosts.host ORDER BY m.host LIMIT 1)
    FROM hosts WHERE hosts.host IS NOT NULL
), due AS (
    SELECT coalesce({_FIRST.format(state="fetching")}, {_FIRST.format(state="pending")}) AS id
    FROM hosts
    WHERE hosts.host <> ALL (%(avoided)s)
      AND NOT EXISTS (SELECT FROM articles_mediafile AS m
                      WHERE m.host = hosts.host AND m.state = 'fetching' AND m.next_try_at > now())
), taken AS MATERIALIZED (
    SELECT id FROM due WHERE id IS NOT NULL LIMIT %(limit)s
)
UPDATE articles_mediafile AS m
SET state = 'fetching', attempts = m.attempts + 1, next_try_at = now() + %(lease)s
FROM taken WHERE m.id = taken.id
RETURNING m.id, m.url, m.host, m.attempts
"""
_RECORD = """
UPDATE articles_mediafile
SET state = %(state)s, name = %(name)s, content_type = %(content_type)s, bytes = %(bytes)s, error = %(error)s,
    next_try_at = CASE WHEN %(state)s = 'pending' THEN now() + %(wait)s * (0.5 + random()) END
WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'fetching'
"""


class Claimed(NamedTuple):
    id: int
    url: str
    host: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt; PENDING stands for one more after a while. `reached` is False where the host
    could not be talked to at all."""

    state: MediaState
    error: str = ""
    name: str = ""
    content_type: str = ""
    bytes: int | None = None
    reached: bool = True


def claim(*, limit: int, avoided: Collection[str]) -> list[Claimed]:
    """At most `limit` files that are due, one a host, and for some minutes nobody else's."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at a time could both find a host free.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIMING])
        cursor.execute(_CLAIM, {"limit": limit, "avoided": list(avoided), "lease": _LEASE})
        return [Claimed(*row) for row in cursor.fetchall()]


def record(file: Claimed, outcome: Outcome) -> None:
    """Does nothing where the file is another worker's by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            {
                "id": file.id,
                "attempts": file.attempts,
                "state": outcome.state,
                "name": outcome.name,
                "content_type": outcome.content_type,
                "bytes": outcome.bytes,
                "error": outcome.error,
                "wait": _FIRST_WAIT * 4 ** (file.attempts - 1),
            },
        )


def requeue_failed() -> int:
    """Gives the files that were given up all their attempts again, and returns how many these are."""
    files = MediaFile.objects.filter(state=MediaState.FAILED)
    return files.update(state=MediaState.PENDING, attempts=0, next_try_at=Now(), error="")


def is_waiting() -> bool:
    """Whether anything is in the queue, due or not."""
    return MediaFile.objects.filter(state__in=[MediaState.PENDING, MediaState.FETCHING]).exists()
