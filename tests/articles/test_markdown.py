"""Long Markdown: read in windows, it becomes what it becomes when it is read at once, within bounds."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from articles import markdown
from articles.markdown import markdown_to_html
from articles.markdown_rules import MarkdownTooDense

ROOT = Path(__file__).resolve().parents[2]

PLAIN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

LINES = [
    *(
        "",
        "",
        "",
        " ",
        "\t",
        "a",
        "b *c*",
        "    code",
        "\tcode",
        "  a",
        "# h",
        "## h ##",
        "===",
        "---",
        "***",
    ),
    *(
        "- a",
        "- ",
        "  - b",
        "    - c",
        "* a",
        "+ a",
        "1. a",
        "2) b",
        "   para",
        "- ```",
        "- > a",
        "> - a",
        "> a",
    ),
    *(
        ">",
        "> > a",
        ">> ```",
        "> # h",
        "```",
        "~~~ x",
        "````",
        "  ```",
        "|a|b|",
        "|-|-:|",
        "|1|",
        "a|b|c",
        "-|-",
    ),
    *(
        "[a]: /x",
        "[B]: <y> 'title",
        "[b]: /z",
        "  end'",
        "[a] [b][a] ![b]",
        "[c][]",
        "[c]: /c",
        "  [a]: /in-list",
    ),
    *(
        "<div>",
        "</div>",
        "<!-- x",
        "y -->",
        "<pre>",
        "</pre>",
        "<?x",
        "?>",
        "<b>",
        "<a b='c'",
        "<script>",
        "</script>",
    ),
    *(
        "a  ",
        "a\\",
        "`code",
        "code`",
        "**a",
        "b**",
        "&amp; &#0;",
        "é ~~x~~",
        "<http://a.b>",
        "\0",
        "- [a]: /list",
    ),
]

DENSE = {
    "a paragraph": "*a* " * 60_000,
    "a list": "- a\n" * 55_000,
    "a table": "a|b\n-|-\n" + "1|2\n" * 50_000,
    "a row of a table": "|a" * 110_000 + "\n" + "|-" * 110_000,
    "a quotation": "> # a\n" * 90_000,
    "a listing": "```\n" + "a\n" * 420_000,
    "definitions": "".join(f"[{number}]: a\n" for number in range(110_000)),
}

# Read at once, they take 50 MB.
LONG = "*a*\n\n" * 5_000 + "- a\n* b\n" * 3_000 + "a|b\n-|-\n1|2\n\n" * 1_500


def at_once(body: str) -> str:
    return PLAIN.render(body).replace(' style="text-align:', ' align="')


@contextmanager
def windows_of(lines: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "LONGEST_SURELY_RENDERED", -1)
        patch.setattr(markdown, "_WINDOW_LINES", lines)
        yield


@given(st.lists(st.sampled_from(LINES), max_size=40).map("\n".join) | st.text(), st.integers(1, 4))
@example("[a]\n\n```\n\n[a]: /x", 1)
@example("[a]\n\n- b\n\n  [a]: /x", 1)
@example("- a\n\n\n- b\n\n  c\n\nd", 1)
def test_markdown_read_in_windows_is_markdown_read_at_once(body: str, lines: int):
    # Here markdown-it differs from CommonMark.
    assume("--->" not in body)
    with windows_of(lines):
        assert markdown_to_html(body) == at_once(body)
    assert markdown_to_html(body) == at_once(body)


def test_a_table_is_filled_up_as_much_in_windows_as_at_once():
    table = "\n".join(["|a" * 100, "|-" * 100, *["|c|"] * 30, "", "b", "", ""])
    whole = markdown_to_html(table * 3)
    with windows_of(1):
        assert markdown_to_html(table * 3) == whole
    assert whole.count("<td></td>") == 50 * 99


@pytest.mark.parametrize("body", DENSE.values(), ids=DENSE)
def test_what_would_take_too_much_memory_is_refused(body: str):
    with pytest.raises(
        MarkdownTooDense,
        match=r"^the body has .* 200,000 lines, 250,000 parts or 100,000 marks in one of them",
    ):
        markdown_to_html(body)


def test_a_long_body_takes_little_memory():
    code = (
        "import sys, tracemalloc; from articles.markdown import markdown_to_html; tracemalloc.start();"
        "html = markdown_to_html(sys.argv[1]); print(tracemalloc.get_traced_memory()[1] - 2 * len(html))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, LONG], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 12_000_000


@pytest.mark.parametrize("link", ["[a] ", "![a] ", "[b][a] "])
def test_a_definition_is_not_written_beyond_measure(link: str):
    html = markdown_to_html(f"[a]: /{'x' * 30_000}\n\n" + link * 2_000)
    assert 900_000 < len(html) < 1_300_000


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("a <!-- b --->c", "<p>a <!-- b --->c</p>\n"),
        ("a <!--> b <!---> c <!----> d", "<p>a <!--> b <!---> c <!----> d</p>\n"),
        ("a <!-- b", "<p>a &lt;!-- b</p>\n"),
    ],
)
def test_a_comment_ends_where_commonmark_ends_it(body: str, html: str):
    assert markdown_to_html(body) == html


@pytest.mark.parametrize("tag", ["<a" + " b" * 20_000 + ">", "<a@" + "b." * 20_000 + "b>"])
def test_a_tag_that_nobody_writes_is_text(tag: str):
    assert markdown_to_html(f"c {tag}") == f"<p>c &lt;{tag[1:-1]}&gt;</p>\n"
    assert markdown_to_html(tag) == f"<p>&lt;{tag[1:-1]}&gt;</p>\n"


def test_text_that_nests_deep_is_kept():
    body = "".join(f"{'  ' * depth}- item {depth}\n" for depth in range(45))
    assert "item 44" in markdown_to_html(body)
