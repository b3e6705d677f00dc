"""What the path of a Markdown file tells, and which address readers knew its page by."""

import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from django.conf.locale import LANG_INFO

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
_MARKDOWN = re.compile(r"\.(?:md|markdown|mdown|mkd)$", re.IGNORECASE)
# `page.fr` and `page.pt-BR`; of known languages only, for `vue.js` and `main.go` are names too.
_TRANSLATED = re.compile(
    r"(.+)\.(([a-z]{2,3})(?:[-_](?:[a-z]{4}|[a-z]{2}|[0-9]{3}))?)", re.DOTALL | re.IGNORECASE
)
_LANGUAGES = frozenset(code.partition("-")[0] for code in LANG_INFO)
# What Hugo leaves out of addresses.
_NO_PART_OF_ADDRESSES = re.compile(r"[^\w.+~@-]+")


class FileName(NamedTuple):
    """`moment` is the day or time before the `slug`, as written and perhaps impossible; `language` is the
    one of a translation, `page.fr.md`; `folders` are those around Jekyll's `_posts`, of which it makes
    categories."""

    name: str
    slug: str
    moment: str
    language: str
    in_drafts: bool
    folders: tuple[str, ...]


def read_file_name(path: str) -> FileName:
    file = PurePosixPath(path)
    folders = file.parts[:-1]
    name, language = split_language(file.stem)
    stem = folders[-1] if folders and name.lower() == "index" else name
    place = folders.index("_posts") if "_posts" in folders else 0
    moment, slug = _parted(stem, in_posts="_posts" in folders)
    return FileName(file.name, slug or stem, moment, language, "_drafts" in folders, folders[:place])


def split_language(stem: str) -> tuple[str, str]:
    """The name of a file without its suffixes, and the language that it ends in, empty where it is none."""
    found = _TRANSLATED.fullmatch(stem)
    if not found or found[3].lower() not in _LANGUAGES:
        return stem, ""
    return found[1], found[2].replace("_", "-")


def path_address(path: str, *, slug: str = "") -> str:
    """Where Hugo and Zola put the page of a file, unless it was told otherwise: `/section/page/`, and
    `/fr/section/page/` for a translation. Empty for a post of Jekyll. `slug` takes the place of the file's
    own name."""
    *folders, name = below_content(path).split("/")
    if "_posts" in folders or "_drafts" in folders:
        return ""
    stem, language = split_language(_MARKDOWN.sub("", name))
    parts = [*folders, *([stem] if stem.lower() not in ("index", "_index") else [])]
    if slug and parts:
        parts[-1] = slug
    shown = [_shown_in_address(part) for part in (language, *parts)]
    return "".join(f"/{part}" for part in shown if part) + "/"


def below_content(path: str) -> str:
    """The path within the folder that Hugo and Zola take pages from."""
    folders = path.split("/")
    return "/".join(folders[folders.index("content") + 1 :]) if "content" in folders[:-1] else path


def _shown_in_address(part: str) -> str:
    return quote(_NO_PART_OF_ADDRESSES.sub("", "-".join(part.lower().split())), safe="+@")


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
