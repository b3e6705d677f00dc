"""Titles for articles that came without one, or with one that is none."""

_WORDS = 8
_CHARACTERS = 200
_MOST_CHARACTERS = 300


def title_from(text: str) -> str:
    """The first words of `text`, which is plain: some systems let an article go without a title, and
    people still have to find it."""
    words = text.split(maxsplit=_WORDS)
    if not words:
        return "Untitled"
    return " ".join(words[:_WORDS])[:_CHARACTERS] + ("…" if len(words) > _WORDS else "")


def fitting_title(text: str) -> str:
    """`text`, cut to what a title may have: a feed gives the whole of a short post as its title."""
    if not is_too_long(text):
        return text
    words = text[:_MOST_CHARACTERS].rpartition(" ")[0]
    return f"{words or text[: _MOST_CHARACTERS - 1]}…"


def is_too_long(title: str) -> bool:
    return len(title) > _MOST_CHARACTERS
