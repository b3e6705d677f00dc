"""How far a run is: a bar on a terminal, a line in the log now and then elsewhere."""

import logging
import sys
import time

from tqdm import tqdm

logger = logging.getLogger(__name__)

_LOG_SECONDS = 10


class Progress:
    """One stage at a time. `advance` is called where a run may stop: after a record that was only read,
    after a batch that is committed. It is cheap enough for every record."""

    def __init__(self, *, visible: bool = True) -> None:
        self.visible = visible and sys.stderr.isatty()
        self.stage = ""
        self.done = 0
        self.total: int | None = None
        self._bar: tqdm | None = None
        self._logged_at = time.monotonic()
        self._reason: BaseException | None = None

    def stop(self, reason: BaseException) -> None:
        """Makes the next `advance` raise `reason`; for signal handlers and other threads, which may do
        no more. The first reason counts."""
        self._reason = self._reason or reason

    def start(self, stage: str, *, total: int | None = None) -> None:
        self.close()
        self.stage, self.done, self.total = stage, 0, total
        if self.visible:
            self._bar = tqdm(
                desc=stage, total=total, unit=" records", file=sys.stderr, leave=True, dynamic_ncols=True
            )

    def advance(self, count: int = 1) -> None:
        if self._reason:
            raise self._reason
        self.done += count
        if self._bar is not None:
            self._bar.update(count)
        elif self.done % 1024 < count:
            self._log_now_and_then()

    def _log_now_and_then(self) -> None:
        if time.monotonic() - self._logged_at < _LOG_SECONDS:
            return
        self._logged_at = time.monotonic()
        logger.info("%s: %d records", self.stage, self.done)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
