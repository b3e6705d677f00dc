"""Small deliveries for tests, written by hand."""

import hashlib
import io
import json
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from imports.deliveries import Delivery
from imports.inspection import inspect
from imports.limits import Limits
from imports.reading import Rules
from imports.records import Record
from imports.sources import FORMATS
from imports.sources.format import Attachment, RawRecord, ReadOptions, Skipped

OPTIONS = ReadOptions(max_record_bytes=100_000, delivery="delivery")

RECORD: dict[str, Any] = {
    "payload": {"source_id": "a-1", "generator": "by hand"},
    "title": "Pooling connections without regret",
    "slug": "pooling-connections",
    "published_at": "2024-03-05T08:30:00+01:00",
    "body": "<p>A pool keeps connections warm.</p>",
    "topic": "Databases / PostgreSQL",
    "author": "Ada Example",
    "stack": ["PostgreSQL", "Django"],
    "tools": ["PgBouncer"],
    "tags": ["Pooling"],
    "code_language": "python",
    "difficulty": "advanced",
    "score": {"quality": 80},
    "entities": [{"name": "PgBouncer", "type": "tool"}],
    "aliases": ["/old/pooling/"],
    "view_count": 12,
}


def record(key: str, **changes: Any) -> dict[str, Any]:
    """RECORD under another key; a change to None takes the field away."""
    made = {**RECORD, "payload": {"source_id": key}, "aliases": [f"/old/{key}/"], **changes}
    return {name: value for name, value in made.items() if value is not None}


def write_jsonl(path: Path, *records: dict[str, Any] | str) -> Path:
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


_ITEM = """
<item>
  <title>{title}</title>
  <link>https://blog.example.org/{name}/</link>
  <dc:creator>ada</dc:creator>
  <content:encoded><![CDATA[{content}]]></content:encoded>
  <excerpt:encoded><![CDATA[]]></excerpt:encoded>
  <wp:post_id>{key}</wp:post_id>
  <wp:post_date>{date}</wp:post_date>
  <wp:post_date_gmt>{date}</wp:post_date_gmt>
  <wp:post_name>{name}</wp:post_name>
  <wp:status>{status}</wp:status>
  <wp:post_type>{kind}</wp:post_type>
  <wp:post_password>{password}</wp:post_password>
  {more}
</item>
"""
_CHANNEL = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="{scheme}://wordpress.org/export/1.2/excerpt/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:wp="{scheme}://wordpress.org/export/1.2/">
<channel>
<language>en-GB</language>
<wp:author><wp:author_login>ada</wp:author_login><wp:author_display_name>Ada Example</wp:author_display_name>
</wp:author>
{items}
</channel>
</rss>
"""


def wxr_item(key: str, **changes: str) -> str:
    values = {
        "title": f"Post {key}",
        "name": f"post-{key}",
        "content": "First paragraph.\n\nSecond paragraph.",
        "date": "2012-01-07 10:20:30",
        "status": "publish",
        "kind": "post",
        "password": "",
        "more": "",
    }
    return _ITEM.format(key=key, **{**values, **changes})


def wxr(*items: str, scheme: str = "http") -> str:
    return _CHANNEL.format(items="".join(items), scheme=scheme)


def delivery_of(content: str | bytes, *, encoding: str = "") -> Delivery:
    """As the importer would see a file, or a zip archive, with this content."""
    content = content.encode() if isinstance(content, str) else content
    return inspect(
        partial(io.BytesIO, content),
        name="delivery",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        path=Path("delivery"),
        limits=Limits(**settings.IMPORT_LIMITS),
        encoding=encoding,
    )


def read_all(
    format_name: str, content: str | bytes, options: ReadOptions = OPTIONS
) -> list[RawRecord | Skipped | Attachment]:
    return list(FORMATS[format_name].read(delivery_of(content), options))


def record_of(format_name: str, raw: bytes, options: ReadOptions = OPTIONS) -> Record:
    return Rules(format_name, options).read_record(raw)
