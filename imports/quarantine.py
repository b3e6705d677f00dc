"""Which records of a batch PostgreSQL refuses although every rule held. The rest of the batch goes in."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from django.db import DatabaseError

from imports.faults import RecordRejected, described
from imports.shaping import Shaped, rejected
from imports.sources.format import RawRecord

# A batch of which so many records are refused has another fault than its records.
_MOST = 50

Attempt = Callable[[Shaped], DatabaseError | None]


class _TooManyError(Exception):
    pass


def find_culprits(shaped: Shaped, attempt: Attempt) -> dict[int, DatabaseError]:
    """By ordinal, the records that fail alone and why; empty where no single one is to blame, or too
    many are. Halves what fails: some 2 log2 n attempts for one bad record of n."""
    found: dict[int, DatabaseError] = {}
    try:
        _search(shaped, attempt, found)
    except _TooManyError:
        return {}
    return found


def _search(shaped: Shaped, attempt: Attempt, found: dict[int, DatabaseError]) -> None:
    error = attempt(shaped)
    if error is None:
        return
    if len(shaped.ordinals) == 1:
        if len(found) == _MOST:
            raise _TooManyError
        found[shaped.ordinals[0]] = error
        return
    middle = len(shaped.ordinals) // 2
    for part in (slice(None, middle), slice(middle, None)):
        _search(_only(shaped, set(shaped.ordinals[part])), attempt, found)


def _only(shaped: Shaped, ordinals: set[int]) -> Shaped:
    kept = [place for place, ordinal in enumerate(shaped.ordinals) if ordinal in ordinals]
    return replace(
        shaped,
        ordinals=[shaped.ordinals[place] for place in kept],
        keys=[shaped.keys[place] for place in kept],
        articles=[shaped.articles[place] for place in kept],
        references=[row for row in shaped.references if row[0] in ordinals],
    )


BatchT = TypeVar("BatchT")


def quarantine(batch: BatchT, culprits: dict[int, DatabaseError]) -> BatchT:
    """The batch with the culprits among its rejects."""
    raw: dict[int, RawRecord] = dict(batch.records)
    shaped = _only(batch.shaped, set(batch.shaped.ordinals) - set(culprits))
    rejects = [rejected(ordinal, raw[ordinal], _fault(error)) for ordinal, error in culprits.items()]
    return replace(batch, shaped=replace(shaped, rejects=[*shaped.rejects, *rejects]))


def _fault(error: DatabaseError) -> RecordRejected:
    return RecordRejected("not-storable", f"PostgreSQL cannot store the record: {described(error)}")
