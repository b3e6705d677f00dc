"""How much markup a body may have, so that rendering it keeps within bounds of memory."""

# A parsed tag takes some hundred bytes; an article with this many is none that anybody wrote.
_MOST_TAGS = 400_000


class BodyTooDense(ValueError):
    """A body has more markup than can be rendered within the bound of memory. Its text says what to do."""


def refuse_dense(html: str) -> str:
    """Returns `html`. Raises BodyTooDense."""
    tags = html.count("<")
    if tags > _MOST_TAGS:
        raise BodyTooDense(
            f"the body has {tags:,} tags, and {_MOST_TAGS:,} can be rendered; part it into several articles"
        )
    return html
