"""The record box: whatever a record holds, at any depth, as lists for people."""

import re
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.record import entry, is_web_address
from articles.wording import label

texts = st.text(alphabet="ab<>&\"'/ ", min_size=1, max_size=12)
leaves = st.none() | st.booleans() | st.integers() | texts
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def strings_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in inner for text in strings_in(part)]


@given(values)
def test_every_text_is_there_and_escaped(value: Any) -> None:
    html = entry("key", value).html
    assert [text for text in strings_in(value) if escape(text) not in html] == []
    bare = re.sub(r'</?(?:ul|li|span)(?: class="(?:key|none)")?>', "", html)
    assert re.findall("[<>\"']", bare) == []


@given(values)
def test_lists_are_closed(value: Any) -> None:
    html = entry("key", value).html
    for tag in ("ul", "li", "span"):
        assert html.count(f"<{tag}") == html.count(f"</{tag}>")


def test_what_nests_too_deep_stands_with_its_path() -> None:
    value: Any = "bottom <of> it"
    for number in range(20_000):
        value = [value] if number % 2 else {"in": value}
    html = entry("deep", value).html
    assert html.count("<ul>") == 7
    assert "bottom &lt;of&gt; it" in html


def test_paths_keep_the_order_of_their_values() -> None:
    value: Any = {"first": [1, {"x": 2}], "then": 3}
    for _ in range(6):
        value = [value]
    html = entry("deep", value).html
    assert re.findall(r'<span class="key">([^<]*)</span> (\d)', html) == [
        ("First › 1", "1"),
        ("First › 2 › X", "2"),
        ("Then", "3"),
    ]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("source_id", "Source ID"),
        ("canonicalUrl", "Canonical URL"),
        ("ai_generated_style", "AI generated style"),
        ("has-images", "Has images"),
        ("Already fine", "Already fine"),
        ("_", ""),
    ],
)
def test_keys_become_words(key: str, words: str) -> None:
    assert label(key) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://EXAMPLE.ORG", True),
        ("javascript:alert(1)", False),
        ("https://example.org/ and more", False),
        ('https://example.org/"onclick=', False),
        ("https://", False),
        ("https://example.org/\n", False),
    ],
)
def test_only_web_addresses_become_links(text: str, expected: bool) -> None:
    assert is_web_address(text) is expected
    assert entry("key", text).html.startswith("<a ") is expected
