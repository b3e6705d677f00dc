"""Ghost's cards for some readers only: in the HTML of a post that is public otherwise, they stand between
comments that tell whom they are for, and Ghost's server cuts them out of each page it sends."""

import re

_MARK = re.compile(r"<!--\s*kg-gated-block:(?:(end)\b|begin\b)(.*?)(?:-->|\Z)", re.DOTALL | re.IGNORECASE)
_FOR_WHOM = re.compile(r"""\bnonMember\s*:\s*["']?(\w+)""", re.IGNORECASE)


def public_part(html: str) -> str:
    """What readers see who are no members. A block that never ends hides all that follows, and so does
    one within a hidden one until both have ended."""
    if "kg-gated-block" not in html.lower():
        return html
    pieces, start, within = [], 0, []
    for mark in _MARK.finditer(html):
        if all(within):
            pieces.append(html[start : mark.start()])
        start = mark.end()
        if not mark[1]:
            within.append(_is_for_all(mark[2]))
        elif within:
            within.pop()
    return "".join([*pieces, html[start:]]) if all(within) else "".join(pieces)


def _is_for_all(parameters: str) -> bool:
    told = [value.lower() for value in _FOR_WHOM.findall(parameters)]
    return bool(told) and set(told) == {"true"}
