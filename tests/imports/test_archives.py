import gzip
import io
import random
import stat
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
import zstandard
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from imports.deliveries import Delivery
from imports.faults import DeliveryRefused
from imports.limits import Limits
from tests.imports.deliveries import delivery_of

LIMITS = Limits(**settings.IMPORT_LIMITS)
Change = Callable[[zipfile.ZipInfo], None]


def zipped(
    files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, change: Change | None = None
) -> bytes:
    """With `change` every entry is altered in the archive's directory, where readers look."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, method)
        if change:
            for entry in archive.infolist():
                change(entry)
    return buffer.getvalue()


def members_of(delivery: Delivery) -> dict[str, bytes]:
    return {member.path: member.read() for member in delivery.members()}


def read_through(content: bytes) -> None:
    delivery = delivery_of(content)
    if not members_of(delivery):
        with delivery.open() as stream:
            while stream.read(1024 * 1024):
                pass


def refusal_of(content: bytes) -> str:
    with pytest.raises(DeliveryRefused) as refusal:
        read_through(content)
    return str(refusal.value)


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


def test_an_archive_with_markdown_is_a_tree_in_the_order_of_its_paths():
    delivery = delivery_of(zipped(TREE))
    assert members_of(delivery) == SEEN
    assert delivery.sight().members == tuple(SEEN) == tuple(member.path for member in delivery.members())
    assert [member.size for member in delivery.members()] == [len(content) for content in SEEN.values()]


def test_a_tree_is_not_read_as_one_file():
    with pytest.raises(DeliveryRefused) as refusal:
        delivery_of(zipped(TREE)).open()
    assert str(refusal.value) == (
        "delivery is a tree of Markdown files, which this format does not read; leave --format out, "
        "or name a single file."
    )


def test_a_named_encoding_holds_for_the_members_of_a_tree():
    content = zipped({"posts/a.md": "Größe".encode("windows-1252"), "posts/b.md": b"\x81"})
    a, b = delivery_of(content, encoding="windows-1252").members()
    assert a.read() == "Größe".encode()
    with pytest.raises(
        DeliveryRefused, match=r"^delivery/posts/b\.md is not in cp1252: the byte at offset 0 "
    ):
        b.read()


@pytest.mark.parametrize(
    ("path", "pack"),
    [
        ("export/blog.xml", bytes),
        ("feed.JSON", bytes),
        ("posts.csv.gz", gzip.compress),
        ("posts.jsonl.zst", zstandard.compress),
    ],
)
def test_an_archive_of_one_data_file_is_that_file(path, pack):
    content = b'{"title": "One"}\n' * 1000
    delivery = delivery_of(zipped({path: pack(content), "images/a.png": b"png", "LICENSE": b"free"}))
    with delivery.open() as one, delivery.open() as other:
        assert (one.read(), other.read()) == (content, content)
    assert delivery.sight().name == f"delivery/{path}"
    assert delivery.sight().head == content
    assert list(delivery.members()) == []


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {},
            "holds no Markdown (.md, .markdown, .mdown, .mkd) and no data (.xml, .rss, .atom, .json, .jsonl, "
            ".ndjson, .csv, .tsv); there is nothing to import.",
        ),
        (
            {"a.xml": b"", "b.json": b"", "c/d.csv": b"", "e.tsv": b""},
            "holds 4 files of data ('a.xml', 'b.json', 'c/d.csv', …) and no Markdown; "
            "import each of them by itself.",
        ),
        ({"../a.md": b""}, "holds a file called '../a.md', which may lead out of it; "),
        ({"a//b.md": b""}, "holds a file called 'a//b.md', which may lead out of it; "),
        ({"./a.md": b""}, "holds a file called './a.md', which may lead out of it; "),
        ({"/etc/a.md": b""}, "holds a file called '/etc/a.md', which is absolute; "),
        ({"C:/a.md": b""}, "holds a file called 'C:/a.md', which is absolute; "),
        ({"posts\\a.md": b""}, "holds a file called 'posts\\\\a.md', which has a backslash; "),
        ({"a\n.md": b""}, "holds a file called 'a\\n.md', which has characters that no name should have; "),
    ],
)
def test_what_an_archive_must_not_hold_is_refused(files, message):
    refusal = refusal_of(zipped(files))
    assert refusal == f"delivery {message}" or refusal == (
        f"delivery {message}pack it again with plain relative paths."
    )


def test_a_name_twice_in_an_archive_is_refused():
    content = zipped({"a.md": b"one", "b.md": b"two"}).replace(b"b.md", b"a.md")
    assert refusal_of(content) == "delivery holds 'a.md' twice; pack it again."


def test_a_symbolic_link_in_an_archive_is_refused():
    def link(entry: zipfile.ZipInfo) -> None:
        entry.create_system = 3
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert refusal_of(zipped({"a.md": b"/etc/passwd"}, change=link)) == (
        "delivery holds the symbolic link 'a.md'; pack it again with the file in its place."
    )


def test_an_encrypted_archive_is_refused():
    def encrypt(entry: zipfile.ZipInfo) -> None:
        entry.flag_bits |= 1

    assert refusal_of(zipped({"a.md": b"secret"}, change=encrypt)) == (
        "delivery is encrypted; pack it again without a password."
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(method):
    assert refusal_of(zipped({"a.md": b"text"}, method=method)) == (
        f"delivery is compressed in a way that is not supported (zip method {method}); "
        "pack it again with deflate, as zip does by itself."
    )


BOMB = (
    "delivery unfolds to far more than its size, as a compression bomb does. "
    "If it is honest, decompress it first and import the result."
)


def test_an_archive_that_says_to_unfold_too_far_is_refused_before_it_is_read():
    def claim(entry: zipfile.ZipInfo) -> None:
        entry.file_size = 100 * 1024**2

    files = {f"{number}.md": b"x" for number in range(3)}
    assert refusal_of(zipped(files, change=claim)) == BOMB


def test_an_archive_that_unfolds_further_than_it_says_is_damaged():
    def deny(entry: zipfile.ZipInfo) -> None:
        entry.file_size = 10

    message = refusal_of(zipped({"a.md": bytes(1000)}, change=deny))
    assert message == (
        "delivery is damaged, at 'a.md' (Bad CRC-32 for file 'a.md'); ask its sender for it again."
    )


def test_a_bomb_within_an_archive_is_refused_while_it_is_read():
    zeros = gzip.compress(bytes(1024 * 1024))
    assert refusal_of(zipped({"a.json.gz": zeros * 300})) == BOMB


@pytest.mark.parametrize("count", [4, 100])
def test_an_archive_of_too_many_files_is_refused(settings, count):
    content = zipped({f"{number}.md": b"x" for number in range(count)})
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_entries": count}
    assert len(members_of(delivery_of(content))) == count
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_entries": 3}
    assert refusal_of(content) == "delivery holds more than 3 files; import its parts one by one."


@given(st.integers(), st.integers(1, 40))
def test_a_damaged_archive_gives_its_content_or_a_refusal(seed, changes):
    dice = random.Random(seed)  # noqa: S311 - damage, not secrets
    content = bytearray(zipped({"posts/a.md": b"# A\n" * 50, "posts/b.md": b"# B\n"}))
    for _ in range(changes):
        content[dice.randrange(len(content))] = dice.randrange(256)
    length = dice.choice([len(content), dice.randrange(len(content))])
    with suppress(DeliveryRefused):
        read_through(bytes(content[:length]))
