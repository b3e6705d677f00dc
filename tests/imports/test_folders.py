import os
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.limits import Limits
from imports.origins import open_delivery
from imports.spool import Spool

TREE = {
    "posts/b.md": b"# B\n",
    "posts/A.Markdown": b"# A\n",
    "hugo.toml": b"title = 'Blog'\n",
    "posts/cover.png": b"\x89PNG",
    ".git/HEAD.md": b"ref",
    "__MACOSX/posts/._b.md": b"\0",
    "posts/.draft.md": b"hidden",
    "old.zip": b"PK\x03\x04",
}
SEEN = {"hugo.toml": b"title = 'Blog'\n", "posts/A.Markdown": b"# A\n", "posts/b.md": b"# B\n"}


def members_of(delivery: Delivery) -> dict[str, bytes]:
    return {member.path: member.read() for member in delivery.members()}


def opened(path: Path, tmp_path: Path, most: int = 1000) -> AbstractContextManager[Delivery]:
    limits = Limits(max_bytes=1_000_000, max_ratio=200, max_entries=most, fetch_seconds=1)
    return open_delivery(str(path), spool=Spool(tmp_path / "spool"), limits=limits)


def members_from(path: Path, tmp_path: Path, **options: int) -> dict[str, bytes]:
    with opened(path, tmp_path, **options) as delivery:
        return members_of(delivery)


def refusal_from(path: Path, tmp_path: Path, **options: int) -> str:
    with pytest.raises(DeliveryRefused) as refusal, opened(path, tmp_path, **options):
        pass
    return str(refusal.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "blog", TREE)


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_a_folder_reads_as_the_same_folder_in_an_archive(folder, tmp_path):
    with opened(folder, tmp_path) as delivery:
        assert members_of(delivery) == SEEN
        assert delivery.sight().members == tuple(SEEN)
        assert delivery.name == str(folder)
        assert delivery.path.is_file()


def test_a_folder_and_a_copy_of_it_are_one_delivery(folder, tmp_path):
    copy = written(tmp_path / "copy", dict(reversed(list(TREE.items()))))
    os.utime(copy / "posts/b.md", (1_000_000_000, 1_000_000_000))
    (copy / "posts/b.md").chmod(0o755)
    (copy / "posts/other.png").write_bytes(b"is not read")
    with opened(folder, tmp_path) as one, opened(copy, tmp_path) as other:
        assert one.sha256 == other.sha256
    (copy / "posts/b.md").write_bytes(b"# C\n")
    with opened(copy, tmp_path) as changed:
        assert changed.sha256 != one.sha256


def test_a_folder_of_one_data_file_is_that_file(tmp_path):
    folder = written(tmp_path / "export", {"blog.json": b"{}", "content/a.png": b"png"})
    with opened(folder, tmp_path) as delivery, delivery.open() as stream:
        assert stream.read() == b"{}"


def test_pipes_and_links_to_what_is_not_read_are_passed_over(folder, tmp_path):
    os.mkfifo(folder / "pipe.md")
    (folder / "latest.png").symlink_to("posts/cover.png")
    assert members_from(folder, tmp_path) == SEEN


@pytest.mark.parametrize(("link", "target"), [("posts/c.md", "/etc/passwd"), ("more", "/etc"), ("loop", ".")])
def test_links_that_might_hide_articles_are_refused(folder, tmp_path, link, target):
    (folder / link).symlink_to(target)
    assert refusal_from(folder, tmp_path) == (
        f"{folder} holds 1 symbolic links, {link!r} for one, which are not followed; pack it with zip -r, "
        "which puts the files in their place, and import the archive."
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a/b.png": b""}, "{} holds no Markdown (.md, "),
        ({"a.csv": b"", "b.csv": b""}, "{} holds 2 files of data ('a.csv', 'b.csv') and no Markdown; "),
        ({"a\\b.md": b""}, "{} holds a file called 'a\\\\b.md', which has a backslash; "),
        ({"a.md": bytes(1_000_001)}, "The delivery is larger than 1,000,000 bytes, "),
        ({f"{number}.md": b"" for number in range(4)}, "{} holds more than 3 files; "),
        ({"/".join(["d"] * 70) + "/a.md": b""}, "{}" + "/d" * 65 + " is nested too deeply; "),
    ],
)
def test_what_a_folder_must_not_hold_is_refused_and_nothing_is_kept(tmp_path, files, message):
    folder = written(tmp_path / "folder", files)
    assert refusal_from(folder, tmp_path, most=3).startswith(message.format(folder))
    assert not list((tmp_path / "spool").iterdir())


def test_a_name_that_is_not_utf_8_is_refused(tmp_path):
    folder = written(tmp_path / "folder", {"a.md": b""})
    (folder / "a.md").rename(folder / os.fsdecode(b"\xff.md"))
    assert refusal_from(folder, tmp_path) == (
        f"{folder} holds a file called '\\udcff.md', which has characters that no name should have; "
        "pack it again with plain relative paths."
    )
