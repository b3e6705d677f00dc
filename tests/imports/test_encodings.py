import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import DeliveryRefused
from imports.sources import FORMATS
from tests.imports.deliveries import OPTIONS, delivery_of

TEXT = '{"title": "Größe: 5 € für „alles“"}\n'
INSISTING = "; --encoding utf-8 insists on UTF-8 and leaves the rest to the rules for single records."


def text_of(content: bytes, **options: Any) -> str:
    with delivery_of(content, **options).open() as stream:
        return stream.read().decode()


def refusal_of(content: bytes, **options: Any) -> str:
    with pytest.raises(DeliveryRefused) as refusal:
        text_of(content, **options)
    return str(refusal.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding_and_is_taken_away(encoding):
    assert text_of(TEXT.encode(encoding)) == TEXT
    assert delivery_of(TEXT.encode(encoding)).sight().head.decode() == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_a_byte_order_mark_of_either_byte_order_is_understood(encoding):
    content = "\ufeff".encode(encoding) + TEXT.encode(encoding)
    assert text_of(content) == text_of(content, encoding=encoding) == TEXT


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16-le", "cp1252", "Windows-1252"])
def test_a_named_encoding_is_read(encoding):
    assert text_of(TEXT.encode(encoding), encoding=encoding) == TEXT


def test_characters_are_put_together_across_pieces():
    text = "日本語の文章。" * 100_000
    assert text_of(text.encode("shift_jis"), encoding="shift_jis") == text


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1251", "koi8-r"])
def test_xml_is_read_in_the_encoding_that_it_declares(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<a>{bytes(range(192, 256)).decode(encoding)}</a>'
    assert text_of(text.encode(encoding)) == text


@pytest.mark.parametrize("declared", ["utf-16", "UTF-32", "cp500", "UTF-8"])
def test_an_xml_declaration_that_its_own_bytes_belie_is_passed_over(declared):
    text = f'<?xml version="1.0" encoding="{declared}"?><a>ü</a>'
    assert text_of(text.encode()) == text


@pytest.mark.parametrize("declared", ["unheard-of", "rot13", "zlib", "punycode", "undefined"])
def test_an_unknown_declared_encoding_is_refused(declared):
    text = f'<?xml version="1.0" encoding="{declared}"?><a/>'
    assert refusal_of(text.encode()) == (
        f"delivery declares the unknown encoding {declared}; name the true one with --encoding."
    )


@pytest.mark.parametrize("encoding", ["unheard-of", "hex", "idna", "unicode_escape", "a\0b", "ü"])
def test_an_unknown_named_encoding_is_refused(encoding):
    assert refusal_of(b"text", encoding=encoding) == (
        f"--encoding {encoding} is unknown; name one such as windows-1252, utf-16 or shift_jis."
    )


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "cp437"])
def test_a_declared_encoding_is_passed_over_where_the_text_shows_to_be_utf_8(declared):
    text = f'<?xml version="1.0" encoding="{declared}"?><a>Größe: 5 € für „alles“</a>'
    assert text_of(text.encode()) == text


def test_only_a_byte_order_mark_is_taken_away_from_what_is_said_to_have_one():
    assert text_of(TEXT.encode(), encoding="utf-8-sig") == TEXT
    assert text_of(TEXT.encode("utf-8-sig"), encoding="utf-8-sig") == TEXT


def test_no_file_of_a_tree_loses_more_than_its_byte_order_mark():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.md", "# One")
        archive.writestr("b.md", "\ufeff# Two")
    delivery = delivery_of(packed.getvalue(), encoding="utf-8-sig")
    records = [json.loads(record.raw) for record in FORMATS["markdown"].read(delivery, OPTIONS)]
    assert [record["text"] for record in records] == ["# One", "# Two"]


def test_a_named_encoding_that_the_byte_order_mark_belies_is_refused():
    assert refusal_of(TEXT.encode("utf-8-sig"), encoding="windows-1252") == (
        "delivery begins with the byte order mark of UTF-8, so it is not in windows-1252; "
        "leave --encoding out."
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1252", "Für die Größe der Häuser gibt es kaum Anführungszeichen. "),
        ("windows-1252", "L’été à la plage — c’était déjà près d’ici. "),
        ("windows-1251", "Привет, мир! Это статья о базах данных. "),
        ("shift_jis", "こんにちは世界。これはテストです。"),
        ("gb18030", "你好世界，这是一个测试。"),
    ],
)
def test_what_is_not_utf_8_is_refused_with_the_place_and_a_guess(encoding, text):
    content = b"<p>" + (text * 20).encode(encoding)
    offset = next(place for place, byte in enumerate(content) if byte > 127)
    assert refusal_of(content) == (
        f"delivery is not in UTF-8: the byte at offset {offset} is wrong. Find out its encoding and name it, "
        f"perhaps with --encoding {encoding}{INSISTING}"
    )


def test_bytes_that_are_no_text_are_told_as_such():
    assert refusal_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") == (
        "delivery is not in UTF-8: the byte at offset 0 is wrong. It seems to be no text at all; name a "
        "text, or one compressed by gzip, zstandard or zip."
    )


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_character_that_the_first_bytes_cut_is_no_fault(missing):
    text = "x" * (64 * 1024 - 3 + missing) + "€" * 10
    assert text_of(text.encode()) == text


def test_a_character_that_the_end_cuts_is_a_fault():
    assert refusal_of("<p>5 €".encode()[:-1]).startswith(
        "delivery is not in UTF-8: the byte at offset 5 is wrong. "
    )


def test_whoever_insists_on_utf_8_gets_every_byte():
    content = b"one\n\xff\ntwo\n"
    with delivery_of(content, encoding="utf-8").open() as stream:
        assert stream.read() == content


@pytest.mark.parametrize(
    ("encoding", "unit"), [("ascii", 1), ("utf-16-le", 2), ("shift_jis", 1), ("gb18030", 1)]
)
def test_a_wrong_byte_far_inside_is_refused_with_its_offset(encoding, unit):
    before = ("x" * 300_001).encode(encoding)
    content = before + (b"\x00\xdc" if unit == 2 else b"\xff\xff") + before
    assert refusal_of(content, encoding=encoding) == (
        f"delivery is not in {encoding}: the byte at offset {len(before)} is wrong. "
        "Find out its encoding and name it with --encoding."
    )


def test_a_text_that_ends_within_a_character_is_refused():
    assert refusal_of(TEXT.encode("utf-16-le")[:-1], encoding="utf-16-le").startswith(
        f"delivery is not in utf-16-le: the byte at offset {2 * len(TEXT) - 2} is wrong. "
    )


def test_a_byte_that_is_no_utf_8_far_inside_is_refused_with_its_place_and_a_guess():
    before = ("<p>€" + "x" * 299_995).encode()
    content = before + "Für die Größe der Häuser gibt es kaum Anführungszeichen. ".encode("cp1252") * 20
    assert refusal_of(content) == (
        f"delivery is not in UTF-8: the byte at offset {len(before) + 1} is wrong. Find out its encoding and "
        f"name it, perhaps with --encoding windows-1252{INSISTING}"
    )
    assert text_of(before + "Für".encode(), encoding="") == (before + "Für".encode()).decode()


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_character_across_two_blocks_is_no_fault(cut):
    text = "x" * (64 * 1024 - cut) + "€" * 300_000
    assert text_of(text.encode()) == text


def test_what_the_end_of_a_long_text_cuts_is_left_to_its_format():
    content = b"x" * 100_000 + "€".encode()[:2]
    with delivery_of(content).open() as stream:
        assert stream.read() == content


def test_a_line_of_json_that_is_no_utf_8_is_rejected_alone():
    lines = [b'{"payload": {"source_id": "%d"}, "title": "%b"}\n' % (n, b"x" * 1000) for n in range(100)]
    content = b"".join([*lines, '{"payload": {"source_id": "ö"}}\n'.encode("cp1252"), *lines])
    assert len(list(FORMATS["jsonl"].read(delivery_of(content), OPTIONS))) == 201


@pytest.mark.parametrize(("content", "encoding"), [(b"text", ""), (b"text", "utf-16-le")])
def test_whoever_closes_a_text_closes_what_it_is_read_from(content, encoding):
    opened: list[io.BytesIO] = []
    delivery = delivery_of(content, encoding=encoding)
    reopened = replace(delivery.content, reopen=lambda: opened.append(io.BytesIO(content)) or opened[0])
    with replace(delivery, content=reopened).open() as stream:
        stream.read()
    assert opened[0].closed


def test_nul_bytes_and_no_bytes_are_left_to_the_formats():
    assert text_of(b"\0\0{}\0") == "\0\0{}\0"
    assert (text_of(b""), text_of(b"", encoding="utf-16"), text_of(b"\xef\xbb\xbf")) == ("", "", "")


@given(
    st.binary(max_size=200),
    st.sampled_from(
        ["", "utf-8", "utf-16", "utf-32", "utf-7", "shift_jis", "gb18030", "iso2022_jp", "hz", "cp1252"]
    ),
)
def test_any_bytes_in_any_encoding_are_utf_8_in_the_end_or_refused(content, encoding):
    try:
        delivery = delivery_of(b"x" + content, encoding=encoding)
        with delivery.open() as stream:
            read = stream.read()
    except DeliveryRefused:
        return
    assert delivery.sight().head == read
    if encoding != "utf-8":
        read.decode()
