"""Work that another writer stood in the way of is done once more."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from imports.faults import described

logger = logging.getLogger(__name__)

_ATTEMPTS = 4
_PAUSE_SECONDS = 0.2
# Two writers waited for each other, or one for too long. Nothing of the transaction is written.
_PASSING = (DeadlockDetected, LockNotAvailable, SerializationFailure)

Value = TypeVar("Value")


def patiently(work: Callable[[], Value], *, what: str) -> Value:
    """What `work`, a transaction of its own, returns in the end. Raises what it raises at the fourth time."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return work()
        except OperationalError as error:
            if not isinstance(error.__cause__, _PASSING):
                raise
            logger.warning("%s is tried again: %s", what, described(error))
            time.sleep(attempt * _PAUSE_SECONDS)
    return work()
