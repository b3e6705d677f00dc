"""The tables of a Ghost export, and those of them that have to be joined to its posts.

Only the columns named here are ever decoded. `settings`, members, sessions and API keys, and all that
`users` holds beside names, are secrets; they are passed over as bytes."""

import sqlite3
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.json_reader import JsonReader, decode_record

_Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # what SQLite stores
# Version 0 counted its rows; since version 1 an id is 24 hexadecimal digits.
Id = str | _Number | None
Text = str | None
Flag = bool | _Number | None


class _Tag(msgspec.Struct):
    id: Id = None
    name: Text = None
    slug: Text = None
    visibility: Text = None


class _User(msgspec.Struct):
    id: Id = None
    name: Text = None
    slug: Text = None


class _PostTag(msgspec.Struct):
    post_id: Id = None
    tag_id: Id = None
    sort_order: _Number | None = None


class _PostAuthor(msgspec.Struct):
    post_id: Id = None
    author_id: Id = None
    sort_order: _Number | None = None


class PostMeta(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What version 3 moved out of `posts` into a table of its own."""

    meta_title: Text = None
    meta_description: Text = None
    og_title: Text = None
    og_description: Text = None
    og_image: Text = None
    twitter_title: Text = None
    twitter_description: Text = None
    twitter_image: Text = None
    feature_image_alt: Text = None
    feature_image_caption: Text = None
    email_subject: Text = None
    email_only: Flag = None


class _PostMetaRow(PostMeta, kw_only=True):
    post_id: Id = None


_ROWS: dict[str, type[msgspec.Struct]] = {
    "tags": _Tag,
    "users": _User,
    "posts_tags": _PostTag,
    "posts_authors": _PostAuthor,
    "posts_meta": _PostMetaRow,
}
_DECODERS = {table: msgspec.json.Decoder(row) for table, row in _ROWS.items()}
_META = PostMeta.__struct_fields__

_INDEXES = """
CREATE INDEX tag ON tags (id);
CREATE INDEX author ON users (id);
CREATE INDEX tag_of ON posts_tags (post_id, sort_order);
CREATE INDEX author_of ON posts_authors (post_id, sort_order);
CREATE INDEX meta_of ON posts_meta (post_id);
"""
_TAGS = """
SELECT name, coalesce(slug, ''), coalesce(visibility, 'public')
FROM posts_tags JOIN tags ON tags.id = tag_id
WHERE post_id = ? AND name <> '' ORDER BY sort_order, posts_tags.rowid
"""
_AUTHORS = """
SELECT coalesce(nullif(name, ''), slug) AS shown
FROM posts_authors JOIN users ON users.id = author_id
WHERE post_id = ? AND shown <> '' ORDER BY sort_order, posts_authors.rowid
"""
_AUTHOR = "SELECT coalesce(nullif(name, ''), slug) AS shown FROM users WHERE id = ? AND shown <> ''"
_META_OF = f"SELECT {', '.join(_META)} FROM posts_meta WHERE post_id = ? ORDER BY rowid LIMIT 1"  # noqa: S608


def tables(reader: JsonReader) -> Iterator[str]:
    """Stops before the rows of each table, with its name. An export is `{"db": [{"data": {…}}]}`, or
    the object within the list alone."""
    for name in reader.members():
        if name == "data":
            yield from _tables_of_data(reader)
        elif name == "db" and reader.peek() == b"[":
            for _ in reader.elements():
                yield from _tables_of_export(reader)
    reader.finish()


def _tables_of_export(reader: JsonReader) -> Iterator[str]:
    if reader.peek() == b"{":
        for name in reader.members():
            if name == "data":
                yield from _tables_of_data(reader)


def _tables_of_data(reader: JsonReader) -> Iterator[str]:
    if reader.peek() == b"{":
        for table in reader.members():
            if reader.peek() == b"[":
                yield table


class Relations:
    """What belongs to a post by its id: tags, authors and meta.

    They follow the posts in an export and do not fit in memory: one million posts have some five million
    such rows, which SQLite keeps in a temporary file of about 620 MB without a name, with 2 MB of it in
    memory."""

    def __init__(self) -> None:
        # A generator that uses this may be closed by another thread than the one that ran it.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA temp_store = FILE")
        self._database.execute("PRAGMA journal_mode = OFF")
        for table, row in _ROWS.items():
            # A column of text stores numbers as text, so that ids of either kind compare.
            columns = ", ".join(
                f"{name} TEXT" if name.endswith("id") else name for name in row.__struct_fields__
            )
            self._database.execute(f"CREATE TABLE {table} ({columns})")

    def close(self) -> None:
        self._database.close()

    def collect(self, reader: JsonReader, *, delivery: str) -> None:
        """Raises DeliveryRefused where a row is broken or there is no table of posts."""
        found = set()
        try:
            for table in tables(reader):
                found.add(table)
                if table in _ROWS:
                    self._insert(table, _rows(reader, table, delivery))
            self._database.executescript(_INDEXES)
        except sqlite3.OperationalError as error:
            raise DeliveryRefused(
                f"{delivery} cannot be read for want of room in the temporary folder ({error}); "
                "free some space there, or set TMPDIR to a folder that has some."
            ) from error
        if "posts" not in found:
            raise DeliveryRefused(
                f"{delivery} has no table of posts, so it is no Ghost export; name its format with --format."
            )

    def _insert(self, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(_ROWS[table].__struct_fields__))
        # One transaction, for each would write its pages.
        self._database.execute("BEGIN")
        self._database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        self._database.execute("COMMIT")

    def tags_of(self, post: str) -> list[tuple[str, str, str]]:
        """Name, slug and visibility, the primary tag first."""
        return self._database.execute(_TAGS, (post,)).fetchall()

    def authors_of(self, post: str, author: str) -> list[str]:
        """Names; `author` is the id in the post itself, which old versions have in place of the table."""
        rows = self._database.execute(_AUTHORS, (post,)).fetchall()
        return [name for (name,) in rows or self._database.execute(_AUTHOR, (author,)).fetchall()]

    def meta_of(self, post: str) -> dict[str, Any]:
        row = self._database.execute(_META_OF, (post,)).fetchone() or ()
        return {name: value for name, value in zip(_META, row, strict=False) if value is not None}


def _rows(reader: JsonReader, table: str, delivery: str) -> Iterator[tuple[Any, ...]]:
    for line, raw in reader.values():
        try:
            if raw is None:
                raise RecordRejected("too-large", "the row is too long")
            row = decode_record(raw, _DECODERS[table], what="row")
        except RecordRejected as fault:
            raise DeliveryRefused(
                f"{delivery} has a broken row in its table {table}, near line {line}: {fault.message}. "
                "Correct that row, or export again."
            ) from None
        yield msgspec.structs.astuple(row)
