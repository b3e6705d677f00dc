"""Titles for articles that came without one."""

_WORDS = 8
_CHARACTERS = 200


def title_from(text: str) -> str:
    """The first words of `text`, which is plain: some systems let an article go without a title, and
    people still have to find it."""
    words = text.split(maxsplit=_WORDS)
    if not words:
        return "Untitled"
    return " ".join(words[:_WORDS])[:_CHARACTERS] + ("…" if len(words) > _WORDS else "")
