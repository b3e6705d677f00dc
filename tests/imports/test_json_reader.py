import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import DeliveryRefused
from imports.sources.json_reader import JsonReader

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class Pieces(io.RawIOBase):
    """Bytes that come a few at a time, so that every token is cut somewhere."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = io.BytesIO(content)
        self._size = size

    def read(self, size: int = -1) -> bytes:
        return self._content.read(self._size)


class Endless(io.RawIOBase):
    """A document with a string of so many million characters in its first element."""

    def __init__(self, millions: int) -> None:
        self._blocks = iter([b'["', *[b"x" * 1_000_000] * millions, b'", 2]'])

    def read(self, size: int = -1) -> bytes:
        return next(self._blocks, b"")


def reader_of(content: bytes, *, size: int = 1_000_000, limit: int = 1_000_000) -> JsonReader:
    return JsonReader(Pieces(content, size), name="delivery", limit=limit)


@given(st.lists(JSON), st.sampled_from([None, 2]), st.integers(1, 40))
def test_the_values_of_an_array_are_cut_out_wherever_blocks_end(values, indent, size):
    reader = reader_of(json.dumps(values, indent=indent, ensure_ascii=False).encode(), size=size)
    assert [json.loads(raw) for _, raw in reader.values()] == values
    reader.finish()


@given(st.dictionaries(st.text(), JSON), st.integers(1, 40), st.sets(st.integers(0, 20)))
def test_a_value_that_is_left_alone_is_passed_over(members, size, taken):
    reader = reader_of(json.dumps(members).encode(), size=size)
    seen = {}
    for place, name in enumerate(reader.members()):
        seen[name] = json.loads(reader.value()) if place in taken else members[name]
    assert seen == members


def walk(reader: JsonReader) -> None:
    for _ in reader.members() if reader.peek() == b"{" else reader.values():
        pass
    reader.finish()


@given(st.binary(max_size=60) | st.text('[]{}",:\\ 1a', max_size=30).map(str.encode), st.integers(1, 8))
def test_any_bytes_are_read_or_refused(content, size):
    reader = reader_of(content, size=size)
    try:
        walk(reader)
    except DeliveryRefused as refusal:
        assert str(refusal).startswith("delivery is no valid JSON: near line ")  # noqa: PT017 - or none


def test_lines_are_those_where_values_begin():
    reader = reader_of(b'[\n{"a":\n1},\n\n 2, 3\n]', size=4)
    assert [line for line, _ in reader.values()] == [2, 5, 5]


def test_a_value_past_the_limit_is_passed_over_in_little_memory():
    reader = JsonReader(Endless(100), name="delivery", limit=10_000)
    tracemalloc.start()
    assert [raw for _, raw in reader.values()] == [None, b"2"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("depth", [10_000, 100_000])
def test_depth_costs_nothing(depth):
    reader = reader_of(b"[" + b"[" * depth + b"]" * depth + b",2]", limit=1000)
    assert [raw for _, raw in reader.values()] == [None, b"2"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'{"a": 1', "near line 1 it ends too early and may have been cut off on its way."),
        (b'{"a": "b', "near line 1 it ends too early and may have been cut off on its way."),
        (b'{\n"a" 1}', "near line 2 a : is missing."),
        (b'{"a": 1 "b": 2}', "near line 1 a , is missing."),
        (b'{"a": 1,}', "near line 1 the name of a value is missing."),
        (b'{"a": }', "near line 1 a value is missing."),
        (b'{"\\x": 1}', "near line 1 the name of a value cannot be read."),
        (b"{}\n{}", "near line 2 something follows its end."),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where_and_quotes_nothing(content, complaint):
    with pytest.raises(DeliveryRefused) as refusal:
        walk(reader_of(content))
    assert str(refusal.value) == f"delivery is no valid JSON: {complaint} Export it again and import that."
