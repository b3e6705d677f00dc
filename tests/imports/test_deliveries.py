import gzip
import io
import os
import re
import subprocess
import sys
import threading
from ipaddress import ip_address
from pathlib import Path

import pytest
import zstandard
from django.conf import settings

from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.limits import Limits
from imports.origins import name_of, open_delivery
from imports.spool import Spool
from tests.imports.answering import Server, ok
from tests.imports.deliveries import delivery_of

CONTENT = b'{"title": "One"}\n{"title": "Two"}\n'
LIMITS = Limits(max_bytes=1000, max_ratio=200, max_entries=10, fetch_seconds=20)


def content_of(delivery: Delivery) -> bytes:
    with delivery.open() as stream:
        return stream.read()


def taken_in(origin: object, tmp_path: Path, **options: object) -> bytes:
    with open_delivery(str(origin), spool=Spool(tmp_path / "spool"), limits=LIMITS, **options) as delivery:
        return content_of(delivery)


def refusal_of(origin: object, tmp_path: Path, **options: object) -> str:
    with pytest.raises(DeliveryRefused) as refusal:
        taken_in(origin, tmp_path, **options)
    return str(refusal.value)


@pytest.mark.parametrize(
    "pack",
    [
        bytes,
        gzip.compress,
        zstandard.compress,
        lambda content: gzip.compress(content[:5]) + gzip.compress(content[5:]),
        lambda content: zstandard.compress(content[:5]) + zstandard.compress(content[5:]),
    ],
)
def test_a_file_is_read_from_its_beginning_as_often_as_needed(tmp_path, pack):
    path = tmp_path / "press"
    path.write_bytes(pack(CONTENT))
    told = []
    with open_delivery(str(path), spool=Spool(tmp_path), limits=LIMITS, on_bytes=told.append) as delivery:
        assert content_of(delivery) == content_of(delivery) == CONTENT
        with delivery.open() as one, delivery.open() as other:
            assert one.peek(5)[:5] == CONTENT[:5]
            assert [one.readline(), other.readline(), one.readline()] == [
                CONTENT[:17],
                CONTENT[:17],
                CONTENT[17:],
            ]
        assert delivery.sight().head == CONTENT
        assert (delivery.name, delivery.bytes) == (str(path), path.stat().st_size)
        assert list(delivery.members()) == []
    assert sum(told) == path.stat().st_size


def test_what_changes_in_the_file_afterwards_changes_nothing(tmp_path):
    path = tmp_path / "press.jsonl"
    path.write_bytes(CONTENT)
    with open_delivery(str(path), spool=Spool(tmp_path / "spool"), limits=LIMITS) as delivery:
        path.write_bytes(b"other")
        assert content_of(delivery) == CONTENT


def test_a_pipe_is_kept_too(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(CONTENT,))
    writer.start()
    assert taken_in(pipe, tmp_path) == CONTENT
    writer.join()


PROGRAM = """
import sys
from pathlib import Path
from imports.faults import DeliveryRefused
from imports.limits import Limits
from imports.origins import open_delivery
from imports.spool import Spool

try:
    with open_delivery("-", spool=Spool(Path(sys.argv[1])), limits=Limits(1000, 200, 10, 20)) as delivery:
        print(delivery.name, delivery.bytes)
except DeliveryRefused as refusal:
    print(refusal)
"""


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("cat input | {}", "standard input 34\n"),
        ("{} < input", "standard input 34\n"),
        ("{} < /dev/null", "standard input 0\n"),
        ("{} <&-", "standard input is closed; pipe a delivery in, or name a file.\n"),
        (
            "yes | {}",
            "The delivery is larger than 1,000 bytes, the most that is taken here; import it in parts. "
            "Whoever runs the site can raise max_bytes in settings/imports.py.\n",
        ),
    ],
)
def test_standard_input_is_kept_or_told(tmp_path, shell, said):
    (tmp_path / "input").write_bytes(CONTENT)
    (tmp_path / "program.py").write_text(PROGRAM)
    command = shell.format(f"{sys.executable} program.py spool")
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(settings.BASE_DIR)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == (said, "")


def test_what_cannot_be_read_is_told_in_one_sentence(tmp_path):
    assert refusal_of(tmp_path / "absent", tmp_path) == (
        f"{tmp_path}/absent cannot be read: No such file or directory."
    )
    assert refusal_of("s3://bucket/a.xml", tmp_path) == (
        "s3://bucket/a.xml is no http or https address, and no other is fetched."
    )
    assert refusal_of("x" * 300, tmp_path) == f"{'x' * 300} cannot be read: File name too long."


def test_an_address_is_fetched_and_kept(tmp_path):
    with Server() as server:
        server.replies.append(ok(gzip.compress(CONTENT)))
        url = f"http://ada:secret@127.0.0.1:{server.port}/press.jsonl.gz?token=secret"
        with open_delivery(
            url,
            spool=Spool(tmp_path),
            limits=LIMITS,
            allowed=lambda address: address == ip_address("127.0.0.1"),
        ) as delivery:
            assert content_of(delivery) == content_of(delivery) == CONTENT
            assert delivery.name == name_of(url) == f"http://127.0.0.1:{server.port}/press.jsonl.gz?…"


def test_a_private_address_is_refused_and_nothing_is_kept(tmp_path):
    assert refusal_of("http://localhost:9/a.xml", tmp_path) == (
        "http://localhost:9/a.xml is refused: localhost is in a private network, from which nothing is "
        "fetched; download it there and name the file."
    )
    assert Spool(tmp_path / "spool").entries() == []


def test_an_answer_that_ends_too_early_is_refused_and_nothing_is_kept(tmp_path):
    with Server() as server:
        server.replies.append(ok(CONTENT)[:-1])
        message = refusal_of(server.url, tmp_path, allowed=lambda _: True)
    assert message == f"{server.url} ends too early; try again later."
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_what_is_cut_off_is_refused_wherever_it_is_cut(pack):
    packed = pack(os.urandom(2000).hex().encode())
    for length in (len(packed) // 2, len(packed) - 1):
        with pytest.raises(
            DeliveryRefused, match=r"^delivery is damaged \(.+\); ask its sender for it again\.$"
        ):
            content_of(delivery_of(packed[:length]))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_refused_while_it_unfolds(pack):
    delivery = delivery_of(pack(bytes(1024 * 1024)) * 300)
    with (
        delivery.open() as stream,
        pytest.raises(DeliveryRefused, match="as a compression bomb does") as refusal,
    ):
        for _ in iter(lambda: stream.read(1024 * 1024), b""):
            pass
    assert re.fullmatch(
        r"delivery unfolds to far more .+ decompress it first and import the result\.", str(refusal.value)
    )


def test_a_line_without_an_end_can_be_read_in_pieces():
    delivery = delivery_of(gzip.compress(b"x" * 1024 * 1024) * 20)
    with delivery.open() as stream:
        assert {len(stream.readline(100_000)) for _ in range(200)} == {100_000}
    assert isinstance(delivery.open(), io.BufferedReader)
