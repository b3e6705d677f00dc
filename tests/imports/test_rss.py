import time
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.deliveries import Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.records import Record
from imports.sources import choose_format
from imports.sources.feed_dates import read_feed_moment
from imports.sources.feeds import as_html, person_name, with_absolute_links
from imports.sources.format import RawRecord
from imports.sources.rss import FORMAT
from tests.imports.deliveries import OPTIONS, read_all, record_of, wxr, wxr_item

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
     xmlns:media="http://search.yahoo.com/mrss/"
     xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
<channel>
<title>A blog</title>
<atom:link rel="self" href="https://feeds.example.com/blog"/>
<link>https://blog.example.org/</link>
<language>en_us</language>
<managingEditor>ada@example.org (Ada)</managingEditor>
<image><link>https://elsewhere.example/</link></image>
"""
GUID = '<guid isPermaLink="false">7</guid>'
TITLE = "<title>Hello</title>"
DESCRIPTION = "<description>&lt;p&gt;Hello&lt;/p&gt;</description>"


def feed(*items: str) -> str:
    return f"{HEAD}{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


def read(text: str | bytes) -> list[RawRecord]:
    return read_all("rss", text)


def only_record(*parts: str, identity: str = GUID, title: str = TITLE, text: str = DESCRIPTION) -> Record:
    (raw,) = read(feed("".join((identity, title, text, *parts))))
    return record_of("rss", raw.raw)


def test_a_feed_is_recognized_by_its_root_and_a_wordpress_export_is_none():
    assert choose_format("auto", Sight("", feed().encode())) is FORMAT
    assert choose_format("auto", Sight("", wxr().encode())).name == "wxr"
    assert FORMAT.recognizes(Sight("", RDF.encode()))
    heads = (b"<rdf:RDF xmlns:rdf='r'/>", b"<html><rss></rss></html>", b"<!-- <rss> --><feed/>", b"", b"{}")
    assert not any(FORMAT.recognizes(Sight("", head)) for head in heads)


def test_a_feed_shows_its_newest_only():
    assert FORMAT.window


def test_an_item_becomes_a_record():
    made = only_record(
        "<link>https://www.blog.example.org/2024/hello/</link>",
        "<content:encoded><![CDATA[<p>Hello <a href='/b'>b</a></p>]]></content:encoded>",
        "<pubDate>Tue, 05 Mar 2024 08:30:00 +0100</pubDate>",
        "<atom:updated>2024-03-06T00:00:00Z</atom:updated>",
        "<author>ada@example.org (Ada Example)</author>",
        "<category>Python</category><category domain='x'>AT&amp;amp;T</category>",
        '<enclosure url="https://example.org/a.mp3" type="audio/mpeg" length="7"/>',
        '<media:content url="https://example.org/a.jpg"><media:title>No</media:title></media:content>',
        "<comments>https://blog.example.org/2024/hello/#comments</comments>",
        text="<description>Says &amp;amp; does […]</description>",
    )
    assert (made.title, made.draft, made.language) == ("Hello", False, "en-us")
    assert made.published_at.isoformat() == "2024-03-05T07:30:00+00:00"
    assert made.updated_at.isoformat() == "2024-03-06T00:00:00+00:00"
    assert made.body == "<p>Hello <a href='https://www.blog.example.org/b'>b</a></p>".replace("'", '"')
    assert (made.summary, made.authors) == ("Says & does […]", ["Ada Example"])
    assert made.terms == [("tag", "python", "Python"), ("tag", "att", "AT&T")]
    assert made.aliases == ["/2024/hello/"]
    assert made.payload == {"source_id": "7", "generator": "RSS"}
    assert made.extra["rss"] == {
        "guid": "7",
        "comments": "https://blog.example.org/2024/hello/#comments",
        "enclosures": [{"url": "https://example.org/a.mp3", "type": "audio/mpeg", "length": "7"}],
        "link": "https://www.blog.example.org/2024/hello/",
    }


@pytest.mark.parametrize(
    ("identity", "key", "aliases"),
    [
        ("<guid>https://blog.example.org/?p=7</guid>", "https://blog.example.org/?p=7", []),
        ("<guid>https://blog.example.org/a/</guid>", "https://blog.example.org/a/", ["/a/"]),
        ("<guid isPermaLink='False'>https://blog.example.org/a/</guid>", "https://blog.example.org/a/", []),
        ("<guid/><link>https://blog.example.org/b/</link>", "https://blog.example.org/b/", ["/b/"]),
        ("<link>https://elsewhere.example/b/</link>", "https://elsewhere.example/b/", []),
        (
            "<link>https://feeds.example.com/~r/1</link>"
            "<feedburner:origLink>https://blog.example.org/c/</feedburner:origLink>",
            "https://feeds.example.com/~r/1",
            ["/c/"],
        ),
    ],
)
def test_the_guid_is_the_key_or_else_the_address(identity: str, key: str, aliases: list[str]):
    made = only_record(identity=identity)
    assert (made.payload["source_id"], made.aliases) == (key, aliases)


def test_without_guid_and_address_the_key_is_made_of_title_date_and_description():
    items = [TITLE + DESCRIPTION, TITLE + DESCRIPTION, TITLE + DESCRIPTION.replace("Hello", "Bye")]
    first, again, other = (raw.key for raw in read(feed(*items)))
    assert first.startswith("sha256:")
    assert (first == again, first == other) == (True, False)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("<description>&lt;p&gt;a&lt;/p&gt;</description>", "<p>a</p>"),
        ("<description><![CDATA[<p>a</p>]]></description>", "<p>a</p>"),
        (
            "<description>&amp;lt;p&amp;gt;a &amp;amp;amp; b&amp;lt;/p&amp;gt;</description>",
            "<p>a &amp; b</p>",
        ),
        ("<description><![CDATA[&lt;br&gt;a]]></description>", "<br>a"),
        (
            "<description><![CDATA[<p>Write &lt;p&gt;</p>]]></description>",
            "<p>Write &lt;p&gt;</p>",
        ),
        ("<description><![CDATA[Write &lt;p&gt; first]]></description>", "<p>Write &lt;p&gt; first</p>"),
        ("<description>one\n\ntwo</description>", "<p>one</p>\n<p>two</p>"),
    ],
)
def test_html_is_read_however_often_it_was_escaped(text: str, body: str):
    assert only_record(text=text).body == body


@pytest.mark.parametrize("text", ["", "<description/>", "<description> </description>"])
def test_an_item_without_a_text_is_rejected(text: str):
    with pytest.raises(RecordRejected, match=r"^the item has neither content nor a description$") as rejected:
        only_record(text=text)
    assert rejected.value.code == "missing-body"


def test_an_item_without_anything_to_tell_it_by_is_rejected():
    (raw,) = read(feed("<category>a</category>"))
    with pytest.raises(RecordRejected, match="the item has neither a guid nor anything else"):
        record_of("rss", raw.raw)


def test_an_item_of_too_many_bytes_is_rejected_alone():
    large = f"<guid>1</guid><description>{'a' * OPTIONS.max_record_bytes}</description>"
    first, second = read(feed(large, GUID + DESCRIPTION))
    assert (first.key, first.fault.code, second.fault) == ("1", "too-large", None)


def test_a_missing_title_is_made_of_the_first_words():
    text = "<description><![CDATA[<p>One two three four five six <b>seven</b> eight nine</p>]]></description>"
    assert only_record(title="<title/>", text=text).title == "One two three four five six seven eight…"


@pytest.mark.parametrize(
    ("title", "told"),
    [("1 &lt; 2", "1 < 2"), ("A &amp;amp; B", "A & B"), ("An &lt;i&gt;x&lt;/i&gt;", "An x")],
)
def test_a_title_is_text(title: str, told: str):
    assert only_record(title=f"<title>{title}</title>").title == told


@pytest.mark.parametrize(
    ("people", "authors"),
    [
        ("<author>ada@example.org</author>", []),
        ("<author>ada@example.org (Ada Example)</author>", ["Ada Example"]),
        ("<author>Ada Example &lt;ada@example.org&gt;</author>", ["Ada Example"]),
        ("<author>mailto:ada@example.org</author>", []),
        ("<author>Ada (Example)</author>", ["Ada (Example)"]),
        ("<author>webmaster@example.org (Web)</author><dc:creator>Ada</dc:creator>", ["Ada"]),
        ("<dc:creator>Ada</dc:creator><dc:creator>Bob</dc:creator>", ["Ada", "Bob"]),
    ],
)
def test_of_people_the_names_are_kept_and_no_mail_address(people: str, authors: list[str]):
    (raw,) = read(feed(GUID + TITLE + DESCRIPTION + people))
    assert b"@" not in raw.raw
    assert record_of("rss", raw.raw).authors == authors


def test_what_cannot_be_a_language_is_none():
    assert (
        record_of("rss", read(feed(GUID + DESCRIPTION).replace("en_us", "English"))[0].raw).language == "en"
    )


RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
         xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://blog.example.org/feed"><title>A</title><link>https://blog.example.org</link>
<dc:language>de</dc:language>
<items><rdf:Seq><rdf:li rdf:resource="https://blog.example.org/1"/></rdf:Seq></items></channel>
<item rdf:about="https://blog.example.org/1"><title>One</title><link>https://blog.example.org/1</link>
<description>Text</description><dc:date>2004-05-06T07:08:09+02:00</dc:date><dc:creator>Ada</dc:creator>
<dc:subject>Python</dc:subject><dc:rights>All</dc:rights></item>
</rdf:RDF>
"""


def test_rss_1_is_read_too():
    (raw,) = read(RDF)
    made = record_of("rss", raw.raw)
    assert (raw.key, made.title, made.body) == ("https://blog.example.org/1", "One", "<p>Text</p>")
    assert made.published_at.isoformat() == "2004-05-06T05:08:09+00:00"
    assert (made.authors, made.terms, made.aliases) == (["Ada"], [("tag", "python", "Python")], ["/1"])
    assert made.extra["rss"] == {"link": "https://blog.example.org/1", "rights": "All"}


@pytest.mark.parametrize("content", [wxr(wxr_item("1")), "<feed/>", "", "{}", "<rssx/>"])
def test_what_is_no_rss_feed_is_refused(content: str):
    with pytest.raises(DeliveryRefused, match=r"^delivery is no RSS feed; leave --format out"):
        read(content)


def test_a_wordpress_export_is_refused_also_where_its_namespace_comes_late():
    status = "<wp:status xmlns:wp='https://wordpress.org/export/1.2/'>private</wp:status>"
    with pytest.raises(DeliveryRefused, match="is a WordPress export; import it with --format wxr"):
        read(feed(GUID + status))


@pytest.mark.parametrize("cut", [0.6, 0.8, 0.99])
def test_a_feed_that_was_cut_off_is_refused(cut: float):
    whole = feed(GUID + DESCRIPTION, GUID + DESCRIPTION)
    with pytest.raises(DeliveryRefused, match="is not well-formed XML"):
        read(whole[: int(len(whole) * cut)])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Tue, 05 Mar 2024 08:30:00 +0100", "2024-03-05T08:30:00+01:00"),
        ("Fri, 05 Mar 2024 08:30:00 GMT", "2024-03-05T08:30:00+00:00"),
        ("05 Mar 2024 08:30 EST", "2024-03-05T08:30:00-05:00"),
        ("5 Mar 99 08:30:00 Z", "1999-03-05T08:30:00+00:00"),
        ("Tue, 05 Mar 2024 08:30:00 CET", "2024-03-05T08:30:00+01:00"),
        ("Tue, 05 Mar 2024 08:30:00 IST", "2024-03-05T08:30:00-03:00"),
        ("Tue, 05 Mar 2024 08:30:00", "2024-03-05T08:30:00-03:00"),
        ("Tue, 05 Mar 2024 08:30:00 -0000", "2024-03-05T08:30:00+00:00"),
        ("Tue, 05 Mar 2024 08:30:00 GMT+02:00", "2024-03-05T08:30:00+02:00"),
        ("Tue, 05 Mar 2024 08:30:00 -0500 (EST)", "2024-03-05T08:30:00-05:00"),
        ("Di, 05 März 2024 08:30:00 +0100", "2024-03-05T08:30:00+01:00"),
        ("mar., 05 févr. 2024 08:30:00 +0100", "2024-02-05T08:30:00+01:00"),
        ("Thursday, 5 September 2024 08:30:00 +0200", "2024-09-05T08:30:00+02:00"),
        ("2024-03-05T08:30:00z", "2024-03-05T08:30:00+00:00"),
        ("2024-03-05 08:30", "2024-03-05T08:30:00-03:00"),
        ("March 5, 2024", "2024-03-05T00:00:00-03:00"),
        ("\n ", None),
    ],
)
def test_dates_are_read_as_feeds_write_them(text: str, moment: str | None):
    assert read_feed_moment("pubDate", text, zone=ZoneInfo("America/Bahia")) == moment


@pytest.mark.parametrize(
    "text",
    ["Fri, 31 Feb 2024 08:30:00 GMT", "Tue, 05 Mar 2024 25:00:00 GMT", "soon", "03/04/2024", "9" * 5000],
)
def test_an_impossible_date_is_rejected(text: str):
    with pytest.raises(RecordRejected, match=r"^pubDate is no ") as rejected:
        only_record(f"<pubDate>{text}</pubDate>")
    assert rejected.value.code == "bad-date"


@given(st.text(max_size=40) | st.from_regex(r"\w{3}, \d{1,3} \w{3,4} \d{1,5} \d\d:\d\d:\d\d [+-]?\w{1,8}"))
def test_any_text_is_a_date_or_rejected(text: str):
    with suppress(RecordRejected):
        read_feed_moment("pubDate", text, zone=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"[]", "not-an-object"),
        (b'{"key": 7}', "bad-type"),
        (b'{"key": "7", "enclosures": ["x"]}', "bad-type"),
        (b"{", "not-json"),
        (b"", "not-json"),
        (b'{"key": "\\u0000"}', "illegal-character"),
        (b"{}", "missing-key"),
    ],
)
def test_what_a_person_broke_while_mending_is_rejected(raw: bytes, code: str):
    with pytest.raises(RecordRejected) as rejected:
        record_of("rss", raw)
    assert rejected.value.code == code
    assert FORMAT.key_of(raw, OPTIONS) == ""


def test_a_record_that_was_mended_has_the_key_that_it_tells():
    (raw,) = read(feed(GUID + DESCRIPTION))
    mended = raw.raw.replace(b'"key":"7"', b'"key":"8"')
    assert (FORMAT.key_of(raw.raw, OPTIONS), FORMAT.key_of(mended, OPTIONS)) == ("7", "8")


PIECES = st.sampled_from(
    (
        *"<>&;'\"/#@",
        *("<item>", "</item>", GUID, DESCRIPTION, TITLE, "<link>", "</link>", "<pubDate>", "</pubDate>"),
        *(
            "<description>",
            "</description>",
            "<![CDATA[",
            "]]>",
            "&amp;lt;p",
            "&amp;gt;",
            "\x08",
            "&#0;",
            "ä",
        ),
        *("http://[", "<author>", "</author>", "a@b", "<a href='", "<content:encoded>", "</content:encoded>"),
    )
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=12))
def test_any_mutation_is_a_record_a_reject_or_a_refusal(pieces: list[str]):
    with suppress(DeliveryRefused):
        for raw in read(feed(GUID + "".join(pieces)).encode(errors="replace")):
            if type(raw) is RawRecord:
                with suppress(RecordRejected):
                    record_of("rss", raw.raw)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_refusal_or_nothing(content: bytes):
    with suppress(DeliveryRefused):
        assert read(b"<rss>" + content) == []


@pytest.mark.parametrize("piece", ["&lt;p", "&lt;/p ", "<a href='", "<a\t", " href=", "a@"])
def test_no_text_takes_longer_than_its_length_explains(piece: str):
    began = time.monotonic()
    text = piece * (1_000_000 // len(piece))
    with_absolute_links(as_html(text), "https://example.org/")
    assert person_name(text) is not None
    assert time.monotonic() - began < 5


def test_a_title_that_is_a_whole_text_is_cut_and_kept_beside():
    made = only_record(title=f"<title>{'x' * 301}</title>")
    assert (made.title, made.extra["rss"]["title"]) == ("x" * 299 + "…", "x" * 301)


def test_where_a_query_tells_items_apart_their_path_is_no_old_address():
    made = only_record("<link>https://blog.example.org/item.php?id=5</link>")
    assert (made.aliases, made.extra["rss"]["link"]) == ([], "https://blog.example.org/item.php?id=5")
