"""Fetches the files that articles show into the media storage. No article waits for one: what cannot be had
stays where its source has it."""

import hashlib
import logging
import math
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from io import BufferedReader
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils import timezone
from django_tasks import task

from articles.media import MEDIA_TYPES, media_name
from articles.models import MediaState
from imports.fetching import Allowed, FetchFailed, is_public, masked, open_url
from imports.file_types import HEAD_BYTES, extension_of
from imports.media_queue import MOST_ATTEMPTS, Claimed, Outcome, claim, is_waiting, record
from imports.models import Source
from imports.progress import Progress
from imports.resolving import queue_files

logger = logging.getLogger(__name__)

# Each asks another host: one connection a host, however many processes fetch.
_THREADS = 8
_SECONDS_A_FILE = 60
_IN_MEMORY = 1024 * 1024
# A host that could not be talked to so often in a row is left alone until the next time.
_PATIENCE = 3
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_FILES_A_TASK = 1000
_BETWEEN_TASKS = timedelta(minutes=15)


class MediaStorageUnusable(Exception):
    """The media storage takes no files. One sentence: what, why, what to do next."""


@dataclass(frozen=True, slots=True)
class MediaCounts:
    """Addresses that came into the queue, and files by what came of them: `postponed` ones are tried again
    later, `failed` ones are not."""

    queued: int = 0
    stored: int = 0
    gone: int = 0
    failed: int = 0
    postponed: int = 0

    @property
    def fetched(self) -> int:
        return self.stored + self.gone + self.failed + self.postponed


def run_media(*, progress: Progress, limit: int | None = None, allowed: Allowed = is_public) -> MediaCounts:
    """Queues what articles of any source show, then fetches what is due, at most `limit` files.

    Raises MediaStorageUnusable."""
    progress.start("queueing files")
    sources = list(Source.objects.order_by("pk").values_list("pk", flat=True))
    queued = sum(queue_files(source, advance=progress.advance).found for source in sources)
    progress.start("fetching files")
    counts = fetch_pending(advance=progress.advance, limit=limit, allowed=allowed)
    progress.close()
    return replace(counts, queued=queued)


def fetch_pending(
    *, advance: Callable[[int], None], limit: int | None = None, allowed: Allowed = is_public
) -> MediaCounts:
    """Fetches what is due, beside any number of other processes that do so. Should `advance` raise, the files
    under way are still recorded; those of a process that was killed are taken again after some minutes.

    Raises MediaStorageUnusable."""
    fetching = _Fetching(limit, allowed)
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            while fetching.goes_on(pool):
                advance(fetching.collect())
        finally:
            while fetching.running:
                fetching.collect()
    return fetching.counts()


def fetch_media_later(*, after: timedelta = timedelta(0)) -> None:
    """Asks the worker for it, where IMPORT_MEDIA allows that."""
    if settings.IMPORT_MEDIA:
        fetch_media.using(run_after=timezone.now() + after).enqueue()


@task()
def fetch_media() -> int:
    """Fetches some files, returns how many, and comes back until the queue is empty."""
    fetched = run_media(progress=Progress(visible=False), limit=_FILES_A_TASK).fetched
    if is_waiting():
        fetch_media_later(after=timedelta(0) if fetched == _FILES_A_TASK else _BETWEEN_TASKS)
    return fetched


class _Fetching:
    """Files under way in threads; the database is asked by the caller's own."""

    def __init__(self, limit: int | None, allowed: Allowed) -> None:
        self.running: dict[Future[Outcome], Claimed] = {}
        self._left = math.inf if limit is None else limit
        self._allowed = allowed
        self._silent: Counter[str] = Counter()
        self._states: Counter[MediaState] = Counter()

    def goes_on(self, pool: Executor) -> bool:
        """Takes up as much as there is room for; False when nothing is under way after that."""
        room = min(_THREADS - len(self.running), self._left)
        avoided = [host for host, times in self._silent.items() if times >= _PATIENCE]
        for file in claim(limit=room, avoided=avoided) if room > 0 else ():
            self.running[pool.submit(_fetch, file, self._allowed)] = file
            self._left -= 1
        return bool(self.running)

    def collect(self) -> int:
        """Waits for a file, and returns how many were recorded."""
        done, _ = wait(self.running, return_when=FIRST_COMPLETED)
        for future in done:
            file = self.running.pop(future)
            outcome = future.result()
            record(file, outcome)
            self._states[outcome.state] += 1
            self._silent[file.host] = 0 if outcome.reached else self._silent[file.host] + 1
            if outcome.error:
                logger.info("file %d of the media queue: %s", file.id, outcome.error)
        return len(done)

    def counts(self) -> MediaCounts:
        return MediaCounts(
            stored=self._states[MediaState.STORED],
            gone=self._states[MediaState.GONE],
            failed=self._states[MediaState.FAILED],
            postponed=self._states[MediaState.PENDING],
        )


def _fetch(file: Claimed, allowed: Allowed) -> Outcome:
    if file.attempts > MOST_ATTEMPTS:
        return Outcome(MediaState.FAILED, error=f"{masked(file.url)} was never fetched to its end.")
    try:
        with (
            open_url(
                file.url,
                max_bytes=settings.IMPORT_MEDIA_MAX_BYTES,
                timeout=_SECONDS_A_FILE,
                allowed=allowed,
            ) as answer,
            SpooledTemporaryFile(_IN_MEMORY) as copy,
        ):
            return _kept(file, BufferedReader(answer), copy)
    except FetchFailed as failure:
        return _failed(file, failure)


def _kept(file: Claimed, answer: BinaryIO, copy: BinaryIO) -> Outcome:
    head = answer.read(HEAD_BYTES)
    extension = extension_of(head)
    if not extension:
        kinds = ", ".join(MEDIA_TYPES)
        return Outcome(MediaState.FAILED, error=f"{masked(file.url)} holds none of these: {kinds}.")
    copy.write(head)
    copyfileobj(answer, copy)
    size = copy.tell()
    copy.seek(0)
    name = media_name(hashlib.file_digest(copy, "sha256").hexdigest(), extension=extension)
    _store(name, copy, content_type=MEDIA_TYPES[extension])
    return Outcome(MediaState.STORED, name=name, content_type=MEDIA_TYPES[extension], bytes=size)


def _store(name: str, copy: BinaryIO, *, content_type: str) -> None:
    storage = storages["media"]
    if storage.exists(name):
        return
    copy.seek(0)
    content = File(copy, name=name)
    # What a bucket answers with; it would guess otherwise.
    content.content_type = content_type
    try:
        storage.save(name, content)
    except OSError as error:
        raise MediaStorageUnusable(
            f"The media storage takes no files: {error}. See to its space and permissions, then run again."
        ) from error


def _failed(file: Claimed, failure: FetchFailed) -> Outcome:
    if failure.status in _GONE:
        return Outcome(MediaState.GONE, error=str(failure))
    is_final = failure.lasting or file.attempts >= MOST_ATTEMPTS
    return Outcome(
        MediaState.FAILED if is_final else MediaState.PENDING,
        error=str(failure),
        reached=failure.lasting or failure.status != 0,
    )
