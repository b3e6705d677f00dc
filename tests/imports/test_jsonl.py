import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import DeliveryRefused, RecordRejected
from imports.records import Record
from imports.sources.format import RawRecord, ReadOptions
from tests.imports.deliveries import OPTIONS, RECORD, read_all, record, record_of


def read(content: bytes, options: ReadOptions = OPTIONS) -> list[RawRecord]:
    return read_all("jsonl", content, options)


CODES = {
    "not-json",
    "not-an-object",
    "missing-key",
    "missing-title",
    "missing-body",
    "bad-date",
    "bad-type",
    "too-large",
    "bad-url",
    "illegal-character",
}


def outcome(raw: bytes) -> str:
    try:
        return "a record" if type(record_of("jsonl", raw)) is Record else "something else"
    except RecordRejected as rejected:
        return rejected.code


def refusal(values: object) -> tuple[str, str]:
    raw = values if isinstance(values, bytes) else json.dumps(values).encode()
    with pytest.raises(RecordRejected) as caught:
        record_of("jsonl", raw)
    return caught.value.code, caught.value.message


def test_a_whole_record_keeps_every_field_in_its_place():
    made = record_of("jsonl", json.dumps(RECORD | {"anything": {"else": [1]}}).encode())
    assert (made.title, made.slug, made.draft) == (
        "Pooling connections without regret",
        "pooling-connections",
        False,
    )
    assert made.published_at.isoformat() == "2024-03-05T07:30:00+00:00"
    assert made.authors == ["Ada Example"]
    assert made.topic_path == "Databases / PostgreSQL"
    assert made.terms == [
        ("topic", "databases", "Databases"),
        ("stack", "postgresql", "PostgreSQL"),
        ("stack", "django", "Django"),
        ("tool", "pgbouncer", "PgBouncer"),
        ("language", "python", "python"),
        ("tag", "pooling", "Pooling"),
        ("entity", "pgbouncer", "PgBouncer"),
    ]
    assert made.aliases == ["/old/pooling/"]
    assert made.view_count == 12
    assert made.extra == {"anything": {"else": [1]}}


def test_lines_are_counted_with_blank_ones_and_a_byte_order_mark_is_passed_over():
    one, two = json.dumps(record("a-1")).encode(), json.dumps(record("a-2")).encode()
    found = read(b"\xef\xbb\xbf" + one + b"\r\n\n  \n" + two)
    assert [(raw.line, raw.key, raw.raw) for raw in found] == [(1, "a-1", one), (4, "a-2", two)]


def test_a_line_over_the_limit_is_one_reject_and_the_next_line_is_read():
    long = b'{"payload": {"source_id": "big"}, "body": "' + b"x" * 500 + b'"}'
    found = read(long + b"\n" + b'{"payload": {"source_id": "small"}}\n', ReadOptions(200, "test.jsonl"))
    assert [(raw.line, raw.key, raw.fault and raw.fault.code) for raw in found] == [
        (1, "", "too-large"),
        (2, "small", None),
    ]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"payload": {}}, "missing-key", "the record has no payload.source_id"),
        ({"payload": {"source_id": 7}}, "bad-type", "payload.source_id must be a string"),
        (
            {"payload": {"source_id": "k" * 201}},
            "too-large",
            "payload.source_id has 201 characters, at most 200 are allowed",
        ),
        ({"title": "  "}, "missing-title", "the record has no title"),
        ({"title": 5}, "bad-type", "title must be a string, not a number"),
        ({"title": "x" * 301}, "too-large", "title has 301 characters, at most 300 are allowed"),
        ({"body": None}, "missing-body", "the record has no body"),
        ({"body": " \n"}, "missing-body", "the record's body is empty"),
        (
            {"published_at": "2023-02-30T00:00:00Z"},
            "bad-date",
            "published_at is no ISO 8601 date and time: '2023-02-30T00:00:00Z'",
        ),
        (
            {"published_at": "2023-02-03T00:00:00"},
            "bad-date",
            "published_at has no offset from UTC: '2023-02-03T00:00:00'; "
            "write it as in 2023-02-03T00:00:00+00:00",
        ),
        (
            {"updated_at": "0001-01-01T00:00:00+05:00"},
            "bad-date",
            "updated_at is outside the years 1 to 9999: '0001-01-01T00:00:00+05:00'",
        ),
        (
            {"revision": {"last_reviewed": "soon"}},
            "bad-date",
            "revision.last_reviewed is no ISO 8601 date: 'soon'",
        ),
        ({"tags": ["a", 1]}, "bad-type", "tags[1] must be a string, not a number"),
        ({"stack": "Django"}, "bad-type", "stack must be a list of strings, not a string"),
        ({"entities": [{"type": "tool"}]}, "bad-type", "entities[0].name must be a string, not null"),
        ({"score": {"depth": 101}}, "bad-type", "score.depth must be a number from 0 to 100"),
        ({"flags": {"has_images": 2}}, "bad-type", "flags.has_images must be 0, 1, true or false"),
        (
            {"body_format": "rtf"},
            "bad-type",
            "body_format must be one of html, markdown, text, not 'rtf'",
        ),
        ({"reading_time": -1}, "bad-type", "reading_time must be a whole number from 0 to 2147483647"),
        (
            {"language": "english language"},
            "bad-type",
            "language must be a BCP 47 tag such as en or pt-BR, not 'english language'",
        ),
        (
            {"image_sources": [{"url": "javascript:alert(1)"}]},
            "bad-url",
            "image_sources[0].url must begin with http:// or https://, not 'javascript:alert(1)'",
        ),
        (
            {"aliases": ["/" + "x" * 1000]},
            "too-large",
            "aliases holds a path of 1001 characters, at most 1000 are allowed",
        ),
        ({"summary": "a\x00b"}, "illegal-character", "summary holds a NUL or half a surrogate pair"),
        (
            {"payload": {"source_id": "a", "x": ["\x00"]}},
            "illegal-character",
            "payload holds a NUL or half a surrogate pair",
        ),
        ({"title": "half \ud83d a pair"}, "illegal-character", "title holds a NUL or half a surrogate pair"),
    ],
)  # fmt: skip
def test_a_broken_rule_has_its_code_and_one_sentence(changes, code, message):
    assert refusal({**RECORD, **changes}) == (code, message)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"title": "cut off', "not-json"),
        (b'{"title": "\xff"}', "not-json"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "not-json"),
        (b'{"payload": {"source_id": "x", "deep": ' + b"[" * 150 + b"]" * 150 + b"}}", "too-large"),
        (b"[1, 2]", "not-an-object"),
        (b"null", "not-an-object"),
    ],
)
def test_a_line_that_is_no_object_is_rejected(raw, code):
    assert refusal(raw)[0] == code


def test_an_unknown_review_state_asks_for_review_and_is_kept():
    made = record_of(
        "jsonl", json.dumps(RECORD | {"revision": {"status": "signed off", "by": "Ada"}}).encode()
    )
    assert (made.review_status, made.extra) == (
        "needs-review",
        {"revision": {"status": "signed off", "by": "Ada"}},
    )


def test_a_record_without_a_date_is_a_draft():
    values = {name: value for name, value in RECORD.items() if name != "published_at"}
    made = record_of("jsonl", json.dumps(values).encode())
    assert (made.draft, made.published_at) == (True, None)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"payload": {"source_id": 7}}', "7"),
        (b'{"payload": {"source_id": "a-9"}, "title": "cut', "a-9"),
        (b'{"title": "no key"}', ""),
    ],
)
def test_a_reject_tells_the_key_where_it_can_be_seen(raw, key):
    with pytest.raises(RecordRejected) as caught:
        record_of("jsonl", raw)
    assert caught.value.key == key


def test_empty_values_are_absent_ones():
    values = RECORD | {
        "score": {"quality": None},
        "language": "",
        "image_sources": [{"source": "unsplash", "url": ""}],
        "revision": {"status": "reviewed", "version": 3},
    }
    made = record_of("jsonl", json.dumps(values).encode())
    assert (made.language, made.review_version, made.image_sources) == (
        "en",
        "3",
        [{"source": "unsplash", "url": ""}],
    )


def test_an_encoded_alias_is_kept_as_requests_come():
    made = record_of("jsonl", json.dumps(RECORD | {"aliases": ["/caf%C3%A9/"]}).encode())
    assert made.aliases == ["/café/"]
    assert refusal({**RECORD, "aliases": ["/a%00b"]}) == (
        "illegal-character",
        "aliases holds a NUL or half a surrogate pair",
    )


def test_languages_that_differ_by_a_sign_are_different_terms():
    values = RECORD | {"tools": ["C", "C++", "C#"], "tags": [], "stack": [], "entities": []}
    made = record_of("jsonl", json.dumps(values).encode())
    assert [term for term in made.terms if term[0] == "tool"] == [
        ("tool", "c", "C"),
        ("tool", "c-plus-plus", "C++"),
        ("tool", "c-sharp", "C#"),
    ]


@pytest.mark.parametrize("telling", [{"draft": True}, {"status": "draft"}])
def test_what_calls_itself_a_draft_is_one_and_keeps_saying_so(telling):
    made = record_of("jsonl", json.dumps(RECORD | telling).encode())
    assert (made.draft, made.extra) == (True, telling)


@pytest.mark.parametrize("telling", [{"draft": False}, {"status": "published"}, {"draft": "no"}])
def test_what_does_not_call_itself_a_draft_is_none(telling):
    assert not record_of("jsonl", json.dumps(RECORD | telling).encode()).draft


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("हिन्दी में क्‍षमा", "हिन्दी-में-क्षमा"),
        ("தமிழ் மொழி!", "தமிழ்-மொழி"),
        ("ภาษาไทย, ง่าย", "ภาษาไทย-ง่าย"),
        ("Ｆｕｌｌ  Wi\u0302dth ①", "full-wîdth-1"),
        ("I ❤️ 1\ufe0f\u20e3 -- it_", "i-1-it"),
        ("\u093f \u0301", ""),
        ("ि" * 3 + "क" + "ि" * 250, "क" + "ि" * 199),
    ],
)
def test_letters_keep_their_vowel_signs_in_slugs(title, slug):
    made = record_of("jsonl", json.dumps(RECORD | {"title": title, "slug": "", "tags": [title]}).encode())
    assert made.slug == slug
    assert [term[1] for term in made.terms if term[0] == "tag"] == ([slug] if slug else [])


def test_an_absolute_alias_keeps_its_path_alone():
    made = record_of(
        "jsonl", json.dumps(RECORD | {"aliases": ["https://old.example.org/a/b", "c/d", "/"]}).encode()
    )
    assert made.aliases == ["/a/b", "/c/d"]


def test_an_address_with_a_query_is_no_alias_and_kept_beside():
    aliases = ["/item.php?id=5", "/a/?utm_source=feed&utm_medium=rss", "/a/", "?p=7", "/b?&"]
    made = record_of("jsonl", json.dumps(RECORD | {"aliases": aliases}).encode())
    assert (made.aliases, made.extra) == (["/a/", "/b"], {"aliases": ["/item.php?id=5", "?p=7"]})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
field_names = st.sampled_from(
    [*RECORD, "updated_at", "revision", "flags", "image_sources", "language", "notes"]
)


@given(st.dictionaries(field_names, json_values))
def test_whatever_the_fields_hold_it_is_a_record_or_a_reject(values):
    assert outcome(json.dumps({**RECORD, **values}).encode()) in {"a record", *CODES}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_line_by_line_without_a_fault(content):
    with suppress(DeliveryRefused):
        assert {outcome(raw.raw) for raw in read(content)} <= CODES
