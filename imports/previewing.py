"""A dry run: what a delivery would come to, told without writing a row."""

import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from articles.content import TERMS
from imports import merging
from imports.deliveries import Delivery
from imports.loading import Batch, Counts, Policy, classify, count, prepared_connection, stage
from imports.models import Source
from imports.orders import Order
from imports.pipeline import checked_pipeline
from imports.progress import Progress
from imports.reading import Rules
from imports.results import COUNTERS, ImportResult

_SHOWN = 100
_LONGEST_VALUE = 500

# What is shown of a record that is known: what becomes of it, and each field that differs.
_DIFFS = f"""
SELECT p.ordinal, k.key, CASE
           WHEN p.action = 'touch' THEN 'unchanged'
           WHEN p.held IS NOT NULL OR p.conflicts IS NOT NULL THEN 'merged'
           WHEN p.before IS NOT NULL THEN 'updated' ELSE 'unchanged' END,
       coalesce(p.before, '{{}}'),
       (SELECT coalesce(jsonb_object_agg(f.key, CASE WHEN f.key = '{TERMS}' THEN {merging.NEW_TERMS}
            ELSE to_jsonb(s) -> f.key END), '{{}}')
        FROM jsonb_each(coalesce(p.before, '{{}}')) AS f),
       coalesce(p.conflicts, '[]')
FROM stage_plan AS p JOIN stage_key AS k USING (ordinal) LEFT JOIN stage_article AS s USING (ordinal)
WHERE p.action = 'change' ORDER BY p.ordinal LIMIT %(most)s
"""  # noqa: S608
_PLANNED = "SELECT ordinal, action FROM stage_plan"


@dataclass(frozen=True, slots=True)
class PreviewedRecord:
    """`changes` has, by field, the value here and the one delivered, both shortened for reading;
    `conflicts` the fields that both sides changed."""

    line: int
    key: str
    action: str
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """`records` are the first of the delivery that are not unchanged, `rejects` the first turned away."""

    result: ImportResult
    records: tuple[PreviewedRecord, ...]
    rejects: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "result": self.result.as_dict(),
            "records": [asdict(record) for record in self.records],
            "rejects": list(self.rejects),
        }


def preview(order: Order, delivery: Delivery, rules: Rules, *, progress: Progress) -> Preview:
    started = time.monotonic()
    source = Source.objects.filter(name=order.source).first()
    counts: Counter[str] = Counter(dict.fromkeys((*COUNTERS, "conflicts", "renamed"), 0))
    records: list[PreviewedRecord] = []
    rejects: list[dict[str, Any]] = []
    checked = checked_pipeline(
        delivery, rules, source=source, workers=settings.IMPORT_WORKERS, progress=progress
    )
    with checked as pipeline, prepared_connection(name="import dry run"):
        progress.start("comparing", total=len(pipeline.checked.verdicts))
        for batch in pipeline.batches():
            classified, shown = _classify(batch, order, source, most=_SHOWN - len(records))
            counts.update(classified._asdict())
            counts.update(read=batch.read, unchanged=batch.unchanged, duplicate=batch.duplicate)
            counts["rejected"] += len(batch.shaped.rejects)
            records += shown
            rejects += _shown_rejects(batch, most=_SHOWN - len(rejects))
            progress.advance(batch.read)
        progress.close()
        skipped = dict(pipeline.checked.skipped)
    result = ImportResult(
        run=None,
        source=order.source,
        state="dry run",
        counts={name: counts[name] for name in COUNTERS},
        skipped=skipped,
        seconds=time.monotonic() - started,
        conflicts=counts["conflicts"],
        renamed=counts["renamed"],
        rejects=tuple(f"{reject['place']}: {reject['code']}: {reject['message']}" for reject in rejects),
    )
    return Preview(result, tuple(records), tuple(rejects))


def _classify(
    batch: Batch, order: Order, source: Source | None, *, most: int
) -> tuple[Counts, list[PreviewedRecord]]:
    """In a read-only transaction, which PostgreSQL holds to its word."""
    if not batch.shaped.keys:
        return Counts(), []
    policy = Policy(order.conflicts)
    parameters = {
        "source": source.pk if source else 0,
        "conflicts": policy.conflicts,
        "conflict_state": "open" if policy.conflicts == "hold" else "decided",
        "renames": False,
        "dry_run": True,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        stage(cursor, batch.shaped)
        classify(cursor, batch.shaped, parameters)
        counts = count(cursor, parameters)
        return counts, _shown(cursor, batch, most) if most > 0 else []


def _shown(cursor: Any, batch: Batch, most: int) -> list[PreviewedRecord]:
    cursor.execute(_PLANNED)
    action = dict(cursor.fetchall())
    cursor.execute(_DIFFS, {"most": most})
    changed = {row[0]: row for row in cursor.fetchall()}
    shown = []
    for ordinal, raw in batch.records:
        if ordinal in changed:
            shown.append(_changed(raw.line, changed[ordinal]))
        elif action.get(ordinal) == "create":
            shown.append(PreviewedRecord(raw.line, raw.key, "created"))
        if len(shown) == most:
            break
    return shown


def _changed(line: int, row: tuple[Any, ...]) -> PreviewedRecord:
    # Django's connections give jsonb as text.
    key, action = row[1:3]
    before, after, conflicts = (msgspec.json.decode(text) for text in row[3:])
    changes = {name: (_short(before[name]), _short(after.get(name))) for name in sorted(before)}
    return PreviewedRecord(line, key, action, changes, tuple(conflict["field"] for conflict in conflicts))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _shown_rejects(batch: Batch, *, most: int) -> list[dict[str, Any]]:
    return [
        {
            "place": f"{reject.member}, line {reject.line}" if reject.member else f"line {reject.line}",
            "key": reject.key,
            "code": reject.code,
            "message": reject.message,
        }
        for reject in batch.shaped.rejects[: max(0, most)]
    ]
