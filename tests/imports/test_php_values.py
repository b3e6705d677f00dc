import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.sources.php_values import readable, unserialize


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("N;", None),
        ("b:1;", True),
        ("b:0;", False),
        ("i:-42;", -42),
        ("d:0.5;", 0.5),
        ("d:1.0E+25;", 1e25),
        ("d:INF;", "INF"),
        ("d:NAN;", "NAN"),
        ('s:5:"hello";', "hello"),
        ('s:6:"café ";', "café "),
        ('s:4:"a";b";', 'a";b'),
        ("a:0:{}", []),
        ('a:2:{i:0;s:1:"a";i:1;s:1:"b";}', ["a", "b"]),
        ('a:2:{i:1;s:1:"a";i:0;s:1:"b";}', {"1": "a", "0": "b"}),
        (
            'a:1:{s:4:"size";a:2:{s:5:"width";i:640;s:6:"height";i:480;}}',
            {"size": {"width": 640, "height": 480}},
        ),
        ('a:1:{i:0;a:1:{i:0;s:0:"";}}', [[""]]),
    ],
)
def test_plain_values_are_read(text, value):
    assert unserialize(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a:2:{i:0;s:8:"one\ntwo";i:1;i:5;}', ["one\ntwo", 5]),
        ('a:2:{s:4:"text";s:7:"a\n\nb;";s:4:"more";N;}', {"text": "a\n\nb;", "more": None}),
        # Latin-1 became UTF-8 after it was counted.
        ('a:1:{i:0;s:4:"café";}', ["café"]),
        # Control characters were dropped.
        ('s:7:"bell";', "bell"),
        ('s:9:"a";}\nb\nc";', 'a";}\nb\nc'),
    ],
)
def test_texts_with_wrong_lengths_end_where_their_end_can_be_told(text, value):
    assert unserialize(text) == value


@pytest.mark.parametrize(
    "text",
    [
        'O:8:"stdClass":1:{s:1:"a";i:1;}',
        'a:1:{i:0;O:8:"stdClass":0:{}}',
        'C:11:"ArrayObject":0:{}',
        'E:11:"Suit:Hearts";',
        "a:2:{i:0;i:1;i:1;R:2;}",
        "a:2:{i:0;i:1;i:1;r:2;}",
        "a:2:{i:0;i:1;}",
        "a:1:{i:0;i:1;",
        "a:1:{a:0:{}i:1;}",
        'a:1:{s:9:"unfinished',
        "a:9999999999:{}",
        "i:99999999999999999999;",
        "i:1;i:2;",
        "a:1:{i:0;" * 30 + "N;" + "}" * 30,
        "a:10001:{" + "".join(f"i:{n};N;" for n in range(10_001)) + "}",
        'a:1:{i:0;s:2000000:"' + "x" * 2_000_000 + '";}',
        "i:1",
        "",
    ],
)
def test_what_is_no_plain_value_is_refused_and_stays_a_text(text):
    with pytest.raises(ValueError, match=r"."):
        unserialize(text)
    assert readable(text) == text


def test_what_was_serialized_twice_is_read_twice():
    assert readable('s:14:"a:1:{i:0;i:7;}";') == [7]


@pytest.mark.parametrize(
    "text", ["plain", "a: b", "s:3", "https://example.org/", "N", 'He said: "so";', "b:2;"]
)
def test_texts_that_only_look_alike_stay_texts(text):
    assert readable(text) == text


def serialized(value: Any) -> str:
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{value:d};"
        case int():
            return f"i:{value};"
        case float():
            return f"d:{value!r};"
        case str():
            return f's:{len(value.encode())}:"{value}";'
        case list():
            pairs = enumerate(value)
        case _:
            pairs = value.items()
    return f"a:{len(value)}:{{{''.join(serialized(part) for pair in pairs for part in pair)}}}"


characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters, max_size=20) | st.text('";}\n\ré:s1', max_size=20)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts.filter(lambda key: not key.isdecimal()), inner, min_size=1, max_size=4)
    ),
    max_leaves=15,
)


@given(values)
def test_what_php_writes_is_read_as_it_was(value):
    assert unserialize(serialized(value)) == value


plain_lines = st.lists(st.text(st.characters(categories=["L", "Nd", "Zs"]), max_size=20), max_size=6)


@given(st.lists(plain_lines.map("\r\n".join), max_size=5))
def test_line_ends_that_xml_shortened_do_no_harm(texts):
    broken = serialized(texts).replace("\r\n", "\n")
    assert unserialize(broken) == [text.replace("\r\n", "\n") for text in texts]


@given(st.text(max_size=60) | st.text('aisNb:0123456789;{}"\n', max_size=60))
def test_any_text_is_a_value_of_json_or_stays_as_it_is(text):
    json.dumps(readable(text), allow_nan=False)


@given(st.data())
def test_a_damaged_value_is_read_or_refused(data):
    text = serialized(data.draw(values))
    start = data.draw(st.integers(0, len(text)))
    damaged = text[:start] + data.draw(st.text('ais:0";{}', max_size=3)) + text[start + 1 :]
    json.dumps(readable(damaged), allow_nan=False)


def test_many_broken_texts_take_no_time():
    hostile = "a:9000:{" + "".join(f'i:{n};s:900000:"";' for n in range(9000)) + "}" + "\n" * 800_000
    started = time.perf_counter()
    assert readable(hostile + "}") == hostile + "}"
    assert time.perf_counter() - started < 2
