"""Markup rewritten so that reading it costs time and memory in proportion to its length.

The HTML standard says how broken markup is repaired, and html5ever (beneath nh3) obeys: a formatting
element that was left open is built again in every later block, what stands between the cells of a table is
moved in front of it, each end tag searches all open elements. A megabyte of hostile markup takes hours or
gigabytes that way. Here a body may lose nesting but no text: end tags that match nothing go, elements
are closed where the standard would close them, and nothing nests deeper than MAX_DEPTH.

Well-formed markup comes out as it went in, but for comments and elements that are dropped in any case.
This is no sanitizer: nh3 always follows.
"""

import re

from articles.allowed_markup import HEADINGS, TAGS, TAGS_DROPPED_WITH_CONTENT

# Browsers stop at 512; nobody writes an article that nests 100 deep.
MAX_DEPTH = 100
# html5ever compares each attribute with all before it.
_MAX_ATTRIBUTES = 50

# Nor does html5ever append to a text in constant time: after so many of them another begins.
_AMPERSANDS = 10_000

# Within these limits the worst bodies that could be made took 0.2 s and 30 MB.
_SURELY_CHEAP_LENGTH = 6_500
_CHEAP_LENGTH = 64_000
_CHEAP_TAGS = 1_000

# Elements whose content a tokenizer does not read as markup.
_RAW = {"iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title"}
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])[^>]*>?", re.I | re.A) for name in _RAW}
_KNOWN = TAGS | TAGS_DROPPED_WITH_CONTENT
# Only these may be closed by their own start tag.
_FOREIGN = {"math", "svg"}
_VOID = {"br", "col", "hr", "img", "source", "wbr"}

# Start tags that end an open paragraph (HTML standard, 13.2.6.4.7), as far as they are allowed.
_ENDS_PARAGRAPH = {
    *("address", "article", "aside", "blockquote", "details", "div", "dl", "dd", "dt", "figcaption"),
    *("figure", "footer", "header", "hgroup", "hr", "li", "nav", "ol", "p", "pre", "section", "summary"),
    *("table", "ul", *HEADINGS),
}

# Which open element may stand directly around a part of a table.
_ROW_GROUPS = {"thead", "tbody", "tfoot"}
_TABLE_PARENTS = {
    **{cell: {"tr", "table", *_ROW_GROUPS} for cell in ("td", "th")},
    **{group: {"table"} for group in ("caption", "colgroup", *_ROW_GROUPS)},
    "tr": {"table", *_ROW_GROUPS},
    "col": {"colgroup", "table"},
}
_TABLE = {"table", *_TABLE_PARENTS}
_BETWEEN_CELLS = {"table", "tr", "colgroup", *_ROW_GROUPS}

# Start tags that end the nearest open element of the first set unless one of the second is nearer.
_LIST_BARRIER = _TABLE | _ENDS_PARAGRAPH - {"address", "div", "p"}
_ENDS_NEAREST = {
    **dict.fromkeys(["dd", "dt"], ({"dd", "dt"}, _LIST_BARRIER - {"dd", "dt"})),
    **dict.fromkeys(HEADINGS, (HEADINGS, _KNOWN - HEADINGS)),
    **dict.fromkeys(["rt", "rp"], ({"rt", "rp"}, _KNOWN - {"rt", "rp"})),
    "li": ({"li"}, _LIST_BARRIER - {"li"}),
    "option": ({"option"}, _KNOWN - {"option"}),
    "a": ({"a"}, _TABLE),
}

# Tags and attributes exactly as the standard's tokenizer reads them (white space is not \s there), so that
# no quotation mark or `>` shifts what follows. Possessive throughout, and an unfinished tag reaches to
# the end: nothing is read twice.
_SPACE = r"\t\n\f\r\x20"
_ATTRIBUTE = (
    rf"[{_SPACE}/]*+[^{_SPACE}/>][^{_SPACE}/>=]*+"
    rf"""(?:[{_SPACE}]*+=[{_SPACE}]*+(?:"[^"]*+"|'[^']*+'|[^{_SPACE}>"'][^{_SPACE}>]*+)?+)?+"""
)
_TOKEN = re.compile(
    rf"""
    <(?P<slash>/?)(?P<name>[a-z][^{_SPACE}/>]*+)
        (?P<attributes>(?:{_ATTRIBUTE}){{0,{_MAX_ATTRIBUTES}}}+)[^>]*+(?:>|\Z)
    | <!--(?:-?>|.*?(?:--!?>|\Z))
    | <(?:[!?]|/(?=.))[^>]*+(?:>|\Z)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)


def may_be_costly(html: str) -> bool:
    if len(html) <= _SURELY_CHEAP_LENGTH:
        return False
    return len(html) > _CHEAP_LENGTH or html.count("<") > _CHEAP_TAGS


def balanced(html: str) -> str:
    writer, position = _Writer(), 0
    # Looking for the same missing end tag from each start tag would be quadratic again.
    never_ended = set()
    while token := _TOKEN.search(html, position):
        writer.text(html[position : token.start()])
        position = token.end()
        name = (token["name"] or "").lower()
        if name and not token[0].endswith(">"):
            break
        if token["slash"]:
            writer.end(name)
        elif name in _FOREIGN and token[0].endswith("/>"):
            continue
        elif name not in _RAW:
            writer.start(name, token["attributes"])
        elif name not in never_ended:
            writer.raw(name, token["attributes"])
            if end := _RAW_ENDS[name].search(html, position):
                position = end.end()
            else:
                never_ended.add(name)
    writer.text(html[position:])
    return writer.finished()


def _parted(text: str) -> str:
    pieces = text.split("&")
    starts = range(0, len(pieces), _AMPERSANDS)
    return "<wbr>&".join("&".join(pieces[start : start + _AMPERSANDS]) for start in starts)


class _Writer:
    __slots__ = ("_open", "_out")

    def __init__(self) -> None:
        self._open: list[str] = []
        self._out: list[str] = []

    def text(self, text: str) -> None:
        if not text:
            return
        if not text.isspace():
            self._keep_inside_cells()
        # A `<` that began no token could begin one before the next piece.
        text = text.replace("<", "&lt;")
        self._out.append(text if text.count("&") <= _AMPERSANDS else _parted(text))

    def raw(self, name: str, attributes: str) -> None:
        if name == "iframe":
            self._keep_inside_cells()
            self._out.append(f"<iframe{attributes}></iframe>")

    def start(self, name: str, attributes: str) -> None:
        if name not in _KNOWN:
            return
        if len(self._open) >= MAX_DEPTH or not self._make_room(name):
            return
        self._out.append(f"<{name}{attributes}>")
        if name not in _VOID:
            self._open.append(name)

    def end(self, name: str) -> None:
        if name not in self._open:
            return
        if name == "table":
            self._close_nearest({"table"}, set())
        elif name in _TABLE:
            self._close_nearest({name}, {"table"})
        else:
            self._close_nearest({name}, _TABLE)

    def finished(self) -> str:
        self._close_down_to(0)
        return "".join(self._out)

    def _make_room(self, name: str) -> bool:
        """Close what `name` ends; False if it has no place here."""
        if name in _TABLE_PARENTS:
            return self._close_up_to_parent(name)
        self._keep_inside_cells()
        if name in _ENDS_NEAREST:
            self._close_nearest(*_ENDS_NEAREST[name])
        if name in _ENDS_PARAGRAPH:
            self._close_nearest({"p"}, _TABLE)
        return True

    def _close_up_to_parent(self, name: str) -> bool:
        if "table" not in self._open:
            return False
        while self._open[-1] not in _TABLE_PARENTS[name]:
            self._close_down_to(len(self._open) - 1)
        return True

    def _keep_inside_cells(self) -> None:
        if self._open and self._open[-1] in _BETWEEN_CELLS:
            self._close_nearest({"colgroup"}, _KNOWN - {"colgroup"})
            self._out.append("<td>")
            self._open.append("td")

    def _close_nearest(self, names: set[str], barrier: set[str]) -> None:
        if names.isdisjoint(self._open):
            return
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth] in names:
                self._close_down_to(depth)
                return
            if self._open[depth] in barrier:
                return

    def _close_down_to(self, depth: int) -> None:
        while len(self._open) > depth:
            self._out.append(f"</{self._open.pop()}>")
