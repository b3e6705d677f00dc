"""The fields of the article's form: what they take, what they refuse and in which words."""

from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from articles.admin_fields import LinesField, NamesField, PlainTextField, PrettyJSONField
from articles.shapes import fault_in_entities, fault_in_image_sources, fault_in_object, fault_in_score

OUTLINE = PrettyJSONField(empty=dict, fault_in=fault_in_object)
SCORE = PrettyJSONField(empty=dict, fault_in=fault_in_score)
ENTITIES = PrettyJSONField(empty=list, fault_in=fault_in_entities)
IMAGES = PrettyJSONField(empty=list, fault_in=fault_in_image_sources)

UNSTORABLE = "It holds what cannot be stored: NUL, half a character or an infinite number."

# What PostgreSQL can store as text.
texts = st.text(st.characters(exclude_characters="\x00", codec="utf-8"))
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


def as_a_browser_sends(text: str) -> str:
    return "\r\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        (SCORE, '{"quality": -1}', "quality must be a number from 0 to 100."),
        (SCORE, '{"depth": true}', "depth must be a number from 0 to 100."),
        (SCORE, "[1]", "This must be an object: { … } with keys and values."),
        (OUTLINE, "null", "This must be an object: { … } with keys and values."),
        (OUTLINE, '{"a": NaN}', "This JSON cannot be stored: NaN is no number that JSON knows."),
        (OUTLINE, '{"a": "\\u0000"}', UNSTORABLE),
        (OUTLINE, '{"\\ud800": 1}', UNSTORABLE),
        (OUTLINE, '{"a": [1e999]}', UNSTORABLE),
        (OUTLINE, "[" * 100_000, "This JSON is nested too deeply."),
        (ENTITIES, "{}", "This must be a list: [ … ] of objects."),
        (ENTITIES, '[{"name": "a"}, {"type": "x"}]', "Entity 2 has no “name”, or one that is no text."),
        (ENTITIES, '["x"]', "Item 1 of the list must be an object: { … }."),
        (IMAGES, '[{"url": "javascript:x"}]', "The “url” of image 1 must begin with http:// or https://."),
        (IMAGES, '[{"url": 7}]', "The “url” of image 1 must begin with http:// or https://."),
        (LinesField(longest=200), f"Ada\n{'b' * 201}", "Line 2 has 201 characters; at most 200 fit."),
        (LinesField(), "a\x00", "Line 1 holds a NUL character, which cannot be stored."),
        (NamesField(), "ok, ...", "“...” has no letter or digit, so no address can be made of it."),
        (NamesField(), "a" * 201, f"“{'a' * 40}…” has 201 characters; at most 200 fit."),
        (NamesField(), "a\x00", "A name holds a NUL character, which cannot be stored."),
        (NamesField(), "a," * 20_000, "At most 20,000 characters fit here."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_plain_words(field: Any, text: str, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        field.clean(text)
    assert refused.value.messages == [told]
    assert field.has_changed(None, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{\n"a" "b"}', "line 2, character 5, a colon is missing between a key and its value"),
        ("{'a': 1}", "line 1, character 2, a key in double quotes is expected, or there is a comma too many"),
        ('{"a": 1 "b": 2}', "line 1, character 9, a comma or a closing bracket is missing"),
        ('{"a": b}', "line 1, character 7, a value is missing, or a text has no double quotes"),
        ('{"a": 1} x', "line 1, character 10, there is something after the end"),
        (
            '{"a": "b',
            "line 1, character 7, a text does not end: its closing double quote is missing",
        ),
        ('{"a": "\t"}', "line 1, character 8, a text holds a line break or a tab: write \\n or \\t instead"),
        ('{"a": "\\d"}', "line 1, character 8, there is a backslash too many: write two of them for one"),
    ],
)
def test_what_is_no_json_is_told_by_its_place(text: str, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        OUTLINE.clean(text)
    assert refused.value.messages == [f"This is no JSON: at {told}."]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (OUTLINE, " ", {}),
        (ENTITIES, "", []),
        (SCORE, '{"quality": 7.5, "other": "x"}', {"quality": 7.5, "other": "x"}),
        (IMAGES, '[{"caption": "no address"}]', [{"caption": "no address"}]),
        (LinesField(), " a \r\n\r\nb\u2028c", ["a", "b\u2028c"]),
        (NamesField(), 'a, "b, c" ,, "d ""e"""', ["a", "b, c", 'd "e"']),
        (PlainTextField(), "a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_what_is_typed_becomes_a_value(field: Any, text: str, value: Any) -> None:
    assert field.clean(text) == value


@given(value=texts)
def test_a_text_that_was_only_looked_at_has_not_changed(value: str) -> None:
    assert not PlainTextField(required=False).has_changed(value, as_a_browser_sends(value))


@given(value=st.lists(texts))
def test_lines_that_were_only_looked_at_have_not_changed(value: list[str]) -> None:
    field = LinesField()
    assert not field.has_changed(value, as_a_browser_sends(field.prepare_value(value)))


@given(value=st.lists(lines))
def test_names_that_were_only_looked_at_have_not_changed(value: list[str]) -> None:
    field = NamesField()
    assert not field.has_changed(value, field.prepare_value(value))
    assert field.to_python(field.prepare_value(value)) == value


@given(value=st.dictionaries(texts, json_values, max_size=4))
def test_json_that_was_only_looked_at_has_not_changed(value: dict[str, Any]) -> None:
    typed = as_a_browser_sends(OUTLINE.prepare_value(value))
    assert not OUTLINE.has_changed(value, typed)
    assert OUTLINE.clean(typed) == value


@given(text=st.text())
def test_no_text_breaks_a_field(text: str) -> None:
    for field in (OUTLINE, ENTITIES, IMAGES, LinesField(), NamesField()):
        with suppress(ValidationError):
            field.clean(text)
