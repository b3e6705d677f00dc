import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.deliveries import Sight
from imports.faults import RecordRejected
from imports.records import Record
from imports.shaping import rejected
from imports.sources import choose_format
from imports.sources.format import RawRecord
from imports.sources.ghost import FORMAT
from imports.sources.ghost_drafts import draft_text
from tests.imports.deliveries import OPTIONS, read_all, record_of
from tests.imports.ghost_exports import POST, export, read


def only_raw(**changes: Any) -> RawRecord:
    (raw,) = read(export({**POST, **changes}))
    return raw


def only_record(base_url: str = "https://blog.example.org", **changes: Any) -> Record:
    return record_of("ghost", only_raw(**changes).raw, replace(OPTIONS, base_url=base_url))


def sight(text: str) -> Sight:
    return Sight("delivery", text.encode()[: 64 * 1024])


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("first", ["meta", "data"])
def test_an_export_is_recognized_however_it_is_written(indent, bare, first):
    # Longer than the part of a delivery that is looked at.
    inner = export(*[POST] * 200)["db"][0]
    inner = {name: inner[name] for name in (first, *inner)}
    text = json.dumps(inner if bare else {"db": [inner]}, indent=indent)
    assert choose_format("auto", sight(text)) is FORMAT


def test_an_export_whose_first_table_is_large_is_recognized():
    actions = [{"id": number, "context": "x" * 1000} for number in range(100)]
    document = {"db": [{"data": {"actions": actions, "posts": [POST]}}]}
    assert choose_format("auto", sight(json.dumps(document))) is FORMAT


@pytest.mark.parametrize(
    "text",
    [
        '{"payload": {"source_id": "1"}, "title": "db meta data posts exported_on", "body": "b"}',
        '{"meta": {"a": 1}, "data": {"b": []}}',
        '{"db": "posts"}',
        '{"version": "https://jsonfeed.org/version/1.1", "title": "posts", "items": []}',
        '[{"meta": {"exported_on": 1}}]',
        '{"meta": {"exported',
        "",
    ],
)
def test_other_json_is_not_taken_for_an_export(text):
    assert not FORMAT.recognizes(sight(text))


def test_a_post_becomes_a_record():
    made = only_record()
    assert made == Record(
        base_url="https://blog.example.org",
        title="Warm connections",
        slug="warm-connections",
        body='<p>A <a href="https://blog.example.org/pools/">pool</a> keeps them.</p>',
        draft=False,
        authors=["Ada Example", "Bob Example"],
        published_at=made.published_at,
        updated_at=made.updated_at,
        summary="Why pools help.",
        topic_path="Databases",
        image_sources=[
            {"url": "https://blog.example.org/content/images/pool.jpg", "caption": "A pool"},
        ],
        payload={"source_id": POST["uuid"], "generator": "Ghost", "type": "post"},
        extra={
            "ghost": {
                "id": POST["id"],
                "comment_id": "12",
                "type": "post",
                "status": "published",
                "visibility": "public",
                "featured": 1,
                "created_at": "2024-03-05T07:00:00.000Z",
                "meta_title": "Pools",
                "feature_image_caption": "<i>A pool</i>",
            }
        },
        terms=[("topic", "databases", "Databases"), ("tag", "pooling", "Pooling")],
        aliases=["/warm-connections/"],
        attachments=["https://blog.example.org/content/images/pool.jpg"],
    )
    assert made.published_at.isoformat() == "2024-03-05T07:30:00+00:00"
    assert made.updated_at.isoformat() == "2024-03-06T07:00:00+00:00"


def test_an_export_without_its_list_reads_the_same():
    document = export(POST)
    assert read(document["db"][0]) == read(document)


def test_the_order_of_tables_and_columns_means_nothing():
    tables = export(dict(reversed(POST.items())))["db"][0]["data"]
    turned = {"db": [{"data": dict(reversed(tables.items()))}]}
    assert read(turned) == read(export(POST))


def test_without_its_address_a_site_s_own_links_become_relative():
    made = only_record(
        base_url="", html='<p><a href="__GHOST_URL__">a</a> <a href="__GHOST_URL__/b/">b</a></p>'
    )
    assert made.body == '<p><a href="/">a</a> <a href="/b/">b</a></p>'
    assert made.image_sources == []
    assert made.extra["ghost"]["feature_image"] == "/content/images/pool.jpg"


@pytest.mark.parametrize(
    ("status", "visibility", "draft"),
    [
        ("published", "public", False),
        ("sent", "public", True),
        ("scheduled", "public", False),
        ("draft", "public", True),
        ("published", "members", True),
        ("published", "paid", True),
        ("published", "tiers", True),
        ("published", "label:vip", True),
        ("sent", "members", True),
        ("published", None, True),
        ("pending", "public", True),
        (None, "public", True),
    ],
)
def test_only_what_everybody_could_read_there_is_public_here(status, visibility, draft):
    assert only_record(status=status, visibility=visibility).draft is draft


def test_what_has_no_date_is_a_draft():
    made = only_record(published_at=None)
    assert (made.draft, made.published_at) == (True, None)


def test_a_scheduled_post_keeps_its_date_in_the_future():
    made = only_record(status="scheduled", published_at="2090-01-01T00:00:00.000Z")
    assert (made.draft, made.published_at.year) == (False, 2090)


@pytest.mark.parametrize(
    "moment", [1_388_318_400_000, "2013-12-29 12:00:00", "2013-12-29T13:00:00.000+01:00"]
)
def test_dates_of_every_version_are_read_as_utc(moment):
    assert only_record(published_at=moment).published_at.isoformat() == "2013-12-29T12:00:00+00:00"


@pytest.mark.parametrize("moment", ["0000-00-00 00:00:00", "2024-02-30", "soon", 10**18, -(10**18)])
def test_a_date_that_is_none_rejects_the_post(moment):
    with pytest.raises(RecordRejected) as rejected:
        only_record(published_at=moment)
    assert rejected.value.code == "bad-date"


def test_a_post_of_the_first_versions_is_read():
    post = {
        "id": 7, "title": "Hello", "slug": "hello", "markdown": "Hi", "html": "<p>Hi</p>", "page": 1,
        "image": "https://img.example.org/1.png", "featured": False, "status": "published",
        "visibility": "public", "language": "en_US", "author_id": 1, "published_at": 1_388_318_400_000,
    }  # fmt: skip
    links = [{"id": 1, "post_id": 7, "tag_id": 3, "sort_order": 0}]
    tables = {"posts_tags": links, "tags": [{"id": 3, "name": "Old"}], "users": [{"id": 1, "name": "Ada"}]}
    (raw,) = read({"data": {"posts": [post], **tables}})
    made = record_of("ghost", raw.raw)
    assert (raw.key, made.payload["type"], made.language) == ("7", "page", "en-US")
    assert (made.authors, made.terms) == (["Ada"], [("topic", "old", "Old")])
    assert made.image_sources == [{"url": "https://img.example.org/1.png"}]


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_post_without_html_is_a_draft_of_its_plain_text(status):
    made = only_record(html=None, status=status)
    assert (made.body, made.body_format, made.draft) == ("A pool keeps them.", "text", True)


_GATE = '<!--kg-gated-block:begin nonMember:{} memberSegment:"status:free" -->'
_END = "<!--kg-gated-block:end-->"
_HIDING, _SHOWING = _GATE.format("false"), _GATE.format("true")


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (f"a{_HIDING}b{_END}c{_SHOWING}d{_END}e{_HIDING}f{_END}", "acde"),
        (f"a{_HIDING}b", "a"),
        (f"a{_SHOWING}b{_HIDING}c{_END}d{_END}e", "abde"),
        (f"a{_HIDING}b{_SHOWING}c{_END}d{_END}e", "ae"),
        (f"a{_END}b", "ab"),
        ("a<!-- kg-gated-block:begin memberSegment:'' -->b", "a"),
        ("a<!-- KG-gated-block:begin\n nonMember:'true' -->b", "ab"),
        ("a<!--kg-gated-block:begin nonMember:true nonMember:false-->b", "a"),
        ("a<!--kg-gated-block:begin nonMember:true", "a"),
    ],
)
def test_what_is_for_members_only_is_cut_out_of_a_public_post(html, shown):
    made = only_record(html=html)
    assert (made.body, made.draft) == (shown, False)


def test_a_post_that_is_for_members_only_from_its_first_to_its_last_word_is_a_draft():
    made = only_record(html=f"{_HIDING}b{_END} ")
    assert (made.body.strip(), made.draft) == ("", True)


def test_what_is_sent_by_mail_alone_is_a_draft_before_it_is_sent_too():
    (raw,) = read(
        export(
            {**POST, "status": "scheduled"},
            posts_meta=[{"post_id": POST["id"], "email_only": 1, "email_subject": "For our members"}],
        )
    )
    made = record_of("ghost", raw.raw)
    assert made.draft
    assert "For our members" not in repr(made)


_PARAGRAPHS = [
    {"type": "paragraph", "children": [
        {"type": "extended-text", "text": "A "},
        {"type": "link", "url": "https://x.org", "children": [{"type": "text", "text": "pool"}]},
        {"type": "linebreak"},
        {"type": "text", "text": "keeps."},
    ]},
    {"type": "image", "src": "x.png"},
    {"type": "codeblock", "code": "pool = 1"},
    {"type": "list", "children": [{"type": "listitem", "children": [{"type": "text", "text": "one"}]}]},
]  # fmt: skip
_SECTIONS = {
    "version": "0.3.1", "markups": [["a"]], "atoms": [],
    "cards": [["image", {"src": "x.png"}], ["markdown", {"markdown": "*one*"}]],
    "sections": [
        [1, "p", [[0, [], 0, "A "], [0, [0], 1, "pool"]]], [10, 0], [3, "ul", [[[0, [], 0, "keeps."]]]],
        [10, 1], [10, 7], [10], [1], 7, [],
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"lexical": json.dumps({"root": {"children": _PARAGRAPHS}})}, "A pool\nkeeps.\n\npool = 1\n\none"),
        ({"lexical": None, "mobiledoc": json.dumps(_SECTIONS)}, "A pool\n\nkeeps.\n\n*one*"),
        ({}, ""),
        ({"lexical": None}, ""),
        ({"lexical": "[1]"}, ""),
    ],
)
def test_a_draft_that_was_never_rendered_has_the_text_of_its_editor(columns, text):
    made = only_record(html=None, plaintext=None, status="draft", **columns)
    assert (made.body, made.body_format, made.draft) == (text, "text", True)


@pytest.mark.parametrize(
    ("source", "code"), [("{", "not-json"), ('{"a":' * 20_000, "too-large"), ('"\\ud800"', "not-json")]
)
def test_a_draft_whose_text_cannot_be_read_is_rejected(source, code):
    raw = only_raw(html=None, plaintext=None, status="draft", lexical=source)
    with pytest.raises(RecordRejected) as rejected_post:
        record_of("ghost", raw.raw)
    assert rejected_post.value.code == code


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(("root", "children", "type", "text", "sections", "cards")), inner)))  # fmt: skip
def test_any_json_of_an_editor_gives_a_text(value):
    source = json.dumps(value)
    assert isinstance(draft_text(source, None) + draft_text(None, source), str)


def test_a_site_in_a_folder_has_its_addresses_there():
    made = only_record(base_url="https://x.org/blog/")
    assert made.aliases == ["/blog/warm-connections/"]
    assert '"https://x.org/blog/pools/"' in made.body


def test_the_editor_s_own_form_of_a_text_does_not_change_a_post_that_has_html():
    assert only_raw(lexical="x", mobiledoc="y").raw == only_raw(lexical=None).raw


def test_a_post_without_any_text_is_rejected_with_the_way_out():
    with pytest.raises(RecordRejected) as rejected:
        only_record(html=None, plaintext=None)
    assert rejected.value.code == "missing-body"
    assert rejected.value.message == (
        "the post has neither html nor plaintext; open it in Ghost and save it, which makes them, and export "
        "again"
    )


def test_a_post_without_a_title_is_named_by_its_first_words():
    assert only_record(title="").title == "A pool keeps them."


def test_the_key_is_the_uuid_else_the_id():
    assert only_raw().key == POST["uuid"]
    assert only_raw(uuid=None).key == POST["id"]
    raw = only_raw(uuid=None, id=None)
    with pytest.raises(RecordRejected) as rejected:
        record_of("ghost", raw.raw)
    assert (raw.key, rejected.value.code) == ("", "missing-key")


def test_a_broken_post_is_rejected_alone():
    good = json.dumps(POST)
    large = "y" * OPTIONS.max_record_bytes
    key = json.dumps({"uuid": "u-2"})[:-1]
    broken = {
        key + r', "html": "\ud800"}': ("illegal-character", "u-2"),
        key + r', "published_at": 1e999}': ("bad-type", "u-2"),
        key + ', "title": ["x"]}': ("bad-type", "u-2"),
        key + ', "x": nil}': ("not-json", "u-2"),
        key + f', "x": {"[" * 10_000}{"]" * 10_000}}}': ("too-large", "u-2"),
        key + f', "x": "{large}"}}': ("too-large", "u-2"),
        f'{{"x": "{large}"}}': ("too-large", ""),
        "[1]": ("not-an-object", ""),
        "7": ("not-an-object", ""),
    }
    raws = read_all("ghost", f'{{"data": {{"posts": [{", ".join([good, *broken, good])}]}}}}')
    assert [(raw.fault.code, raw.fault.key) for raw in raws[1:-1]] == list(broken.values())
    assert [raws[0].key, raws[-1].key] == [POST["uuid"], POST["uuid"]]
    assert all(raw.raw for raw in raws)


def test_a_post_that_cannot_be_read_is_kept_with_its_tags_and_authors_to_be_mended():
    (broken,) = read(export({**POST, "title": ["Warm connections"]}))
    assert broken.fault.code == "bad-type"
    mended = broken.raw.replace(b'["Warm connections"]', b'"Warm connections"')
    assert record_of("ghost", mended) == record_of("ghost", only_raw().raw)
    assert [FORMAT.key_of(raw, OPTIONS) for raw in (broken.raw, mended)] == [POST["uuid"]] * 2


def test_of_a_post_that_is_too_long_so_much_is_kept_that_it_is_seen_to_be_cut():
    text = json.dumps(
        export({**POST, "codeinjection_head": "open-sesame " * 9, "plaintext": "x" * 3 * 2**20})
    )
    (raw,) = read_all("ghost", text)
    reject = rejected(0, raw, raw.fault)
    assert (reject.code, reject.key, len(reject.raw)) == ("too-large", POST["uuid"], 2**20)
    assert reject.raw_bytes > len(reject.raw)
    assert b"Warm connections" in reject.raw
    assert b"open-sesame" not in raw.raw


def test_a_nul_rejects_the_post():
    with pytest.raises(RecordRejected) as rejected:
        only_record(title="a\x00b")
    assert rejected.value.code == "illegal-character"
