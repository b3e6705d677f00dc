"""What Jekyll adds to Markdown, put into plain Markdown as far as that needs no site around it."""

import re
from urllib.parse import quote

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
_BACKTICKS = re.compile("`{3,}")


def plain_markdown(body: str) -> str:
    """`{% highlight %}` becomes a fenced listing, `{% raw %}` disappears, and so do attribute lists at
    the ends of lines. Links to posts lead to `post_path`; a site's own address is left out of links."""
    if "{%" in body or "{{" in body:
        body = _without_liquid(body)
    return _ATTRIBUTES.sub("", body) if "{:" in body else body


def post_path(name: str) -> str:
    """The address under which `{% post_url %}` finds a post by its file name; empty for other files."""
    found = _POST.fullmatch(name)
    if not found:
        return ""
    year, month, day, title = found.groups()
    return f"/{year}/{month:0>2}/{day:0>2}/{quote(title)}.html"


def _without_liquid(body: str) -> str:
    reader = _Liquid(body)
    for found in _LIQUID.finditer(body):
        reader.take(found)
    return reader.text()


class _Liquid:
    def __init__(self, body: str) -> None:
        self._body = body
        self._pieces: list[str] = []
        self._end = 0
        self._raw = False
        # Of the listing that is open: its place among the pieces, where its code begins, its language.
        self._listing: tuple[int, int, str] | None = None

    def take(self, found: re.Match) -> None:
        self._pieces.append(self._body[self._end : found.start()])
        self._pieces.append(self._replaced(found))
        self._end = found.end()

    def text(self) -> str:
        return "".join([*self._pieces, self._body[self._end :]])

    def _replaced(self, found: re.Match) -> str:
        tag = found["tag"]
        if tag == "endraw" or (tag == "raw" and not self._raw):
            self._raw = tag == "raw"
            return ""
        if self._raw:
            return found[0]
        if tag == "highlight":
            words = found["given"].split()
            self._listing = (len(self._pieces), found.end(), words[0] if words else "")
            return found[0]
        if tag == "endhighlight":
            return self._closed(found)
        if tag:
            return post_path(found["given"].strip()) or found[0]
        return found["path"] or ""

    def _closed(self, found: re.Match) -> str:
        if not self._listing:
            return found[0]
        place, start, language = self._listing
        self._listing = None
        code = self._body[start : found.start()]
        before = "".join(self._pieces[place - 1 : place])
        self._pieces[place], closing = fences(code, language=language, before=before)
        return closing


def fences(code: str, *, language: str, before: str) -> tuple[str, str]:
    """What opens and closes a listing of `code`, each on a line of its own; `before` stands before it."""
    fence = "`" * max([2, *map(len, _BACKTICKS.findall(code))]) + "`"
    starts = "" if not before.rpartition("\n")[2].strip() else "\n"
    ends = "" if code.startswith("\n") else "\n"
    return f"{starts}{fence}{language}{ends}", fence if not code.rpartition("\n")[2].strip() else f"\n{fence}"
