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
from imports.known import Watched
from imports.loading import Batch, Counts, Policy, classify, count, prepared_connection, stage
from imports.models import Source
from imports.moved import (
    count_missing,
    count_published,
    is_partial,
    look_for_moved,
    refusal_for_number,
    refusal_for_rejects,
)
from imports.orders import Order
from imports.pipeline import checked_pipeline
from imports.progress import Progress
from imports.reading import Rules
from imports.results import COUNTERS, ImportResult

_SHOWN = 100
_LONGEST_VALUE = 500
# So much of what both sides have in common is shown before they differ.
_LEAD = 100

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
_RENAMED = """
SELECT k.ordinal, i.key
FROM stage_rename AS r JOIN stage_key AS k USING (key) JOIN imports_item AS i ON i.id = r.item_id
"""


@dataclass(frozen=True, slots=True)
class PreviewedRecord:
    """`changes` has, by field, the value here and the one delivered, both shortened to the part where they
    begin to differ; `conflicts` the fields that both sides changed; `renamed_from` is the key under which
    the article came before."""

    line: int
    key: str
    action: str
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    renamed_from: str = ""


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


@dataclass(slots=True)
class _Seen:
    """What the batches have come to so far."""

    counts: Counter[str] = field(default_factory=Counter)
    records: list[PreviewedRecord] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)

    def add(self, batch: Batch, counts: Counts, shown: list[PreviewedRecord]) -> None:
        self.counts.update(counts._asdict())
        self.counts.update(read=batch.read, unchanged=batch.unchanged, duplicate=batch.duplicate)
        self.counts.update(rejected=len(batch.shaped.rejects))
        self.records += shown
        self.rejects += _shown_rejects(batch, most=_SHOWN - len(self.rejects))


def preview(order: Order, delivery: Delivery, rules: Rules, *, progress: Progress) -> Preview:
    started = time.monotonic()
    source = Source.objects.filter(name=order.source).first()
    seen = _Seen()
    checked = checked_pipeline(
        delivery,
        rules,
        source=source,
        watched=Watched(),
        workers=settings.IMPORT_WORKERS,
        progress=progress,
    )
    with checked as pipeline, prepared_connection(name="import dry run"):
        renames = source is not None and look_for_moved(
            source.pk,
            order,
            delivery,
            rules,
            checked=pipeline.checked,
            is_partial=is_partial(source.pk, records=len(pipeline.checked.verdicts)),
            progress=progress,
        )
        policy = Policy(order.conflicts, renames)
        progress.start("comparing", total=len(pipeline.checked.verdicts))
        for batch in pipeline.batches():
            seen.add(batch, *_classify(batch, source, policy, most=_SHOWN - len(seen.records)))
            progress.advance(batch.read)
        progress.close()
        missing, over_limit, notes = _missing(order, source, seen.counts)
        skipped = dict(pipeline.checked.skipped)
    result = ImportResult(
        run=None,
        source=order.source,
        state="dry run",
        counts={name: seen.counts[name] for name in COUNTERS},
        skipped=skipped,
        seconds=time.monotonic() - started,
        conflicts=seen.counts["conflicts"],
        renamed=seen.counts["renamed"],
        missing=missing,
        rejects=tuple(f"{reject['place']}: {reject['code']}: {reject['message']}" for reject in seen.rejects),
        notes=notes,
        over_limit=over_limit,
    )
    return Preview(result, tuple(seen.records), tuple(seen.rejects))


def _missing(order: Order, source: Source | None, counts: Counter[str]) -> tuple[int, bool, tuple[str, ...]]:
    """How many articles would be withdrawn; whether it is none because they are too many; and why it is
    none although some are missing."""
    if not (order.delete_missing and source):
        return 0, False, ()
    if reason := refusal_for_rejects(order, rejected=counts["rejected"]):
        return 0, False, (reason,)
    missing = count_missing()
    published = count_published(source.pk) + counts["created"]
    if reason := refusal_for_number(order, missing=missing, of=published):
        return 0, True, (reason,)
    return missing, False, ()


def _classify(
    batch: Batch, source: Source | None, policy: Policy, *, most: int
) -> tuple[Counts, list[PreviewedRecord]]:
    """In a read-only transaction, which PostgreSQL holds to its word: only temporary tables are written."""
    if not batch.shaped.keys:
        return Counts(), []
    parameters = {
        "source": source.pk if source else 0,
        "conflicts": policy.conflicts,
        "conflict_state": "open" if policy.conflicts == "hold" else "decided",
        "renames": policy.renames,
        "dry_run": True,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        stage(cursor, batch.shaped)
        classify(cursor, batch.shaped, parameters)
        counts = count(cursor, parameters)
        return counts, _shown(cursor, batch, most) if most > 0 else []


def _shown(cursor: Any, batch: Batch, most: int) -> list[PreviewedRecord]:
    action = _pairs(cursor, _PLANNED)
    renamed = _pairs(cursor, _RENAMED)
    cursor.execute(_DIFFS, {"most": most})
    changed = {row[0]: row for row in cursor.fetchall()}
    shown = []
    for ordinal, raw in batch.records:
        if ordinal in changed:
            shown.append(_changed(raw.line, changed[ordinal], renamed_from=renamed.get(ordinal, "")))
        elif action.get(ordinal) == "create":
            shown.append(PreviewedRecord(raw.line, raw.key, "created"))
        elif ordinal in renamed:
            shown.append(PreviewedRecord(raw.line, raw.key, "unchanged", renamed_from=renamed[ordinal]))
        if len(shown) == most:
            break
    return shown


def _pairs(cursor: Any, statement: str) -> dict[int, str]:
    cursor.execute(statement)
    return dict(cursor.fetchall())


def _changed(line: int, row: tuple[Any, ...], *, renamed_from: str) -> PreviewedRecord:
    # Django's connections give jsonb as text.
    key, action = row[1:3]
    before, after, conflicts = (msgspec.json.decode(text) for text in row[3:])
    return PreviewedRecord(
        line,
        key,
        action,
        changes={name: _differing(before[name], after.get(name)) for name in sorted(before)},
        conflicts=tuple(conflict["field"] for conflict in conflicts),
        renamed_from=renamed_from,
    )


def _differing(before: Any, after: Any) -> tuple[str, str]:
    sides = _text(before), _text(after)
    if max(map(len, sides)) <= _LONGEST_VALUE:
        return sides
    different = (place for place, (one, other) in enumerate(zip(*sides, strict=False)) if one != other)
    start = max(0, next(different, min(map(len, sides))) - _LEAD)
    return _part(sides[0], start), _part(sides[1], start)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _part(text: str, start: int) -> str:
    end = start + _LONGEST_VALUE
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}"


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
