"""Folders of a Markdown tree that are kept from the public as a whole, by the page of their section."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from imports.archives import Member
from imports.faults import RecordRejected
from imports.sources.front_matter import front_matter, split_page
from imports.sources.page_fields import Fields, is_hidden_draft, truth_of

_HUGO_FILES = re.compile(r"(?:hugo\.(?:toml|ya?ml)|config\.ya?ml|config/_default/.*|archetypes/.*)")
_HUGO_SETTING = re.compile(r"^[ \t]*[\"']?baseurl\b", re.IGNORECASE | re.MULTILINE)


def hidden_folders(members: Iterable[Member], *, outer: str, limit: int) -> frozenset[str]:
    """Paths below `outer`, each with a slash at its end, whose files are drafts all the way down.

    With Zola a section that is a draft takes its folder with it (Zola's documentation, "Drafting"). Hugo
    leaves out no more than the section's own page, but for fields that it cascades. Where nothing tells
    that Hugo has built the site, the folder is hidden."""
    sections, is_hugo = [], False
    for member in members:
        path = member.path.removeprefix(outer)
        if PurePosixPath(path).name.startswith("_index."):
            sections.append(member)
        elif not is_hugo:
            is_hugo = _tells_of_hugo(path, member, limit)
    hidden = (section.path.removeprefix(outer) for section in sections if _hides(section, is_hugo, limit))
    return frozenset(path[: path.rfind("/") + 1] for path in hidden)


def is_below(path: str, folders: frozenset[str]) -> bool:
    if not folders:
        return False
    return any(path[:end] in folders for end in (0, *(slash.end() for slash in re.finditer("/", path))))


def _tells_of_hugo(path: str, member: Member, limit: int) -> bool:
    if path == "config.toml":
        return member.size <= limit and bool(_HUGO_SETTING.search(member.read().decode(errors="replace")))
    return _HUGO_FILES.fullmatch(path) is not None


def _hides(section: Member, is_hugo: bool, limit: int) -> bool:
    if section.size > limit:
        return True
    text = section.read().decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    try:
        page = split_page(text)
        fields = Fields(front_matter(page))
    except RecordRejected:
        # Nobody can tell what it says, other than that it may be this.
        return "draft" in text.lower()
    cascade = fields.get("cascade")
    if any(is_hidden_draft(Fields(item)) for item in _items(cascade) if type(item) is dict):
        return True
    is_draft = fields.get("draft") is not None and truth_of(fields.get("draft")) is not False
    return is_draft and not (is_hugo or page.kind == "json" or cascade is not None)


def _items(value: object) -> list[object]:
    return value if type(value) is list else [value]
