"""Tags that generators of sites put into Markdown, replaced one by one. A pair around a listing becomes a
fenced one; what is not understood stays as it stands."""

import re

_BACKTICKS = re.compile("`{3,}")


class TagReader:
    """For one body. Subclasses say what a tag becomes."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._pieces: list[str] = []
        # Of the listing that is open: its place among the pieces, where its code begins, its language.
        self._listing: tuple[int, int, str] | None = None

    def replaced(self, found: re.Match[str]) -> str:
        raise NotImplementedError

    def text(self, tags: re.Pattern[str]) -> str:
        """The body with its tags replaced, in one pass however many there are."""
        end = 0
        for found in tags.finditer(self._body):
            self._pieces.append(self._body[end : found.start()])
            self._pieces.append(self.replaced(found))
            end = found.end()
        return "".join([*self._pieces, self._body[end:]])

    def opened(self, found: re.Match[str], *, language: str) -> str:
        """A listing begins; its tag stays unless its end is found."""
        self._listing = (len(self._pieces), found.end(), language)
        return found[0]

    def closed(self, found: re.Match[str]) -> str:
        if not self._listing:
            return found[0]
        place, start, language = self._listing
        self._listing = None
        code = self._body[start : found.start()]
        before = "".join(self._pieces[place - 1 : place])
        self._pieces[place], closing = _fences(code, language=language, before=before)
        return closing


def _fences(code: str, *, language: str, before: str) -> tuple[str, str]:
    """What opens and closes a listing of `code`, each on a line of its own; `before` stands before it."""
    fence = "`" * max([2, *map(len, _BACKTICKS.findall(code))]) + "`"
    starts = "" if not before.rpartition("\n")[2].strip() else "\n"
    ends = "" if code.startswith("\n") else "\n"
    return f"{starts}{fence}{language}{ends}", fence if not code.rpartition("\n")[2].strip() else f"\n{fence}"
