from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.deliveries import Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.records import Record
from imports.sources import choose_format
from imports.sources.atom import FORMAT
from imports.sources.format import RawRecord, Skipped
from tests.imports.deliveries import OPTIONS, read_all, record_of, wxr

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<!-- written by hand -->
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de-AT" xml:base="https://blog.example.org/">
<title>A blog</title>
<link href="/"/><link rel="self" href="/feed.atom"/>
<author><name>Ada Example</name><email>ada@example.org</email></author>
<rights>All of them</rights>
"""
XHTML = "http://www.w3.org/1999/xhtml"
CONTENT = '<content type="html">&lt;p&gt;Hello&lt;/p&gt;</content>'
UPDATED = "<updated>2024-03-05T08:30:00+01:00</updated>"


def feed(*entries: str) -> str:
    return f"{HEAD}{''.join(entries)}</feed>"


def entry(*parts: str, id: str = "tag:blog,2024:1", content: str = CONTENT, dates: str = UPDATED) -> str:
    return f"<entry><id>{id}</id><title>Hello</title>{dates}{content}{''.join(parts)}</entry>"


def read(text: str | bytes) -> list[RawRecord | Skipped]:
    return read_all("atom", text)


def only_record(*parts: str, **changes: str) -> Record:
    (raw,) = read(feed(entry(*parts, **changes)))
    return record_of("atom", raw.raw)


def test_a_feed_is_recognized_by_its_root_and_no_other_document_is():
    assert choose_format("auto", Sight("", feed().encode())) is FORMAT
    assert FORMAT.recognizes(Sight("", b'<a:feed xmlns:a="http://www.w3.org/2005/Atom"/>'))
    in_rss = b'<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><a:feed/></channel></rss>'
    others = (b"<feed/>", in_rss, wxr().encode(), b"<!-- <feed xmlns='http://www.w3.org/2005/Atom'> -->", b"")
    assert not any(FORMAT.recognizes(Sight("", head)) for head in others)


def test_a_feed_shows_its_newest_only():
    assert FORMAT.window


def test_an_entry_becomes_a_record():
    made = only_record(
        "<published>2024-03-01T00:00:00Z</published>",
        '<link href="/2024/hello/"/><link rel="enclosure" href="a.mp3" type="audio/mpeg" length="7"/>',
        '<category term="py" label="Python"/><category term="web"/>',
        "<summary>Says &amp; does.</summary>",
        "<contributor><name>Bob</name></contributor>",
    )
    assert (made.title, made.draft, made.language) == ("Hello", False, "de-AT")
    assert made.published_at.isoformat() == "2024-03-01T00:00:00+00:00"
    assert made.updated_at.isoformat() == "2024-03-05T07:30:00+00:00"
    assert (made.body, made.body_format, made.summary) == ("<p>Hello</p>", "html", "Says & does.")
    assert made.authors == ["Ada Example"]
    assert made.terms == [("tag", "python", "Python"), ("tag", "web", "web")]
    assert made.aliases == ["/2024/hello/"]
    assert made.payload == {"source_id": "tag:blog,2024:1", "generator": "Atom"}
    assert made.extra["atom"] == {
        "id": "tag:blog,2024:1",
        "links": [
            {"rel": "alternate", "href": "https://blog.example.org/2024/hello/"},
            {
                "rel": "enclosure",
                "href": "https://blog.example.org/a.mp3",
                "type": "audio/mpeg",
                "length": "7",
            },
        ],
        "contributors": ["Bob"],
        "rights": "All of them",
    }


def test_ids_are_compared_as_they_are_written():
    ids = ["http://Example.org/a", "http://example.org/a", "http://example.org/%61"]
    assert [raw.key for raw in read(feed(*(entry(id=id) for id in ids)))] == ids


def test_an_id_that_is_too_long_for_a_key_is_known_by_its_hash():
    (raw,) = read(feed(entry(id="https://example.org/" + "a" * 300)))
    assert raw.key.startswith("sha256:")
    made = record_of("atom", raw.raw)
    assert (made.payload["source_id"], len(made.extra["atom"]["id"])) == (raw.key, 320)


@pytest.mark.parametrize(
    ("content", "body", "body_format"),
    [
        ("<content>a &lt; b</content>", "a < b", "text"),
        ("<content type='text/plain'>a &lt;b&gt;</content>", "a <b>", "text"),
        ("<content type='HTML'>&lt;b>a&lt;/b></content>", "<b>a</b>", "html"),
        ("<content type='text/html'>&lt;b>a&lt;/b></content>", "<b>a</b>", "html"),
        (
            "<content type='html'><![CDATA[<p>a</p>]]><![CDATA[<p>b</p>]]></content>",
            "<p>a</p><p>b</p>",
            "html",
        ),
        ("<content type='text/markdown'># a</content>", "# a", "markdown"),
        (
            f"<content type='xhtml'><div xmlns='{XHTML}'><p>a &amp; b<br/>c</p> d</div></content>",
            "<p>a &amp; b<br>c</p> d",
            "html",
        ),
        (
            f"<content type='xhtml' xmlns:x='{XHTML}'><x:div><x:em>a</x:em></x:div></content>",
            "<em>a</em>",
            "html",
        ),
        (
            "<content src='https://example.org/a.pdf' type='application/pdf'/><summary>Of it</summary>",
            "Of it",
            "text",
        ),
        ("<content type='image/png'>iVBORw0=</content><summary>A picture</summary>", "A picture", "text"),
        ("<summary type='html'>&lt;p>Only this&lt;/p></summary>", "<p>Only this</p>", "html"),
    ],
)
def test_each_type_of_content_has_its_body(content: str, body: str, body_format: str):
    made = only_record(content=content)
    assert (made.body, made.body_format, made.summary) == (body, body_format, "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the entry has neither content nor a summary"),
        ("<content/>", "the entry's content and its summary are empty"),
        (
            "<content src='https://example.org/a'/>",
            "the entry has no summary, and its content stands elsewhere: 'https://example.org/a'",
        ),
        (
            "<content type='image/png'>iVBORw0=</content>",
            "the entry has no summary, and its content is of the type 'image/png'",
        ),
    ],
)
def test_an_entry_without_a_text_is_rejected(content: str, message: str):
    with pytest.raises(RecordRejected, match=f"^{message}$") as rejected:
        only_record(content=content)
    assert rejected.value.code == "missing-body"


def test_addresses_in_content_are_seen_from_its_base():
    html = "&lt;a href='b?x=1&amp;amp;y=2'>b&lt;/a>&lt;img src=\"/c.png\">&lt;a href='#n'>n&lt;/a> href='d'"
    made = only_record(content=f"<content type='html' xml:base='a/'>{html}</content>")
    assert made.body == (
        '<a href="https://blog.example.org/a/b?x=1&amp;y=2">b</a><img src="https://blog.example.org/c.png">'
        "<a href=\"#n\">n</a> href='d'"
    )


def test_a_link_to_another_host_is_no_old_address():
    assert only_record('<link href="https://elsewhere.example/hello/"/>').aliases == []


def test_the_author_of_the_source_goes_before_that_of_the_feed():
    source = "<source><id>s</id><title>Other</title><author><name>Eve</name></author></source>"
    made = only_record(source)
    assert (made.authors, made.extra["atom"]["source"]) == (["Eve"], {"id": "s", "title": "Other"})
    assert only_record("<author><name>Bob</name></author>", source).authors == ["Bob"]


@pytest.mark.parametrize("name", ["ada@example.org", "Ada (ada@example.org)", "Ada &lt;ada@example.org&gt;"])
def test_a_mail_address_is_kept_nowhere(name: str):
    person = f"<author><name>{name}</name><email>ada@example.org</email></author>"
    (raw,) = read(feed(entry(person)))
    assert b"ada@" not in raw.raw
    assert record_of("atom", raw.raw).authors == (["Ada"] if "Ada" in name else ["Ada Example"])


def test_titles_in_html_are_told_as_text_and_a_missing_one_is_made_of_the_first_words():
    titled = (
        entry()
        .replace("<title>", "<title type='html'>")
        .replace("Hello</title>", "A &lt;i>b&lt;/i> &amp;amp; c</title>")
    )
    untitled = entry(content="<content>One two three four five six seven eight nine</content>")
    untitled = untitled.replace("<title>Hello</title>", "")
    made = [record_of("atom", raw.raw).title for raw in read(feed(titled, untitled))]
    assert made == ["A b & c", "One two three four five six seven eight…"]


@pytest.mark.parametrize("dates", ["<updated>yesterday</updated>", "<updated>2024-02-30T00:00:00Z</updated>"])
def test_an_impossible_date_is_rejected(dates: str):
    with pytest.raises(RecordRejected, match=r"^updated is no ") as rejected:
        only_record(dates=dates)
    assert rejected.value.code == "bad-date"


def test_an_entry_without_any_date_is_a_draft():
    made = only_record(dates="")
    assert (made.draft, made.published_at) == (True, None)


@pytest.mark.parametrize(
    "control",
    [
        "<app:control xmlns:app='http://www.w3.org/2007/app'><app:draft>yes</app:draft></app:control>",
        "<app:control xmlns:app='http://purl.org/atom/app#'><app:draft>yes</app:draft></app:control>",
        "<b:status xmlns:b='http://schemas.google.com/blogger/2018'>DRAFT</b:status>",
    ],
)
def test_what_was_a_draft_there_is_one_here(control: str):
    assert only_record(control).draft
    assert not only_record(control.replace("yes", "no").replace("DRAFT", "LIVE")).draft


BLOGGER = "xmlns:b='http://schemas.google.com/blogger/2018'"


def test_what_was_deleted_at_blogger_is_never_public():
    assert only_record(f"<b:trashed {BLOGGER}>2024-03-06T10:00:00Z</b:trashed>").draft
    assert not only_record(f"<b:trashed {BLOGGER}/>").draft


def test_the_path_that_blogger_gave_an_entry_is_its_old_address():
    filename = f"<b:filename {BLOGGER}>/2024/03/hello.html</b:filename>"
    made = only_record(filename, "<link/>")
    assert made.aliases == ["/2024/03/hello.html"]
    assert "links" not in made.extra["atom"]


def test_of_a_blogger_export_only_posts_and_pages_are_articles():
    kind = "<category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#{}'/>"
    new = "<b:type xmlns:b='http://schemas.google.com/blogger/2018'>{}</b:type>"
    words = [
        kind.format("post"),
        kind.format("comment"),
        kind.format("settings"),
        new.format("PAGE"),
        new.format("COMMENT"),
    ]
    found = read(feed(*(entry(word, id=str(number)) for number, word in enumerate(words))))
    assert [one.reason if type(one) is Skipped else one.key for one in found] == [
        "0",
        "comment",
        "settings",
        "3",
        "comment",
    ]
    assert record_of("atom", found[0].raw).terms == []


def test_an_entry_without_an_id_or_of_too_many_bytes_is_rejected_alone():
    large = entry(id="2", content=f"<content>{'a' * OPTIONS.max_record_bytes}</content>")
    first, second, third = read(feed(entry(id=""), large, entry(id="3")))
    with pytest.raises(RecordRejected, match="the entry has no id"):
        record_of("atom", first.raw)
    assert (second.key, second.fault.code, third.fault) == ("2", "too-large", None)


def test_an_entry_alone_is_a_feed_of_one():
    alone = entry().replace("<entry>", '<entry xmlns="http://www.w3.org/2005/Atom">')
    assert [raw.key for raw in read(alone)] == ["tag:blog,2024:1"]


@pytest.mark.parametrize("content", ["<rss><channel/></rss>", wxr(), "", "{}", "<feed/>"])
def test_what_is_no_atom_feed_is_refused(content: str):
    with pytest.raises(DeliveryRefused, match=r"^delivery is no Atom feed; leave --format out"):
        read(content)


@pytest.mark.parametrize("cut", [0.4, 0.7, 0.99])
def test_a_feed_that_was_cut_off_is_refused(cut: float):
    whole = feed(entry(id="1"), entry(id="2"))
    with pytest.raises(DeliveryRefused, match="is not well-formed XML"):
        read(whole[: int(len(whole) * cut)])


def test_a_doctype_is_refused():
    with pytest.raises(DeliveryRefused, match="declares a DOCTYPE"):
        read(feed(entry()).replace("<feed", '<!DOCTYPE feed [<!ENTITY a "aaaa">]><feed', 1))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"[]", "not-an-object"),
        (b'{"id": 7}', "bad-type"),
        (b'{"id": "7", "links": ["x"]}', "bad-type"),
        (b"{", "not-json"),
        (b"", "not-json"),
        (b'{"id": "\\u0000"}', "illegal-character"),
        (b"{}", "missing-key"),
    ],
)
def test_what_a_person_broke_while_mending_is_rejected(raw: bytes, code: str):
    with pytest.raises(RecordRejected) as rejected:
        record_of("atom", raw)
    assert rejected.value.code == code
    assert FORMAT.key_of(raw, OPTIONS) == ""


def test_a_record_that_was_mended_has_the_key_that_it_tells():
    (raw,) = read(feed(entry(id="7")))
    mended = raw.raw.replace(b'"7"', b'"8"')
    assert (FORMAT.key_of(raw.raw, OPTIONS), FORMAT.key_of(mended, OPTIONS)) == ("7", "8")


PIECES = st.sampled_from(
    (
        *"<>&;'\"/#",
        *("<entry>", "</entry>", "<id>1</id>", CONTENT, UPDATED, "<updated>", "</updated>"),
        *("<content type='xhtml'><div>", "</div></content>", "<link href='//['/>", "xml:base='http://['"),
        *("&lt;p", "&gt;", "\x08", "&#0;", "ä", "<author>", "<name>", "a@b"),
    )
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=12))
def test_any_mutation_is_a_record_a_reject_or_a_refusal(pieces: list[str]):
    text = feed(f"<entry><id>7</id>{''.join(pieces)}</entry>")
    with suppress(DeliveryRefused):
        for raw in read(text.encode(errors="replace")):
            if type(raw) is RawRecord:
                with suppress(RecordRejected):
                    record_of("atom", raw.raw)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_refusal_or_nothing(content: bytes):
    with suppress(DeliveryRefused):
        assert read(b'<feed xmlns="http://www.w3.org/2005/Atom">' + content) == []


def test_a_title_that_is_a_whole_text_is_cut_and_kept_beside():
    (raw,) = read(feed(entry().replace("Hello</title>", f"{'ab ' * 100}end</title>")))
    made = record_of("atom", raw.raw)
    assert (made.title, made.extra["atom"]["title"]) == ("ab " * 99 + "ab…", "ab " * 100 + "end")
