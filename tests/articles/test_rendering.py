"""What readers get to see of a body in each of its formats, and what is counted and cut from it."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from articles.rendering import excerpt, plain_text, reading_minutes, render_body, word_count

ROOT = Path(__file__).resolve().parents[2]

HEADINGS = {
    "its words": ("<h2>The <em>first</em> step &amp; more!</h2>", ["section-the-first-step-more"]),
    "letters of every script": ("<h2>Über 東京、हिन्दी</h2>", ["section-über-東京-हिन्दी"]),
    "apostrophes vanish": ("<h2>Don’t say 'it'</h2>", ["section-dont-say-it"]),
    "the same words again": (
        "<h2>A</h2><h3>A</h3><h4 id='section-a-2'>B</h4><h2>a</h2>",
        ["section-a", "section-a-3", "section-a-2", "section-a-4"],
    ),
    "an id of the author": ("<h2 id='mine'>A</h2><h2>Mine</h2>", ["section-mine", "section-mine-2"]),
    "an id elsewhere": ("<p id='a'>x</p><h2>A</h2>", ["section-a", "section-a-2"]),
    "a heading without words": ("<h2>?!</h2><h2></h2>", []),
    "a very long heading": (f"<h2>{'word ' * 200}</h2>", [f"section-{'word-' * 16}"[:-1]]),
}

MARKDOWN = {
    "headings": ("# One\n\n## Two", '<h2 id="section-one">One</h2>\n<h2 id="section-two">Two</h2>\n'),
    "a listing with its language": (
        "```python title=x\nif a < b:\n    c()\n```",
        '<pre><code class="language-python">if a &lt; b:\n    c()\n</code></pre>\n',
    ),
    "a table with its alignment": (
        "|a|b|\n|-|-:|\n|1|2|",
        '<table>\n<thead>\n<tr>\n<th>a</th>\n<th align="right">b</th>\n</tr>\n</thead>\n'
        '<tbody>\n<tr>\n<td>1</td>\n<td align="right">2</td>\n</tr>\n</tbody>\n</table>\n',
    ),
    "struck text": ("~~a~~ *b* **c**", "<p><s>a</s> <em>b</em> <strong>c</strong></p>\n"),
    "HTML, which is sanitized": (
        "a <kbd onclick='x()'>b</kbd>\n\n<script>alert(1)</script>\n\n<figure>c</figure>",
        "<p>a <kbd>b</kbd></p>\n\n<figure>c</figure>",
    ),
    "no link that the author did not make": (
        "https://example.org [x](javascript:alert(1))",
        "<p>https://example.org [x](javascript:alert(1))</p>\n",
    ),
    "a link to a heading": (
        "[x](#a-b)\n\n# A b",
        '<p><a href="#section-a-b" rel="noopener noreferrer">x</a></p>\n<h2 id="section-a-b">A b</h2>\n',
    ),
}

TEXT = {
    "paragraphs": ("a\n\nb\r\n \t\r\n\n  c", "<p>a</p>\n<p>b</p>\n<p>c</p>"),
    "lines": ("\na\rb\nc\n", "<p>a<br>\nb<br>\nc</p>"),
    "markup": ("<b>a</b> & &lt;\n\n# x", "<p>&lt;b&gt;a&lt;/b&gt; &amp; &amp;lt;</p>\n<p># x</p>"),
    "nothing": (" \n ", ""),
}

PIECES = [
    *(
        "<h1>",
        "</h1>",
        "<h2>",
        "</h2>",
        "<h2 id=a>",
        "<h6 title=' id='>",
        "<p>",
        "</p>",
        "<a name=a>",
        "<a href=#a>",
    ),
    *(
        "<div>",
        "</div>",
        "<b>",
        "</b>",
        "<table>",
        "<td>",
        "<pre>",
        "\n",
        "a",
        "b c",
        "A",
        "é",
        "-",
        "_",
        "&amp;",
        " ",
    ),
    *(
        "<img src=x>",
        "<iframe src=//example.org/></iframe>",
        "<!-- x -->",
        "<script>",
        "section-",
        "2",
        "&#13;",
    ),
]


@pytest.mark.parametrize(("html", "ids"), HEADINGS.values(), ids=HEADINGS)
def test_a_heading_is_named_after(html: str, ids: list[str]):
    rendered = render_body(html, body_format="html")
    assert [part.partition('"')[0] for part in rendered.split(' id="')[1:]] == ids


def test_the_page_owns_the_first_heading():
    assert render_body("<h1 title='t'>A</h1><h3>B</h3>", body_format="html") == (
        '<h2 title="t" id="section-a">A</h2><h3 id="section-b">B</h3>'
    )


@pytest.mark.parametrize(("body", "expected"), MARKDOWN.values(), ids=MARKDOWN)
def test_markdown_becomes_html_with(body: str, expected: str):
    assert render_body(body, body_format="markdown") == expected


@pytest.mark.parametrize(("body", "expected"), TEXT.values(), ids=TEXT)
def test_text_keeps_its(body: str, expected: str):
    assert render_body(body, body_format="text") == expected


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"^body_format is 'rst'; use one of html, markdown, text\.$"):
        render_body("a", body_format="rst")


@given(
    st.text() | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.sampled_from(["html", "markdown", "text"]),
)
@example("<h1><div><h2>a</h1>", "html")
def test_rendering_what_was_rendered_changes_nothing(body: str, body_format: str):
    once = render_body(body, body_format=body_format)
    assert render_body(once, body_format="html") == once


def test_a_worker_process_needs_no_django():
    code = (
        "import sys, articles.rendering; print([name for name in sys.modules if name.startswith('django')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>A <b>b</b>old <code>x</code>.</p><p>Next<br>line</p>", "A bold x. Next line"),
        ("<ul><li>a</li><li>b</li></ul><table><tr><td>c</td><td>d</td></tr></table>", "a b c d"),
        ("1 &lt; 2 &amp;&nbsp;3", "1 < 2 & 3"),
        ("", ""),
    ],
)
def test_plain_text_parts_blocks_and_joins_phrases(html: str, text: str):
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("html", "length", "expected"),
    [
        ("<p>One two three.</p>", 14, "One two three."),
        ("<p>One two, three.</p>", 12, "One two…"),
        ("<p>One two</p><p>three</p>", 9, "One two…"),
        ("<h2>Head</h2><figure>shown</figure><pre>x = 1</pre><p>One two.</p>", 50, "One two."),
        ("<pre>x = 1</pre>", 50, "x = 1"),
        (f"<figure><img alt='{'x' * 900}'></figure><p>One two three.</p>", 10, "One two…"),
        (f"<p>One.</p><pre>{'x' * 900}</pre><p>Two three.</p>", 12, "One. Two…"),
        ("<p>東京都は日本の首都である。</p>", 5, "東京都は…"),
        ("<p>Incomprehensibilities abound</p>", 6, "Incom…"),
        ("<p>a</p>", 1, "a"),
        ("", 10, ""),
    ],
)
def test_an_excerpt_is_prose_cut_between_words(html: str, length: int, expected: str):
    assert excerpt(html, length=length) == expected


@given(st.text(), st.integers(1, 40))
def test_an_excerpt_is_never_longer_than_asked(body: str, length: int):
    assert len(excerpt(render_body(body, body_format="text"), length=length)) <= length


@pytest.mark.parametrize(
    ("html", "words", "minutes"),
    [
        ("", 0, 1),
        ("<p>one <b>t</b>wo</p>", 2, 1),
        ("<p>naïve café</p>", 2, 1),
        (f"<p>{'word ' * 220}</p>", 220, 1),
        (f"<p>{'word ' * 221}</p>", 221, 2),
        (f"<p>{'東京都、' * 250}</p>", 1000, 2),
        (f"<p>{'東京 naïve ' * 220}</p>", 660, 2),
        (f"<p>{'한국어 ' * 221}</p>", 221, 2),
    ],
)
def test_reading_takes_a_minute_for_220_words_or_500_characters(html: str, words: int, minutes: int):
    assert (word_count(html), reading_minutes(html)) == (words, minutes)


@pytest.mark.parametrize("tables", [1, 3, 40])
def test_a_table_is_not_filled_up_with_cells_beyond_measure(tables: int):
    rows = ["|a" * 100, "|-" * 100, "|b" * 100, *["|c|"] * 200]
    table = "\n".join([*rows, "", ""])
    html = render_body(table * tables, body_format="markdown")
    assert html.count("<td>b</td>") == 100 * tables
    assert html.count("<td></td>") == 50 * 99
    assert "<p>|c|\n|c|" in html


def test_a_table_may_leave_out_cells_at_the_end_of_its_rows():
    table = "a|b|c\n-|-|-\n" + "1|2|3\n| 1 | 2\n1\n" * 500
    html = render_body(table, body_format="markdown")
    assert (html.count("<tr>"), html.count("<td></td>"), html.count("<p>")) == (1501, 1500, 0)
