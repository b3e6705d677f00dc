"""Files of articles, fetched from a real server into a real folder."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from articles.media import MEDIA_TYPES, media_name
from articles.models import MediaFile, MediaState, Reference
from imports.file_types import HEAD_BYTES, extension_of
from imports.media import (
    MediaCounts,
    MediaStorageUnusable,
    fetch_media,
    fetch_media_later,
    fetch_pending,
    run_media,
)
from imports.media_queue import MOST_ATTEMPTS, Outcome, claim, record, requeue_failed
from imports.models import Item, Source
from imports.progress import Progress
from tests.factories import make_article

PNG = b"\x89PNG\r\n\x1a\n" + b"a lake" * 100
PNG_NAME = media_name(hashlib.sha256(PNG).hexdigest(), extension="png")
ISO = b"\x00\x00\x00\x1cftyp"


class Press:
    """A server of files: `answers` has a path's status and content; `most_at_once` is how many requests it
    had at the same time."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.asked.append(handler.path)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        status, content = self.answers.get(handler.path, (404, b"nothing"))
        # So long that requests at the same time would meet.
        time.sleep(0.01)
        with self._lock:
            self._now -= 1
        handler.send_response(status)
        # Whatever it is, it says that it is a picture.
        handler.send_header("Content-Type", "image/png")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


@pytest.fixture
def press() -> Iterator[Press]:
    press = Press()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            press.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        press.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield press
        server.shutdown()


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    entry = settings.STORAGES["media"]
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {**entry, "OPTIONS": {**entry["OPTIONS"], "location": tmp_path}},
    }
    return tmp_path


@pytest.fixture
def fetch(transactional_db: None) -> Callable[..., MediaCounts]:
    def fetch(**options: Any) -> MediaCounts:
        return fetch_pending(**{"advance": lambda count: None, "allowed": is_loopback, **options})

    return fetch


def is_loopback(address: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback


def enqueue(url: str, **fields: Any) -> MediaFile:
    host = url.split("/")[2]
    return MediaFile.objects.create(
        url=url, url_hash=hashlib.sha256(url.encode()).digest(), host=host, **fields
    )


def make_due() -> None:
    MediaFile.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())


def stored_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_page_shows_the_copy_of_a_picture_that_was_fetched(
    press: Press, transactional_db: None, client: Client
) -> None:
    press.answers["/a.png"] = (200, PNG)
    source = Source.objects.create(name="press", base_url=f"{press.url}/news/")
    article = make_article(body='<p><img src="/a.png" alt="A lake"></p>')
    hashes = dict.fromkeys(("raw_hash", "content_hash", "fingerprint"), b"")
    Item.objects.create(
        source=source, key="1", article=article, created_run_id=0, updated_run_id=0,
        shape_version=1, written_version=1, **hashes,
    )  # fmt: skip
    Reference.objects.create(article=article, digest=1, kind="image", address="/a.png")
    counts = run_media(progress=Progress(visible=False), allowed=is_loopback)
    assert counts == MediaCounts(queued=1, stored=1)
    page = client.get(article.get_absolute_url()).text
    assert f'<img src="/media/{PNG_NAME}" alt="A lake">' in page
    assert client.get(f"/media/{PNG_NAME}").getvalue() == PNG
    again = run_media(progress=Progress(visible=False), allowed=is_loopback)
    assert (again, press.asked) == (MediaCounts(), ["/a.png"])


def test_the_same_content_under_two_addresses_is_one_file(
    press: Press, fetch: Callable[..., MediaCounts], media: Path
) -> None:
    press.answers = {"/a.png": (200, PNG), "/b.jpg": (200, PNG)}
    for path in press.answers:
        enqueue(press.url + path)
    assert fetch() == MediaCounts(stored=2)
    stored = set(MediaFile.objects.values_list("state", "name", "content_type", "bytes"))
    assert stored == {("stored", PNG_NAME, "image/png", len(PNG))}
    assert stored_files(media) == [PNG_NAME]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_not_asked_for_again(
    press: Press, fetch: Callable[..., MediaCounts], status: int
) -> None:
    press.answers["/a.png"] = (status, b"")
    file = enqueue(f"{press.url}/a.png")
    assert (fetch(), fetch()) == (MediaCounts(gone=1), MediaCounts())
    file.refresh_from_db()
    assert (file.state, file.next_try_at, str(status) in file.error) == ("gone", None, True)


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"GIF",
        b"",
    ],
)
def test_bytes_that_are_no_known_file_are_refused_whatever_the_server_says(
    press: Press, fetch: Callable[..., MediaCounts], media: Path, content: bytes
) -> None:
    press.answers["/a.png"] = (200, content)
    file = enqueue(f"{press.url}/a.png")
    assert fetch() == MediaCounts(failed=1)
    file.refresh_from_db()
    assert (file.state, stored_files(media)) == ("failed", [])
    assert file.error == f"{press.url}/a.png holds none of these: {', '.join(MEDIA_TYPES)}."


def test_a_file_that_is_too_large_is_refused(
    press: Press, fetch: Callable[..., MediaCounts], media: Path, settings: Settings
) -> None:
    settings.IMPORT_MEDIA_MAX_BYTES = len(PNG)
    press.answers = {"/fits.png": (200, PNG), "/large.png": (200, PNG + b"!")}
    for path in press.answers:
        enqueue(press.url + path)
    assert fetch() == MediaCounts(stored=1, failed=1)
    assert stored_files(media) == [PNG_NAME]


def test_nothing_is_fetched_from_a_private_network(press: Press, transactional_db: None) -> None:
    file = enqueue(f"{press.url}/a.png")
    counts = fetch_pending(advance=lambda count: None)
    file.refresh_from_db()
    assert (counts, file.state, press.asked) == (MediaCounts(failed=1), "failed", [])


def test_a_fault_that_may_pass_is_tried_again_after_longer_and_longer_waits(
    press: Press, fetch: Callable[..., MediaCounts]
) -> None:
    press.answers["/a.png"] = (503, b"")
    file = enqueue(f"{press.url}/a.png")
    waits = []
    for _ in range(MOST_ATTEMPTS - 1):
        before = timezone.now()
        assert (fetch(), fetch()) == (MediaCounts(postponed=1), MediaCounts())
        file.refresh_from_db()
        waits.append((file.next_try_at - before).total_seconds() / 60)
        make_due()
    for attempt, minutes in enumerate(waits):
        assert 0.5 * 4**attempt <= minutes <= 1.6 * 4**attempt
    assert fetch() == MediaCounts(failed=1)
    press.answers["/a.png"] = (200, PNG)
    assert (requeue_failed(), fetch()) == (1, MediaCounts(stored=1))


def test_a_server_is_asked_for_one_file_at_a_time_and_others_beside_it(
    press: Press, fetch: Callable[..., MediaCounts]
) -> None:
    for number in range(6):
        press.answers[f"/{number}.png"] = (200, PNG)
        enqueue(f"{press.url}/{number}.png")
    workers = [threading.Thread(target=with_own_connection, args=(fetch,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (press.most_at_once, sorted(press.asked)) == (1, sorted(press.answers))
    port = press.url.rpartition(":")[2]
    for host in ("127.0.0.1", "127.0.0.2"):
        enqueue(f"http://{host}:{port}/again.png")
    assert {file.host for file in claim(limit=8, avoided=[])} == {f"127.0.0.1:{port}", f"127.0.0.2:{port}"}


def with_own_connection(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


def test_a_host_that_does_not_answer_is_left_alone_for_the_rest_of_the_run(
    press: Press, fetch: Callable[..., MediaCounts]
) -> None:
    # Port 1 of this machine: nobody listens there.
    for number in range(5):
        enqueue(f"http://127.0.0.1:1/{number}.png")
    press.answers["/a.png"] = (200, PNG)
    enqueue(f"{press.url}/a.png")
    assert fetch() == MediaCounts(stored=1, postponed=3)
    assert fetch() == MediaCounts(postponed=2)


def test_the_files_of_a_worker_that_was_killed_are_taken_again(
    press: Press, fetch: Callable[..., MediaCounts]
) -> None:
    press.answers["/a.png"] = (200, PNG)
    file = enqueue(f"{press.url}/a.png")
    assert [taken.id for taken in claim(limit=8, avoided=[])] == [file.pk]
    assert fetch() == MediaCounts()
    make_due()
    assert fetch() == MediaCounts(stored=1)


def test_a_file_that_kills_every_worker_is_given_up(press: Press, fetch: Callable[..., MediaCounts]) -> None:
    file = enqueue(f"{press.url}/a.png", state="fetching", attempts=MOST_ATTEMPTS)
    assert (fetch(), press.asked) == (MediaCounts(failed=1), [])
    file.refresh_from_db()
    assert file.error == f"{press.url}/a.png was never fetched to its end."


def test_a_worker_that_was_too_slow_changes_nothing(press: Press, transactional_db: None) -> None:
    file = enqueue(f"{press.url}/a.png")
    (slow,) = claim(limit=1, avoided=[])
    make_due()
    (quick,) = claim(limit=1, avoided=[])
    record(slow, Outcome(MediaState.GONE, error="404"))
    file.refresh_from_db()
    assert (file.state, file.error) == ("fetching", "")
    record(quick, Outcome(MediaState.STORED, name=PNG_NAME, content_type="image/png", bytes=len(PNG)))
    record(slow, Outcome(MediaState.GONE, error="404"))
    file.refresh_from_db()
    assert (file.state, file.name, file.next_try_at) == ("stored", PNG_NAME, None)


def test_a_file_that_another_transaction_holds_is_passed_over(
    press: Press, fetch: Callable[..., MediaCounts]
) -> None:
    held, free = enqueue(f"{press.url}/a.png"), enqueue(f"{press.url}/b.png")
    threads = []
    with transaction.atomic():
        MediaFile.objects.select_for_update().get(pk=held.pk)
        threads.append(threading.Thread(target=with_own_connection, args=(lambda: fetch(limit=1),)))
        threads[0].start()
        threads[0].join(timeout=20)
    held.refresh_from_db()
    free.refresh_from_db()
    assert (held.state, free.state) == ("pending", "gone")


def test_no_more_files_are_fetched_than_were_asked_for(
    press: Press, fetch: Callable[..., MediaCounts]
) -> None:
    for number in range(3):
        enqueue(f"{press.url}/{number}.png")
    assert [fetch(limit=2), fetch(limit=0), fetch(limit=2)] == [
        MediaCounts(gone=2),
        MediaCounts(),
        MediaCounts(gone=1),
    ]


def test_a_stopped_run_still_records_what_was_under_way(
    press: Press, fetch: Callable[..., MediaCounts]
) -> None:
    port = press.url.rpartition(":")[2]
    for number in range(1, 5):
        enqueue(f"http://127.0.0.{number}:{port}/a.png")

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(advance=stop)
    # Nobody listens at the other addresses.
    recorded = MediaFile.objects.order_by("host").values_list("state", "attempts")
    assert list(recorded) == [("gone", 1), *[("pending", 1)] * 3]


def test_a_storage_that_takes_no_files_stops_the_run_and_blames_no_file(
    press: Press, fetch: Callable[..., MediaCounts], media: Path
) -> None:
    press.answers["/a.png"] = (200, PNG)
    file = enqueue(f"{press.url}/a.png")
    media.joinpath(PNG_NAME[:2]).write_text("a file where a folder must be")
    with pytest.raises(MediaStorageUnusable, match=r"^The media storage takes no files: .+ run again\.$"):
        fetch()
    file.refresh_from_db()
    assert file.state == "fetching"


# By itself.


@pytest.mark.parametrize(("allowed", "tasks"), [(False, 0), (True, 1)])
@pytest.mark.django_db(transaction=True)
def test_nothing_is_fetched_by_itself_unless_that_is_wanted(
    settings: Settings, allowed: bool, tasks: int
) -> None:
    settings.IMPORT_MEDIA = allowed
    fetch_media_later()
    assert DBTaskResult.objects.filter(task_path="imports.media.fetch_media").count() == tasks


@pytest.mark.django_db(transaction=True)
def test_the_task_comes_back_until_nothing_is_waiting(settings: Settings) -> None:
    settings.IMPORT_MEDIA = True
    assert (fetch_media.func(), DBTaskResult.objects.count()) == (0, 0)
    later = timezone.now() + timedelta(hours=1)
    enqueue("https://cdn.example.net/a.png", next_try_at=later)
    assert fetch_media.func() == 0
    (again,) = DBTaskResult.objects.all()
    assert timedelta(minutes=14) < again.run_after - timezone.now() <= timedelta(minutes=15)


# Kinds of files.


@pytest.mark.parametrize(
    ("head", "extension"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", ""),
        (ISO + b"avif\x00\x00\x00\x00", "avif"),
        (ISO + b"mif1\x00\x00\x00\x00mif1avif", "avif"),
        (ISO + b"isom\x00\x00\x02\x00", "mp4"),
        (ISO + b"M4A \x00\x00\x00\x00", "m4a"),
        (ISO + b"qt  \x00\x00\x00\x00", ""),
        (ISO + b"heic\x00\x00\x00\x00", ""),
        (b"%PDF-1.7", "pdf"),
        (b"ID3\x04", "mp3"),
        (b"\xff\xfb\x90d", "mp3"),
        (b"OggS\x00", "ogg"),
        (b"fLaC\x00", "flac"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm", "webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x88matroska", ""),
        (b"\xff\xfe<\x00s\x00v\x00g\x00", ""),
        (b"<svg", ""),
        (b"PK\x03\x04", ""),
        (b"", ""),
    ],
)
def test_a_file_is_told_by_its_first_bytes(head: bytes, extension: str) -> None:
    assert extension_of(head) == extension


@given(st.binary(max_size=HEAD_BYTES) | st.binary(max_size=HEAD_BYTES).map(ISO.__add__))
def test_any_bytes_are_a_kind_that_is_kept_or_none(head: bytes) -> None:
    assert extension_of(head) in {"", *MEDIA_TYPES}
