import csv
import io
import json
import tracemalloc
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.deliveries import Content, Delivery, Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.mapping import read_mapping
from imports.reading import Rules
from imports.records import Record
from imports.sources import FORMATS, choose_format
from imports.sources.csv_quotes import Quotes, whole_row
from imports.sources.format import RawRecord, ReadOptions
from tests.imports.deliveries import OPTIONS, delivery_of, record_of, wxr, wxr_item

KEYED = ReadOptions(OPTIONS.max_record_bytes, "press.csv", key="id")
TINY = ReadOptions(60, "press.csv", key="id")


def read(content: str | bytes, options: ReadOptions = KEYED) -> list[RawRecord]:
    return list(FORMATS["csv"].read(delivery_of(content, encoding="utf-8"), options))


def values_of(content: str, options: ReadOptions = KEYED) -> dict[str, Any]:
    [row] = read(content, options)
    return FORMATS["csv"].to_values(row.raw, options).values


def refusal(content: str | bytes, options: ReadOptions = KEYED) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        read(content, options)
    return str(caught.value)


def rejection(content: str) -> tuple[str, str]:
    [row] = read(content)
    with pytest.raises(RecordRejected) as caught:
        record_of("csv", row.raw, KEYED)
    return caught.value.code, caught.value.message


def summary(rows: list[RawRecord]) -> list[tuple[int, str, str]]:
    return [(row.line, row.key, row.fault.message if row.fault else "") for row in rows]


STATED = "id,title,body,published_at,Status\n1,One,Text,2024-03-05 08:30,Entwurf\n"


def test_a_column_that_may_tell_drafts_must_be_explained():
    assert refusal(STATED) == (
        "press.csv has a column Status, which may tell its drafts from what is public; say with --map FILE "
        'which of its values are public, as in [public] Status = ["published"], or let the file drop the '
        "column (docs/mapping.md)."
    )
    assert len(read(STATED.replace("published_at", "date"))) == 1


@pytest.mark.parametrize(
    ("mapping", "draft"), [('[public]\nStatus = ["live"]', True), ('drop = ["Status"]', False)]
)
def test_a_mapping_explains_the_column_that_may_tell_drafts(mapping, draft):
    rules = Rules("csv", KEYED, read_mapping(mapping))
    [row] = rules.read(delivery_of(STATED))
    assert rules.read_record(row.raw).draft == draft


WHOLE = (
    "id,title,slug,published_at,updated_at,body,topic,tags,tools,authors,score.quality,score.depth,"
    "revision.status,revision.version,flags.has_images,flags.image_heavy,view_count,reading_time,"
    "payload.generator,aliases,Color,seo.title\n"
    'a-1," Pooling ",pooling,2024-03-05 08:30,2024-07-05,"<p>A ""pool"",\r\nkept warm.</p>",'
    "Databases / PostgreSQL,pools| latency |,PgBouncer,Ada|Bo,80,72.5,reviewed,2,TRUE,0,12,7,press,"
    "/old/1|/old/2, red ,Pools\n"
)  # fmt: skip


def test_a_row_becomes_a_record_whose_columns_are_its_fields():
    options = ReadOptions(OPTIONS.max_record_bytes, "press.csv", key="id", zone="Europe/Zurich")
    assert values_of(WHOLE, options) == {
        "payload": {"source_id": "a-1", "generator": "press"},
        "id": "a-1",
        "title": "Pooling",
        "slug": "pooling",
        "published_at": "2024-03-05T08:30:00+01:00",
        "updated_at": "2024-07-05T00:00:00+02:00",
        "body": '<p>A "pool",\r\nkept warm.</p>',
        "topic": "Databases / PostgreSQL",
        "tags": ["pools", "latency"],
        "tools": ["PgBouncer"],
        "authors": ["Ada", "Bo"],
        "score": {"quality": 80, "depth": 72.5},
        "revision": {"status": "reviewed", "version": "2"},
        "flags": {"has_images": True, "image_heavy": 0},
        "view_count": 12,
        "reading_time": 7,
        "aliases": ["/old/1", "/old/2"],
        "Color": " red ",
        "seo.title": "Pools",
    }
    [row] = read(WHOLE, options)
    made = record_of("csv", row.raw, options)
    assert (row.line, row.key, made.title, made.draft) == (2, "a-1", "Pooling", False)
    assert made.extra == {"id": "a-1", "Color": " red ", "seo.title": "Pools"}


def test_an_empty_cell_is_nothing_and_a_row_of_them_no_record():
    rows = read("id,title,body,tags,view_count\n\n1,One,Text, ,\r\n,,,,\n ,\t,,,\n2,Two,Text,,\n")
    assert summary(rows) == [(3, "1", ""), (6, "2", "")]
    assert json.loads(rows[0].raw) == {"id": "1", "title": "One", "body": "Text"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (",Title,Text,", ("missing-key", "the row has an empty cell where its key should be")),
        ("k" * 201 + ",Title,Text,", ("too-large", "the key has 201 characters, at most 200 are allowed")),
        ("1,,Text,", ("missing-title", "the record has no title")),
        ("1,Title, ,", ("missing-body", "the record has no body")),
        ("1,Title,Text,many", ("bad-type", f"view_count must be a whole number from 0 to {2**63 - 1}")),
        ("1,Title,Text,1.5", ("bad-type", f"view_count must be a whole number from 0 to {2**63 - 1}")),
    ],
)  # fmt: skip
def test_a_row_that_breaks_a_rule_is_rejected_by_its_name(row, expected):
    assert rejection(f"id,title,body,view_count\n{row}\n") == expected


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("published_at", "soon", ("bad-date", "published_at is no ISO 8601 date and time: 'soon'")),
        ("score.depth", "high", ("bad-type", "score.depth must be a number from 0 to 100")),
        ("flags.has_images", "yes", ("bad-type", "flags.has_images must be 0, 1, true or false")),
        ("entities", "Ada", ("bad-type", "entities must be a list of objects, not a string")),
    ],
)
def test_a_cell_that_says_nothing_of_its_column_is_rejected_by_its_name(column, cell, expected):
    assert rejection(f"id,title,body,{column}\n1,Title,Text,{cell}\n") == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(delimiter):
    header = delimiter.join(("id", "title", '"a, b; c|d\te, f; g|h\ti"', "body"))
    row = delimiter.join(("1", '"One, two; three|four"', "x", '"Text"'))
    values = values_of(f"{header}\n{row}\n")
    assert (values["title"], values["body"]) == ("One, two; three|four", "Text")


def test_a_spreadsheet_may_tell_its_delimiter_and_begin_with_a_byte_order_mark():
    rows = read(b"\xef\xbb\xbfsep=;\r\nid;title, and more;body, all of it\r\n1;One;Text\r\n")
    assert summary(rows) == [(3, "1", "")]
    assert json.loads(rows[0].raw) == {"id": "1", "title, and more": "One", "body, all of it": "Text"}


HEADERS = {
    ('', 'id'): 'is empty; its first row must name the columns.',
    ('\n \n', 'id'): 'is empty; its first row must name the columns.',
    ('title\n', 'id'):
        'has no comma, semicolon, tab or bar in its first row, which must name the columns.',
    ('id;a,b\n', 'id'):
        'has as many semicolons as commas in its header, so what parts the columns cannot be told; '
        'put quotes around the names that hold one.',
    ('id,title,body\n', ''):
        'does not say what tells its articles apart; name the column with --key, for example --key '
        'id. Its columns are id, title, body.',
    ('The Key,title\n', ''):
        'does not say what tells its articles apart; name the column with --key, for example --key '
        "'The Key'. Its columns are The Key, title.",
    ('Id,title\n', 'id'):
        'has no column id, which --key names. Did you mean --key Id? Its columns are Id, title.',
    ('id,payload.source_id\n', 'id'):
        "has a column payload.source_id, the archive's own name for a key, but --key names id; "
        'type --key payload.source_id, or rename that column.',
    ('id,title,,body\n', 'id'):
        'has no name for column 3; the first row must name every column once.',
    ('id,title,id,title\n', 'id'):
        'names more than one column id, title; give each column a name of its own.',
    ('id,score,score.depth\n', 'id'):
        'has a column score and one that is a part of it; rename one of them.',
    ('id,payload\n', 'id'):
        'has a column payload, which no cell can fill; name its parts, as in payload.generator.',
    ('id,"a" b\n', 'id'):
        'has broken quotes in its header (\',\' expected after \'"\'); mend them.',
    ('id,ti\x00tle\n', 'id'): 'has a NUL in its header; it is no text. Export it again.',
    ('id,title\r1,One\r', 'id'):
        'ends its lines with carriage returns alone; save it with line feeds and import that.',
    (b'id,t\xeftle\n', 'id'):
        'has a header that is not UTF-8 (byte 4 is wrong); save the file as UTF-8, or name its '
        'encoding with --encoding.',
    ("a," * 40_000, "id"):
        'has no header: its first row is longer than 65536 bytes. The first row must name the '
        'columns.',
    ("id," + "x" * 201, "id"):
        'has no header: a name in its first row has 201 characters, at most 200 make sense.',
}  # fmt: skip


@pytest.mark.parametrize(("content", "key"), HEADERS)
def test_a_header_that_cannot_be_relied_on_refuses_the_delivery(content, key):
    said = refusal(content, ReadOptions(1000, "press.csv", key=key))
    assert said == f"press.csv {HEADERS[content, key]}"


def test_a_key_may_be_called_as_the_archive_calls_it():
    options = ReadOptions(1000, "press.csv", key="payload.source_id")
    values = values_of("payload.source_id,title\n1,One\n", options)
    assert values == {"payload": {"source_id": "1"}, "title": "One"}


def test_a_row_of_another_width_is_rejected_alone_with_its_counts():
    rows = read("id,title,body\n1,One\n2,Two,Text,more\n3\n4,Four,Text\n")
    assert summary(rows) == [
        (2, "", "the row has 2 cells under 3 columns"),
        (3, "", "the row has 4 cells under 3 columns"),
        (4, "", "the row has 1 cell under 3 columns"),
        (5, "4", ""),
    ]
    assert [row.fault.key for row in rows[:3]] == ["1", "2", "3"]
    assert json.loads(rows[0].raw) == "1,One\n"
    with pytest.raises(RecordRejected, match="the row is no object of columns and the texts in their cells"):
        record_of("csv", rows[0].raw, KEYED)


@pytest.mark.parametrize(
    ("mended", "key", "outcome"),
    [
        ({"id": " 1 ", "title": "One", "body": "Text"}, "1", "record"),
        ({"title": "One", "body": "Text"}, "", "missing-key"),
        ({"id": "k" * 201, "title": "One", "body": "Text"}, "", "too-large"),
        ({"id": "1", "title": "O\x00ne", "body": "Text"}, "1", "illegal-character"),
        ({"id": 1, "title": "One", "body": "Text"}, "", "not-an-object"),
        (["1", "One", "Text"], "", "not-an-object"),
    ],
)
def test_a_rejected_row_is_mended_as_an_object_of_columns_and_cells(mended, key, outcome):
    raw = json.dumps(mended).encode()
    assert FORMATS["csv"].key_of(raw, KEYED) == key
    assert _outcome(RawRecord(2, key, raw)) == outcome


def test_a_mended_row_that_is_no_json_is_rejected():
    assert FORMATS["csv"].key_of(b'{"id": "1', KEYED) == ""
    assert _outcome(RawRecord(2, "", b'{"id": "1')) == "not-json"


def test_characters_that_cannot_be_stored_reject_their_row_alone():
    rows = read(b"id,title,body\n1,O\x00ne,Text\n2,caf\xe9,Text\n3,Three,\xc3\xa9\n")
    assert [(row.line, row.key, row.fault and row.fault.code) for row in rows] == [
        (2, "", "illegal-character"),
        (3, "", "not-text"),
        (4, "3", None),
    ]
    assert rows[1].fault.message == "the row is not valid UTF-8: b'\\xe9' is no character"


def test_a_carriage_return_outside_quotes_rejects_its_row_alone():
    rows = read('id,title,body\n1,O\rne,"Te\nxt"\n2,\r,Text\n3,"a\rb",Text\r\n')
    fault = "a carriage return stands in a cell without quotes"
    assert summary(rows) == [(2, "", fault), (4, "", fault), (5, "3", "")]


def test_quotes_within_a_cell_without_quotes_are_text():
    rows = read('id,title,body\n1,5" disks and 3" disks,Text\n2,5" disks,"Te\nxt"\n3,Three,""\n')
    assert [(row.line, json.loads(row.raw).get("title")) for row in rows] == [
        (2, '5" disks and 3" disks'),
        (3, '5" disks'),
        (5, "Three"),
    ]


def test_broken_quotes_reject_their_row_alone_where_its_end_is_sure():
    rows = read('id,title,body\n1,"The "best" one","Te\nxt"\n2,Two,Text\n')
    fault = "the quote that opens in line 2 closes where no cell ends; double it there"
    assert summary(rows) == [(2, "", fault), (4, "2", "")]


def test_broken_quotes_that_may_have_swallowed_rows_refuse_the_delivery_with_their_line():
    expected = (
        "press.csv opens a quote in line 3 that closes where no cell ends, so that nobody can tell where the "
        "row ends; double the quotes within its cells and import it again."
    )
    assert refusal('id,title,body\n1,One,Text\n2,"Two,Text\n3,Three,"Text"\n4,Four,Text\n') == expected


def test_a_quote_that_is_never_closed_refuses_the_delivery_with_its_line():
    expected = (
        "press.csv opens a quote in line 4 that is never closed, so all that follows would be one cell; "
        "close it there, or ask its sender for the file again if it was cut off."
    )
    content = 'id,title,body\n1,One,Text\n2,"Tw\no","Text\n' + "3,Three,Text\n" * 20
    assert refusal(content) == expected
    assert refusal(content, TINY) == expected


def test_a_row_over_the_limit_is_one_reject_and_the_next_row_is_read():
    long = "x" * 30 + "\n" + "y" * 70_000
    quoted = f'1,"Q, ""q""","{long}"\n'
    rows = read(f"id,title,body\n{quoted}2,Two,Text\n3,Three,{'z' * 70_000}\n4,Four,Text", TINY)
    fault = "the row is longer than 60 bytes"
    assert summary(rows) == [(2, "", fault), (4, "2", ""), (5, "", fault), (6, "4", "")]
    assert json.loads(rows[0].raw) == quoted[:60]
    assert [row.fault.code for row in rows if row.fault] == ["too-large", "too-large"]


def test_a_long_row_that_swallowed_others_refuses_the_delivery_with_its_line():
    rest = "2,Two,Text that is rather long\n" * 5
    broken = refusal(f'id,title,body\n1,"One,Text\n{rest}3,"Three",Text\n', TINY)
    assert broken.startswith("press.csv opens a quote in line 2 that closes where no cell ends")
    closed = refusal(f'id,title,body\n1,"One,Text\n{rest}3,",Text,more\n', TINY)
    assert closed == (
        "press.csv has a row of 7 lines from line 2, which is longer than 60 bytes and has 4 cells under 3 "
        "columns; its quotes must be wrong and have taken other rows in. Mend them and import it again."
    )


class _Endless(io.RawIOBase):
    """`head`, and then the same line until there are `size` bytes."""

    def __init__(self, head: bytes, line: bytes, size: int) -> None:
        self._blocks = iter([head, *[line * (65_536 // len(line))] * (size // 65_536)])
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._rest = self._rest or next(self._blocks, b"")
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def endless(head: bytes, line: bytes, *, size: int) -> Delivery:
    content = Content(lambda: _Endless(head, line, size), "delivery", limit=2 * size)
    return replace(delivery_of(""), content=content)


@pytest.mark.parametrize(
    ("row", "rest"),
    [(b'1,"One,', b"2,Two,Text\n"), (b'1,"One,', b'""'), (b"1,One,", b"x"), (b"1,One,", b",")],
)
def test_an_open_quote_or_an_endless_row_needs_no_more_memory_than_a_few_blocks(row, rest):
    options = ReadOptions(50_000, "press.csv", key="id")
    delivery = endless(b"id,title,body\n" + row, rest, size=10_000_000)
    tracemalloc.start()
    try:
        with suppress(DeliveryRefused):
            deque(FORMATS["csv"].read(delivery, options), maxlen=0)
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


def test_the_limit_of_the_csv_module_is_raised_and_never_lowered():
    before = csv.field_size_limit()
    read("id,title\n1,One\n", ReadOptions(before + 1000, "press.csv", key="id"))
    read("id,title\n1,One\n", TINY)
    assert csv.field_size_limit() == before + 1000
    csv.field_size_limit(before)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("press", b"id,title,body\n1,One,Text\n2,Two,Text\n"),
        ("press.txt", b'id\ttitle\n1\t"One\ntwo"\n2\tTw'),
        ("press.CSV.gz", b"id,title,body\n"),
        ("press.csv", b"no delimiter here\n"),
    ],
)
def test_a_table_is_recognized(name, head):
    assert choose_format("auto", Sight(name, head)).name == "csv"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"id,title,body\n",
        b"Dear all, please find the articles below,\nas promised.\n",
        b"One, two, three\nfour, five\nsix\n",
        b"one\ntwo\n",
        b"\x00\x01,\x02\n\x00,\x00\n",
        b"---\ntitle: a, b\ntags: c, d\n---\n",
        b"<a,b>\n<c,d>\n",
        b"{1,2}\n{3,4}\n",
        b'id,"title\n',
    ],
)
def test_what_is_no_table_is_not_taken_for_one(head):
    assert not FORMATS["csv"].recognizes(Sight("press", head))


def test_other_formats_are_not_taken_for_tables():
    for head in (b'{"a": 1, "b": 2}\n{"a": 1, "b": 2}\n', wxr(wxr_item("1")).encode()):
        assert not FORMATS["csv"].recognizes(Sight("press.csv", head))


def outcomes(content: bytes, options: ReadOptions) -> set[str]:
    """What becomes of a delivery, record by record."""
    try:
        rows = read(content, options)
    except DeliveryRefused as refused:
        return {"refused" if str(refused) else "refused without a word"}
    return {_outcome(row) for row in rows}


def _outcome(row: RawRecord) -> str:
    try:
        made = record_of("csv", row.raw, KEYED)
    except RecordRejected as rejected:
        return rejected.code
    return "record" if type(made) is Record and not row.fault else "a faulty row is a record"


KNOWN = {
    "refused", "record", "not-an-object", "not-text", "missing-key", "missing-title", "missing-body",
    "bad-date", "bad-type", "bad-url", "too-large", "illegal-character",
}  # fmt: skip
CELLS = st.text(max_size=6) | st.sampled_from(
    ['"', '""', '"a"', "\r", "\n", "\r\n", "a,b", ";", "\x00", "é" * 40]
)


@given(st.binary())
def test_any_bytes_are_records_rejects_or_a_refusal(content):
    assert outcomes(content, KEYED) <= KNOWN
    assert outcomes(b"id,title,body\n" + content, KEYED) <= KNOWN
    assert type(FORMATS["csv"].recognizes(Sight("press", content))) is bool


@given(st.lists(CELLS | st.sampled_from([",", "\n", '"', "1"]), max_size=20))
def test_any_mess_of_quotes_and_line_ends_is_records_rejects_or_a_refusal(pieces):
    content = b"id,title,body\n" + "".join(pieces).encode()
    assert outcomes(content, KEYED) <= KNOWN
    assert outcomes(content, TINY) <= KNOWN


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5), st.sampled_from([",", ";", "\t", "|"]))
def test_what_the_csv_module_writes_is_read_back_cell_by_cell(rows, delimiter):
    rows = [[f"k{number}", *(cell.replace("\x00", "") for cell in row)] for number, row in enumerate(rows)]
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([["id", "title", "body", "x"], *rows])
    found = read(written.getvalue().encode(), KEYED)
    columns = ("id", "title", "body", "x")
    assert [json.loads(row.raw) for row in found] == [
        {name: cell for name, cell in zip(columns, row, strict=True) if cell.strip()} for row in rows
    ]


def test_rows_are_whole_wherever_the_blocks_of_the_delivery_end():
    written = io.StringIO(newline="")
    rows = [
        [str(number), f'Title "{number}"', f'Line, "one"\n{"x" * (number % 1500)}\r\n']
        for number in range(4000)
    ]
    csv.writer(written).writerows([["id", "title", "body"], *rows])
    found = read(written.getvalue(), ReadOptions(10_000, "press.csv", key="id"))
    assert [list(json.loads(row.raw).values()) for row in found] == rows
    # A row has its own line, those of its text, and the line before the first is the header's.
    assert [row.line for row in found] == [2 + 3 * number for number in range(4000)]


@given(st.text(alphabet=',;"\r\nab').map(str.encode), st.integers(1, 4))
def test_quotes_stand_the_same_however_a_row_is_cut_into_pieces(content, size):
    whole, cut = Quotes(","), Quotes(",")
    end = whole.feed(content)
    passed = sum(cut.feed(content[at : at + size]) for at in range(0, len(content), size))
    assert passed == end
    assert _standing(cut) == _standing(whole)


def _standing(quotes: Quotes) -> tuple[Any, ...]:
    return quotes.ended, quotes.open, quotes.opened, quotes.broken, quotes.cells, quotes.lines


@given(st.lists(st.lists(st.text(alphabet=',"\r\nab', max_size=5), min_size=1), min_size=1, max_size=4))
def test_a_whole_row_ends_where_the_csv_module_ends_it(rows):
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    content, ends = written.getvalue().encode(), []
    while found := whole_row(",").match(content, ends[-1] if ends else 0):
        ends.append(found.end())
    quotes = Quotes(",")
    assert quotes.feed(content) == ends[0]
    assert quotes.cells == len(rows[0])
    assert (len(ends), ends[-1]) == (len(rows), len(content))
