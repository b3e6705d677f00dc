import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imports.sources.paragraphs import add_paragraphs


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("One.", "<p>One.</p>"),
        ("One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("One.\r\n\r\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("One.\n \t\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("One\ntwo", "<p>One<br>\ntwo</p>"),
        ("One<br>\ntwo", "<p>One<br>\ntwo</p>"),
        ("One\n<br />two", "<p>One\n<br />two</p>"),
        ("One <em>and\n\ntwo</em>", "<p>One <em>and</p>\n<p>two</em></p>"),
        ('<img src="a.png">', '<p><img src="a.png"></p>'),
        ('A <a\n\nhref="/x"\n title="1 > 0">link</a>', '<p>A <a\n\nhref="/x"\n title="1 > 0">link</a></p>'),
        ("<a title=it's>a</a>\n\nIt's b", "<p><a title=it's>a</a></p>\n<p>It's b</p>"),
        ("1 < 2\n\n3 > 2", "<p>1 < 2</p>\n<p>3 > 2</p>"),
    ],
)
def test_blank_lines_become_paragraphs_and_line_ends_line_breaks(text, html):
    assert add_paragraphs(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\n<h2>Two\nlines</h2>\nThree.", "<p>One.</p>\n<h2>Two\nlines</h2>\n<p>Three.</p>"),
        ("<p>One.</p>\n\nTwo.\n\n<p>Three.</p>", "<p>One.</p>\n\n<p>Two.</p>\n\n<p>Three.</p>"),
        ("<p>One.\n\nTwo.</p>", "<p>One.</p>\n<p>Two.</p>"),
        ("<p class='a'>One.\nTwo.</p>", "<p class='a'>One.<br>\nTwo.</p>"),
        ("<p>One.\n\n<p>Two.", "<p>One.\n\n<p>Two."),
        ("One<ul>\n<li>a\nb</li>\n<li>c</li>\n</ul>", "<p>One</p><ul>\n<li>a<br>\nb</li>\n<li>c</li>\n</ul>"),
        ("<li>a\n\nb</li>", "<li><p>a</p>\n<p>b</p></li>"),
        ("<ul><li>a<li>b\n\nc</ul>d", "<ul><li>a<li><p>b</p>\n<p>c</p></ul><p>d</p>"),
        ("<div>\na\n</div>", "<div>\na\n</div>"),
        ("<div>\na\n\nb\n</div>", "<div>\n<p>a</p>\n<p>b</p>\n</div>"),
        ("<blockquote>a\n\nb</blockquote>c", "<blockquote><p>a</p>\n<p>b</p></blockquote><p>c</p>"),
        ("<blockquote>\n<p>a</p>\n</blockquote>", "<blockquote>\n<p>a</p>\n</blockquote>"),
        (
            "<table>\n<tr>\n<td>a\nb</td>\n</tr>\n</table>",
            "<table>\n<tr>\n<td>a<br>\nb</td>\n</tr>\n</table>",
        ),
        ("<p>a\n<pre>b</pre>c", "<p>a\n<pre>b</pre><p>c</p>"),
        ("a\n<hr>\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        ('<a href="/">\n<div>a</div></a>', '<a href="/">\n<div>a</div></a>'),
        ("<!-- note -->", "<!-- note -->"),
        ("<!-- one\n\ntwo -->\nthree", "<p><!-- one\n\ntwo -->\nthree</p>"),
        ("a<!--more-->\n\nb", "<p>a<!--more--></p>\n<p>b</p>"),
    ],
)
def test_blocks_keep_their_place_among_texts(text, html):
    assert add_paragraphs(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('<a ="<p>" <', '<p><a ="</p><p>" <'),
        ("""<a ="<p ='>'>" <""", """<p><a ="</p><p ='>'>" <"""),
        ('<a ="<a ="<p>" <', '<p><a ="<a ="</p><p>" <'),
    ],
)
def test_a_tag_inside_a_tag_that_does_not_end_is_one(text, html):
    assert add_paragraphs(text) == html


@pytest.mark.parametrize(
    "block",
    [
        "<pre>one\n\ntwo\nthree</pre>",
        "<PRE class='x'>one\n\ntwo</Pre>",
        "<script>\nvar a;\n\nvar b;\n</script>",
        "<style>\na {}\n\n</style>",
        "<pre>never\n\nclosed",
        "<!-- never\n\nclosed",
    ],
)
def test_what_stands_verbatim_is_not_touched(block):
    assert add_paragraphs(block) == block


def test_a_film_is_a_paragraph_of_its_own():
    film = '<video controls>\n<source src="a.mp4">\n\n</video>'
    assert add_paragraphs(f"a\n\n{film}\n\nb") == f"<p>a</p>\n<p>{film}</p>\n<p>b</p>"


def test_what_the_block_editor_wrote_stays():
    blocks = "<!-- wp:html -->\none\n\ntwo\n<!-- /wp:html -->\n\nthree"
    assert add_paragraphs(blocks) == blocks


_WORDS = [
    "a",
    "é",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\xa0",
    "<",
    ">",
    '"',
    "'",
    "=",
    "&amp;",
    "<!--",
    "-->",
    "<!--x-->",
]
_TAGS = [
    "p",
    "div",
    "blockquote",
    "li",
    "ul",
    "table",
    "td",
    "h2",
    "pre",
    "br",
    "hr",
    "b",
    "a",
    "img",
    "script",
    "video",
]
pieces = st.lists(
    st.sampled_from(
        [*_WORDS, *(f"<{tag}>" for tag in _TAGS), *(f"</{tag}>" for tag in _TAGS), '<a href="\n\n">', "<p\n>"]
    ),
    max_size=25,
).map("".join)


@given(pieces | st.text(max_size=50))
@example("<p>a</p>b\n\n<li>")
def test_nothing_but_paragraphs_breaks_and_white_space_comes_or_goes(text):
    def rest(html: str) -> str:
        return re.sub(r"<p>|</p>|<br>|\s", "", html)

    assert rest(add_paragraphs(text)) == rest(text)


@given(pieces)
def test_a_second_time_changes_nothing(text):
    once = add_paragraphs(text)
    assert add_paragraphs(once) == once


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<a ", '<a href="', "<a ='\"", "\n", "\n ", "<p>", "<pre>", "<b>\n\n"]
)
def test_hostile_texts_take_no_time(piece):
    started = time.perf_counter()
    add_paragraphs(piece * 50_000)
    assert time.perf_counter() - started < 5


def test_tags_within_tags_that_never_end_take_no_time():
    started = time.perf_counter()
    assert add_paragraphs("<a " + '="<a "' * 50_000) == "<p><a " + '="<a "' * 50_000 + "</p>"
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("first", "piece", "last"), [("<pre>", "</pre ", ""), ("", "<div>", "</div></p>"), ("", "<li>", "</ul>")]
)
def test_end_tags_are_found_in_no_time(first, piece, last):
    started = time.perf_counter()
    add_paragraphs(first + piece * 50_000 + last * 50_000)
    assert time.perf_counter() - started < 5
