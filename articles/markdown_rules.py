"""What the archive adds to markdown-it's rules, so that no body costs beyond measure."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block
from markdown_it.rules_block.table import table
from markdown_it.rules_inline import StateInline, autolink, html_inline

from articles.density import BodyTooDense

# What one block may have, so that it takes no more than some 100 MB: tokens, of which a cell takes three and
# an item of a list five; marks of one text, cells of a row, and a body definitions.
MOST_TOKENS = 250_000
MOST_MARKS = 100_000
MOST_LINES = 200_000

# In the environment of a document: cells that its tables were filled up with, and columns of the latest.
FILLED_UP, _COLUMNS = "filled_up", "columns"
_MOST_FILLED_UP = 5000

# Reading a tag or an address takes a hundred bytes for each of its characters. One of so many attributes, or
# so long an address in angle brackets, is text; nobody writes any.
_LONG = 10_000
_MANY_ATTRIBUTES = re.compile(
    r"""<[a-z][a-z0-9-]*+(?:\s++[a-z_:][a-z0-9:._-]*+(?:\s*+=\s*+(?:[^"'=<>`\x00-\x20]++|'[^']*+'|"[^"]*+"))?+){1000}+""",
    re.IGNORECASE | re.ASCII,
)


class MarkdownTooDense(BodyTooDense):
    """Too much markup stands in one place."""

    def __init__(self) -> None:
        super().__init__(
            "the body has a list, a table, a paragraph or another block of Markdown that is too large: with "
            f"more than {MOST_LINES:,} lines, {MOST_TOKENS:,} parts or {MOST_MARKS:,} marks in one of "
            "them; part it into smaller ones"
        )


def add_rules(parser: MarkdownIt) -> MarkdownIt:
    block, inline = parser.block.ruler, parser.inline.ruler
    block.at("table", _table, {"alt": ["paragraph", "reference"]})
    block.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    # The rules that end a table are those that end a quotation.
    block.push("ends_table", _ends_table, {"alt": ["blockquote"]})
    inline.at("html_inline", _html_inline)
    inline.at("autolink", _autolink)
    return parser


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start + 1 < end:
        _refuse_wide(state, start)
        _refuse_wide(state, start + 1)
        if not silent:
            state.env[_COLUMNS] = _cells_in(state, start + 1)
    return table(state, start, end, silent)


def _ends_table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Asked before each row of a table. A row is filled up with the cells that it lacks, so that a body of
    2 KB could become one of 600: once a document has had enough of them such rows stay text."""
    if state.parentType != "table" or state.isEmpty(line):
        return False
    _refuse_wide(state, line)
    missing = max(0, state.env[_COLUMNS] - _cells_in(state, line))
    if missing and state.env[FILLED_UP] + missing > _MOST_FILLED_UP:
        return True
    state.env[FILLED_UP] += missing
    return False


def _refuse_wide(state: StateBlock, line: int) -> None:
    if state.eMarks[line] - state.bMarks[line] > MOST_MARKS and _cells_in(state, line) > MOST_MARKS:
        raise MarkdownTooDense


def _cells_in(state: StateBlock, line: int) -> int:
    row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    return row.removeprefix("|").removesuffix("|").count("|") + 1


def _html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first, last = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    if last - first > _LONG and _MANY_ATTRIBUTES.match(state.src, first, last):
        return False
    return html_block(state, start, end, silent)


def _html_inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    if state.src.startswith("<!--", state.pos):
        return _comment(state, silent)
    if len(state.src) > _LONG and _MANY_ATTRIBUTES.match(state.src, state.pos):
        return False
    return html_inline(state, silent)


def _comment(state: StateInline, silent: bool) -> bool:
    """CommonMark 0.31, section 6.6. markdown-it looks further where a hyphen stands before the end, in time
    that grows with the square of the text."""
    start = state.pos
    if state.html_terminator_last("-->") < start + 2:
        return False
    state.pos = state.src.find("-->", start + 2) + len("-->")
    if not silent:
        state.push("html_inline", "", 0).content = state.src[start : state.pos]
    return True


def _autolink(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] != "<":
        return False
    if len(state.src) > _LONG and state.src.find(">", start, start + _LONG) < 0:
        return False
    return autolink(state, silent)
