"""How far a run is: a bar on a terminal, a line in the log now and then elsewhere."""

import logging
import sys
import time

from tqdm import tqdm

logger = logging.getLogger(__name__)

_LOG_SECONDS = 10


class Progress:
    """One stage at a time. `advance` is cheap enough to be called for every record."""

    def __init__(self, *, visible: bool = True) -> None:
        self._visible = visible and sys.stderr.isatty()
        self._bar: tqdm | None = None
        self._stage = ""
        self._done = 0
        self._logged_at = time.monotonic()

    def start(self, stage: str, *, total: int | None = None) -> None:
        self.close()
        self._stage = stage
        self._done = 0
        if self._visible:
            self._bar = tqdm(
                desc=stage, total=total, unit=" records", file=sys.stderr, leave=True, dynamic_ncols=True
            )

    def advance(self, count: int = 1) -> None:
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif self._done % 1024 < count:
            self._log_now_and_then()

    def _log_now_and_then(self) -> None:
        if time.monotonic() - self._logged_at < _LOG_SECONDS:
            return
        self._logged_at = time.monotonic()
        logger.info("%s: %d records", self._stage, self._done)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
