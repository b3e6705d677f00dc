from contextlib import suppress
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.deliveries import Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.format import Attachment, RawRecord, Skipped
from imports.sources.wxr import FORMAT
from tests.imports.deliveries import OPTIONS, record_of, wxr, wxr_item
from tests.imports.wordpress_items import LOCAL, NONE, dated, meta, only_raw, only_record, read, replaced


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_both_schemes_of_the_namespace_are_recognized(scheme):
    assert FORMAT.recognizes(Sight("", wxr(scheme=scheme).encode()))


def test_a_plain_feed_is_not_taken_for_a_wordpress_export():
    assert not FORMAT.recognizes(Sight("", b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>'))


def test_a_post_becomes_a_record():
    categories = (
        '<category domain="category" nicename="news"><![CDATA[News]]></category>'
        '<category domain="category" nicename="uncategorized"><![CDATA[Uncategorized]]></category>'
        '<category domain="post_tag" nicename="python"><![CDATA[Python]]></category>'
    )
    made = only_record(wxr_item("7", more=categories))
    assert (made.title, made.slug, made.draft) == ("Post 7", "post-7", False)
    assert made.published_at.isoformat() == "2012-01-07T10:20:30+00:00"
    assert made.body == "<p>First paragraph.</p>\n<p>Second paragraph.</p>"
    assert (made.language, made.authors) == ("en-GB", ["Ada Example"])
    assert made.terms == [("topic", "news", "News"), ("tag", "python", "Python")]
    assert made.aliases == ["/post-7/"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "draft"},
        {"status": "pending"},
        {"status": "private"},
        {"status": "auto-draft"},
        {"password": "enter"},
    ],
)
def test_what_was_not_public_there_is_a_draft_here(changes):
    made = only_record(wxr_item("7", **changes))
    assert made.draft


def test_a_password_is_kept_nowhere():
    (raw,) = read(wxr(wxr_item("7", password="open-sesame")))
    assert b"open-sesame" not in raw.raw


def test_what_is_no_article_is_skipped_with_its_reason():
    items = [
        wxr_item("1", kind="attachment", status="inherit"),
        wxr_item("2", kind="nav_menu_item"),
        wxr_item("3", status="trash"),
        "<item><title>Stub</title><wp:post_id>4</wp:post_id></item>",
        wxr_item("5"),
        wxr_item("6", kind="page"),
    ]
    found = read(wxr(*items))
    assert [entry.reason if type(entry) is Skipped else entry.key for entry in found] == [
        "attachment",
        "nav_menu_item",
        "trash",
        "incomplete",
        "5",
        "6",
    ]


def test_an_attachment_is_told_with_its_address():
    url = "<wp:attachment_url><![CDATA[https://blog.example.org/a.png]]></wp:attachment_url>"
    found = read(wxr(wxr_item("31", kind="attachment", status="inherit", more=url)))
    assert found == [Attachment("31", "https://blog.example.org/a.png")]


def test_an_attachment_without_a_web_address_is_none():
    url = "<wp:attachment_url>javascript:alert(1)</wp:attachment_url>"
    found = read(wxr(wxr_item("31", kind="attachment", status="inherit", more=url)))
    assert found == [Skipped("attachment")]


def test_a_body_split_over_two_cdata_nodes_is_joined():
    made = only_record(wxr_item("7", content="<p>a ]]]]><![CDATA[> b</p>"))
    assert made.body == "<p>a ]]> b</p>"


def test_control_characters_do_not_stop_the_reading():
    made = only_record(wxr_item("7", content="<p>bell\x07 and backspace\x08</p>"))
    assert made.body == "<p>bell and backspace</p>"


def test_dropped_control_characters_are_counted():
    _, dropped = read(wxr(wxr_item("7", content="bell\x07 and backspace\x08")))
    assert dropped == Skipped("forbidden character", 2)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_all_versions_of_the_format_are_read(version):
    text = wxr(wxr_item("7")).replace("export/1.2/", f"export/{version}/")
    assert FORMAT.recognizes(Sight("", text.encode()))
    assert [entry.key for entry in read(text)] == ["7"]


def test_bookkeeping_of_wordpress_does_not_make_a_record_another():
    first, second = (only_raw(wxr_item("7", more=meta("_edit_lock", lock))) for lock in ("1:1", "2:1"))
    assert first.digest(b"") == second.digest(b"")


def test_an_item_without_a_key_is_rejected():
    with pytest.raises(RecordRejected, match="no wp:post_id"):
        only_record(replaced(wxr_item("7"), "wp:post_id", ""))


def test_an_item_that_is_too_large_is_rejected_alone():
    large, small = read(wxr(wxr_item("7", content="x" * 100_000), wxr_item("8")))
    assert (large.key, large.fault.code, len(large.raw)) == ("7", "too-large", 100_000)
    assert (small.key, small.fault) == ("8", None)


def test_a_text_of_eleven_megabytes_is_rejected_alone():
    large, small = read(wxr(wxr_item("7", content="x" * 11_000_000), wxr_item("8")))
    assert (large.key, large.fault.code, small.key) == ("7", "too-large", "8")


def test_terms_of_the_channel_do_not_fill_the_memory():
    terms = "".join(f"<wp:{name}><a/><b>x</b></wp:{name}>" * 50_000 for name in ("tag", "category", "term"))
    assert [entry.key for entry in read(wxr(terms, wxr_item("7")))] == ["7"]


def test_an_item_may_have_any_number_of_comments():
    comments = "<wp:comment><wp:a>b</wp:a><wp:c/><wp:d>e</wp:d></wp:comment>" * 150_000
    assert only_raw(wxr_item("7", more=comments)).raw == only_raw(wxr_item("7")).raw


@pytest.mark.parametrize("password", [" ", "<![CDATA[ ]]>", "\t"])
def test_a_password_of_white_space_is_one(password):
    assert only_record(wxr_item("7", password=password)).draft


@pytest.mark.parametrize("password", ["<![CDATA[]]>", "\n    "])
def test_an_empty_password_is_none(password):
    assert not only_record(wxr_item("7", password=password)).draft


def test_a_record_that_was_mended_into_nonsense_is_rejected():
    with pytest.raises(RecordRejected, match="not as it was read"):
        record_of("wxr", b'{"post_id": 7}')
    assert FORMAT.key_of(b'{"post_id": 7}', OPTIONS) == ""


def test_the_key_of_a_mended_record_is_read_anew():
    assert FORMAT.key_of(b'{"post_id": "8"}', OPTIONS) == "8"


def test_elements_of_plugins_with_familiar_names_change_nothing():
    more = (
        '<m:title xmlns:m="urn:plugin">Other</m:title><m:status xmlns:m="urn:plugin">draft</m:status>'
        '<m:encoded xmlns:m="urn:plugin">Other</m:encoded><wp:encoded>Other</wp:encoded>'
        "<wp:comment><wp:comment_content>First!</wp:comment_content></wp:comment>"
    )
    assert only_raw(wxr_item("7", more=more)).raw == only_raw(wxr_item("7")).raw


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_a_file_that_was_cut_off_is_refused_with_the_line(cut):
    whole = wxr(wxr_item("1"), wxr_item("2"))
    with pytest.raises(
        DeliveryRefused, match=r"^delivery is not well-formed XML: .+line \d+.+; fetch or export it again\.$"
    ):
        read(whole[: int(len(whole) * cut)])


def test_a_doctype_is_refused_before_anything_is_parsed():
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaa">]>'
    text = wxr(wxr_item("1")).replace("<rss", f"{bomb}<rss", 1)
    with pytest.raises(DeliveryRefused, match="declares a DOCTYPE"):
        read(text)


def test_a_doctype_inside_a_post_is_text():
    assert (
        "DOCTYPE"
        in only_record(wxr_item("7", content="<pre>&lt;!DOCTYPE html&gt; <!DOCTYPE html></pre>")).body
    )


def read_to_the_end(content: str | bytes) -> None:
    """Whatever it is, it is read or refused in the importer's own words."""
    with suppress(DeliveryRefused):
        for entry in read(content):
            if type(entry) is RawRecord:
                with suppress(RecordRejected):
                    record_of("wxr", entry.raw)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_refusal_or_nothing(content):
    with suppress(DeliveryRefused):
        assert read(b"<rss>" + content) == []


_WHOLE = wxr(
    wxr_item("1", more=meta("a", 'a:1:{i:0;s:1:"b";}')), wxr_item("2", content="[caption]<img>x[/caption]")
)


@given(st.data())
def test_a_damaged_export_is_read_or_refused(data):
    content = _WHOLE.encode()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 40)))
        content = content[:start] + data.draw(st.binary(max_size=8)) + content[end:]
    read_to_the_end(content)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(escape)
dates = st.sampled_from(["", NONE, LOCAL, "0001-01-01 00:00:00", "9999-12-31 23:59:59", "2012-07-07"]) | texts


@given(
    local=dates,
    gmt=dates,
    feed=dates,
    changed=dates,
    link=texts,
    slug=texts,
    title=texts,
    content=texts,
    old=texts,
)
def test_any_texts_are_a_record_or_a_reject(local, gmt, feed, changed, link, slug, title, content, old):
    more = (
        f"<wp:post_modified_gmt>{changed}</wp:post_modified_gmt>"
        + meta("_wp_old_slug", old)
        + meta("a", content)
    )
    item = replaced(wxr_item("7", title=title, name=slug, content=content, more=more), "link", link)
    read_to_the_end(wxr(item, dated("8", local=local, gmt=gmt, feed=feed)))
