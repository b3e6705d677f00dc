"""A dry run: what a delivery would come to, told without writing a row."""

import time
from collections import Counter

from imports.deliveries import Delivery
from imports.loading import classify_batch, prepare_connection
from imports.models import Source
from imports.pipeline import checked_pipeline
from imports.progress import Progress
from imports.reading import Rules
from imports.results import COUNTERS, ImportResult


def preview(source_name: str, delivery: Delivery, rules: Rules, progress: Progress) -> ImportResult:
    started = time.monotonic()
    source = Source.objects.filter(name=source_name).first()
    counts: Counter[str] = Counter(dict.fromkeys(COUNTERS, 0))
    rejects: list[str] = []
    with checked_pipeline(delivery, rules, source=source, progress=progress) as pipeline:
        prepare_connection()
        progress.start("comparing", total=len(pipeline.checked.verdicts))
        for batch in pipeline.batches():
            counts.update(classify_batch(batch.shaped, source_id=source.pk if source else 0)._asdict())
            counts.update(read=batch.read, unchanged=batch.unchanged, duplicate=batch.duplicate)
            counts["rejected"] += len(batch.shaped.rejects)
            rejects += [
                f"line {reject.line}: {reject.code}: {reject.message}" for reject in batch.shaped.rejects
            ]
            progress.advance(batch.read)
        progress.close()
        skipped = dict(pipeline.checked.skipped)
    return ImportResult(
        run=None,
        source=source_name,
        state="dry run",
        counts=dict(counts),
        skipped=skipped,
        seconds=time.monotonic() - started,
        rejects=tuple(rejects),
    )
