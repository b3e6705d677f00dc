"""The first heading of a Markdown text, which is its title where nothing else is."""

import re

from articles.rendering import plain_text, render_body

_HEADING = re.compile(r"<h([2-6])(?: [^>]*)?>(.*?)</h\1>", re.DOTALL)
_FIRST_LINES = re.compile(r"(?:[ \t]*\n)*+ {0,3}(?:#[ \t][^\n]*|[^\n#][^\n]*\n {0,3}=+[ \t]*)(?:\n|\Z)")
_LONGEST = 300


def split_heading(body: str) -> tuple[str, str]:
    """The first heading as plain text, or nothing, and the body: without the heading where that is of the
    first level and opens it, for a page tells its title once."""
    html = render_body(body, body_format="markdown")
    found = _HEADING.search(html)
    title = plain_text(found[2])[:_LONGEST] if found else ""
    opening = _FIRST_LINES.match(body) if title and found.start() == 0 else None
    return title, body[opening.end() :] if opening else body
