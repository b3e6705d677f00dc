import hashlib
import io
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from imports.faults import DeliveryRefused
from imports.limits import Limits
from imports.spool import Spool

LIMITS = Limits(**settings.IMPORT_LIMITS)
CONTENT = b'{"title": "One"}\n'
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "var" / "spool")


def kept_files(spool: Spool) -> list[str]:
    return sorted(path.name for path in spool.directory.iterdir())


def test_content_is_kept_once_under_its_sha256_for_nobody_else_to_read(spool):
    first = spool.keep(io.BytesIO(CONTENT))
    second = spool.keep(io.BytesIO(CONTENT))
    assert (first.sha256, first.path, first.bytes) == (SHA256, spool.path_of(SHA256), len(CONTENT))
    assert second.path == first.path
    assert kept_files(spool) == [SHA256]
    assert first.path.read_bytes() == CONTENT
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.directory.stat().st_mode) == 0o700


def test_a_file_that_is_kept_already_is_not_copied_again(spool, tmp_path):
    path = tmp_path / "press.jsonl"
    path.write_bytes(CONTENT)
    with path.open("rb", buffering=0) as file:
        first = spool.keep_file(file)
    inode = first.path.stat().st_ino
    os.utime(first.path, (0, 0))
    told = []
    with path.open("rb", buffering=0) as file:
        second = spool.keep_file(file, on_bytes=told.append)
    assert (second.sha256, second.path.stat().st_ino, told) == (SHA256, inode, [len(CONTENT)])
    assert second.kept_at > datetime.now(UTC) - timedelta(minutes=1)
    assert kept_files(spool) == [SHA256]


def test_a_file_of_the_same_size_and_other_content_is_kept_beside_it(spool, tmp_path):
    spool.keep(io.BytesIO(CONTENT))
    path = tmp_path / "press.jsonl"
    path.write_bytes(CONTENT.replace(b"One", b"Two"))
    with path.open("rb", buffering=0) as file:
        kept = spool.keep_file(file)
    assert kept.path.read_bytes() == CONTENT.replace(b"One", b"Two")
    assert len(kept_files(spool)) == 2


def test_a_file_that_somebody_writes_to_meanwhile_is_refused_and_not_kept(spool, tmp_path):
    path = tmp_path / "press.jsonl"
    path.write_bytes(CONTENT)

    def add(count: int) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with path.open("rb", buffering=0) as file, pytest.raises(DeliveryRefused) as refusal:
        spool.keep_file(file, on_bytes=add, max_bytes=100)
    assert str(refusal.value) in {
        f"{path} was changed while it was read; wait until it is complete, then try again.",
        # It may grow as fast as it is read.
        "The delivery is larger than 100 bytes, the most that is taken here; import it in parts. "
        "Whoever runs the site can raise max_bytes in settings/imports.py.",
    }
    assert kept_files(spool) == []


def test_what_is_longer_than_allowed_is_refused_and_nothing_stays(spool):
    with pytest.raises(DeliveryRefused, match=r"^The delivery is larger than 10 bytes, the most "):
        spool.keep(io.BytesIO(CONTENT), max_bytes=10)
    assert kept_files(spool) == []
    assert spool.keep(io.BytesIO(CONTENT), max_bytes=len(CONTENT)).bytes == len(CONTENT)


def test_a_disk_that_takes_no_more_is_told_in_one_sentence_and_nothing_stays(spool):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(DeliveryRefused) as refusal:
            spool.keep(io.BytesIO(bytes(20_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(refusal.value) == (
        f"{spool.directory} cannot take the delivery: File too large; make room there or point VAR_DIR at "
        "another disk, then try again."
    )
    assert kept_files(spool) == []


def test_a_spool_that_cannot_be_made_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DeliveryRefused, match=r"/file/spool cannot take the delivery: Not a directory; "):
        Spool(tmp_path / "file" / "spool").keep(io.BytesIO(CONTENT))


@pytest.mark.faults
def test_a_killed_process_leaves_an_unfinished_file_that_is_found_by_its_age(spool):
    program = (
        "import sys, imports.spool as s, pathlib; s.Spool(pathlib.Path(sys.argv[1])).keep(sys.stdin.buffer)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, spool.directory], stdin=subprocess.PIPE, cwd=settings.BASE_DIR
    )
    process.stdin.write(bytes(2 * 1024 * 1024))
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size for path in spool.directory.glob("*")):
        assert time.monotonic() < deadline, "nothing was written"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(kept_files(spool)) == 1
    assert spool.entries() == []
    now = datetime.now(UTC)
    assert spool.remove_unfinished(before=now - timedelta(hours=1)) == 0
    assert spool.remove_unfinished(before=now + timedelta(hours=1)) == 1
    assert kept_files(spool) == []


def test_what_is_kept_is_listed_by_age_and_can_be_removed(spool):
    assert spool.entries() == []
    first, second = (spool.keep(io.BytesIO(content)) for content in (b"first", b"second"))
    os.utime(first.path, (2_000_000_000, 2_000_000_000))
    os.utime(second.path, (1_000_000_000, 1_000_000_000))
    (spool.directory / "notes.txt").write_text("not ours")
    listed = [(entry.sha256, entry.bytes, entry.kept_at.year) for entry in spool.entries()]
    assert listed == [(second.sha256, 6, 2001), (first.sha256, 5, 2033)]
    spool.remove(first.sha256)
    spool.remove(first.sha256)
    assert kept_files(spool) == sorted(["notes.txt", second.sha256])


def test_only_a_sha256_names_an_entry(spool):
    with pytest.raises(ValueError, match="is no SHA-256"):
        spool.path_of("../../etc/passwd")


def test_a_kept_delivery_is_read_again_by_any_number_of_readers_even_when_it_is_removed(spool):
    spool.keep(io.BytesIO(b"first\nsecond\n"))
    sha256 = hashlib.sha256(b"first\nsecond\n").hexdigest()
    with spool.open_kept(sha256, name="press.jsonl", limits=LIMITS) as delivery:
        spool.remove(sha256)
        with delivery.open() as one, delivery.open() as other:
            read = [one.readline(), other.readline(), one.readline(), other.readline()]
    assert read == [b"first\n", b"first\n", b"second\n", b"second\n"]
    assert (delivery.name, delivery.bytes, delivery.sha256) == ("press.jsonl", 13, sha256)
    assert delivery.path == spool.path_of(sha256)


def test_a_delivery_that_is_gone_is_asked_for_again(spool):
    with (
        pytest.raises(DeliveryRefused) as refusal,
        spool.open_kept(SHA256, name="press.jsonl", limits=LIMITS),
    ):
        pass
    assert str(refusal.value) == (
        f"press.jsonl is no longer in {spool.directory}, where deliveries are kept for a while; "
        "import it from where it came from."
    )
