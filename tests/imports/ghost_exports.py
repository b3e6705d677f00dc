"""Small Ghost exports for tests, written by hand."""

import json
from typing import Any

from imports.sources.format import RawRecord
from tests.imports.deliveries import read_all

POST: dict[str, Any] = {
    "id": "5f0c0000000000000000000a",
    "uuid": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "comment_id": "12",
    "title": "Warm connections",
    "slug": "warm-connections",
    "lexical": '{"root":{"children":[]}}',
    "html": '<p>A <a href="__GHOST_URL__/pools/">pool</a> keeps them.</p>',
    "plaintext": "A pool keeps them.",
    "feature_image": "__GHOST_URL__/content/images/pool.jpg",
    "featured": 1,
    "type": "post",
    "status": "published",
    "visibility": "public",
    "locale": None,
    "created_at": "2024-03-05T07:00:00.000Z",
    "updated_at": "2024-03-06T07:00:00.000Z",
    "published_at": "2024-03-05T07:30:00.000Z",
    "custom_excerpt": "Why pools help.",
    "canonical_url": None,
}
TABLES: dict[str, list[dict[str, Any]]] = {
    "posts_meta": [
        {
            "post_id": POST["id"],
            "meta_title": "Pools",
            "feature_image_caption": "<i>A pool</i>",
            "og_image": None,
        },
    ],
    "posts_tags": [
        {"post_id": POST["id"], "tag_id": "t2", "sort_order": 1},
        {"post_id": POST["id"], "tag_id": "t3", "sort_order": 2},
        {"post_id": POST["id"], "tag_id": "t1", "sort_order": 0},
        {"post_id": POST["id"], "tag_id": "gone", "sort_order": 3},
    ],
    "posts_authors": [
        {"post_id": POST["id"], "author_id": "u2", "sort_order": 1},
        {"post_id": POST["id"], "author_id": "u1", "sort_order": 0},
    ],
    "tags": [
        {"id": "t1", "name": "Databases", "slug": "databases", "visibility": "public"},
        {"id": "t2", "name": "Pooling", "slug": "pooling"},
        {"id": "t3", "name": "#newsletter", "slug": "hash-newsletter", "visibility": "internal"},
    ],
    "users": [
        {"id": "u1", "name": "Ada Example", "slug": "ada"},
        {"id": "u2", "name": "Bob Example", "slug": "bob"},
    ],
}


def export(*posts: dict[str, Any], **tables: list[dict[str, Any]]) -> dict[str, Any]:
    meta = {"exported_on": 1_700_000_000_000, "version": "5.0.0"}
    return {"db": [{"meta": meta, "data": {"posts": list(posts), **TABLES, **tables}}]}


def read(document: object) -> list[RawRecord]:
    return read_all("ghost", json.dumps(document))
