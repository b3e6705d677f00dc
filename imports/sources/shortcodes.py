"""WordPress's own shortcodes, which a body keeps as `[name attributes]` until it is shown."""

import re
from collections.abc import Callable
from html import escape, unescape

# These enclose something; the others may, but need not, have an end tag right behind.
_ENCLOSING = frozenset(("caption", "wp_caption", "embed", "code", "sourcecode"))
_ALONE = frozenset(("youtube", "vimeo", "soundcloud", "audio", "video", "gallery", "playlist"))
_NAMES = "|".join(sorted(_ENCLOSING | _ALONE))
_OPENING = re.compile(
    rf"""(\[)?\[({_NAMES})(?![\w-])((?:[^\[\]"']++|"[^"]*+"|'[^']*+')*+)\](?(1)\]?)""", re.IGNORECASE
)
_CLOSING = {name: re.compile(rf"\[/{name}\]", re.IGNORECASE) for name in _ENCLOSING} | {
    name: re.compile(rf"\s*+\[/{name}\]", re.IGNORECASE) for name in _ALONE
}
_GALLERY_IDS = re.compile(r"""\[gallery\b[^\[\]]*?\bids=["']?([\d,\s]+)""", re.IGNORECASE)

_IMAGE = re.compile(r"\s*((?:<a\s[^<>]*>\s*)?<img\s[^<>]*>(?:\s*</a>)?)(.*)", re.IGNORECASE | re.DOTALL)
_CAPTION = re.compile(r"""\bcaption=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_CODE_LANGUAGE = re.compile(r"""\blang(?:uage)?=["']?([\w+#.-]{1,40})""", re.IGNORECASE)
_NO_ENTITY = re.compile(r"&(?!#?\w{1,31};)")
_ADDRESS = re.compile(r"""https?://[^\s<>"'\[\]]+""", re.IGNORECASE)
# WordPress puts a player or a preview where an address has a line to itself.
_ADDRESS_ON_ITS_LINE = re.compile(
    rf"^([ \t]*+)({_ADDRESS.pattern})(?=[ \t]*+$)", re.IGNORECASE | re.MULTILINE
)


def expand_shortcodes(text: str) -> str:
    """`text` with captions as figures, code as listings and players as links to what they play; galleries
    go, because they only name pictures by number. Other shortcodes are plugins' own and stay as text."""
    pieces: list[str] = []
    position = 0
    unclosed: set[str] = set()
    while found := _OPENING.search(text, position):
        pieces.append(text[position : found.start()])
        position = _end(text, found, unclosed)
        pieces.append(_expanded(found, text[found.end() : position]))
    pieces.append(text[position:])
    return _ADDRESS_ON_ITS_LINE.sub(lambda line: line[1] + _link(line[2]), "".join(pieces))


def gallery_ids(text: str) -> list[list[str]]:
    """The numbers of the pictures in each gallery."""
    return [re.findall(r"\d+", found[1]) for found in _GALLERY_IDS.finditer(text)]


def _end(text: str, found: re.Match[str], unclosed: set[str]) -> int:
    """Where the shortcode ends that begins with `found`. `unclosed` are names without an end tag from
    here on: looking for it again each time would take forever."""
    name = found[2].lower()
    if found[1] or name in unclosed:
        return found.end()
    if name in _ENCLOSING:
        closing = _CLOSING[name].search(text, found.end())
        if not closing:
            unclosed.add(name)
    else:
        closing = _CLOSING[name].match(text, found.end())
    return closing.end() if closing else found.end()


def _expanded(found: re.Match[str], rest: str) -> str:
    """`rest` is what follows the first tag, up to and with the end tag."""
    escaped, name, attributes = found.groups()
    if escaped:
        # [[gallery]] is how an author writes about [gallery].
        return found[0][1:-1] if found[0].endswith("]]") else found[0]
    content = rest.rpartition("[")[0]
    if name.lower() in _ENCLOSING and not rest:
        return found[0]
    html = _HTML_OF[name.lower()](attributes, content)
    return found[0] + rest if html is None else html


def _figure(attributes: str, content: str) -> str:
    image = _IMAGE.fullmatch(content)
    shown, caption = image.groups() if image else (content, "")
    # Before WordPress 3.4 the caption was an attribute.
    named = _CAPTION.search(attributes)
    caption = caption.strip() or (named[1] or named[2] or "" if named else "")
    caption = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"\n\n<figure>{shown}{caption}</figure>\n\n"


def _listing(attributes: str, content: str) -> str:
    language = _CODE_LANGUAGE.search(attributes)
    css = f' class="language-{language[1].lower()}"' if language else ""
    # Some versions store code with entities, some without.
    code = _NO_ENTITY.sub("&amp;", content).replace("<", "&lt;").replace(">", "&gt;").strip("\r\n")
    return f"\n\n<pre><code{css}>{code}</code></pre>\n\n"


def _player(attributes: str, content: str) -> str | None:
    address = _ADDRESS.search(content) or _ADDRESS.search(attributes)
    return f"\n\n<p>{_link(address[0])}</p>\n\n" if address else None


def _gallery(_attributes: str, _content: str) -> str:
    return ""


def _link(address: str) -> str:
    address = escape(unescape(address))
    return f'<a href="{address}">{address}</a>'


_HTML_OF: dict[str, Callable[[str, str], str | None]] = {
    "caption": _figure,
    "wp_caption": _figure,
    "code": _listing,
    "sourcecode": _listing,
    "gallery": _gallery,
    "playlist": _gallery,
    **dict.fromkeys(("embed", "youtube", "vimeo", "soundcloud", "audio", "video"), _player),
}
