"""The admin's pages of imports, and rows to look at there."""

import re
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from imports.leases import LEASE, this_holder
from imports.models import Conflict, Item, Reject, Run, RunState, Source
from tests.factories import make_article

UPLOAD = "/admin/imports/run/upload/"


def make_run(source: Source, *, rejected: int = 0) -> Run:
    run = Run.objects.create(
        source=source,
        state=RunState.FINISHED,
        input_name="delivery.jsonl",
        input_format="jsonl",
        input_bytes=2048,
        read=rejected,
        rejected=rejected,
        host="here",
        release="r1",
    )
    for ordinal in range(1, rejected + 1):
        make_reject(run, ordinal=ordinal)
    return run


def make_reject(run: Run, *, ordinal: int, raw: bytes = b"{}") -> Reject:
    return Reject.objects.create(
        run=run,
        ordinal=ordinal,
        line=ordinal * 10,
        code="bad-date",
        message="It is no date.",
        raw=raw,
        raw_bytes=len(raw),
    )


def make_item(source: Source, *, key: str = "k1") -> Item:
    run = source.runs.first() or make_run(source)
    return Item.objects.create(
        source=source,
        key=key,
        article=make_article(),
        raw_hash=b"\x01" * 16,
        content_hash=b"\xff" * 16,
        fingerprint=b"\x02" * 16,
        shape_version=1,
        written_version=1,
        created_run=run,
        updated_run=run,
    )


def make_conflict(source: Source) -> Conflict:
    item = make_item(source)
    return Conflict.objects.create(
        run=item.created_run,
        item=item,
        field="title",
        base={"title": "Old"},
        local={"title": item.article.title},
        incoming={"title": "New"},
    )


def delivery(content: bytes = b"{}\n", name: str = "delivery.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def order(**changes: Any) -> dict[str, Any]:
    """What the form sends when nothing but the file and the source was chosen."""
    return {
        "file": delivery(),
        "source": "wire",
        "format_name": "auto",
        "zone": "UTC",
        "conflicts": "hold",
        "max_missing": "5",
        **changes,
    }


def listing(name: str, **query: Any) -> str:
    return reverse(f"admin:imports_{name}_changelist", query=query or None)


def column(html: str, name: str) -> list[str]:
    cells = re.findall(rf'class="field-{name}[^"]*">(.*?)</t[dh]>', html)
    return [re.sub("<[^>]*>", "", cell) for cell in cells]


def page_of(row: Any, action: str = "change") -> str:
    return reverse(f"admin:imports_{row._meta.model_name}_{action}", args=[row.pk])


def put_to_work(run: Run, state: RunState, *, done: int, beat: datetime | None = None) -> None:
    """As if this process, which lives, had it; `beat` is its last sign of life."""
    Run.objects.filter(pk=run.pk).update(
        state=state,
        stage_done=done,
        stage_total=1000,
        holder=this_holder().as_dict(),
        lease_until=(beat or timezone.now()) + LEASE,
    )
