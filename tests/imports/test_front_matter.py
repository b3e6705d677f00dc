import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import RecordRejected
from imports.sources.front_matter import Page, front_matter, split_page


def fields(text: str) -> dict:
    return front_matter(split_page(text))


def fault(text: str) -> tuple[str, str]:
    with pytest.raises(RecordRejected) as caught:
        fields(text)
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("---\na: 1\n---\nBody", Page("yaml", "a: 1\n", "Body", 2)),
        ("---\na: 1\n...\nBody", Page("yaml", "a: 1\n", "Body", 2)),
        ("--- \na: 1\n---  \nBody", Page("yaml", "a: 1\n", "Body", 2)),
        ("\n\n---\na: 1\n---", Page("yaml", "a: 1\n", "", 4)),
        ("---\n---\nBody", Page("yaml", "", "Body", 2)),
        ("+++\na = 1\n+++\n\nBody", Page("toml", "a = 1\n", "\nBody", 2)),
        ('{"a": "}"}\nBody', Page("json", '{"a": "}"}', "Body", 1)),
        ("{ }", Page("json", "{ }", "", 1)),
        ("Body\n---\nmore", Page("", "", "Body\n---\nmore", 1)),
        ("---- \nBody", Page("", "", "---- \nBody", 1)),
        ("{: .note}\nBody", Page("", "", "{: .note}\nBody", 1)),
        ("{% include x %}", Page("", "", "{% include x %}", 1)),
        ("{{< figure >}}", Page("", "", "{{< figure >}}", 1)),
        ("", Page("", "", "", 1)),
    ],
)
def test_a_file_is_parted_into_front_matter_and_body(text, page):
    assert split_page(text) == page


@pytest.mark.parametrize(
    ("text", "line", "fence"), [("---\na: 1\n", 1, "---"), ("\n+++\na = 1\n---\n", 2, "+++")]
)
def test_front_matter_that_never_ends_is_told_with_its_line(text, line, fence):
    assert fault(text) == (
        "bad-front-matter",
        f"the front matter that begins in line {line} never ends; close it with a line of {fence}",
    )


def test_yaml_gives_the_text_of_every_scalar_and_leaves_its_meaning_to_the_reader():
    block = "a: no\nb: 1.10\nc: 010\nd: 12:30:45\ne: 2015-03-00\nf: 1e3\ng: 0x1F\nh: 2013-05-12 14:45:00 +02"
    assert fields(f"---\n{block}\n---") == {
        "a": "no",
        "b": "1.10",
        "c": "010",
        "d": "12:30:45",
        "e": "2015-03-00",
        "f": "1e3",
        "g": "0x1F",
        "h": "2013-05-12 14:45:00 +02",
    }


def test_an_unquoted_null_is_nothing_and_a_quoted_one_a_text():
    assert fields("---\na:\nb: ~\nc: null\nd: 'null'\ne: ''\n---") == {
        "a": None,
        "b": None,
        "c": None,
        "d": "null",
        "e": "",
    }


def test_of_a_repeated_yaml_key_the_last_value_counts():
    assert fields("---\na: 1\nb: 2\na: 3\n---") == {"a": "3", "b": "2"}


def test_yaml_aliases_are_followed():
    text = "---\nauthor: &ada {name: Ada}\nreviewers: [*ada, *ada]\n&k key: x\nother: *k\n---"
    assert fields(text) == {
        "author": {"name": "Ada"},
        "reviewers": [{"name": "Ada"}, {"name": "Ada"}],
        "key": "x",
        "other": "key",
    }


def _laughs() -> str:
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "block",
    [
        _laughs(),
        # Few nodes, but each of them long.
        f"a: &a {'x' * 200_000}\nb: [*a, *a, *a, *a, *a, *a]",
    ],
)
def test_a_bomb_of_aliases_ends_at_once(block):
    started = time.monotonic()
    code, message = fault(f"---\n{block}\n---")
    assert code == "bad-front-matter"
    assert "unfolds its aliases to more than" in message
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("a: b: c", "in line 2, is no valid YAML: mapping values are not allowed in this context"),
        ("a: 1\nb:\n\tc: 2", "in line 4, is no valid YAML: found character that cannot start any token"),
        ("a: 1\nb: \x08", "in line 3, is no valid YAML: control characters are not allowed"),
        ("a: *b", "in line 2, has an alias without an anchor before it: *b"),
        ("a: &a [*a]", "in line 2, has an alias without an anchor before it: *a"),
        (
            "a: !!python/object/apply:os.system ['true']",
            "in line 2, has a tag that is not read: tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("a: !secret b", "in line 2, has a tag that is not read: !secret"),
        ("[a]: 1", "in line 2, has a key that is no text"),
        ("just some words", "in line 2, begins something that has no fields"),
        ("- a", "in line 2, begins something that has no fields"),
        ("a: 1\n--- b", "in line 3, begins a second document"),
        ("a: " + "[" * 100_000, "in line 2, is nested deeper than 40 levels"),
        ("a: " + "{a: " * 100_000, "in line 2, is nested deeper than 40 levels"),
    ],
)
def test_what_is_no_plain_yaml_is_told_with_its_line(block, message):
    assert fault(f"---\n{block[:250_000]}\n---") == ("bad-front-matter", f"the front matter, {message}")


def test_toml_keeps_its_types_and_gives_dates_as_texts():
    block = (
        "t = 1979-05-27T07:32:00-08:00\nl = 2023-10-15T13:18:50\nd = 2023-10-15\nc = 07:32:00\n"
        "b = true\ni = 7\nf = 1.5\nn = nan\n[taxonomies]\ntags = ['a']"
    )
    assert fields(f"+++\n{block}\n+++\n") == {
        "t": "1979-05-27T07:32:00-08:00",
        "l": "2023-10-15T13:18:50",
        "d": "2023-10-15",
        "c": "07:32:00",
        "b": True,
        "i": 7,
        "f": 1.5,
        "n": "nan",
        "taxonomies": {"tags": ["a"]},
    }


def test_numbers_longer_than_64_bits_are_texts():
    assert fields('{"a": 9223372036854775807, "b": 9223372036854775808}') == {
        "a": 9223372036854775807,
        "b": "9223372036854775808",
    }
    assert fields(f"+++\na = 0x1{'0' * 5000}\n+++") == {"a": f"0x1{'0' * 5000}"}


def test_an_impossible_date_in_toml_is_told_with_its_field():
    assert fault("+++\ntitle = 'x'\ndate = 2015-03-00\n+++") == ("bad-date", "date is no date: '2015-03-00'")


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "+++\na = 1\na = 2\n+++",
            "bad-front-matter",
            "the front matter, in line 3, is no valid TOML: Cannot overwrite a value",
        ),
        (
            "+++\na = [\n+++",
            "bad-front-matter",
            "the front matter, in line 2, is no valid TOML: Invalid value",
        ),
        (
            '{"a": 1,\n"b" 2}',
            "bad-front-matter",
            "the front matter, in line 2, is no valid JSON: Expecting ':' delimiter",
        ),
        (f"+++\na = {'[' * 100_000}\n+++", "too-large", "the front matter is nested deeper than 40 levels"),
        (f"+++\n{'a.' * 100_000}a = 1\n+++", "too-large", "the front matter is nested deeper than 40 levels"),
        (f"+++\n[{'a.' * 41}a]\n+++", "too-large", "the front matter is nested deeper than 40 levels"),
        ('{"a": ' + "[" * 100_000, "too-large", "the front matter is nested deeper than 40 levels"),
        (
            '{"a": ' + "[" * 41 + "]" * 41 + "}",
            "too-large",
            "the record is nested deeper than 40 levels",
        ),
        (
            f"---\na: {'x' * 300_000}\n---",
            "too-large",
            "the front matter is longer than 262144 characters",
        ),
        (
            '{"a": "' + "x" * 300_000 + '"}',
            "too-large",
            "the front matter is longer than 262144 characters",
        ),
    ],
)
def test_what_is_no_plain_toml_or_json_is_told(text, code, message):
    started = time.monotonic()
    assert fault(text) == (code, message)
    assert time.monotonic() - started < 1


_BLOCKS = st.sampled_from(
    ("---\n", "+++\n", "{", "...\n", "- ", "a: ", "a = ", "&a ", "*a ", "[", '"', "\n", "}")
)


@given(st.one_of(st.text(), st.lists(st.one_of(_BLOCKS, st.text(max_size=4))).map("".join)))
def test_any_text_gives_fields_or_a_reject(text):
    for candidate in (text, f"---\n{text}\n---\n", f"+++\n{text}\n+++\n", f'{{"a": {text}}}'):
        with suppress(RecordRejected):
            assert type(fields(candidate)) is dict
