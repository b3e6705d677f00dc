from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.deliveries import Sight
from imports.faults import DeliveryRefused
from imports.records import Record
from imports.sources.format import RawRecord, Skipped
from imports.sources.wxr import FORMAT
from tests.imports.deliveries import read_all, record_of, wxr, wxr_item


def read(text: str | bytes) -> list[RawRecord | Skipped]:
    return read_all("wxr", text)


def only_record(item: str) -> Record:
    (raw,) = read(wxr(item))
    return record_of("wxr", raw.raw)


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


def test_a_scheduled_post_keeps_its_date_in_the_future():
    made = only_record(wxr_item("7", status="future", date="2090-01-01 00:00:00"))
    assert (made.draft, made.published_at.year) == (False, 2090)


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


def test_an_encoded_slug_is_decoded():
    assert only_record(wxr_item("7", name="caf%c3%a9-society")).slug == "café-society"


def test_a_draft_without_a_date_has_none():
    made = only_record(wxr_item("7", status="draft", date="0000-00-00 00:00:00"))
    assert (made.draft, made.published_at) == (True, None)


def test_an_untitled_post_is_called_by_its_first_words():
    made = only_record(wxr_item("7", title="", content="One two three four five six seven eight nine"))
    assert made.title == "One two three four five six seven eight…"


def test_a_body_split_over_two_cdata_nodes_is_joined():
    made = only_record(wxr_item("7", content="<p>a ]]]]><![CDATA[> b</p>"))
    assert made.body == "<p>a ]]> b</p>"


def test_block_bodies_keep_their_own_paragraphs():
    content = "<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->"
    assert only_record(wxr_item("7", content=content)).body == content


def test_control_characters_do_not_stop_the_reading():
    made = only_record(wxr_item("7", content="<p>bell\x07 and backspace\x08</p>"))
    assert made.body == "<p>bell and backspace</p>"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_a_file_that_was_cut_off_is_refused(cut):
    whole = wxr(wxr_item("1"), wxr_item("2"))
    with pytest.raises(DeliveryRefused, match=r"^delivery is not well-formed XML: .+ export it again\.$"):
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


@given(st.binary(max_size=400))
def test_any_bytes_are_a_refusal_or_nothing(content):
    with suppress(DeliveryRefused):
        assert read(b"<rss>" + content) == []
