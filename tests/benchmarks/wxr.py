"""How fast a WordPress export is read: from its bytes to records that can be hashed and handed on."""

import time
from collections import deque
from functools import partial
from pathlib import Path

from django.conf import settings

from imports.deliveries import Delivery
from imports.inspection import inspect
from imports.limits import Limits
from imports.sources.format import ReadOptions
from imports.sources.wxr import FORMAT
from tests.benchmarks.figures import Figure

MEGABYTES = 120
_ROUNDS = 5
_LEAST_MEGABYTES_A_SECOND = 40

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Generated</title><link>https://blog.example.org</link><language>en-US</language>
<wp:base_blog_url>https://blog.example.org</wp:base_blog_url>
<wp:author><wp:author_login><![CDATA[ada]]></wp:author_login>
<wp:author_display_name><![CDATA[Ada Example]]></wp:author_display_name></wp:author>
"""
_ITEM = """<item>
<title><![CDATA[Article {key} about connection pools]]></title>
<link>https://blog.example.org/2012/01/article-{key}/</link>
<pubDate>Sat, 07 Jan 2012 10:20:30 +0000</pubDate>
<dc:creator><![CDATA[ada]]></dc:creator>
<guid isPermaLink="false">https://blog.example.org/?p={key}</guid>
<description></description>
<content:encoded><![CDATA[{content}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded>
<wp:post_id>{key}</wp:post_id>
<wp:post_date><![CDATA[2012-01-07 11:20:30]]></wp:post_date>
<wp:post_date_gmt><![CDATA[2012-01-07 10:20:30]]></wp:post_date_gmt>
<wp:post_modified><![CDATA[2012-01-08 11:20:30]]></wp:post_modified>
<wp:post_modified_gmt><![CDATA[2012-01-08 10:20:30]]></wp:post_modified_gmt>
<wp:comment_status><![CDATA[open]]></wp:comment_status>
<wp:ping_status><![CDATA[open]]></wp:ping_status>
<wp:post_name><![CDATA[article-{key}]]></wp:post_name>
<wp:status><![CDATA[publish]]></wp:status>
<wp:post_parent>0</wp:post_parent>
<wp:menu_order>0</wp:menu_order>
<wp:post_type><![CDATA[post]]></wp:post_type>
<wp:post_password><![CDATA[]]></wp:post_password>
<wp:is_sticky>0</wp:is_sticky>
<category domain="category" nicename="news"><![CDATA[News]]></category>
<category domain="post_tag" nicename="django"><![CDATA[Django]]></category>
<category domain="post_tag" nicename="python"><![CDATA[Python]]></category>
<wp:postmeta><wp:meta_key><![CDATA[_edit_last]]></wp:meta_key>
<wp:meta_value><![CDATA[1]]></wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key><![CDATA[_thumbnail_id]]></wp:meta_key>
<wp:meta_value><![CDATA[{key}1]]></wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key><![CDATA[sources]]></wp:meta_key>
<wp:meta_value><![CDATA[a:2:{{i:0;s:5:"paper";i:1;s:4:"talk";}}]]></wp:meta_value></wp:postmeta>
</item>
"""
_PARAGRAPH = (
    "<!-- wp:paragraph -->\n<p>A pool keeps connections warm, and “warm” is what a request wants: opening "
    '<a href="https://blog.example.org/2012/01/article-1/">one more</a> costs a fork, a handshake and a '
    "caf&eacute;&#8217;s worth of patience. <strong>Measure it</strong> before you believe it.</p>\n"
    "<!-- /wp:paragraph -->\n\n"
)
# Of 3 to 9 KB, as the posts of blogs are.
_PARAGRAPHS = range(10, 31)


def measure() -> list[Figure]:
    path = _export()
    delivery = _delivery(path)
    options = ReadOptions(max_record_bytes=settings.IMPORT_MAX_RECORD_BYTES, delivery=path.name)
    # The fastest round: reading alone, without what else the machine is doing.
    seconds = min(_seconds(delivery, options) for _ in range(_ROUNDS))
    rate = path.stat().st_size / 1_000_000 / seconds
    return [Figure("WordPress export read", rate, "MB/s", _LEAST_MEGABYTES_A_SECOND)]


def _export() -> Path:
    path = settings.VAR_DIR / "benchmarks" / f"export-{MEGABYTES}.wxr"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        unfinished = path.with_suffix(".part")
        _write(unfinished)
        unfinished.rename(path)
    return path


def _write(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        key = 0
        while file.tell() < MEGABYTES * 1_000_000:
            key += 1
            paragraphs = _PARAGRAPHS[key % len(_PARAGRAPHS)]
            file.write(_ITEM.format(key=key, content=_PARAGRAPH * paragraphs))
        file.write("</channel>\n</rss>\n")


def _delivery(path: Path) -> Delivery:
    return inspect(
        partial(path.open, "rb"),
        name=path.name,
        size=path.stat().st_size,
        sha256="",
        path=path,
        limits=Limits(**settings.IMPORT_LIMITS),
        encoding="",
    )


def _seconds(delivery: Delivery, options: ReadOptions) -> float:
    started = time.perf_counter()
    deque(FORMAT.read(delivery, options), maxlen=0)
    return time.perf_counter() - started
