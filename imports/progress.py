"""How far a run is: a bar on a terminal, a line in the log now and then elsewhere."""

import logging
import sys
import time

from tqdm import tqdm

from imports.faults import Interrupted

logger = logging.getLogger(__name__)

_LOG_SECONDS = 10


class Progress:
    """One stage at a time. `advance` is called where a run may stop: after a record that was only read,
    after a batch that is committed. It is cheap enough for every record."""

    def __init__(self, *, visible: bool = True) -> None:
        self._visible = visible and sys.stderr.isatty()
        self._bar: tqdm | None = None
        self._stage = ""
        self._done = 0
        self._logged_at = time.monotonic()
        self._stop_signal = 0

    def stop(self, signal_number: int) -> None:
        """Makes the next `advance` raise Interrupted; for signal handlers, which may do no more."""
        self._stop_signal = signal_number

    def start(self, stage: str, *, total: int | None = None) -> None:
        self.close()
        self._stage = stage
        self._done = 0
        if self._visible:
            self._bar = tqdm(
                desc=stage, total=total, unit=" records", file=sys.stderr, leave=True, dynamic_ncols=True
            )

    def advance(self, count: int = 1) -> None:
        if self._stop_signal:
            raise Interrupted(self._stop_signal)
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
