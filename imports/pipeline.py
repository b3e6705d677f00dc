"""The second reading of a delivery: what the check left to load, shaped beside the loading, in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.conf import settings
from django.utils import timezone

from imports.checking import Checked, Verdict
from imports.deliveries import Delivery
from imports.loading import Batch
from imports.pool import map_ahead, map_here
from imports.shaping import Shaped, shape_batch
from imports.sources.format import Format, RawRecord, ReadOptions, Skipped

# Fewer records are shaped before another process would have started.
_WORTH_A_PROCESS = 500
_NOTHING = Shaped()


@dataclass(slots=True)
class _Group:
    """Records that will be one batch, and what was passed over on the way to them."""

    records: list[tuple[int, RawRecord]] = field(default_factory=list)
    size: int = 0
    read: int = 0
    unchanged: int = 0
    duplicate: int = 0

    @property
    def full(self) -> bool:
        return len(self.records) >= settings.IMPORT_BATCH_RECORDS or self.size >= settings.IMPORT_BATCH_BYTES

    def add(self, ordinal: int, record: RawRecord) -> None:
        self.read += 1
        self.size += len(record.raw)
        self.records.append((ordinal, record))

    def pass_over(self, verdict: Verdict) -> None:
        self.read += 1
        self.unchanged += verdict == Verdict.UNCHANGED
        self.duplicate += verdict == Verdict.SUPERSEDED


class Pipeline:
    """Batches of one delivery. Reading, shaping (in worker processes) and the caller's loading overlap."""

    def __init__(self, delivery: Delivery, form: Format, options: ReadOptions, checked: Checked) -> None:
        self._delivery = delivery
        self._form = form
        self._options = options
        self._checked = checked

    def batches(self) -> Iterator[Batch]:
        """In the delivery's order; together they count every record once."""
        cursor = 0
        for shaped, group in chain(self._shaped(), [(_NOTHING, self._rest())]):
            cursor += group.read
            if group.read:
                yield Batch(shaped, cursor, group.read, group.unchanged, group.duplicate)

    def _shaped(self) -> Iterator[tuple[Shaped, _Group]]:
        now = timezone.now()
        jobs = (((self._form.name, group.records, now), group) for group in self._groups())
        if self._checked.verdicts.count(Verdict.LOAD) < _WORTH_A_PROCESS:
            return map_here(shape_batch, jobs)
        return map_ahead(shape_batch, jobs, workers=settings.IMPORT_WORKERS)

    def _groups(self) -> Iterator[_Group]:
        if not self._checked.last_to_load:
            return
        group = _Group()
        for ordinal, record in enumerate(self._records(), start=1):
            verdict = self._checked.verdicts[ordinal - 1]
            if verdict == Verdict.LOAD:
                group.add(ordinal, record)
            else:
                group.pass_over(verdict)
            if group.full:
                yield group
                group = _Group()
            if ordinal == self._checked.last_to_load:
                break
        if group.read:
            yield group

    def _records(self) -> Iterator[RawRecord]:
        with self._delivery.open() as stream:
            for record in self._form.read(stream, self._options):
                if type(record) is not Skipped:
                    yield record

    def _rest(self) -> _Group:
        """What follows the last record to load needs no reading: the check knows it already."""
        rest = _Group()
        for verdict in self._checked.verdicts[self._checked.last_to_load :]:
            rest.pass_over(verdict)
        return rest
