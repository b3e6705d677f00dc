"""What the addresses in bodies stand for: kept with each batch, resolved in a stage of its own.

Resolving goes over what is still open, a chunk a transaction, so that it may be killed at any moment and run
again: what has been found stays, and a later delivery can bring what a link was waiting for."""

# ruff: noqa: S608 - only constants of this project are joined into statements

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from django.db import connection, transaction

from articles.models import Article
from articles.references import references_in
from imports.models import Source
from imports.patience import patiently
from imports.values import tells_pages_apart

_CHUNK = 2000
_LONGEST_PATH = 1000
# RFC 1035 section 2.3.4, and a port.
_LONGEST_HOST = 255 + len(":65535")

# An article has each address once; PostgreSQL's own hash functions may differ from one version to the next.
_DIGEST = "('x' || left(md5({row}.kind || ' ' || {row}.address), 16))::bit(64)::bigint"

# With a batch, after its articles. The references of a body change with it: where an editor's body stands
# against the delivered one, they stay. FORGET first; a batch that only creates needs none of it.
FORGET_REFERENCES = """
DELETE FROM articles_reference AS r USING stage_plan AS p
WHERE r.article_id = p.article_id AND p.action = 'change'
  AND (r.kind = 'attachment' OR NOT coalesce(p.held ? 'body', false))
  AND NOT EXISTS (SELECT FROM stage_reference AS s
                  WHERE s.ordinal = p.ordinal AND s.kind = r.kind AND s.address = r.address)
"""
KEEP_REFERENCES = f"""
INSERT INTO articles_reference (article_id, digest, kind, address)
SELECT p.article_id, {_DIGEST.format(row="s")}, s.kind, s.address
FROM stage_reference AS s JOIN stage_plan AS p USING (ordinal)
WHERE p.action = 'create'
   OR (p.action = 'change' AND (s.kind = 'attachment' OR NOT coalesce(p.held ? 'body', false)))
ORDER BY 1, 2 -- in the order of the index: it is written densely
ON CONFLICT (article_id, digest) DO NOTHING
"""

_FOUND = "unnest(%(articles)s::bigint[], %(kinds)s::text[], %(addresses)s::text[])"
_FORGET_STALE = f"""
DELETE FROM articles_reference AS r
WHERE r.article_id = ANY (%(refreshed)s) AND r.kind <> 'attachment'
  AND (r.article_id, r.kind, r.address) NOT IN (SELECT * FROM {_FOUND})
"""
_KEEP_FOUND = f"""
INSERT INTO articles_reference (article_id, digest, kind, address)
SELECT f.article_id, {_DIGEST.format(row="f")}, f.kind, f.address
FROM {_FOUND} AS f(article_id, kind, address)
ON CONFLICT (article_id, digest) DO NOTHING
"""

# Of articles of the source, in the order of the index of what is open; after the last chunk's end.
_OPEN = """
SELECT r.article_id, r.digest, r.address,
       ARRAY(SELECT l.path::text FROM articles_legacypath AS l WHERE l.article_id = r.article_id ORDER BY 1),
       CASE WHEN r.kind = 'attachment' THEN coalesce((
           SELECT a.url FROM imports_attachment AS a WHERE a.source_id = %(source)s AND a.key = r.address
       ), CASE WHEN r.address LIKE '%%/%%' THEN r.address ELSE '' END) END
FROM articles_reference AS r
WHERE {open} AND (r.article_id, r.digest) > (%(article)s, %(digest)s)
  AND EXISTS (SELECT FROM imports_item AS i WHERE i.article_id = r.article_id AND i.source_id = %(source)s)
ORDER BY r.article_id, r.digest LIMIT %(chunk)s
"""
_OPEN_LINKS = _OPEN.format(open="r.kind = 'link' AND r.target_id IS NULL")
_OPEN_FILES = _OPEN.format(open="NOT r.kind = 'link' AND r.media_id IS NULL")

_RESOLVE = """
WITH wanted AS (
    SELECT * FROM unnest(%(articles)s::bigint[], %(digests)s::bigint[], %(paths)s::text[], %(keys)s::text[])
        WITH ORDINALITY AS w(article_id, digest, path, key, place)
), found AS (
    SELECT w.article_id, w.digest, w.place, l.article_id AS target
    FROM wanted AS w JOIN articles_legacypath AS l ON l.path = w.path
    WHERE EXISTS (SELECT FROM imports_item AS i
                  WHERE i.article_id = l.article_id AND i.source_id = %(source)s)
    UNION ALL
    SELECT w.article_id, w.digest, w.place, i.article_id
    FROM wanted AS w JOIN imports_item AS i ON i.source_id = %(source)s AND i.key = w.key
)
UPDATE articles_reference AS r SET target_id = best.target
FROM (SELECT DISTINCT ON (article_id, digest) * FROM found ORDER BY article_id, digest, place) AS best
WHERE r.article_id = best.article_id AND r.digest = best.digest AND r.target_id IS NULL
"""
_JOIN_BY_INDEX = """
SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
"""

# In the order of the hashes: two runs that queue the same files do not wait for each other crosswise.
_QUEUE = """
INSERT INTO articles_mediafile (url, url_hash, host, state, attempts, name, content_type, error)
SELECT DISTINCT ON (hash) url, sha256(convert_to(url, 'UTF8')) AS hash, host, 'pending', 0, '', '', ''
FROM unnest(%(urls)s::text[], %(hosts)s::text[]) AS q(url, host)
ORDER BY hash
ON CONFLICT (url_hash) DO NOTHING
"""
_LINK_FILES = """
UPDATE articles_reference AS r SET media_id = m.id
FROM unnest(%(articles)s::bigint[], %(digests)s::bigint[], %(urls)s::text[]) AS q(article_id, digest, url)
JOIN articles_mediafile AS m ON m.url_hash = sha256(convert_to(q.url, 'UTF8'))
WHERE r.article_id = q.article_id AND r.digest = q.digest
"""


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many references lead somewhere now that did not before, and how many still lead nowhere."""

    found: int
    open: int


class _Open(NamedTuple):
    """`old_paths` are those of the article in which it stands; `file` is where the attachment of this key
    lies, empty while that is unknown, and None for what is no attachment. A key may be its own address."""

    article_id: int
    digest: int
    address: str
    old_paths: list[str]
    file: str | None


def resolve_links(source_id: int, *, advance: Callable[[int], None]) -> Resolved:
    """Links between articles of the source: by an old address, or by a key in WordPress's `?p=`."""
    home = urlsplit(_base_url(source_id)).path.rstrip("/")

    def resolve(chunk: Sequence[_Open]) -> int:
        return _execute(_RESOLVE, {"source": source_id, **_wanted(chunk, home)})

    return _go_over(_OPEN_LINKS, source_id, resolve, advance)


def queue_files(source_id: int, *, advance: Callable[[int], None]) -> Resolved:
    """Puts the files that articles of the source show into the queue of `imports.media`. A relative address
    needs the source's own; without it, it stays as it is."""
    base_url = _base_url(source_id)

    def queue(chunk: Sequence[_Open]) -> int:
        files = _files(chunk, base_url)
        _execute(_QUEUE, files)
        return _execute(_LINK_FILES, files)

    return _go_over(_OPEN_FILES, source_id, queue, advance)


def refresh_references(article_ids: Sequence[int], *, base_url: str) -> None:
    """Makes the references of these articles those of the bodies that they have now, for changes that no
    delivery brought. What was resolved stays so."""
    articles = Article.objects.only("body", "body_format", "body_html").filter(pk__in=article_ids)
    found = [
        (article.pk, *reference)
        for article in articles
        for reference in references_in(article.html, base_url=base_url)
    ]
    columns = _columns(found, "articles", "kinds", "addresses")
    with transaction.atomic():
        _execute(_FORGET_STALE, {"refreshed": list(article_ids), **columns})
        _execute(_KEEP_FOUND, columns)


def _go_over(
    statement: str, source_id: int, work: Callable[[Sequence[_Open]], int], advance: Callable[[int], None]
) -> Resolved:
    parameters = {"source": source_id, "chunk": _CHUNK, "article": 0, "digest": 0}
    seen = found = 0
    while True:
        chunk, count = patiently(partial(_chunk, statement, dict(parameters), work), what="resolving")
        if not chunk:
            return Resolved(found, seen - found)
        found += count
        seen += len(chunk)
        parameters |= {"article": chunk[-1].article_id, "digest": chunk[-1].digest}
        advance(len(chunk))


def _chunk(
    statement: str, parameters: dict[str, Any], work: Callable[[Sequence[_Open]], int]
) -> tuple[list[_Open], int]:
    """What was open, and how much of it is found."""
    with transaction.atomic():
        # A chunk is little against the archive: whatever the planner thinks, nothing is read whole.
        _execute(_JOIN_BY_INDEX, {})
        chunk = _rows(statement, parameters)
        return chunk, work(chunk) if chunk else 0


def _rows(statement: str, parameters: dict[str, Any]) -> list[_Open]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [_Open(*row) for row in cursor.fetchall()]


def _execute(statement: str, parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


def _columns(rows: Sequence[Sequence[Any]], *names: str) -> dict[str, list[Any]]:
    return {name: [row[position] for row in rows] for position, name in enumerate(names)}


def _base_url(source_id: int) -> str:
    return Source.objects.values_list("base_url", flat=True).get(pk=source_id)


def _wanted(chunk: Sequence[_Open], home: str) -> dict[str, list[Any]]:
    rows = []
    for link in chunk:
        paths, key = _leads_to(link, home)
        rows += [(link.article_id, link.digest, path, None) for path in paths]
        if key:
            rows.append((link.article_id, link.digest, None, key))
    return _columns(rows, "articles", "digests", "paths", "keys")


def _leads_to(link: _Open, home: str) -> tuple[list[str], str]:
    """Old addresses at which its target may be found, the likeliest first, and the target's key."""
    try:
        parts = urlsplit(link.address.strip())
    except ValueError:
        return [], ""
    if tells_pages_apart(parts.query):
        paths = []
    elif parts.netloc or parts.path.startswith("/"):
        paths = [parts.path]
    else:
        paths = [urljoin(path, parts.path) for path in link.old_paths if parts.path]
    at_home = parts.path.removesuffix("index.php").rstrip("/") in ("", home)
    return [way for path in paths for way in _spellings(path)], _post_id(parts.query) if at_home else ""


def _spellings(path: str) -> list[str]:
    """As old addresses are kept and looked up: decoded, with or without a slash at the end."""
    decoded = f"/{unquote(path).lstrip('/')}"
    bare = decoded.rstrip("/")
    if not bare or "\0" in decoded:
        return []
    other = bare if decoded.endswith("/") else f"{bare}/"
    return [way for way in (decoded, other) if len(way) <= _LONGEST_PATH]


def _post_id(query: str) -> str:
    named = parse_qs(query)
    values = named.get("p") or named.get("page_id") or [""]
    return values[0] if values[0].isascii() and values[0].isdecimal() else ""


def _files(chunk: Sequence[_Open], base_url: str) -> dict[str, list[Any]]:
    rows = [(file.article_id, file.digest, *_address_of_file(file, base_url)) for file in chunk]
    return _columns([row for row in rows if row[2]], "articles", "digests", "urls", "hosts")


def _address_of_file(file: _Open, base_url: str) -> tuple[str, str]:
    """Where the file can be fetched, and the host that is asked for it; empty where that cannot be told."""
    address = file.address.strip() if file.file is None else file.file
    home = urljoin(base_url, file.old_paths[0]) if file.old_paths else base_url
    try:
        parts = urlsplit(urljoin(home, address), scheme="https")
    except ValueError:
        return "", ""
    host = parts.netloc.rpartition("@")[2].lower()
    if not address or parts.scheme not in ("http", "https") or not 0 < len(host) <= _LONGEST_HOST:
        return "", ""
    return parts._replace(fragment="").geturl(), host
