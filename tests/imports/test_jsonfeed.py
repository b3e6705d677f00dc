import json
from dataclasses import replace
from typing import Any

import pytest

from imports.deliveries import Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.records import Record
from imports.sources import choose_format
from imports.sources.format import RawRecord
from imports.sources.jsonfeed import FORMAT
from tests.imports.deliveries import OPTIONS, read_all, record_of

VERSION = "https://jsonfeed.org/version/1.1"
ITEM: dict[str, Any] = {
    "id": "https://blog.example.org/pools/",
    "url": "https://www.blog.example.org/pools/?utm_source=feed",
    "external_url": "https://elsewhere.example.com/",
    "title": "Warm connections",
    "content_html": "<p>A pool keeps them.</p>",
    "content_text": "A pool keeps them.",
    "summary": "Why pools help.",
    "image": "https://img.example.org/1.png",
    "banner_image": "https://img.example.org/2.png",
    "date_published": "2024-03-05T08:30:00+01:00",
    "date_modified": "2024-03-06t07:00:00.5z",
    "authors": [{"name": "Ada Example", "url": "https://ada.example.org/"}, {"name": "Bob Example"}],
    "tags": ["Databases", "Pooling"],
    "language": "en-GB",
    "attachments": [{"url": "https://img.example.org/1.mp3", "mime_type": "audio/mpeg"}],
    "_house": {"about": "https://example.org/", "rank": 3},
}
FEED: dict[str, Any] = {
    "version": VERSION,
    "title": "A blog",
    "home_page_url": "https://blog.example.org/",
    "language": "de",
    "authors": [{"name": "Carl Example"}],
    "next_url": "https://blog.example.org/feed.json?page=2",
}
_NEW_VERSION = "is of version 1.1.2 of JSON Feed; versions 1 and 1.1 can be imported."
_NO_ITEMS = "has no list of items, which JSON Feed requires; ask its sender for the whole feed."


def feed(*items: object, **changes: Any) -> dict[str, Any]:
    made = {**FEED, "items": list(items), **changes}
    return {name: value for name, value in made.items() if value is not None}


def read(document: object) -> list[RawRecord]:
    return read_all("jsonfeed", json.dumps(document))


def only_raw(**changes: Any) -> RawRecord:
    (raw,) = read(feed({name: value for name, value in {**ITEM, **changes}.items() if value is not None}))
    return raw


def only_record(**changes: Any) -> Record:
    return record_of("jsonfeed", only_raw(**changes).raw)


def rejection(**changes: Any) -> tuple[str, str]:
    with pytest.raises(RecordRejected) as rejected:
        only_record(**changes)
    return rejected.value.code, rejected.value.message


def refusal(document: object) -> str:
    with pytest.raises(DeliveryRefused) as refused:
        read(document)
    return str(refused.value)


def sight(text: str) -> Sight:
    return Sight("delivery", text.encode()[: 64 * 1024])


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "version", ["https://jsonfeed.org/version/1", VERSION, "http://www.jsonfeed.org/version/1.1/"]
)
def test_a_feed_is_recognized_by_its_version(version, indent):
    document = feed(*[ITEM] * 200, version=version)
    assert choose_format("auto", sight(json.dumps(document, indent=indent))) is FORMAT


@pytest.mark.parametrize(
    "text",
    [
        '{"payload": {"version": "https://jsonfeed.org/version/1.1"}, "title": "t", "body": "b"}',
        '{"version": "1.1", "title": "t", "items": []}',
        '{"title": "https://jsonfeed.org/version/1.1"}',
        '{"version": "https://jsonfeed.org/vers',
        '["https://jsonfeed.org/version/1.1"]',
        "",
    ],
)
def test_other_json_is_not_taken_for_a_feed(text):
    assert not FORMAT.recognizes(sight(text))


def test_a_feed_shows_its_newest_only():
    assert FORMAT.window


def test_an_item_becomes_a_record():
    made = only_record()
    assert made == Record(
        title="Warm connections",
        slug="warm-connections",
        body="<p>A pool keeps them.</p>",
        draft=False,
        language="en-GB",
        authors=["Ada Example", "Bob Example"],
        published_at=made.published_at,
        updated_at=made.updated_at,
        summary="Why pools help.",
        image_sources=[{"url": ITEM["image"]}, {"url": ITEM["banner_image"]}],
        payload={"source_id": ITEM["id"], "generator": "JSON Feed"},
        extra={
            "jsonfeed": {
                "_house": {"about": "https://example.org/", "rank": 3},
                "attachments": ITEM["attachments"],
                "authors": ITEM["authors"],
                "external_url": "https://elsewhere.example.com/",
                "url": ITEM["url"],
            }
        },
        terms=[("tag", "databases", "Databases"), ("tag", "pooling", "Pooling")],
        aliases=["/pools/"],
        attachments=[ITEM["image"]],
    )
    assert made.published_at.isoformat() == "2024-03-05T07:30:00+00:00"
    assert made.updated_at.isoformat() == "2024-03-06T07:00:00.500000+00:00"


def test_what_the_feed_says_holds_for_items_that_say_nothing():
    made = only_record(language=None, authors=None)
    assert (made.language, made.authors) == ("de", ["Carl Example"])


@pytest.mark.parametrize(("told", "language"), [("en_US", "en-US"), ("not a tag", "de")])
def test_a_language_is_read_as_loosely_as_feeds_tell_it(told, language):
    assert only_record(language=told).language == language


def test_a_title_that_is_a_whole_text_is_cut_and_kept_beside():
    told = "A short post. " * 30
    made = only_record(title=told)
    assert made.title == "A short post. " * 21 + "A…"
    assert made.extra["jsonfeed"]["title"] == told.strip()


def test_the_author_of_version_1_is_read():
    (raw,) = read(feed({**ITEM, "authors": None, "author": {"name": "Ada"}}, version=VERSION[:-2]))
    assert record_of("jsonfeed", raw.raw).authors == ["Ada"]


def test_the_order_of_members_means_nothing():
    turned = feed(dict(reversed(ITEM.items())))
    assert read(dict(reversed(turned.items()))) == read(feed(ITEM))


@pytest.mark.parametrize(
    ("url", "aliases"),
    [
        ("https://BLOG.example.org/a%20b/", ["/a b/"]),
        ("https://archive.example.net/old", ["/old"]),
        ("https://blog.example.org/item?id=5", []),
        ("https://elsewhere.example.com/a/", []),
        ("https://blog.example.org.evil.example/a/", []),
        ("mailto:ada@blog.example.org", []),
        ("https://[", []),
        (None, []),
    ],
)
def test_only_an_address_of_the_feed_s_own_site_is_an_old_path(url, aliases):
    options = replace(OPTIONS, base_url="https://archive.example.net")
    assert record_of("jsonfeed", only_raw(url=url).raw, options).aliases == aliases


def test_text_is_no_html():
    made = only_record(content_html=None, content_text="1 < 2", title=None)
    assert (made.body, made.body_format, made.title) == ("1 < 2", "text", "1 < 2")


def test_an_item_without_a_title_is_named_by_its_first_words():
    made = only_record(title=None, content_html="<p>One two three four five six <b>seven</b> eight nine</p>")
    assert made.title == "One two three four five six seven eight…"


def test_an_image_that_is_no_address_is_kept_beside():
    made = only_record(image="/images/1.png")
    assert made.image_sources == [{"url": ITEM["banner_image"]}]
    assert made.extra["jsonfeed"]["image"] == "/images/1.png"


def test_a_date_without_an_offset_is_of_the_zone_that_the_options_name():
    raw = only_raw(date_published="2024-07-01T12:00:00").raw
    assert record_of("jsonfeed", raw, replace(OPTIONS, zone="Europe/Berlin")).published_at.hour == 10


def test_an_item_that_tells_only_its_change_is_published_then():
    made = only_record(date_published=None)
    assert made.published_at == made.updated_at


def test_an_item_without_a_date_is_a_draft():
    assert only_record(date_published=None, date_modified=None).draft


@pytest.mark.parametrize(("ident", "key"), [(7, "7"), (1.5, "1.5"), ("a b", "a b"), (10**30, str(10**30))])
def test_an_id_that_is_a_number_is_made_text(ident, key):
    raw = only_raw(id=ident)
    assert (raw.key, record_of("jsonfeed", raw.raw).payload["source_id"]) == (key, key)


def test_an_item_without_an_id_is_rejected():
    assert rejection(id=None) == ("missing-key", "the item has no id")
    assert rejection(id="") == ("missing-key", "the item has no id")
    assert rejection(id=["a"]) == ("bad-type", "id must be a string, not a list")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"content_html": None, "content_text": " "}, "missing-body"),
        ({"content_html": 7}, "bad-type"),
        ({"title": ["a"]}, "bad-type"),
        ({"authors": "Ada"}, "bad-type"),
        ({"authors": ["Ada"]}, "bad-type"),
        ({"tags": "a, b"}, "bad-type"),
        ({"url": 7}, "bad-type"),
        ({"image": {"url": "a"}}, "bad-type"),
        ({"language": 7}, "bad-type"),
        ({"date_published": "2024-02-30T00:00:00Z"}, "bad-date"),
        ({"date_modified": "0000-00-00T00:00:00Z"}, "bad-date"),
        ({"_house": {"name": "a\x00b"}}, "illegal-character"),
        ({"id": "a\x00b"}, "illegal-character"),
    ],
)
def test_a_wrong_value_rejects_its_item(changes, code):
    assert rejection(**changes)[0] == code


def test_a_broken_item_is_rejected_alone():
    good = json.dumps(ITEM)
    broken = {
        r'{"id": "a", "title": "\ud800"}': ("illegal-character", "a"),
        '{"id": "b", "x": nil}': ("not-json", "b"),
        '{"id": "c", "x": 1e999}': ("bad-type", "c"),
        f'{{"id": "d", "_x": {"[" * 200}{"]" * 200}}}': ("too-large", "d"),
        f'{{"id": "e", "_x": {"[" * 10_000}{"]" * 10_000}}}': ("too-large", "e"),
        f'{{"id": "f", "x": "{"y" * OPTIONS.max_record_bytes}"}}': ("too-large", "f"),
        "[1]": ("not-an-object", ""),
        "7": ("not-an-object", ""),
    }
    start = json.dumps(FEED)[:-1]
    raws = read_all("jsonfeed", f'{start}, "items": [{", ".join([good, *broken, good])}]}}')
    assert [(raw.fault.code, raw.fault.key) for raw in raws[1:-1]] == list(broken.values())
    assert [raws[0].key, raws[-1].key] == [ITEM["id"], ITEM["id"]]


def test_of_an_item_that_is_too_long_the_beginning_is_kept():
    long = json.dumps({"id": "l", "content_text": "y" * 1_200_000})
    (raw,) = read_all("jsonfeed", f'{json.dumps(FEED)[:-1]}, "items": [{long}]}}')
    kept = json.loads(raw.raw)["item"]
    assert (raw.fault.code, raw.fault.key, len(kept)) == ("too-large", "l", 1024 * 1024 + 1)
    assert long.startswith(kept)


def test_an_item_that_cannot_be_read_is_kept_for_a_person_to_mend():
    (raw,) = read_all("jsonfeed", f'{json.dumps(FEED)[:-1]}, "items": [{{"id": "b", "title": nil}}]}}')
    assert json.loads(raw.raw)["item"] == '{"id": "b", "title": nil}'
    with pytest.raises(RecordRejected) as again:
        record_of("jsonfeed", raw.raw)
    assert (raw.key, again.value.message) == ("", raw.fault.message)
    mended = raw.raw.replace(b"nil", rb"\"B\", \"content_text\": \"b\"")
    assert FORMAT.key_of(mended, OPTIONS) == "b"
    made = record_of("jsonfeed", mended)
    assert (made.title, made.body, made.language) == ("B", "b", "de")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"version": None}, "names no version of JSON Feed; versions 1 and 1.1 can be imported."),
        (
            {"version": f"{VERSION[:-3]}2"},
            "is of version 2 of JSON Feed; versions 1 and 1.1 can be imported.",
        ),
        ({"title": None}, "has no title, which JSON Feed requires; add one to the feed."),
        ({"title": " "}, "has no title, which JSON Feed requires; add one to the feed."),
        ({"items": None}, _NO_ITEMS),
        ({"items": {"a": 1}}, _NO_ITEMS),
        (
            {"language": 7},
            "breaks the rules of JSON Feed: Expected `str`, got `int` - at `$.language`. Correct the feed.",
        ),
        ({"title": "a" * 100_000}, "has a title that cannot be read: it is too long. Correct the feed."),
    ],
)
def test_a_feed_without_what_the_format_requires_is_refused(changes, complaint):
    assert refusal(feed(ITEM, **changes)) == f"delivery {complaint}"


def test_a_feed_that_is_cut_off_or_no_object_is_refused():
    assert refusal([ITEM]).startswith("delivery is no object, so it is no JSON Feed")
    with pytest.raises(DeliveryRefused, match="near line 1 it ends too early"):
        read_all("jsonfeed", json.dumps(feed(ITEM))[:-20])
