"""What readers get to see of a body: its HTML, its plain text, and what is counted or cut from that.

Nothing here asks for Django's settings, so that worker processes can import it as it is.
"""

import re
from html import escape, unescape
from math import ceil
from unicodedata import normalize

from articles.allowed_markup import ID_PREFIX, PHRASES, RUBY
from articles.density import refuse_dense
from articles.markdown import LONGEST_SURELY_RENDERED, markdown_to_html
from articles.sanitizing import sanitize_html

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")

_TAG = re.compile(r"<[^>]*>?")
_ID = re.compile(r' id="([^"]*)"')
_HEADING = re.compile(r"<h([1-6])((?: [^>]*)?)>")
# As much of a heading as its id is made from: a heading can be as long as the body.
_HEADING_START = 400
_LONGEST_SLUG = 80
_BETWEEN_WORDS = re.compile(r"[\x00-/:-@\[-`{-\xbf\u2000-\u206f\u3000-\u303f]+")

# These stand inside words; all other tags part them.
_INSIDE_WORDS = PHRASES | RUBY | {"span", "wbr"}
_NOT_PROSE = re.compile(r"<(h[2-6]|pre|figure|table|nav)\b.*?(?:</\1>|\Z)", re.DOTALL)
# So much HTML for each character of an excerpt is nearly always enough.
_HTML_PER_CHARACTER = 8

_WORDS_A_MINUTE = 220
# Chinese and Japanese stand without spaces; Korean parts its words.
_UNSPACED = re.compile(
    "[\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff]"
)
_UNSPACED_A_MINUTE = 500


def render_body(body: str, *, body_format: str) -> str:
    """Sanitized HTML of `body`, which is "html", "markdown" or "text".

    Headings begin at h2, because the page owns h1, and each has an id that depends on nothing but the
    body. Rendering the result as "html" changes nothing. Raises BodyTooDense.
    """
    to_html = _TO_HTML.get(body_format)
    if to_html is None:
        raise ValueError(f"body_format is {body_format!r}; use one of {', '.join(_TO_HTML)}.")
    return _with_anchored_headings(sanitize_html(refuse_dense(to_html(body))))


def refuse_dense_body(body: str, *, body_format: str) -> None:
    """Raises BodyTooDense where render_body would; costs nothing for usual bodies."""
    if len(body) > LONGEST_SURELY_RENDERED:
        refuse_dense(_TO_HTML[body_format](body))


def plain_text(html: str) -> str:
    """The text of sanitized HTML on one line; escape it before it is shown."""
    return " ".join(_words(html))


def excerpt(html: str, *, length: int) -> str:
    """At most `length` characters of the prose, cut between words and then ending in an ellipsis.

    Headings, listings, tables and captions are left out unless there is nothing else.
    """
    beginning = html[: length * _HTML_PER_CHARACTER]
    text = plain_text(_NOT_PROSE.sub("<p>", beginning))
    if len(text) <= length and len(beginning) < len(html):
        text = plain_text(_NOT_PROSE.sub("<p>", html))
    text = text or plain_text(html)
    return text if len(text) <= length else _cut(text, length)


def word_count(html: str) -> int:
    """Words parted by spaces, and each Chinese or Japanese character as one."""
    return sum(_counted(html))


def reading_minutes(html: str) -> int:
    words, characters = _counted(html)
    return max(1, ceil(words / _WORDS_A_MINUTE + characters / _UNSPACED_A_MINUTE))


def _words(html: str) -> list[str]:
    first, *pieces = html.split("<")
    texts = [first]
    for piece in pieces:
        tag, _, text = piece.partition(">")
        name = tag.partition(" ")[0].lstrip("/")
        texts.append(text if name in _INSIDE_WORDS else f" {text}")
    return unescape("".join(texts)).split()


def _cut(text: str, length: int) -> str:
    start = text[:length]
    words, _, _ = start.rpartition(" ")
    # A text without spaces is cut anywhere.
    kept = words if len(words) > length // 2 else start[:-1]
    return kept.rstrip(" ,;:.–—-") + "…"


def _counted(html: str) -> tuple[int, int]:
    words = _words(html)
    text = " ".join(words)
    if text.isascii():
        return len(words), 0
    rest, characters = _UNSPACED.subn(" ", text)
    return len(rest.split()), characters


def _with_anchored_headings(html: str) -> str:
    anchors = _HeadingAnchors(html)
    anchored = _HEADING.sub(anchors.start_tag, html)
    return anchored.replace("</h1>", "</h2>") if anchors.met_h1 else anchored


class _HeadingAnchors:
    __slots__ = ("_html", "_latest", "_taken", "met_h1")

    def __init__(self, html: str) -> None:
        self._html = html
        self._taken: set[str] | None = None
        self._latest: dict[str, int] = {}
        self.met_h1 = False

    def start_tag(self, heading: re.Match) -> str:
        level, attributes = heading.groups()
        if level == "1":
            level, self.met_h1 = "2", True
        if not attributes or not _ID.search(attributes):
            attributes += self._id_of(heading)
        return f"<h{level}{attributes}>"

    def _id_of(self, heading: re.Match) -> str:
        text = self._html[heading.end() : heading.end() + _HEADING_START].partition("</h")[0]
        if "<" in text or "&" in text:
            text = unescape(_TAG.sub("", text))
        words = text.lower() if text.isascii() else normalize("NFKC", text).lower().replace("’", "")
        slug = _BETWEEN_WORDS.sub("-", words.replace("'", ""))[:_LONGEST_SLUG].strip("-")
        return f' id="{self._unique(ID_PREFIX + slug)}"' if slug else ""

    def _unique(self, name: str) -> str:
        if self._taken is None:
            self._taken = set(_ID.findall(self._html)) if ' id="' in self._html else set()
        unique = name
        while unique in self._taken:
            self._latest[name] = self._latest.get(name, 1) + 1
            unique = f"{name}-{self._latest[name]}"
        self._taken.add(unique)
        return unique


def _unchanged(body: str) -> str:
    return body


def _text_to_html(body: str) -> str:
    text = escape(body.replace("\r\n", "\n").replace("\r", "\n").strip(), quote=False)
    paragraphs = [paragraph.replace("\n", "<br>\n") for paragraph in _BLANK_LINES.split(text) if paragraph]
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


_TO_HTML = {"html": _unchanged, "markdown": markdown_to_html, "text": _text_to_html}
