"""What Jekyll adds to Markdown, put into plain Markdown as far as that needs no site around it."""

import re
from urllib.parse import quote

from imports.sources.markdown_tags import TagReader

# One pass over these, however many there are; everything else of Liquid stays as it stands.
_LIQUID = re.compile(
    r"\{%-?[ \t]*(?P<tag>raw|endraw|highlight|endhighlight|post_url|link)\b(?P<given>[^%\n]{0,300}?)-?%\}"
    r"|\{\{-?[ \t]*(?:site\.(?:baseurl|url)"
    r"|\"(?P<path>[^\"\n]{0,300})\"[ \t]*\|[ \t]*(?:relative|absolute)_url)[ \t]*-?\}\}"
)
# kramdown's inline attribute lists, and no `{:a => 1}` of Ruby.
_ATTRIBUTES = re.compile(
    r"(?<![ \t])[ \t]*+\{:[ \t]*+"
    r"(?:(?:[.#][\w-]++|[\w-]++=\"[^\"\n]*+\"|[\w-]++='[^'\n]*+'|toc\b)[ \t]*+)++\}[ \t]*+$",
    re.MULTILINE,
)
_POST = re.compile(r"(?:.*/)?(\d{4})-(\d{1,2})-(\d{1,2})-([^/\s]+?)(?:\.(?:md|markdown|mdown|mkd|html))?")


def plain_markdown(body: str) -> str:
    """`{% highlight %}` becomes a fenced listing, `{% raw %}` disappears, and so do attribute lists at
    the ends of lines. Links to posts lead to `post_path`; a site's own address is left out of links."""
    if "{%" in body or "{{" in body:
        body = _Liquid(body).text(_LIQUID)
    return _ATTRIBUTES.sub("", body) if "{:" in body else body


def post_path(name: str) -> str:
    """The address under which `{% post_url %}` finds a post by its file name; empty for other files."""
    found = _POST.fullmatch(name)
    if not found:
        return ""
    year, month, day, title = found.groups()
    return f"/{year}/{month:0>2}/{day:0>2}/{quote(title)}.html"


class _Liquid(TagReader):
    def __init__(self, body: str) -> None:
        super().__init__(body)
        self._raw = False

    def replaced(self, found: re.Match[str]) -> str:
        tag = found["tag"]
        if tag == "endraw" or (tag == "raw" and not self._raw):
            self._raw = tag == "raw"
            return ""
        if self._raw:
            return found[0]
        if tag == "highlight":
            words = found["given"].split()
            return self.opened(found, language=words[0] if words else "")
        if tag == "endhighlight":
            return self.closed(found)
        if tag:
            return post_path(found["given"].strip()) or found[0]
        return found["path"] or ""
