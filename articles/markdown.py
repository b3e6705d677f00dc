"""Markdown as HTML that is not yet sanitized.

markdown-it keeps a hundred bytes for each line and some four hundred for each mark of what it reads, until
all of it is written: ten megabytes of asterisks took four gigabytes. Here a long body is read in windows and
written block by block, so that only what stands in one block is held, and that has bounds.
"""

import re
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from io import StringIO
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore, inline, text_join
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from articles.balancing import MAX_DEPTH
from articles.markdown_rules import (
    FILLED_UP,
    MOST_LINES,
    MOST_MARKS,
    MOST_TOKENS,
    MarkdownTooDense,
    add_rules,
)

# A body up to this length is read at once, which takes 60 MB at worst.
LONGEST_SURELY_RENDERED = 64_000
_WINDOW_LINES = 5_000
# A definition of a link is written wherever it is used, so that a body of 60 KB could become one of 200 MB.
_LEAST_ROOM = 1_000_000
_ROOM_PER_CHARACTER = 2

_REFERENCES, _DUPLICATES = "references", "duplicate_refs"
# Where markdown-it's inline rules look twice.
_MARKS = "\n!#$%&*+-:<=>@[\\]^_`{}~"

_BLANK_LINE = re.compile(r"\n[ \t]*+\n")

Environment = dict[str, Any]


def markdown_to_html(body: str) -> str:
    """What markdown-it makes of `body`, which can be of any length: time grows with it, memory hardly.

    Raises MarkdownTooDense."""
    if len(body) <= LONGEST_SURELY_RENDERED:
        return _PARSER.render(body, _environment(body))
    text = body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    environment = _environment(text)
    if "]:" in text:
        # A link may be defined behind its use.
        deque(_blocks(text, environment), maxlen=0)
        environment = {**_environment(text), _REFERENCES: environment[_REFERENCES]}
    html = StringIO()
    for tokens in _blocks(text, environment):
        html.write(_PARSER.renderer.render(tokens, _PARSER.options, environment))
    return html.getvalue()


def _environment(text: str) -> Environment:
    room = max(_LEAST_ROOM, len(text) * _ROOM_PER_CHARACTER)
    return {_REFERENCES: _References(room), _DUPLICATES: deque(maxlen=0), FILLED_UP: 0}


def _blocks(text: str, environment: Environment) -> Iterator[list[Token]]:
    start, lines = 0, _WINDOW_LINES
    while start < len(text):
        end = _window_end(text, start, lines)
        if text.count("\n", start, end) > 2 * MOST_LINES:
            raise MarkdownTooDense
        read = yield from _blocks_of(text[start:end], environment, is_last=end == len(text))
        start += read
        if read:
            lines = _WINDOW_LINES
        elif lines > MOST_LINES:
            raise MarkdownTooDense
        else:
            lines *= 2


def _window_end(text: str, start: int, lines: int) -> int:
    """The end of the first blank line that follows `lines` lines from `start` on, or of the text."""
    position = start
    for _ in range(lines):
        position = text.find("\n", position) + 1
        if not position:
            return len(text)
    blank = _BLANK_LINE.search(text, position - 1)
    return blank.end() if blank else len(text)


def _blocks_of(window: str, environment: Environment, *, is_last: bool) -> Generator[list[Token], None, int]:
    """The blocks of the window that surely end in it; returns where the first one begins that may not.

    A rule looks ahead for the next blank line, with which windows end, or else for the first line that
    does not belong to the block: a block that is followed by another one has been read to its end."""
    state = StateBlock(window, _PARSER, environment, [])
    rules = _PARSER.block.ruler.getRules("")
    line = state.skipEmptyLines(0)
    while line < state.lineMax:
        filled_up = environment[FILLED_UP]
        state.line, state.tokens = line, _Tokens()
        any(rule(state, line, state.lineMax, False) for rule in rules)
        following = state.skipEmptyLines(state.line)
        if following >= state.lineMax and not is_last:
            environment[FILLED_UP] = filled_up
            return state.bMarks[line]
        yield state.tokens
        line = following
    return len(window)


class _Tokens(list[Token]):
    def append(self, token: Token) -> None:
        if len(self) >= MOST_TOKENS:
            raise MarkdownTooDense
        super().append(token)


class _References(dict[str, dict[str, Any]]):
    """The definitions of a body's links; `room` has how many characters of them may be written."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def __setitem__(self, label: str, definition: dict[str, Any]) -> None:
        if len(self) >= MOST_MARKS:
            raise MarkdownTooDense
        super().__setitem__(label, definition)

    def get(self, label: str, default: Any = None) -> Any:
        definition = super().get(label)
        if definition is None:
            return default
        size = len(definition["href"]) + len(definition["title"])
        if size > self._room:
            return default
        self._room -= size
        return definition


class _Renderer(RendererHTML):
    """Reads the text of a block when it is written, and keeps nothing of it.

    Cells carry their alignment as `align`: markdown-it writes style attributes, which never stay."""

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: Environment) -> str:
        written = []
        for index, token in enumerate(tokens):
            if token.type == "inline":
                written.append(self.renderInline(self._children(token, env), options, env))
            else:
                write = self.rules.get(token.type, self.renderToken)
                written.append(write(tokens, index, options, env))
        return "".join(written)

    def _children(self, token: Token, env: Environment) -> list[Token]:
        text = token.content
        if len(text) > MOST_MARKS and sum(map(text.count, _MARKS)) > MOST_MARKS:
            raise MarkdownTooDense
        state = StateCore(text, _INLINE_PARSER, env, [token])
        inline(state)
        text_join(state)
        children, token.children = token.children, None
        return children

    def td_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Environment) -> str:
        style = tokens[index].attrs.pop("style", "")
        if style:
            tokens[index].attrs["align"] = str(style).removeprefix("text-align:")
        return self.renderToken(tokens, index, options, env)

    th_open = td_open


def _parser(*, nesting: int) -> MarkdownIt:
    # Raw HTML is welcome in Markdown, because nh3 follows.
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": nesting}, renderer_cls=_Renderer)
    parser.core.ruler.disable(["inline", "text_join"])
    return add_rules(parser.enable(["table", "strikethrough"]))


# Blocks that nest deeper are lost, and a list within a list takes two levels. Within a line what nests deeper
# is text, and brackets cost time with each level.
_PARSER = _parser(nesting=MAX_DEPTH)
_INLINE_PARSER = _parser(nesting=20)
