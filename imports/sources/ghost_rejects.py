"""What is kept of Ghost's posts that cannot be read, for a person to mend."""

import re
from collections.abc import Collection

import msgspec

from imports.sources.ghost_tables import Relations

_VISIBLE_KEYS = tuple(re.compile(rb'"%b"\s*:\s*"([\w-]{1,200})"' % name) for name in (b"uuid", b"id"))
# Scripts, which may hold keys of other services, and whom a post was mailed to.
_NEVER_KEPT = re.compile(
    rb'"(?:codeinjection_head|codeinjection_foot|email_recipient_filter)"\s*+:\s*+("(?:[^"\\]|\\.)*+"?)',
    re.DOTALL,
)

_row_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def to_mend(raw: bytes, relations: Relations, *, columns: Collection[str]) -> bytes:
    """A post whose columns can be told apart has those of `columns` and all that belongs to it, as one that
    can be read; of any other there are the bytes."""
    try:
        row = _row_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NEVER_KEPT.sub(_blanked, raw)
    known = {name: value for name, value in row.items() if name in columns}
    ident, author = (
        bytes(row.get(name, b"")).decode(errors="replace").strip('"') for name in ("id", "author_id")
    )
    belongings = {"tags": relations.tags_of(ident), "authors": relations.authors_of(ident, author)}
    return msgspec.json.encode({**relations.meta_of(ident), **known, **belongings})


def visible_key(raw: bytes) -> str:
    """The uuid, else the id, as far as either can be seen."""
    found = next(filter(None, (key.search(raw) for key in _VISIBLE_KEYS)), None)
    return found[1].decode() if found else ""


def _blanked(found: re.Match[bytes]) -> bytes:
    """As long as before, so that what was cut off still shows that it was."""
    return found[0][: found.start(1) - found.start()] + b"null".ljust(len(found[1]))
