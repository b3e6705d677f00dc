"""The second reading of a delivery: what the check left to load, shaped beside the loading, in order."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from django.conf import settings
from django.utils import timezone

from imports.checking import Checked, Verdict, check
from imports.deliveries import Delivery
from imports.known import KnownRecords, Watched
from imports.loading import Batch
from imports.models import Item, Source
from imports.pool import Pool, map_here
from imports.progress import Progress
from imports.reading import Rules
from imports.shaping import Shaped, shape_batch
from imports.sources.format import Attachment, RawRecord

# Fewer records are shaped before another process would have started.
_WORTH_A_PROCESS = 500
# A first delivery of this many bytes is sure to need the workers that start while it is checked.
_WORTH_PREPARING = 4 * 1024 * 1024
# Small, so that loading begins while the workers shape the second one.
_FIRST_BATCH = 200
_NOTHING = Shaped()


@dataclass(slots=True)
class _Group:
    """Records that will be one batch, and what was passed over on the way to them."""

    most: int
    records: list[tuple[int, RawRecord]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    size: int = 0
    read: int = 0
    unchanged: int = 0
    duplicate: int = 0

    @property
    def full(self) -> bool:
        many = max(len(self.records), len(self.attachments)) >= self.most
        return many or self.size >= settings.IMPORT_BATCH_BYTES

    def add(self, ordinal: int, record: RawRecord) -> None:
        self.read += 1
        self.size += len(record.raw)
        self.records.append((ordinal, record))

    def pass_over(self, verdict: Verdict) -> None:
        self.read += 1
        self.unchanged += verdict == Verdict.UNCHANGED
        self.duplicate += verdict == Verdict.SUPERSEDED


@contextmanager
def checked_pipeline(
    delivery: Delivery,
    rules: Rules,
    *,
    source: Source | None,
    watched: Watched,
    workers: int,
    progress: Progress,
) -> Iterator["Pipeline"]:
    """Checks the delivery to its end and offers what is left to load. `source` is None for a new one;
    `workers` of 0 stands for one a core.

    Raises DeliveryRefused when the delivery cannot be read to its end."""
    progress.start("checking")
    with Pool(workers) as pool:
        if source is None or not Item.objects.filter(source=source).exists():
            if delivery.bytes > _WORTH_PREPARING:
                pool.prepare(shape_batch)
            checked = check(delivery, rules, lookup=None, progress=progress)
        else:
            with KnownRecords(source.pk, watched) as known:
                checked = check(delivery, rules, lookup=known.ask, progress=progress)
        yield Pipeline(delivery, rules, checked, pool, progress)


class Pipeline:
    """Batches of one delivery. Reading, shaping (in worker processes) and the caller's loading overlap."""

    def __init__(
        self, delivery: Delivery, rules: Rules, checked: Checked, pool: Pool, progress: Progress
    ) -> None:
        self._delivery = delivery
        self._rules = rules
        self.checked = checked
        self._pool = pool
        self._progress = progress

    def batches(self, *, after: int = 0) -> Generator[Batch, None, None]:
        """In the delivery's order; together they count every record behind the ordinal `after` once."""
        cursor = after
        for shaped, group in chain(self._shaped(after), [(_NOTHING, self._rest(after))]):
            cursor += group.read
            if group.read or group.attachments:
                yield Batch(
                    shaped=shaped,
                    records=group.records,
                    attachments=group.attachments,
                    cursor=cursor,
                    read=group.read,
                    unchanged=group.unchanged,
                    duplicate=group.duplicate,
                )

    def _shaped(self, after: int) -> Iterator[tuple[Shaped, _Group]]:
        now = timezone.now()
        jobs = (((self._rules, group.records, now), group) for group in self._groups(after))
        if self.checked.verdicts.count(Verdict.LOAD, after) < _WORTH_A_PROCESS:
            return map_here(shape_batch, jobs)
        return self._pool.map(shape_batch, jobs)

    def _groups(self, after: int) -> Iterator[_Group]:
        group = _Group(min(_FIRST_BATCH, settings.IMPORT_BATCH_RECORDS))
        for ordinal, record in self._left(after):
            # Between two batches may lie millions of unchanged records: a signal is not to wait for them.
            self._progress.advance(0)
            if type(record) is Attachment:
                group.attachments.append(record)
            elif (verdict := self.checked.verdicts[ordinal - 1]) == Verdict.LOAD:
                group.add(ordinal, record)
            else:
                group.pass_over(verdict)
            if group.full:
                yield group
                group = _Group(settings.IMPORT_BATCH_RECORDS)
        if group.read or group.attachments:
            yield group

    def _left(self, after: int) -> Iterator[tuple[int, RawRecord | Attachment]]:
        """Records behind `after` up to the last to load, each with its ordinal, and attachments, which
        have none. Where there are some, the delivery is read to its end."""
        last = self.checked.last_to_load
        to_the_end = "attachment" in self.checked.skipped
        if last <= after and not to_the_end:
            return
        ordinal = 0
        for record in self._rules.read(self._delivery):
            if type(record) is Attachment:
                yield ordinal, record
            elif type(record) is RawRecord:
                ordinal += 1
                if after < ordinal <= last:
                    yield ordinal, record
                if ordinal >= last and not to_the_end:
                    return

    def _rest(self, after: int) -> _Group:
        """What follows the last record to load needs no reading: the check knows it already."""
        rest = _Group(0)
        for verdict in self.checked.verdicts[max(after, self.checked.last_to_load) :]:
            rest.pass_over(verdict)
        return rest
