"""Bodies that would cost too much lose their nesting, and all others nothing."""

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.balancing import MAX_DEPTH, balanced, may_be_costly

REPAIRED = {
    "nothing is left open": ("<p>a<b>b", "<p>a<b>b</b></p>"),
    "a stray end tag goes": ("a</b></p>b", "ab"),
    "overlapping elements close together": ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
    "a block ends a paragraph": ("<p>a<b>b<div>c</div>", "<p>a<b>b</b></p><div>c</div>"),
    "an item ends the item before": (
        "<ul><li>a<ul><li>b</ul><li>c",
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    ),
    "a term ends the term before": ("<dl><dt>a<dd>b<dt>c", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
    "a heading ends a heading": ("<h2>a<h3>b", "<h2>a</h2><h3>b</h3>"),
    "a link ends a link": ("<a>a<b>b<a>c", "<a>a<b>b</b></a><a>c</a>"),
    "cells and rows need no end": (
        "<table><tr><td>a<td>b<tr><td>c</table>",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
    ),
    "what stands between cells gets one": (
        "<table>a<tr><b>b</b>",
        "<table><td>a</td><tr><td><b>b</b></td></tr></table>",
    ),
    "cells need a table": ("<td>a</td><tr>b", "ab"),
    "an end tag does not reach out of its cell": (
        "<b><table><tr><td>a</b>b</td></tr></table></b>",
        "<b><table><tr><td>ab</td></tr></table></b>",
    ),
    "comments and declarations go": ("<!DOCTYPE x>a<!-- <b> -->b<?xml <!-->c", "abc"),
    "what only looks like a tag stays text": ("a < b <3 <!-- -->c", "a &lt; b &lt;3 c"),
    "pieces do not become a tag": ("<<!-- -->b>", "&lt;b>"),
    "an unknown element leaves its content": ("<center>a<foo:bar/>b", "ab"),
    "scripts go with what they hold": ("a<script>'<b>'</script>b<STYLE>x</style >c", "abc"),
    "without an end tag they go alone": ("a<script>b<i>c</i>", "ab<i>c</i>"),
    "a drawing closed at once holds nothing": ("<svg class='x' />a", "a"),
    "a frame keeps no content": ("<iframe src='x'><b>a</iframe>b", "<iframe src='x'></iframe>b"),
    "attributes stay as they are": (
        "<a title='>' href = x/y download=\"<b>\">a</a>",
        "<a title='>' href = x/y download=\"<b>\">a</a>",
    ),
    "a tag that does not end is dropped": ("a<b title='x", "a"),
}

WELL_FORMED = st.recursive(
    st.sampled_from(["a", " b ", "&lt;c&gt;", "<br>", "<img src=x>", "<hr>", "é"]),
    lambda content: st.builds(
        lambda template, parts: template.replace("*", "".join(parts)),
        st.sampled_from(
            [
                *(
                    "<div>*</div>",
                    "<section>*</section>",
                    "<blockquote>*</blockquote>",
                    "<ul><li>*</li></ul>",
                ),
                *("<ol><li>a</li><li>*</li></ol>", "<dl><dt>a</dt><dd>*</dd></dl>", "<b>x</b>*<i>y</i>"),
                *("<p>a<em>b</em></p>*", "<h2>c</h2>*", "<figure>*<figcaption>d</figcaption></figure>"),
                "<table><thead><tr><th>h</th></tr></thead><tbody><tr><td>*</td></tr></tbody></table>",
                *("<pre><code>x\n</code></pre>*", "<details><summary>s</summary>*</details>"),
            ]
        ),
        st.lists(content, max_size=3),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(("html", "expected"), REPAIRED.values(), ids=REPAIRED)
def test_markup_is_repaired(html: str, expected: str):
    assert balanced(html) == expected


@given(WELL_FORMED)
def test_well_formed_markup_comes_out_as_it_went_in(html: str):
    assert balanced(html) == html


@given(WELL_FORMED.flatmap(lambda html: st.integers(0, len(html)).map(lambda end: html[:end])))
def test_what_was_repaired_needs_no_second_repair(html: str):
    once = balanced(html)
    assert balanced(once) == once


@given(st.text(alphabet="<>/abpti d='\"!-&", max_size=60))
def test_no_text_is_lost(html: str):
    # nh3 alone loses what follows a quotation mark that never closes; balancing may save it.
    assert words_of(balanced(html)).startswith(words_of(html))


def words_of(html: str) -> str:
    return "".join(nh3.clean(html, tags=set()).split())


def test_nothing_nests_deeper_than_the_limit():
    html = balanced("<div>" * 500 + "deep" + "</div>" * 500 + "after")
    assert html == "<div>" * MAX_DEPTH + "deep" + "</div>" * MAX_DEPTH + "after"


def test_a_tag_keeps_its_first_fifty_attributes():
    attributes = [f"a{number}" for number in range(60)]
    assert balanced(f"<b {' '.join(attributes)}>x</b>") == f"<b {' '.join(attributes[:50])}>x</b>"


def test_a_text_of_very_many_ampersands_is_parted():
    html = balanced("&amp;" * 25_000)
    assert html.replace("<wbr>", "") == "&amp;" * 25_000
    assert html.count("<wbr>") == 2
    assert balanced(html) == html


@pytest.mark.parametrize(
    ("html", "costly"),
    [("<b>" * 2_000, False), ("<b>" * 3_000, True), ("x" * 64_000, False), ("x" * 64_001, True)],
    ids=["few tags", "many tags", "short", "long"],
)
def test_only_bodies_that_may_be_costly_are_balanced(html: str, costly: bool):
    assert may_be_costly(html) is costly
