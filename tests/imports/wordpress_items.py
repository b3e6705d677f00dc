"""WordPress exports for tests, and what is made of them."""

import re

from imports.records import Record
from imports.sources.format import Delivered, RawRecord, ReadOptions, Skipped
from imports.sources.wxr import FORMAT
from tests.imports.deliveries import OPTIONS, read_all, record_of, wxr, wxr_item

NONE = "0000-00-00 00:00:00"
LOCAL = "2012-07-07 10:20:30"


def read(text: str | bytes) -> list[RawRecord | Skipped]:
    return read_all("wxr", text)


def only_raw(item: str) -> RawRecord:
    return next(found for found in read(wxr(item)) if type(found) is RawRecord)


def delivered(item: str) -> Delivered:
    return FORMAT.to_values(only_raw(item).raw, OPTIONS)


def only_record(item: str, options: ReadOptions = OPTIONS) -> Record:
    return record_of("wxr", only_raw(item).raw, options)


def meta(key: str, value: str) -> str:
    return (
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key>"
        f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def replaced(item: str, name: str, value: str) -> str:
    """The item with another text in one of its elements."""
    return re.sub(rf"<{name}>[^<]*</{name}>", lambda _: f"<{name}>{value}</{name}>", item)


def dated(key: str, *, local: str = "", gmt: str = "", feed: str = "") -> str:
    more = f"<pubDate>{feed}</pubDate>"
    item = replaced(wxr_item(key, more=more), "wp:post_date", local)
    return replaced(item, "wp:post_date_gmt", gmt)
