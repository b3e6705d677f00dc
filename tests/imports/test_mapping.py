import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import DeliveryRefused, RecordRejected
from imports.fields import FIELDS
from imports.mapping import MappingRefused, load_mapping, read_mapping
from imports.mapping_names import path_of
from imports.reading import Rules
from imports.records import read_record
from imports.sources.format import RawRecord, ReadOptions
from tests.imports.deliveries import OPTIONS, RECORD, read_all

GUIDE = (settings.BASE_DIR / "docs" / "mapping.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
LANGUAGES = [language for language, _ in BLOCKS]


def examples(*languages: str) -> list[list[str]]:
    """Blocks of the guide that follow each other in these languages."""
    size = len(languages)
    starts = [at for at in range(len(BLOCKS)) if LANGUAGES[at : at + size] == list(languages)]
    return [[text for _, text in BLOCKS[at : at + size]] for at in starts]


def apply(text: str, values: dict[str, Any], **options: str) -> dict[str, Any]:
    return read_mapping(text, **options).apply(values)


def faults(text: str) -> list[str]:
    with pytest.raises(MappingRefused) as caught:
        read_mapping(text)
    return list(caught.value.faults)


def rejection(text: str, values: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(RecordRejected) as caught:
        apply(text, values)
    return caught.value.code, caught.value.message


def test_every_block_of_the_guide_belongs_to_an_example():
    kinds = (("toml", "json", "json"), ("toml", "text"), ("csv", "toml", "json"))
    assert sum(len(kind) * len(examples(*kind)) for kind in kinds) == len(BLOCKS)
    assert [len(examples(*kind)) for kind in kinds] == [7, 1, 1]


@pytest.mark.parametrize(("mapping", "before", "after"), examples("toml", "json", "json"))
def test_an_example_of_the_guide_does_what_it_says(mapping, before, after):
    assert apply(mapping, json.loads(before)) == json.loads(after)


@pytest.mark.parametrize(("mapping", "message"), examples("toml", "text"))
def test_a_refusal_of_the_guide_is_the_one_that_is_shown(mapping, message):
    with pytest.raises(MappingRefused) as caught:
        read_mapping(mapping, name="press.toml")
    assert f"{caught.value}\n" == message


@pytest.mark.parametrize(("table", "mapping", "after"), examples("csv", "toml", "json"))
def test_a_table_of_the_guide_becomes_what_it_says(table, mapping, after):
    options = ReadOptions(OPTIONS.max_record_bytes, "press.csv", key="id")
    [row] = read_all("csv", table, options)
    values = json.loads(after)
    assert Rules("csv", options, read_mapping(mapping)).read_record(row.raw) == read_record(values)


def test_the_guide_lists_the_fields_that_there_are():
    table = re.search(r"<!-- fields -->\n(.*?)<!-- /fields -->", GUIDE, re.DOTALL).group(1)
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert {name: kind for kind, names in rows for name in re.findall(r"`(.*?)`", names)} == {
        name: kind.value for name, kind in FIELDS.items()
    }


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_one_that_the_rules_of_records_know(name):
    """What they do not know they keep in `extra`; what they know they check, so that a date is refused."""
    outer, *inner = path_of(name)
    values = {"title": "-", "body": "-", outer: {inner[0]: object()} if inner else object()}
    if outer == "ai_outline" and inner:
        assert read_record(values).extra == {}
        return
    with pytest.raises(RecordRejected, match=re.escape(name)):
        read_record(values)


def test_a_mapping_leaves_what_it_was_given_alone():
    given_values = {"meta": {"a": 1, "b": 2}, "score": {"depth": 1}, "tags": ["x,y"]}
    before = json.loads(json.dumps(given_values))
    apply('rename.meta.a = "extra.a"\nset.score.quality = 3\nsplit.tags = ","', given_values)
    assert given_values == before


def test_names_can_be_swapped_and_a_key_with_dots_goes_before_a_way_inwards():
    swapped = 'rename = {title = "summary", summary = "title"}'
    assert apply(swapped, {"title": "a", "summary": "b"}) == {"title": "b", "summary": "a"}
    dotted = 'rename."seo.title" = "title"'
    assert apply(dotted, {"seo.title": "flat"}) == {"title": "flat"}
    assert apply(dotted, {"seo": {"title": "deep", "x": 1}}) == {"title": "deep", "seo": {"x": 1}}
    assert apply(dotted, {"seo": "neither"}) == {"seo": "neither"}


def test_a_record_that_holds_the_new_name_already_is_rejected_unless_it_is_empty():
    mapping = 'rename.headline = "title"'
    assert apply(mapping, {"headline": "New", "title": " "}) == {"title": "New"}
    assert apply(mapping, {"headline": "", "title": "Old"}) == {"title": "Old"}
    assert rejection(mapping, {"headline": "New", "title": "Old"}) == (
        "bad-type",
        "headline cannot be renamed to title, which the record has already; "
        "let the mapping drop or rename title too",
    )
    assert apply(f'drop = ["title"]\n{mapping}', {"headline": "New", "title": "Old"}) == {"title": "New"}


def test_only_records_with_a_value_from_the_list_keep_their_date():
    mapping = "[public]\nmeta.live = [true]\nkind = ['post', 7]"
    date = "2024-01-01T00:00:00Z"
    for kind, live, public in (
        ("post", True, True),
        (7, True, True),
        ("post", False, False),
        ("page", True, False),
    ):
        values = {"published_at": date, "kind": kind, "meta": {"live": live}}
        assert ("published_at" in apply(mapping, values)) is public
    assert apply(mapping, {"published_at": date}) == {}
    # Not even a date that the mapping itself gives makes it public.
    assert apply(f"{mapping}\n[set]\npublished_at = {date}", {}) == {}


def test_dates_without_an_offset_take_the_zone_of_the_rule_or_of_the_command():
    mapping = 'rename = {made = "published_at", changed = "updated_at"}\ndates.updated_at.zone = "Asia/Tokyo"'
    values = {"made": "2024-07-05 08:30", "changed": "2024-07-05 08:30"}
    assert apply(mapping, values, zone="Europe/Zurich") == {
        "published_at": "2024-07-05T08:30:00+02:00",
        "updated_at": "2024-07-05T08:30:00+09:00",
    }


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ('{format = "unix"}', "1720170000.5", "2024-07-05T09:00:00.500000+00:00"),
        ('{format = "unix-ms"}', 1720170000000, "2024-07-05T09:00:00+00:00"),
        ('{format = "%d %B %Y %I:%M %p %z"}', "5 July 2024 08:30 PM -0500", "2024-07-05T20:30:00-05:00"),
        ('{zone = "America/New_York"}', "2024-07-05", "2024-07-05T00:00:00-04:00"),
        ('{zone = "America/New_York"}', "2024-07-05T08:00Z", "2024-07-05T08:00:00+00:00"),
    ],
)
def test_a_date_is_read_by_its_rule(rule, value, expected):
    assert apply(f"dates.published_at = {rule}", {"published_at": value}) == {"published_at": expected}


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ('{format = "%y%j"}', "24367", ("bad-date", "published_at is no date of the form %y%j: '24367'")),
        ('{format = "unix"}', 1e300, ("bad-date", "published_at is no date of the form unix: '1e+300'")),
        ('{format = "unix"}', "nan", ("bad-date", "published_at is no date of the form unix: 'nan'")),
        ('{zone = "UTC"}', "soon", ("bad-date", "published_at is no date in ISO 8601: 'soon'")),
        ('{zone = "UTC"}', 5, ("bad-type", "published_at must be a string, not a number")),
        ('{format = "unix"}', True, ("bad-type", "published_at must be a string, not true or false")),
    ],
)  # fmt: skip
def test_what_is_no_such_date_rejects_its_record(rule, value, expected):
    assert rejection(f"dates.published_at = {rule}", {"published_at": value}) == expected


def test_a_part_of_what_is_no_object_cannot_be_set():
    assert rejection("set.score.quality = 5", {"score": "high"}) == (
        "bad-type",
        "score must be an object, not a string",
    )


def test_renamed_texts_that_say_no_number_are_left_for_the_rules_to_refuse_by_name():
    values = apply('rename = {n = "view_count", f = "flags.has_images"}', {"n": "many", "f": "TRUE"})
    assert values == {"view_count": "many", "flags": {"has_images": True}}


# Rules, and below them, indented, what is said of them.
WRONG = r"""
title =
    it is not TOML: Invalid value (at end of document); mend that first

renam.a = 'b'
    renam: is no part of a mapping; did you mean rename?

set = 5
    set: must be a table; begin it with [set]

drop = 'guid'
    drop: must be a list of names; write it as in drop = ["guid", "meta.editor"]

rename.a = 'b'
    rename.a: b is no field; docs/mapping.md lists the fields, or write extra.b to keep it beside

rename.a = 'quality'
    rename.a: quality is no field; did you mean score.quality? Or write extra.quality to keep it beside

rename.a = 5
    rename.a: must be the name of a field in quotes; write it as in headline = "title"

rename.payload = 'extra.p'
    rename.payload: holds the key of the article (payload.source_id), which no mapping may move; rename what is beside it

rename.a = 'payload.source_id'
    rename.a: payload.source_id is the key of the article, which no mapping may change; name its place with --key

rename.a = 'extra.title'
    rename.a: extra.title would hide the field title; write title or another name

rename.a = 'extra.'
    rename.a: extra. is no name of a field; docs/mapping.md lists the fields

rename = {a = 'title', b = 'title'}
    rename.b: title is what a becomes; keep one of them

rename = {a = 'score', b = 'score.depth'}
    rename.b: score.depth lies within score, which a becomes; keep one of them

rename = {a.b = 'title', 'a.b' = 'body'}
    rename.a.b: is written twice; keep one

rename.a = 'title'
drop.a = 1
    drop: must be a list of names; write it as in drop = ["guid", "meta.editor"]

drop = ['a']
rename.a = 'title'
    drop: a is renamed, so there is nothing to drop; take one of them away

set.slug = 'a'
default.slug = 'b'
    default.slug: is set in any case; take one of them away

public.status = 'live'
    public.status: must be a list of the values of public articles; write it as in ["publish", "live"]

split.title = ','
    split.title: is a text, and only a list can be cut from a text; take it away

split.tags = ''
    split.tags: must be the text between two items; write it as in tags = ","

values.topic = 'x'
    values.topic: must be a table of old and new values; write it as in values.topic."Old" = "New"

values.score.depth.A = 900
    values.score.depth: "A" cannot become 900: score.depth must be a number from 0 to 100

values.tags.A = 5
    values.tags: "A" cannot become 5: tags[0] must be a string, not a number

values.updated_at.A = '2024-01-01'
    values.updated_at: "A" cannot become '2024-01-01': of dates only the meaningless are translated, to ""; describe the others under dates

dates.title.zone = 'UTC'
    dates.title: is a text; dates are published_at, updated_at, revision.last_reviewed and extras

dates.updated_at = 'unix'
    dates.updated_at: says nothing; write it as in {format = "%d.%m.%Y", zone = "Europe/Zurich"}

dates.updated_at = {form = 'unix', zone = 5}
    dates.updated_at: form is not known here; write format or zone
    dates.updated_at: zone must be a text in quotes

dates.updated_at.format = '%d.%m.'
    dates.updated_at: format has no year; write it as in "%d.%m.%Y %H:%M", or "unix" for seconds since 1970

dates.updated_at.format = '%d.%m.%Y %Z'
    dates.updated_at: format has %Z, and such letters tell no offset for sure; write them out, and name a zone

dates.updated_at.format = '%m/%Y'
    dates.updated_at: format tells no whole date; it needs a day, a month and a year

dates.updated_at.format = '%d.%m.%Y %I'
    dates.updated_at: format has hours up to 12 (%I) but not which half of the day; add %p, or write %H

dates.updated_at.format = '%Y %Q'
    dates.updated_at: format is none that strptime of Python knows ('Q' is a bad directive in format '%Y %Q'); write it as in %d.%m.%Y %H:%M

dates.updated_at = {format = 'unix', zone = 'UTC'}
    dates.updated_at: zone means nothing where the format tells the offset itself; take it away

dates.revision.last_reviewed.zone = 'UTC'
    dates.revision.last_reviewed: zone means nothing for a day; take it away

set.language = 'english!'
    set.language: language must be a BCP 47 tag such as en or pt-BR, not 'english!'

set.updated_at = 2024-01-01T00:00:00
    set.updated_at: updated_at has no offset from UTC: '2024-01-01T00:00:00'; write it as in 2024-01-01T00:00:00+00:00

set.extra.a = inf
    set.extra.a: the number is too large, or none; write one below 9 * 10**18

set.title = "a\u0000"
    set.title: title holds a NUL or half a surrogate pair
"""  # noqa: E501 - a fault is one sentence


def wrong_mappings() -> list[tuple[str, list[str]]]:
    found = []
    for case in WRONG.strip().split("\n\n"):
        lines = case.splitlines()
        indented = [line.strip() for line in lines if line.startswith("    ")]
        found.append(("\n".join(line for line in lines if line[0] != " "), indented))
    return found


def test_a_mapping_without_a_rule_is_refused():
    fault = "it holds no rule; write one of public, rename, drop, split, values, dates, default, set"
    assert faults("") == faults("# nothing") == faults("[rename]") == [fault]


@pytest.mark.parametrize(("text", "expected"), wrong_mappings())
def test_what_is_wrong_with_a_mapping_is_told_with_its_place_and_its_remedy(text, expected):
    assert faults(text) == expected


def test_a_mapping_that_would_take_long_or_deep_to_read_is_refused():
    assert faults("# " + "a" * 300_000) == ["it is longer than 262144 bytes; is it the right file?"]
    assert faults("a." * 6000 + "b = 1") == ["line 1 is longer than 10000 characters; break it"]
    assert faults("set.extra.a = " + "[" * 5000) == ["it is nested too deeply; no rule needs that"]
    assert faults("rename." + "a." * 4000 + "a = 'title'") == ["it is nested too deeply; no rule needs that"]


def test_a_file_that_cannot_be_read_is_refused_with_its_path(tmp_path: Path):
    missing = tmp_path / "missing.toml"
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"set.title = '\xe9'")
    good = tmp_path / "good.toml"
    good.write_bytes(b"\xef\xbb\xbfset.language = 'de'\r\n")
    for path, fault in (
        (missing, "the file cannot be read: No such file or directory; check its path"),
        (tmp_path, "the file cannot be read: Is a directory; check its path"),
        (latin, "byte 13 is not UTF-8; save the file as UTF-8"),
    ):
        with pytest.raises(DeliveryRefused) as caught:
            load_mapping(path)
        assert str(caught.value) == f"{path} cannot be used: 1 place must be mended.\n  {fault}"
    assert load_mapping(good).apply({}) == {"language": "de"}


def test_the_digest_is_of_the_rules_and_not_of_how_they_are_written():
    one = "# a\n[set]\nlanguage = 'de'\nscore = {depth = 1}\n[rename]\na.b = 'title'\n"
    two = "rename.'a.b' = \"title\"\n[set]\nscore.depth = 1 # b\nlanguage = 'de'\n"
    digest = read_mapping(one).digest
    assert len(digest) == 16
    assert read_mapping(two).digest == digest
    assert read_mapping("drop = ['a', 'b']").digest == read_mapping("drop = ['b', 'a']").digest
    others = [one.replace("'de'", "'fr'"), one.replace("set", "default"), one.replace("a.b", "a.c")]
    assert len({digest, *(read_mapping(other).digest for other in others)}) == 4


def test_a_mapping_is_the_same_in_another_process():
    mapping = read_mapping("\n".join(text for text, *_ in examples("toml", "json", "json")[-2:]))
    assert pickle.loads(pickle.dumps(mapping)) == mapping  # noqa: S301 - it was written here


def test_rules_of_a_format_apply_a_mapping_before_those_of_the_record():
    raw = json.dumps(RECORD | {"title": None, "headline": "From the source", "topic": "Tech"}).encode()
    rules = Rules(
        "jsonl", OPTIONS, read_mapping("rename.headline = 'title'\nvalues.topic.Tech = 'Technology'")
    )
    made = rules.read_record(raw)
    assert (made.title, made.topic_path, made.extra) == ("From the source", "Technology", {})
    raw_record = RawRecord(1, "a-1", raw)
    assert raw_record.digest(rules.digest()) != raw_record.digest(Rules("jsonl", OPTIONS).digest())


SCALARS = st.none() | st.text(max_size=5) | st.integers() | st.booleans() | st.floats()
WORDS = st.sampled_from(["title", "tags", "extra.a", "payload.x", "%d.%m.%Y", "UTC", "unix"])
KEYS = st.sampled_from(["a", "A.b", "depth", ""])


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=6,
    )


SECTIONS = st.sampled_from(
    [*["public", "rename", "drop", "split", "values", "dates", "default", "set", "other"]]
)
NAMES = st.sampled_from([*FIELDS, "extra.a", "extra.a.b", "payload.x", "format", "zone", "a", "a.b", ""])
RULES = st.dictionaries(NAMES, nested(SCALARS.filter(lambda value: value is not None) | WORDS), max_size=3)
OUTER_NAMES = st.sampled_from(sorted({name.split(".")[0] for name in FIELDS}))
RECORDS = st.dictionaries(NAMES | OUTER_NAMES, nested(SCALARS), max_size=5)


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {as_toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value).lower() if isinstance(value, bool | float) else json.dumps(value)


def outcome(text: str, values: dict[str, Any]) -> str:
    try:
        mapping = read_mapping(text)
    except MappingRefused as refusal:
        return "refused" if refusal.faults else "refused without a fault"
    try:
        return "a record" if type(mapping.apply(values)) is dict else "something else"
    except RecordRejected as rejected:
        return rejected.code


OUTCOMES = {"a record", "refused", "bad-date", "bad-type"}


@given(st.dictionaries(SECTIONS, RULES, max_size=3), RECORDS)
def test_any_mapping_is_refused_or_turns_any_record_into_one_or_a_rejection(document, values):
    text = "\n".join(f"{section} = {as_toml(content)}" for section, content in document.items())
    assert outcome(text, values) in OUTCOMES


@given(st.sampled_from(list(FIELDS)), RULES, RECORDS)
def test_any_renamed_value_is_read_or_rejected(name, rules, values):
    assert outcome(f"rename.a = '{name}'\ndefault = {as_toml(rules)}", values) in OUTCOMES
    assert outcome(f"rename.a = '{name}'", {"a": values}) in OUTCOMES


@given(st.text() | st.binary().map(lambda content: content.decode("latin-1")))
def test_any_text_is_a_mapping_or_is_refused(text):
    assert outcome(text, {}) in OUTCOMES


@given(st.sampled_from(["view_count", "flags.has_images", "published_at", "tags"]), st.text())
def test_any_text_that_is_renamed_to_a_field_is_one_or_is_rejected(name, text):
    assert outcome(f"rename.a = '{name}'", {"a": text}) in OUTCOMES
