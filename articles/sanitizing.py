"""What may stay of an article's HTML: one pass of nh3 over the allow-list, and what nh3 cannot say.

The cost of a usual body is that of nh3 itself: what follows is one look for the few tags that need more.
It works on what nh3 wrote. There each tag is closed, each attribute stands in double quotes, and no `<` or
`>` is anything but the edge of a tag, so that short patterns are exact.
"""

import re
from html import escape, unescape
from urllib.parse import unquote

import nh3

from articles.allowed_markup import (
    ATTRIBUTE_VALUES,
    ATTRIBUTES,
    ID_PREFIX,
    LINK_REL,
    SET_ATTRIBUTES,
    TAGS,
    TAGS_DROPPED_WITH_CONTENT,
    URL_SCHEMES,
    VIDEO_HOSTS,
)
from articles.balancing import balanced, may_be_costly

# Repairing broken markup can leave markup that is repaired once more. Real bodies settle in one or two
# passes; what has not settled after six was made to be read differently each time.
_PASSES = 6
# What a pass adds (attributes that the site sets, end tags, entities) stays below this; what grows more
# builds elements again and again.
_MOST_GROWTH = 16
_TAG_NAMES = re.compile(r"</?[a-zA-Z][^\s/>]*")

# XML 1.0 knows none of these, so that one would break every feed that carries the article; a carriage
# return becomes a line feed at the next reading. Keys and values as str.translate takes them.
_CONTROLS = {chr(code): "" for code in range(32) if chr(code) not in "\t\n"} | {"\r": "\n"}
_CONTROLS_REPLACED = str.maketrans(_CONTROLS)
_CONTROL_BYTES = "".join(_CONTROLS).encode()
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")

# A parser drops the first line feed inside <pre>: one more would go at each reading.
_PRE_LINE_FEEDS = re.compile(r"(<pre(?: [^>]*)?>)\n+")

_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_NAMED_ANCHOR = re.compile(r'<a((?: [a-z]+="[^"]*")*?) name="([^"]*)"((?: [a-z]+="[^"]*")*)>')
_IFRAME = re.compile(r"<iframe([^>]*)>.*?</iframe>", re.DOTALL)
# Strict on purpose: user info, ports and backslashes are where readers of addresses disagree on the host.
_VIDEO = re.compile(
    rf"(?:https?:)?//({'|'.join(map(re.escape, VIDEO_HOSTS))})(/[\w./?=&%;:,~+@!$'()*#-]*)", re.ASCII
)

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE | re.ASCII)
# Browsers skip these inside an address before they look for its scheme.
_SKIPPED_IN_ADDRESS = dict.fromkeys(range(33))
# An address without white space, which does not end in a comma; then its width or density.
SRCSET_CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(?:\s+([^\s,][^,]*))?", re.ASCII)
_SRCSET_DESCRIPTOR = re.compile(r"(?:\d+(?:\.\d+)?[wx])?", re.ASCII)

# White space and punctuation but `-`, `.`, `:` and `_`. Letters of every script stay, and their marks.
_NOT_IN_ID = re.compile(r"[\x00-,/;-@\[-^`{-\xbf\u2000-\u206f\u3000]+")
_LONGEST_ID = 100
_LANGUAGE_CLASS = re.compile(r"(?<!\S)language-[\w+#.-]{1,40}(?!\S)")
_DIMENSION = re.compile(r"\s*(\d{1,5}%?)(?:px)?\s*", re.ASCII)


def sanitize_html(html: str) -> str:
    """Only what `articles.allowed_markup` lists, well-formed; sanitizing the result changes nothing.

    Whatever it is given, it does not raise, and takes time in proportion to the length. What does not
    settle comes back as its text.
    """
    try:
        return _settled(html)
    except UnicodeEncodeError:
        return _settled(_LONE_SURROGATE.sub("\ufffd", html))


def anchor(text: str) -> str | None:
    """`text` as an id inside a body; None when nothing of it can stand in one."""
    name = _NOT_IN_ID.sub("-", text.removeprefix(ID_PREFIX))[:_LONGEST_ID].strip("-")
    return ID_PREFIX + name if name else None


def _settled(source: str) -> str:
    for _ in range(_PASSES):
        costly = may_be_costly(source)
        read = balanced(source) if costly else source
        clean = _cleaned(read)
        if len(clean) > _MOST_GROWTH * len(read):
            read = balanced(source)
            clean = _cleaned(read)
        if _is_stable(read, clean) and costly >= may_be_costly(clean):
            return clean
        source = clean
    return _TEXT_ONLY.clean(source)


def _is_stable(read: str, clean: str) -> bool:
    # The same tags in the same order are read as the same tree. Otherwise something was repaired, unwrapped
    # or dropped, and only another pass shows what becomes of the result.
    return clean == read or _TAG_NAMES.findall(clean) == _TAG_NAMES.findall(read)


def _cleaned(source: str) -> str:
    html = _CLEANER.clean(source)
    if _has_controls(html):
        # Once more, because `java\x01script:` is a harmless relative address until the control is gone.
        html = _CLEANER.clean(html.translate(_CONTROLS_REPLACED))
    found = set(_REWRITTEN.findall(html))
    for tag, pattern, replacement in _REWRITES:
        if tag in found:
            html = pattern.sub(replacement, html)
    return html


def _has_controls(html: str) -> bool:
    # Of all ways to look for any of thirty characters this one costs least, a tenth of thirty looks.
    encoded = html.encode()
    return len(encoded.translate(None, _CONTROL_BYTES)) < len(encoded)


def _video_or_link(iframe: re.Match) -> str:
    attributes = dict(_ATTRIBUTE.findall(iframe[1]))
    address = unescape(attributes.get("src", ""))
    if _VIDEO.fullmatch(address):
        title = "" if "title" in attributes else ' title="Video"'
        return f"<iframe{title}{iframe[1]}></iframe>"
    if not address.lower().startswith(("https://", "http://", "//")):
        return ""
    return f'<a href="{escape(address)}" rel="{LINK_REL}">{escape(address)}</a>'


def _anchor_with_id(anchor: re.Match) -> str:
    before, name, after = anchor.groups()
    has_id = "id" in dict(_ATTRIBUTE.findall(before + after))
    return f"<a{before}{after}>" if has_id else f'<a{before} id="{name}"{after}>'


def _filtered(element: str, attribute: str, value: str) -> str | None:
    rule = _RULES.get(attribute)
    return rule(element, value) if rule else value


def _id(_element: str, value: str) -> str | None:
    return anchor(value)


def _href(_element: str, value: str) -> str:
    if not value.startswith("#") or value == "#top":
        return value
    return f"#{anchor(unquote(value[1:])) or ''}"


def _src(element: str, value: str) -> str:
    if element == "iframe":
        video = _VIDEO.fullmatch(value)
        return f"https://{video[1]}{video[2]}" if video else value
    # A page that came by https asks for films and sound by https in any case.
    if element != "img" and value[:7].lower() == "http://":
        return f"https://{value[7:]}"
    return value


def _srcset(_element: str, value: str) -> str | None:
    candidates = [
        f"{address} {descriptor.strip()}".strip()
        for address, descriptor in SRCSET_CANDIDATE.findall(value)
        if _is_web_address(address) and _SRCSET_DESCRIPTOR.fullmatch(descriptor.strip())
    ]
    return ", ".join(candidates) or None


def _cite(_element: str, value: str) -> str | None:
    return value if _is_web_address(value) else None


def _is_web_address(address: str) -> bool:
    scheme = _SCHEME.match(address.translate(_SKIPPED_IN_ADDRESS))
    return scheme is None or scheme[1].lower() in {"http", "https"}


def _language_class(_element: str, value: str) -> str | None:
    language = _LANGUAGE_CLASS.search(value)
    return language[0] if language else None


def _dimension(_element: str, value: str) -> str | None:
    dimension = _DIMENSION.fullmatch(value)
    return dimension[1] if dimension else None


def _with_attributes(tag: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in SET_ATTRIBUTES[tag].items())
    return rf"<{tag}\1{attributes}>"


# nh3 has held href, src and poster against URL_SCHEMES before it asks; cite and srcset it has not.
_RULES = {
    "id": _id,
    "name": _id,
    "href": _href,
    "src": _src,
    "srcset": _srcset,
    "cite": _cite,
    "class": _language_class,
    "width": _dimension,
    "height": _dimension,
}

# In this order, because what an iframe encloses is not escaped until it is gone. The attributes that the
# site sets are not left to nh3: it writes them in an order that differs from process to process, and the
# same body must give the same bytes.
_REWRITES = [
    ("iframe", _IFRAME, _video_or_link),
    ("a", _NAMED_ANCHOR, _anchor_with_id),
    ("pre", _PRE_LINE_FEEDS, r"\1"),
    *((tag, re.compile(rf"<{tag}((?: [^>]*)?)>"), _with_attributes(tag)) for tag in SET_ATTRIBUTES),
]
# One look for all of them; most bodies hold none.
_REWRITTEN = re.compile(rf"""<({"|".join(SET_ATTRIBUTES)}|a(?= [^>]*name=)|pre(?=(?: [^>]*)?>\n))\b""")

_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=TAGS_DROPPED_WITH_CONTENT,
    attributes=ATTRIBUTES,
    tag_attribute_values=ATTRIBUTE_VALUES,
    attribute_filter=_filtered,
    url_schemes=URL_SCHEMES,
    link_rel=LINK_REL,
)
_TEXT_ONLY = nh3.Cleaner(tags=set(), clean_content_tags=TAGS_DROPPED_WITH_CONTENT | {"iframe"})
