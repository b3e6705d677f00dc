"""Paragraphs for text that WordPress's classic editor stored without them."""

import re

_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|caption|pre|blockquote|figure|"
    r"figcaption|form|hr|section|article|aside|header|footer|nav|address|details|iframe|video|audio|script|style)\b",
    re.IGNORECASE,
)
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.IGNORECASE | re.DOTALL)
_BLANK_LINES = re.compile(r"\n\s*\n")


def add_paragraphs(text: str) -> str:
    """`text` with its blank lines made paragraphs and its line ends line breaks, as WordPress shows
    it (wpautop). Text that already has paragraphs or blocks of its own stays as it is."""
    if "<!-- wp:" in text or re.search(r"<p[\s>]", text, re.IGNORECASE):
        return text
    parts = _PRE.split(text.replace("\r\n", "\n"))
    return "\n".join(
        part if index % 2 else _paragraphs(part) for index, part in enumerate(parts) if part.strip()
    )


def _paragraphs(text: str) -> str:
    return "\n".join(_paragraph(chunk.strip()) for chunk in _BLANK_LINES.split(text) if chunk.strip())


def _paragraph(chunk: str) -> str:
    if _BLOCK.match(chunk):
        return chunk
    return "<p>" + chunk.replace("\n", "<br>\n") + "</p>"
