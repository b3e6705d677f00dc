"""Paragraphs for text that WordPress's classic editor stored without them."""

import re
from collections.abc import Iterator

_SPACE = " \t\n\r\f\v"
_BLANK_LINES = re.compile(r"\n\s*\n", re.ASCII)
_MARKUP = re.compile(r"<(?:!--|(?P<end>/?)(?P<name>[a-z][a-z0-9:-]*+))", re.IGNORECASE)
_VALUE = r"""=\s*+(?:"[^"]*+"|'[^']*+')?+"""
_REST_OF_TAG = re.compile(rf"(?:[^<>=]++|{_VALUE})*+(>?)")
_NEXT_VALUE = re.compile(rf"[^<>=]*+({_VALUE})")
_BREAKS_ITSELF = re.compile(r"</?br\b|<!--", re.IGNORECASE)

# Where texts become paragraphs: outside all blocks, and in a quotation.
_ALWAYS = frozenset(("", "blockquote"))
# Where they do only if a blank line parts them.
_IF_SEVERAL = frozenset(
    ("li", "dd", "td", "th", "div", "section", "article", "aside", "header", "footer", "main", "center",
     "details", "nav", "form", "fieldset")
)  # fmt: skip
# Where they never do, and line ends mean nothing.
_NEVER = frozenset(
    ("ul", "ol", "dl", "dt", "table", "caption", "colgroup", "thead", "tbody", "tfoot", "tr", "figure",
     "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "summary", "legend", "address", "menu")
)  # fmt: skip
_VOID_BLOCKS = frozenset(("hr", "col"))
_BLOCKS = _ALWAYS | _IF_SEVERAL | _NEVER | _VOID_BLOCKS | {"p"}
# A new one of these ends the one before, tag or no tag.
_ENDS = {
    "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "td": ("td", "th"), "th": ("td", "th"),
    "tr": ("tr", "td", "th"),
}  # fmt: skip
# Line ends inside are none of ours.
_VERBATIM = frozenset(
    ("pre", "script", "style", "textarea", "svg", "math", "video", "audio", "object", "picture", "select",
     "map", "noscript", "iframe", "template", "canvas")
)  # fmt: skip
# An end tag's own block is not looked for any further: browsers stop at such depths too.
_DEEPEST = 500
# These are something to see although they hold no text.
_SHOWN = frozenset(
    ("img", "input", "embed", "video", "audio", "object", "picture", "iframe", "svg", "math", "canvas", "map")
)


def add_paragraphs(text: str) -> str:
    """`text` with its blank lines made paragraphs and its line ends line breaks, as WordPress shows it
    (wpautop), around and inside the blocks that it has. What the block editor wrote stays as it is.

    Only `<p>`, `</p>`, `<br>` and white space are added or removed; doing it again changes nothing."""
    if "<!-- wp:" in text:
        return text
    paragraphs = _Paragraphs()
    for markup, end, name in _tokens(text.replace("\r\n", "\n").replace("\r", "\n")):
        paragraphs.add(markup, end=end, name=name)
    return paragraphs.finished()


def _tokens(text: str) -> Iterator[tuple[str, bool, str]]:
    """Texts, with an empty name, and tags; comments and what stands verbatim are one token each."""
    position = 0
    tags = _Tags(text)
    while found := tags.next(position):
        begin, end = found
        yield text[position : begin.start()], False, ""
        name = (begin["name"] or "!--").lower()
        position = _token_end(text, begin, name, end)
        yield text[begin.start() : position], bool(begin["end"]), name
    yield text[position:], False, ""


def _token_end(text: str, begin: re.Match[str], name: str, end: int) -> int:
    if name == "!--":
        end = text.find("-->", end)
        return len(text) if end < 0 else end + 3
    if name not in _VERBATIM or begin["end"]:
        return end
    closing = re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE).search(text, end)
    # Without an end tag the rest is inside, for browsers too.
    return closing.end() if closing else len(text)


class _Tags:
    """Finds tags in a time that grows with the text alone, also where `<` after `<` begins a tag that
    does not end: two that come to the same attribute end alike, so that no attribute is tried twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tried = 0
        self._hopeless: set[int] = set()

    def next(self, position: int) -> tuple[re.Match[str], int] | None:
        """The beginning of a comment or a tag, and where that comment's beginning or the whole tag ends."""
        while begin := _MARKUP.search(self._text, position):
            end = self._end(begin) if begin["name"] else begin.end()
            if end:
                return begin, end
            position = begin.end()
        return None

    def _end(self, begin: re.Match[str]) -> int:
        if begin.start() >= self._tried:
            tag = _REST_OF_TAG.match(self._text, begin.end())
            if tag[1]:
                return tag.end()
            self._tried = tag.end()
            self._hopeless.clear()
        return self._end_unless_hopeless(begin.end())

    def _end_unless_hopeless(self, position: int) -> int:
        passed = []
        while value := _NEXT_VALUE.match(self._text, position):
            equals = value.start(1)
            if equals in self._hopeless:
                break
            passed.append(equals)
            position = value.end()
        else:
            tag = _REST_OF_TAG.match(self._text, position)
            if tag[1]:
                return tag.end()
        self._hopeless.update(passed)
        return 0


class _Paragraphs:
    """Gathers runs of text and inline markup, and wraps each when a block begins or ends."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._open: list[str] = [""]
        self._run = _Run()

    def add(self, markup: str, *, end: bool, name: str) -> None:
        if not name:
            self._run.add_text(markup)
        elif name == "pre":
            self._finish_run()
            self._end_what_ends_with(name)
            self._done.append(markup)
        elif name in _BLOCKS:
            self._finish_run()
            self._enter_or_leave(name, end)
            self._done.append(markup)
        else:
            self._run.add_markup(markup, shown=name in _SHOWN)

    def finished(self) -> str:
        self._finish_run()
        return "".join(self._done)

    def _enter_or_leave(self, name: str, end: bool) -> None:
        if not end:
            self._end_what_ends_with(name)
            if name not in _VOID_BLOCKS:
                self._open.append(name)
        elif name in self._open[-_DEEPEST:]:
            while self._open.pop() != name:
                pass

    def _end_what_ends_with(self, name: str) -> None:
        while self._open[-1] == "p" or self._open[-1] in _ENDS.get(name, ()):
            self._open.pop()

    def _finish_run(self) -> None:
        run, self._run = self._run, _Run()
        block = self._open[-1]
        if block in _NEVER:
            self._done.append(run.unchanged())
        elif block == "p":
            self._done.append(run.joined("</p>\n<p>"))
        elif block in _ALWAYS or run.is_several():
            self._done.append(run.wrapped())
        else:
            self._done.append(run.joined("\n\n"))


class _Run:
    """Text and inline markup between two block tags, in chunks parted by blank lines."""

    def __init__(self) -> None:
        self._source: list[str] = []
        self._chunks = [_Chunk()]

    def add_text(self, text: str) -> None:
        self._source.append(text)
        first, *others = _BLANK_LINES.split(text)
        self._chunks[-1].add_text(first)
        for part in others:
            self._chunks.append(_Chunk())
            self._chunks[-1].add_text(part)

    def add_markup(self, markup: str, *, shown: bool) -> None:
        self._source.append(markup)
        self._chunks[-1].add_markup(markup, shown=shown)

    def unchanged(self) -> str:
        return "".join(self._source)

    def joined(self, separator: str) -> str:
        return self._within_its_margins(separator.join(filter(None, map(_Chunk.html, self._chunks))))

    def wrapped(self) -> str:
        return self._within_its_margins("\n".join(filter(None, map(_Chunk.paragraph, self._chunks))))

    def is_several(self) -> bool:
        return sum(chunk.shown for chunk in self._chunks) > 1

    def _within_its_margins(self, html: str) -> str:
        before, _, after = _parted(self.unchanged())
        return before + html + after


class _Chunk:
    """What becomes a paragraph; `shown` if there is anything in it for a reader."""

    def __init__(self) -> None:
        self.shown = False
        self._parts: list[tuple[str, bool]] = []

    def add_text(self, text: str) -> None:
        self.shown = self.shown or not _is_blank(text)
        self._parts.append((text, True))

    def add_markup(self, markup: str, *, shown: bool) -> None:
        self.shown = self.shown or shown
        self._parts.append((markup, False))

    def paragraph(self) -> str:
        return f"<p>{self.html()}</p>" if self.shown else self.html()

    def html(self) -> str:
        if not self.shown:
            return "".join(part for part, _ in self._parts).strip(_SPACE)
        before = ["<br>", *(part for part, _ in self._parts)]
        after = [*before[2:], "<br>"]
        lines = (
            _with_line_breaks(part, *neighbors) if is_text else part
            for (part, is_text), *neighbors in zip(self._parts, before, after, strict=False)
        )
        return "".join(lines).strip(_SPACE)


def _with_line_breaks(text: str, before: str, after: str) -> str:
    """No line break is put beside one that is there already, nor at either end of a chunk."""
    lead, core, tail = _parted(text)
    if not _BREAKS_ITSELF.match(before):
        lead = lead.replace("\n", "<br>\n")
    if not _BREAKS_ITSELF.match(after):
        tail = tail.replace("\n", "<br>\n")
    return lead + core.replace("\n", "<br>\n") + tail


def _parted(text: str) -> tuple[str, str, str]:
    """The white space before, what is between, the white space behind."""
    core = text.strip(_SPACE)
    start = text.find(core) if core else len(text)
    return text[:start], core, text[start + len(core) :]


def _is_blank(text: str) -> bool:
    return not text.strip(_SPACE)
