"""What the path of a Markdown file tells, and which address readers knew its page by."""

import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote

_DATED = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2})(?:-(?P<time>[0-2]\d-[0-5]\d-[0-5]\d))?(?:[-_](?P<slug>.*))?",
    re.DOTALL | re.ASCII,
)
# Jekyll's own rule, which elsewhere would take too much for a date.
_SHORT_DATED = re.compile(r"(?P<year>\d{2})(?P<rest>-\d{1,2}-\d{1,2})-(?P<slug>.+)", re.DOTALL | re.ASCII)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
# `/:year/:title/`, and the names that Jekyll has for such patterns.
_PATTERN = re.compile(r"(?:^|/):\w")
_PATTERN_NAMES = frozenset(("date", "pretty", "ordinal", "weekdate", "none"))


class FileName(NamedTuple):
    """`moment` is the day or time before the `slug`, as written and perhaps impossible; `folders` are
    those around Jekyll's `_posts`, of which it makes categories."""

    name: str
    slug: str
    moment: str
    in_drafts: bool
    folders: tuple[str, ...]


def read_file_name(path: str) -> FileName:
    file = PurePosixPath(path)
    folders = file.parts[:-1]
    stem = folders[-1] if folders and file.stem.lower() == "index" else file.stem
    place = folders.index("_posts") if "_posts" in folders else 0
    moment, slug = _parted(stem, in_posts="_posts" in folders)
    return FileName(file.name, slug or stem, moment, "_drafts" in folders, folders[:place])


def _parted(stem: str, *, in_posts: bool) -> tuple[str, str]:
    found = _DATED.fullmatch(stem)
    if found:
        time = found["time"]
        return f"{found['day']} {time.replace('-', ':')}" if time else found["day"], found["slug"] or ""
    found = _SHORT_DATED.fullmatch(stem) if in_posts else None
    if not found:
        return "", stem
    # As Ruby reads two digits.
    century = "20" if found["year"] < "69" else "19"
    return f"{century}{found['year']}{found['rest']}", found["slug"]


def literal_address(value: Any) -> str:
    """The path that front matter gives a page, from its first slash and as it is written there. Empty
    for a pattern, for the address of another site, and for one that climbs out of its own."""
    address = value.strip() if type(value) is str else ""
    if not address or address in _PATTERN_NAMES or _PATTERN.search(address) or _ELSEWHERE.match(address):
        return ""
    if ".." in unquote(address).replace("\\", "/").split("/"):
        return ""
    return f"/{address.lstrip('/')}"
