import time
from dataclasses import replace

import pytest

from articles.rendering import render_body
from imports.faults import RecordRejected
from imports.sources.format import ReadOptions
from imports.sources.wordpress import to_values
from tests.imports.deliveries import OPTIONS, read_all, record_of, wxr, wxr_item
from tests.imports.wordpress_items import delivered, meta, only_record, read, replaced


def test_the_picture_of_an_article_is_named_by_its_key():
    assert delivered(wxr_item("7", more=meta("_thumbnail_id", "31"))).pictures == ["31"]


@pytest.mark.parametrize("value", ["", "none", "-1"])
def test_a_picture_without_a_key_is_none(value):
    assert delivered(wxr_item("7", more=meta("_thumbnail_id", value))).pictures == []


def test_an_encoded_slug_is_decoded():
    assert only_record(wxr_item("7", name="caf%c3%a9-society")).slug == "café-society"


def test_an_untitled_post_is_called_by_its_first_words():
    made = only_record(wxr_item("7", title="", content="One two three four five six seven eight nine"))
    assert made.title == "One two three four five six seven eight…"


def test_block_bodies_keep_their_own_paragraphs():
    content = "<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->"
    assert only_record(wxr_item("7", content=content)).body == content


def test_comments_of_the_block_editor_are_not_shown():
    content = '<!-- wp:image {"id":3} --><figure><img src="/a.png" alt=""></figure><!-- /wp:image -->'
    shown = render_body(only_record(wxr_item("7", content=content)).body, body_format="html")
    assert shown == '<figure><img src="/a.png" alt="" loading="lazy" decoding="async"></figure>'


def test_pages_of_an_article_follow_each_other_as_paragraphs():
    made = only_record(wxr_item("7", content="One.<!--nextpage-->Two.\n<!--nextpage-->\nThree."))
    assert made.body == "<p>One.</p>\n<p>Two.</p>\n<p>Three.</p>"


@pytest.mark.parametrize("piece", [" ", "<!-- ", "<!--nextpage"])
def test_page_breaks_are_found_in_no_time(piece):
    item = wxr_item("7", content="a" + piece * 50_000 + "<!-- nextpage -->b")
    (raw,) = read_all("wxr", wxr(item), replace(OPTIONS, max_record_bytes=10_000_000))
    started = time.perf_counter()
    to_values(raw.raw, OPTIONS)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    "more", ["<!--more-->", "<!--more Read on -->", "<!-- wp:more --><!--more--><!-- /wp:more -->"]
)
def test_the_text_before_more_is_the_summary(more):
    made = only_record(wxr_item("7", content=f"<b>Short</b>\n\nand good.\n\n{more}\n\nThe rest."))
    assert made.summary == "Short and good."


def test_a_long_text_before_more_is_cut():
    made = only_record(wxr_item("7", content="word " * 300 + "<!--more-->"))
    assert (len(made.summary), made.summary[-6:]) == (500, " word…")


def test_an_excerpt_goes_before_the_text_before_more():
    item = wxr_item("7", content="Short.<!--more-->Rest.").replace(
        "<excerpt:encoded><![CDATA[]]>", "<excerpt:encoded><![CDATA[<p>By hand.</p>]]>"
    )
    assert only_record(item).summary == "By hand."


def test_letters_of_windows_that_were_taken_for_latin_1_are_mended():
    made = only_record(wxr_item("7", content="\x93Quoted\x94 \x96 it\x92s \x80 5\x81", title="It\x92s"))
    assert (made.title, made.body) == ("It’s", "<p>“Quoted” – it’s € 5</p>")


def test_categories_as_version_1_0_tells_them_come_once():
    categories = (
        "<category><![CDATA[News]]></category>"
        '<category domain="category" nicename="news"><![CDATA[News]]></category>'
        "<category><![CDATA[Uncategorized]]></category>"
        '<category domain="tag"><![CDATA[Python]]></category>'
        '<category domain="tag" nicename="python"><![CDATA[Python]]></category>'
    )
    made = only_record(wxr_item("7", more=categories))
    assert made.terms == [("topic", "news", "News"), ("tag", "python", "Python")]


def test_taxonomies_of_plugins_are_kept_beside():
    categories = (
        '<category domain="genre" nicename="essay"><![CDATA[Essay]]></category>'
        '<category domain="genre" nicename="satire"><![CDATA[Satire]]></category>'
        '<category domain="post_format" nicename="post-format-quote"><![CDATA[Quote]]></category>'
        '<category domain="nav_menu" nicename="top"><![CDATA[Top]]></category>'
    )
    made = only_record(wxr_item("7", more=categories))
    assert made.terms == []
    assert made.extra["wordpress"] == {
        "status": "publish",
        "taxonomies": {"genre": ["Essay", "Satire"], "post_format": ["Quote"]},
    }


def test_several_authors_replace_the_one():
    authors = (
        '<category domain="author" nicename="cap-ada"><![CDATA[Ada Example]]></category>'
        '<category domain="author" nicename="cap-bob"><![CDATA[Bob Example]]></category>'
    )
    assert only_record(wxr_item("7", more=authors)).authors == ["Ada Example", "Bob Example"]


def test_an_author_told_by_login_alone_has_the_name_of_the_channel():
    authors = (
        '<category domain="author" nicename="cap-ada"><![CDATA[ada]]></category>'
        '<category domain="author" nicename="cap-guest"><![CDATA[guest]]></category>'
    )
    assert only_record(wxr_item("7", more=authors)).authors == ["Ada Example", "guest"]


def test_names_are_told_without_entities():
    categories = (
        '<category domain="category" nicename="rd"><![CDATA[R&amp;D]]></category>'
        '<category domain="post_tag" nicename="qa"><![CDATA[Q&amp;A]]></category>'
    )
    made = only_record(replaced(wxr_item("7", more=categories), "dc:creator", "Jo &amp;amp; Co"))
    assert [name for _, _, name in made.terms] == ["R&D", "Q&A"]
    assert made.authors == ["Jo & Co"]


def test_a_category_with_a_slash_is_one_topic():
    category = '<category domain="category" nicename="tcp-ip"><![CDATA[TCP / IP]]></category>'
    made = only_record(wxr_item("7", more=category))
    assert (made.topic_path, made.terms) == (
        "TCP\N{NO-BREAK SPACE}/ IP",
        [("topic", "tcp-ip", "TCP\N{NO-BREAK SPACE}/ IP")],
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Is a&lt;b or b&lt;a?", "Is a<b or b<a?"),
        ("&lt;em&gt;Now&lt;/em&gt; &amp;amp; then", "Now & then"),
    ],
)
def test_titles_and_excerpts_are_whole(written, shown):
    item = wxr_item("7", title=written).replace(
        "<excerpt:encoded><![CDATA[]]>", f"<excerpt:encoded>{written}"
    )
    made = only_record(item)
    assert (made.title, made.summary) == (shown, shown)


def test_an_item_that_shows_only_a_block_from_elsewhere_is_rejected():
    with pytest.raises(RecordRejected, match="shows nothing but reusable block 12, which") as rejected:
        only_record(wxr_item("7", content='<!-- wp:block {"ref":12} /-->'))
    assert rejected.value.code == "missing-body"


def test_a_block_from_elsewhere_beside_a_text_is_recorded():
    made = only_record(wxr_item("7", content='<p>Text</p><!-- wp:block {"ref":12} /-->'))
    assert made.extra["wordpress"]["blocks"] == ["12"]


def test_pictures_of_galleries_are_fetched_after_the_one_of_the_article():
    item = wxr_item("7", content='[gallery ids="1, 31, 2"]Text', more=meta("_thumbnail_id", "31"))
    assert delivered(item).pictures == ["31", "1", "2"]


def test_an_author_whom_the_export_does_not_introduce_keeps_the_login():
    assert only_record(replaced(wxr_item("7"), "dc:creator", "bob")).authors == ["bob"]


def test_metadata_is_shown_as_lists_and_all_its_values_are_kept():
    more = (
        meta("sources", 'a:2:{i:0;s:5:"paper";i:1;s:9:"two\nlines";}')
        + meta("mood", "glad")
        + meta("mood", "sad")
        + meta("object", 'O:8:"stdClass":0:{}')
        + meta("_edit_lock", "1326000000:1")
        + meta("_wp_page_template", "default")
    )
    assert only_record(wxr_item("7", more=more)).extra["wordpress"]["meta"] == {
        "sources": ["paper", "two\nlines"],
        "mood": ["glad", "sad"],
        "object": 'O:8:"stdClass":0:{}',
    }


def test_parent_and_galleries_are_kept():
    item = wxr_item("7", content='[gallery ids="3, 4"]Text', more="<wp:post_parent>5</wp:post_parent>")
    made = only_record(item)
    assert made.body == "<p>Text</p>"
    assert made.extra["wordpress"] == {"status": "publish", "post_parent": "5", "galleries": [["3", "4"]]}


def test_slugs_of_old_lead_to_the_article():
    old = meta("_wp_old_slug", "first try") + meta("_wp_old_slug", "") + meta("_wp_old_slug", "caf%c3%a9")
    item = replaced(wxr_item("7", more=old), "link", "https://blog.example.org/2012/01/post-7/")
    assert only_record(item).aliases == ["/2012/01/post-7/", "/2012/01/first try/", "/2012/01/café/"]


def test_a_permalink_may_end_like_a_file():
    item = replaced(
        wxr_item("7", more=meta("_wp_old_slug", "old")), "link", "http://blog.example.org/a/post-7.html"
    )
    assert only_record(item).aliases == ["/a/post-7.html", "/a/old.html"]


def test_an_old_slug_means_nothing_where_permalinks_have_no_slug():
    item = replaced(
        wxr_item("7", more=meta("_wp_old_slug", "old")), "link", "https://blog.example.org/archives/7"
    )
    assert only_record(item).aliases == ["/archives/7"]


_BLOG = "<language>en-GB</language><wp:base_site_url>https://example.org</wp:base_site_url>" + (
    "<wp:base_blog_url>https://blog.example.org/en</wp:base_blog_url>"
)


@pytest.mark.parametrize(
    ("link", "aliases"),
    [
        ("https://blog.example.org/en/post-7/", ["/en/post-7/"]),
        ("http://www.blog.example.org/en/post-7/", ["/en/post-7/"]),
        ("https://blog.example.org/?p=7", []),
        ("https://blog.example.org/en/?p=7", []),
        ("https://blog.example.org/en/", []),
        ("https://blog.example.org/", []),
        ("https://elsewhere.example.com/post-7/", []),
        ("https://[broken/post-7/", []),
        ("", []),
    ],
)
def test_only_an_address_of_the_site_that_names_a_page_is_an_alias(link, aliases):
    text = wxr(replaced(wxr_item("7"), "link", link)).replace("<language>en-GB</language>", _BLOG)
    (raw,) = read(text)
    assert record_of("wxr", raw.raw).aliases == aliases


def test_an_address_elsewhere_is_kept_beside():
    text = wxr(replaced(wxr_item("7"), "link", "https://elsewhere.example.com/7/"))
    (raw,) = read(text.replace("<language>en-GB</language>", _BLOG))
    assert record_of("wxr", raw.raw).extra["wordpress"]["link"] == "https://elsewhere.example.com/7/"


def test_the_source_s_own_address_decides_if_it_is_known():
    options = ReadOptions(max_record_bytes=100_000, delivery="delivery", base_url="https://other.example.org")
    assert only_record(wxr_item("7"), options).aliases == []
