"""Ghost's own export: one JSON document of all tables of its database. Posts and pages become articles."""

import io
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import msgspec

from articles.rendering import plain_text
from imports.deliveries import Delivery, Sight
from imports.faults import DeliveryRefused, RecordRejected
from imports.sources.format import Delivered, Format, RawRecord, ReadOptions
from imports.sources.ghost_drafts import draft_text
from imports.sources.ghost_gating import public_part
from imports.sources.ghost_rejects import to_mend, visible_key
from imports.sources.ghost_tables import Flag, Id, PostMeta, Relations, Text, tables
from imports.sources.json_reader import JsonReader, decode_record
from imports.sources.titles import title_from
from imports.values import is_web_address, quoted, refuse_illegal_characters

# Ghost's mark for its own address.
_OWN_ADDRESS = b"__GHOST_URL__"
# A post that was `sent` went to members by mail, and nowhere else.
_PUBLIC = frozenset(("published", "scheduled"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What is kept is shown. How a post was mailed concerns nobody but its editors.
_KEPT = (
    *("id", "comment_id", "amp", "type", "status", "visibility", "featured", "custom_template"),
    *("canonical_url", "created_at"),
    *(name for name in PostMeta.__struct_fields__ if not name.startswith("email_")),
)


class _Post(PostMeta, kw_only=True, omit_defaults=True):
    """A row of `posts`. Left out with intent: `codeinjection_head` and `codeinjection_foot`, which are
    scripts and may hold keys of other services; and lists of who received a post by mail. `lexical` and
    `mobiledoc`, the editor's own form of what `html` says, are kept where there is nothing else."""

    id: Id = None
    uuid: Text = None
    comment_id: Id = None
    amp: Id = None
    title: Text = None
    slug: Text = None
    html: Text = None
    plaintext: Text = None
    lexical: Text = None
    mobiledoc: Text = None
    type: Text = None
    page: Flag = None
    status: Text = None
    visibility: Text = None
    featured: Flag = None
    feature_image: Text = None
    image: Text = None
    custom_excerpt: Text = None
    excerpt: Text = None
    language: Text = None
    locale: Text = None
    author_id: Id = None
    published_at: Id = None
    updated_at: Id = None
    created_at: Id = None
    canonical_url: Text = None
    custom_template: Text = None


class _JoinedPost(_Post, kw_only=True, omit_defaults=True):
    """`tags` are name, slug and visibility; `authors` are names."""

    tags: list[tuple[str, str, str]] = []
    authors: list[str] = []


_post_decoder = msgspec.json.Decoder(_Post)
_joined_decoder = msgspec.json.Decoder(_JoinedPost)
_encode = msgspec.json.Encoder().encode


def _recognizes(sight: Sight) -> bool:
    if not sight.head.lstrip().startswith(b"{"):
        return False
    reader = JsonReader(io.BytesIO(sight.head), name=sight.name, limit=len(sight.head))
    try:
        return _begins_an_export(reader)
    except DeliveryRefused:
        # The head ends in the middle of the document, or it is none.
        return False


def _begins_an_export(reader: JsonReader) -> bool:
    for name in reader.members():
        if name == "db" and reader.peek() == b"[":
            return any(_has_member(reader, ("meta", "data")) for _ in reader.elements())
        if name in ("meta", "data") and _has_member(reader, ("exported_on", "posts", "posts_authors")):
            return True
    return False


def _has_member(reader: JsonReader, names: tuple[str, ...]) -> bool:
    return reader.peek() == b"{" and any(name in names for name in reader.members())


def _read(delivery: Delivery, options: ReadOptions) -> Iterator[RawRecord]:
    """Walks the delivery twice, because what has to be joined to posts follows them."""
    with closing(Relations()) as relations:
        with delivery.open() as stream:
            relations.collect(_reader(stream, options), delivery=options.delivery)
        with delivery.open() as stream:
            yield from _posts(_reader(stream, options), relations, options.max_record_bytes)


def _reader(stream: BinaryIO, options: ReadOptions) -> JsonReader:
    return JsonReader(stream, name=options.delivery, limit=options.max_record_bytes)


def _posts(reader: JsonReader, relations: Relations, limit: int) -> Iterator[RawRecord]:
    for table in tables(reader):
        if table == "posts":
            for line, raw in reader.values():
                if raw is None:
                    fault = RecordRejected("too-large", f"the post is longer than {limit} bytes")
                    yield _broken(line, reader.cut, relations, fault)
                else:
                    yield _record(line, raw, relations)


def _record(line: int, raw: bytes, relations: Relations) -> RawRecord:
    try:
        post = decode_record(raw, _post_decoder, what="post")
    except RecordRejected as fault:
        return _broken(line, raw, relations, fault)
    return RawRecord(line, _key(post), _encode(_joined(post, relations)))


def _broken(line: int, raw: bytes, relations: Relations, fault: RecordRejected) -> RawRecord:
    fault.key = visible_key(raw)
    return RawRecord(line, "", to_mend(raw, relations, columns=_Post.__struct_fields__), fault)


def _key_of(raw: bytes, options: ReadOptions) -> str:
    """Of a post that may still be broken."""
    with suppress(RecordRejected):
        return _key(decode_record(raw, _joined_decoder, what="post"))
    return visible_key(raw)


def _joined(post: _Post, relations: Relations) -> _JoinedPost:
    own = {name: value for name, value in msgspec.structs.asdict(post).items() if value is not None}
    if _has_text(post.html) or _has_text(post.plaintext):
        own = {name: value for name, value in own.items() if name not in ("lexical", "mobiledoc")}
    ident = str(post.id)
    return _JoinedPost(
        **{**relations.meta_of(ident), **own},
        tags=relations.tags_of(ident),
        authors=relations.authors_of(ident, str(post.author_id)),
    )


def _key(post: _Post) -> str:
    """Ghost gives new ids when it imports its own export, but keeps the uuid."""
    key = str(post.uuid or ("" if post.id is None else post.id))
    return "" if "\x00" in key else key


def _to_values(raw: bytes, options: ReadOptions) -> Delivered:
    address = msgspec.json.encode(options.base_url.rstrip("/"))[1:-1]
    raw = raw.replace(_OWN_ADDRESS + b"/", address + b"/").replace(_OWN_ADDRESS, address or b"/")
    post = decode_record(raw, _joined_decoder, what="post")
    if rb"\u0000" in raw:
        refuse_illegal_characters(msgspec.to_builtins(post))
    if not _key(post):
        raise RecordRejected("missing-key", "the post has neither a uuid nor an id")
    body, body_format = _body(post)
    public = _is_public(post) and body_format == "html" and _has_text(body)
    picture = post.feature_image or post.image
    return Delivered(
        _values(post, body, body_format, options),
        draft=not public,
        pictures=[picture] if picture else [],
    )


def _is_public(post: _Post) -> bool:
    """Members' and paid posts are nobody else's, whatever their status says."""
    return post.status in _PUBLIC and post.visibility == "public" and not post.email_only


def _values(post: _JoinedPost, body: str, body_format: str, options: ReadOptions) -> dict[str, Any]:
    shown = [name for name, slug, visibility in post.tags if not _is_internal(name, visibility)]
    return {
        "title": (post.title or "").strip()
        or title_from(plain_text(body) if body_format == "html" else body),
        "slug": post.slug,
        "published_at": _moment("published_at", post.published_at),
        "updated_at": _moment("updated_at", post.updated_at),
        "body": body,
        "body_format": body_format,
        "language": (post.locale or post.language or "").replace("_", "-") or None,
        "authors": post.authors,
        "topic": shown[0] if shown else None,
        "tags": shown[1:],
        "summary": post.custom_excerpt or post.excerpt,
        "image_sources": _image(post),
        "payload": {"source_id": _key(post), "generator": "Ghost", "type": _kind(post)},
        "aliases": [f"{_home(options.base_url)}/{post.slug}/"] if post.slug else [],
        "ghost": _kept(post),
    }


def _body(post: _JoinedPost) -> tuple[str, str]:
    """Only HTML tells what is for members alone, so nothing else may be public."""
    if _has_text(post.html):
        return public_part(post.html), "html"
    text = post.plaintext if _has_text(post.plaintext) else draft_text(post.lexical, post.mobiledoc)
    if text or post.status == "draft":
        return text, "text"
    raise RecordRejected(
        "missing-body",
        "the post has neither html nor plaintext; open it in Ghost and save it, which makes them, and export "
        "again",
    )


def _home(base_url: str) -> str:
    """The folder in which the site stands, empty where it has a host of its own."""
    folder = base_url.partition("://")[2].partition("/")[2].strip("/")
    return f"/{folder}" if folder else ""


def _has_text(text: str | None) -> bool:
    return bool(text and not text.isspace())


def _kind(post: _Post) -> str:
    return post.type or ("page" if post.page else "post")


def _is_internal(name: str, visibility: str) -> bool:
    """Ghost shows such tags to nobody: they steer its themes."""
    return name.startswith("#") or visibility == "internal"


def _image(post: _Post) -> list[dict[str, str]]:
    address = post.feature_image or post.image or ""
    if not is_web_address(address):
        return []
    caption = plain_text(post.feature_image_caption or "")
    image = {"url": address, "caption": caption, "alt": post.feature_image_alt}
    return [{name: value for name, value in image.items() if value}]


def _kept(post: _JoinedPost) -> dict[str, Any]:
    kept = {name: getattr(post, name) for name in _KEPT}
    address = post.feature_image or post.image or ""
    kept["feature_image"] = "" if is_web_address(address) else address
    return {name: value for name, value in kept.items() if value}


def _moment(name: str, value: str | int | None) -> str | None:
    """Milliseconds since 1970, or ISO 8601 with or without an offset: UTC in any case."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int):
            return (_EPOCH + timedelta(milliseconds=value)).isoformat()
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        raise RecordRejected("bad-date", f"{name} is no date: {quoted(str(value))}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


FORMAT = Format("ghost", "Ghost export", _recognizes, _read, _to_values, _key_of)
