"""The text of posts that Ghost never rendered: drafts that have nothing but the editor's own form.

That is `lexical` since version 5, a tree of nodes, and `mobiledoc` before, a list of sections. Only what
was typed is taken from them, as text: a draft is for editors, and Ghost makes its HTML in publishing it."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from imports.faults import RecordRejected

_BLANK = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
# Nodes of Lexical that stand within a line; all others begin a paragraph.
_INLINE = ("text", "extended-text", "code-highlight", "link", "autolink", "at-link", "tab")
# Kinds of sections in Mobiledoc.
_MARKUP, _LIST, _CARD = 1, 3, 10
# Where a node or a card has its text; in the last three as it was typed, markup and all.
_TEXTS = ("text", "markdown", "code", "html")


def draft_text(lexical: str | None, mobiledoc: str | None) -> str:
    """Paragraphs parted by blank lines; empty where nothing was written. Raises RecordRejected where what
    is there cannot be read."""
    for name, source, texts_in in (("lexical", lexical, _lexical), ("mobiledoc", mobiledoc, _mobiledoc)):
        if source and source.strip():
            return _BLANK.sub("\n\n", "".join(texts_in(_decoded(name, source)))).strip()
    return ""


def _decoded(name: str, source: str) -> Any:
    try:
        return msgspec.json.decode(source)
    except RecursionError:
        raise RecordRejected("too-large", f"{name} is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise RecordRejected("not-json", f"{name} is not valid JSON: {error}") from None


def _lexical(tree: Any) -> Iterator[str]:
    """In the order of the document. A stack, for there is no telling how deep it is."""
    open_nodes = [tree.get("root") if type(tree) is dict else None]
    while open_nodes:
        node = open_nodes.pop()
        if type(node) is not dict:
            continue
        kind, children = node.get("type"), node.get("children")
        if kind == "linebreak":
            yield "\n"
        elif kind not in _INLINE:
            yield "\n\n"
        yield _typed(node)
        open_nodes += reversed(children) if type(children) is list else ()


def _mobiledoc(document: Any) -> Iterator[str]:
    cards = document.get("cards") if type(document) is dict else None
    sections = document.get("sections") if type(document) is dict else None
    for section in _list(sections):
        kind, *given = _list(section) or [None]
        yield "\n\n"
        if kind == _MARKUP:
            yield from _markers(given[1:2])
        elif kind == _LIST:
            for item in _list(next(iter(given[1:2]), None)):
                yield from _markers([item])
                yield "\n"
        elif kind == _CARD and type(next(iter(given), None)) is int:
            yield _card(_list(cards)[given[0] : given[0] + 1])


def _markers(lists: list[Any]) -> Iterator[str]:
    """The text of a marker is its last part."""
    for marker in _list(next(iter(lists), None)):
        if type(marker) is list and marker and type(marker[-1]) is str:
            yield marker[-1]


def _card(cards: list[Any]) -> str:
    """Of `["markdown", {"markdown": "…"}]` and its kin."""
    fields = _list(cards[0])[1:2] if cards else []
    return _typed(fields[0]) if fields and type(fields[0]) is dict else ""


def _typed(node: dict[str, Any]) -> str:
    return next((text for text in map(node.get, _TEXTS) if type(text) is str), "")


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []
