import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import DeliveryRefused
from imports.sources.xml_stream import elements


class Trickle(io.BytesIO):
    """Never gives more than so many bytes, so that everything is cut somewhere; the beginning comes whole."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self._step = step

    def read(self, size: int = -1) -> bytes:
        return super().read(min(size, self._step))


def texts(content: bytes, *tags: str) -> list[str]:
    return ["".join(element.itertext()) for element in read(io.BytesIO(content), *tags or ("item",))]


def read(stream: BinaryIO, *tags: str, on_dropped: Callable[[int], None] = lambda count: None) -> Iterator:
    return elements(stream, tags=tags, delivery="delivery", on_dropped=on_dropped)


def test_elements_come_in_their_order_and_inner_ones_stay_in_the_outer():
    content = (
        b"<feed><author>a</author><entry>1<author>b</author></entry><entry>2<entry>3</entry></entry></feed>"
    )
    assert texts(content, "entry", "author") == ["a", "1b", "23"]


def test_what_was_read_is_freed():
    content = io.BytesIO(b"<rss>" + b"<other/><item><a/></item>" * 3 + b"</rss>")
    sizes = [len(element.getparent()) for element in read(content, "item")]
    # Each time the element, and what was read ahead.
    assert sizes == [6, 5, 3]


def test_comments_and_instructions_do_not_part_a_text():
    assert texts(b"<rss><item>a<!-- x -->b<?y z?>c</item></rss>") == ["abc"]


@pytest.mark.parametrize(
    "dropped",
    [
        *(b"\x00", b"\x08", b"\x0b", b"\x1f", b"\xef\xbf\xbe", b"\xef\xbf\xbf"),
        *(b"&#0;", b"&#8;", b"&#x1F;", b"&#0031;", b"&#xFFFE;", b"&#xd800;"),
    ],
)
def test_characters_that_xml_forbids_are_dropped_and_counted(dropped):
    counts: list[int] = []
    stream = io.BytesIO(b"<rss><item>a" + dropped + b"b</item></rss>")
    assert ["".join(item.itertext()) for item in read(stream, "item", on_dropped=counts.append)] == ["ab"]
    assert counts == [1]


@pytest.mark.parametrize(
    "kept", ["&#9;", "&#10;", "&#x20;", "&#8211;", "&#x1f600;", "\u007f", "\ufffd", "\uff00"]
)
def test_other_characters_stay(kept):
    assert len(texts(f"<rss><item>{kept}</item></rss>".encode())[0]) == 1


def test_nothing_is_said_of_a_clean_document():
    counts: list[int] = []
    list(read(io.BytesIO(b"<rss><item>a</item></rss>"), "item", on_dropped=counts.append))
    assert counts == []


@given(st.integers(1, 40))
def test_it_does_not_matter_where_blocks_end(step):
    items = "".join(f"<item>{n}&#x1f;&amp;\ufffe\x08é&#8211;</item>" for n in range(40)).encode()
    # What comes before is longer than what is read at once.
    content = b"<rss>" + b" " * 1024 * 1024 + items + b"</rss>"
    stream = Trickle(content, 1024 * 1024)
    found = read(stream, "item")
    stream._step = 1024 * 1024
    first = next(found).text
    stream._step = step
    assert [first, *(element.text for element in found)] == [f"{n}&é–" for n in range(40)]


def test_the_declared_encoding_does_not_count():
    content = '<?xml version="1.0" encoding="iso-8859-1"?><rss><item>é</item></rss>'
    assert texts(content.encode()) == ["é"]


BOMB = b'<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><item>&b;</item></rss>'


@pytest.mark.parametrize(
    "prolog",
    [
        b"",
        b" \n",
        b"\xef\xbb\xbf",
        b'<?xml version="1.0"?>\n',
        b"<!-- <rss> -->",
        b"<!--" + b"x" * 200_000 + b"-->",
        b"\x00",
    ],
)
def test_a_doctype_is_refused_wherever_it_stands(prolog):
    with pytest.raises(DeliveryRefused, match=r"^delivery declares a DOCTYPE, which"):
        texts(prolog + BOMB)


@pytest.mark.parametrize(
    "content", [b"", b"  ", b"text", b"<!-- ", b"<!-- " + b"x" * 2_000_000 + b"--><a/>", b"<![CDATA[x]]>"]
)
def test_what_does_not_begin_with_an_element_is_no_xml(content):
    with pytest.raises(DeliveryRefused, match=r"^delivery is no XML: it does not begin with an element\.$"):
        texts(content)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<rss><item>a</item>", "Premature end of data in tag rss line 1, line 1, column 20"),
        (
            b"<rss>\n<item>a</items></rss>",
            "Opening and ending tag mismatch: item line 2 and items, line 2, column 16",
        ),
    ],
)
def test_a_document_that_is_not_well_formed_is_refused_with_its_line(content, fault):
    with pytest.raises(DeliveryRefused) as refused:
        texts(content)
    assert str(refused.value) == (
        f"delivery is not well-formed XML: {fault}. It may have been cut off on its way; "
        "fetch or export it again."
    )


def test_an_entity_of_html_is_refused_with_its_remedy():
    with pytest.raises(DeliveryRefused) as refused:
        texts(b"<rss>\n<item>a&nbsp;b</item></rss>")
    assert str(refused.value) == (
        "delivery is not well-formed XML: Entity 'nbsp' not defined, line 2, column 14. XML knows none of "
        "HTML's entities but &amp; &lt; &gt; &quot; and &apos;: write the character itself or its number, "
        "such as &#160; for &nbsp;."
    )


@pytest.mark.parametrize("before", [b"\n", b" \r\n\t\n", b"\xef\xbb\xbf\n", b"\x00\n"])
def test_blank_lines_before_the_declaration_do_no_harm(before):
    content = before + b"<?xml version='1.0' encoding='utf-8'?><rss><item>a</item></rss>"
    (element,) = read(io.BytesIO(content), "item")
    assert element.sourceline == 1 + before.count(b"\n")


def test_a_text_of_eleven_megabytes_is_whole():
    assert [len(text) for text in texts(b"<rss><item>" + b"x" * 11_000_000 + b"</item></rss>")] == [
        11_000_000
    ]


class Endless(io.RawIOBase):
    """The same bytes again and again: whoever reads it to the end never comes back."""

    def __init__(self, start: bytes, again: bytes) -> None:
        self._start = start
        self._again = again * (1024 * 1024 // len(again))

    def read(self, size: int = -1) -> bytes:
        block, self._start = self._start or self._again, b""
        return block


@pytest.mark.parametrize("again", [b"x", b"<a/>", b"<a b=''/>", b"<a>", b"<!-- x -->"])
def test_an_element_that_never_ends_is_refused(again):
    found = read(Endless(b"<rss><item>", again), "item")
    with pytest.raises(
        DeliveryRefused, match=r"^delivery (has an element that is too large|is not well-formed)"
    ):
        next(found)


@pytest.mark.parametrize("again", [b"x" * 1024, b"<a/>" * 64])
def test_what_is_far_too_large_is_refused_before_it_fills_the_memory(again):
    stream = Endless(b"<rss><item>", again)
    with pytest.raises(DeliveryRefused) as refused:
        list(read(stream, "item"))
    size = int(re.search(r"within ([\d,]+) bytes", str(refused.value))[1].replace(",", ""))
    assert size < 36 * 1024 * 1024


def test_a_larger_record_is_read_where_larger_ones_are_allowed():
    content = b"<rss><item>" + b"x" * 40 * 1024 * 1024 + b"</item></rss>"
    found = elements(
        io.BytesIO(content), tags=("item",), delivery="delivery", on_dropped=print, max_record_bytes=2**24
    )
    assert [len(element.text) for element in found] == [40 * 1024 * 1024]


def test_elements_that_nobody_reads_are_freed_as_they_come():
    unread = b"<note>some text <b>or <i>other</i></b></note><c/>"
    content = b"<rss><item>a" + unread * 50_000 + b"</item><item>b" + unread + b"</item></rss>"
    found = elements(
        io.BytesIO(content), tags=("item",), delivery="delivery", on_dropped=print, unread=("note", "c")
    )
    assert [(item.text, len(item)) for item in found] == [("a", 1), ("b", 1)]


def test_what_stands_between_elements_that_nobody_reads_counts():
    found = elements(
        Endless(b"<rss><item>", b"<note>x</note><kept>" + b"y" * 2000 + b"</kept>"),
        tags=("item",),
        delivery="delivery",
        on_dropped=print,
        unread=("note",),
    )
    with pytest.raises(DeliveryRefused, match="too large to be read"):
        next(found)


@given(st.binary(max_size=300))
def test_any_bytes_are_elements_or_a_refusal(content):
    with suppress(DeliveryRefused):
        texts(b"<rss><item>" + content + b"</item></rss>")
