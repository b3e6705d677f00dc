"""Rejected records tried again, as they were or as somebody mended them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO

from django.conf import settings

from imports.claiming import Wanted, claim
from imports.deliveries import Delivery
from imports.exports import Exported, exported, name_of_rejects
from imports.faults import DeliveryRefused
from imports.models import Reject, Run, RunKind
from imports.orders import Order
from imports.progress import Progress
from imports.results import ImportResult
from imports.runs import Manner, bring_in, limits, spool
from imports.spool import Kept

# Each may have a MiB.
_FETCHED = 16


def export_of(reject: Reject) -> bytes:
    """One line of an export, without its end."""
    told = Exported(
        ordinal=reject.ordinal,
        line=reject.line,
        member=reject.member,
        key=reject.key,
        code=reject.code,
        message=reject.message,
    )
    return exported(told, bytes(reject.raw))


def open_rejects(run: Run, *, code: str = "") -> Iterable[Reject]:
    """In the order of the delivery; those that have come in since are left out."""
    rejects = run.rejects.filter(closed_by="").order_by("ordinal")
    return (rejects.filter(code=code) if code else rejects).iterator(chunk_size=_FETCHED)


def keep_open_rejects(run: Run) -> Kept:
    """Spooled like any other delivery, so that an interrupted retry can be gone on with. Raises
    DeliveryRefused where none is open."""
    with spool().writing() as entry:
        for reject in open_rejects(run):
            entry.write(export_of(reject) + b"\n")
    if not entry.kept.bytes:
        raise DeliveryRefused(f"Run {run.pk} has no rejects that are still open; there is nothing to retry.")
    return entry.kept


def retry_rejects(run: Run, *, mended: BinaryIO | None = None, progress: Progress) -> ImportResult:
    """Runs the rejects of `run`, and nothing else, by the rules of that run; `mended` is an export whose
    records somebody has mended, in the place of the stored ones.

    Raises DeliveryRefused where there is nothing to run, and what imports.runs.import_delivery raises."""
    order = Order.from_options(run.source.name, {**run.options, "delete_missing": False})
    kept = spool().keep(mended) if mended else keep_open_rejects(run)
    name = name_of_rejects(run.pk, are_mended=bool(mended))
    with spool().open_kept(kept.sha256, name=name, limits=limits()) as delivery:
        wanted = Wanted(RunKind.RETRY, run.pk, delivery.sha256, order.as_options())
        retry = claim(
            run.source,
            wanted,
            input_name=delivery.name,
            input_bytes=delivery.bytes,
            input_format=run.input_format,
        )
        return try_again(retry, delivery, progress=progress)


def try_again(retry: Run, delivery: Delivery, *, progress: Progress) -> ImportResult:
    """The work of a claimed retry, whose delivery is an export."""
    order = Order.from_options(retry.source.name, retry.options)
    rules = order.rules(
        retry.input_format, delivery=delivery.name, max_record_bytes=settings.IMPORT_MAX_RECORD_BYTES
    )
    exported = replace(rules, exported=True)
    return bring_in(retry, order, delivery, exported, progress=progress, manner=Manner())
