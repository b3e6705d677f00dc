"""manage.py sample, as people and pipelines call it."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from django.core.management import CommandError, call_command

from imports.sampling import sample_lines

ROOT = Path(__file__).resolve().parent.parent.parent


def start(*words: str, var: Path, **options: object) -> subprocess.Popen[bytes]:
    """The command in a process of its own, whose files and servers would be under `var`."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "sample", *words],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "development",
            "LOG_LEVEL": "ERROR",
            "VAR_DIR": str(var),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_records_go_to_standard_output_and_no_server_is_started(tmp_path: Path):
    process = start("5", "--seed", "7", var=tmp_path / "var")
    assert process.communicate(timeout=60) == (b"".join(sample_lines(5, seed=7)), b"")
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("archive.jsonl", lambda data: data),
        ("archive.jsonl.gz", gzip.decompress),
        ("archive.jsonl.zst", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
def test_a_file_is_compressed_as_its_name_says(tmp_path: Path, name: str, read: Callable[[bytes], bytes]):
    call_command("sample", 300, seed=7, out=tmp_path / name)
    assert read((tmp_path / name).read_bytes()) == b"".join(sample_lines(300, seed=7))
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_same_archive_twice_is_the_same_compressed_file(tmp_path: Path):
    for name in ("one.gz", "two.gz"):
        call_command("sample", "20", out=str(tmp_path / name))
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_an_archive_of_no_records_is_an_empty_file(tmp_path: Path):
    call_command("sample", "0", out=str(tmp_path / "none.jsonl"))
    assert (tmp_path / "none.jsonl").read_bytes() == b""


def test_what_a_symbolic_link_points_to_is_replaced(tmp_path: Path):
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real.jsonl")
    call_command("sample", "1", out=str(tmp_path / "link.jsonl"))
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_bytes() == b"".join(sample_lines(1))


def test_a_device_is_written_to_and_not_replaced():
    call_command("sample", "1", out="/dev/null")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("count", ["-1", "many", "1.5", "100000001", "", "9" * 5000])
def test_a_wrong_count_is_told_in_one_sentence(count: str):
    with pytest.raises(CommandError) as failure:
        call_command("sample", "--", count)
    assert str(failure.value) == f"COUNT must be a whole number from 0 to 100000000, not {count!r}."
    assert failure.value.returncode == 2


def test_a_wrong_count_on_the_command_line_ends_with_two(tmp_path: Path):
    process = start("-5", var=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert err == b"CommandError: COUNT must be a whole number from 0 to 100000000, not '-5'.\n"


def test_a_wrong_seed_is_told_in_one_sentence():
    with pytest.raises(
        CommandError, match=r"^--seed must be a whole number from 0 to 9007199254740991, not 'x'\.$"
    ):
        call_command("sample", "1", seed="x")


def test_a_folder_that_is_not_there_is_told_in_one_sentence(tmp_path: Path):
    out = tmp_path / "missing" / "archive.jsonl"
    with pytest.raises(CommandError) as failure:
        call_command("sample", "1", out=str(out))
    assert str(failure.value) == (
        f"{out} cannot be written: No such file or directory. Name a file in a folder with room for it."
    )


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path):
    with start("1000000", var=tmp_path) as process:
        assert process.stdout.readline() == next(sample_lines(1))
        process.stdout.close()
        assert process.wait(timeout=60) == 141
        assert process.stderr.read() == b""


def wait_for_half_a_file(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not any(file.stat().st_size for file in folder.glob(".archive.jsonl.*.part")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_leaves_neither_a_traceback_nor_half_a_file(tmp_path: Path):
    archive = tmp_path / "archive.jsonl"
    archive.write_bytes(b"the one before\n")
    process = start("100000000", "--out", str(archive), var=tmp_path / "var")
    wait_for_half_a_file(process, tmp_path)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "archive.jsonl": b"the one before\n"
    }
