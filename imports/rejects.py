"""The records that a run turned away: handed out to be mended, or dismissed."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from imports.accounts import refuse_unfinished
from imports.faults import DeliveryRefused
from imports.models import Reject, Run
from imports.patience import patiently
from imports.retrying import export_of, open_rejects

_BY_RUN = "import:"
_NAMELESS = "nobody known"


@dataclass(frozen=True, slots=True)
class Export:
    """How many records it has, and of how many of them only the beginning."""

    records: int
    cut: int


def shown_rejects(run: Run, *, code: str = "", most: int) -> QuerySet[Reject]:
    """The first that are still open, without their records."""
    rejects = run.rejects.filter(closed_by="").defer("raw").order_by("ordinal")
    return (rejects.filter(code=code) if code else rejects)[:most]


def reject_as_dict(reject: Reject) -> dict[str, Any]:
    return {
        "ordinal": reject.ordinal,
        "line": reject.line,
        "member": reject.member,
        "key": reject.key,
        "code": reject.code,
        "message": reject.message,
        "bytes": reject.raw_bytes,
    }


def closed_words(reject: Reject) -> str:
    """How it was closed; empty while it is open."""
    if reject.closed_by.startswith(_BY_RUN):
        return f"came in by run {reject.closed_by.removeprefix(_BY_RUN)}"
    return f"dismissed by {reject.closed_by}" if reject.closed_by else ""


def dismiss(run: Run, *, code: str = "", who: str) -> int:
    """Closes all that are open, or those with the code: nobody will mend them. Returns how many.

    Raises DeliveryRefused while the run is at work, so that nobody dismisses what came after they looked."""
    refuse_unfinished(run, before="its rejects are dismissed")
    rejects = run.rejects.filter(closed_by="")
    chosen = rejects.filter(code=code) if code else rejects
    return patiently(
        lambda: chosen.update(closed_by=who or _NAMELESS), what=f"run {run.pk}: dismissing rejects"
    )


def chosen_rejects(run: Run, *, code: str = "") -> Iterator[Reject]:
    """All that are open."""
    return open_rejects(run, code=code)


def export_rejects(run: Run, path: Path, *, code: str = "") -> Export:
    """Writes all that are open, or nothing. Raises DeliveryRefused where the file cannot be written, or is
    there already and may hold what somebody has mended."""
    if path.exists():
        raise DeliveryRefused(f"{path} is there already, perhaps mended; name another file, or remove it.")
    try:
        return _write_whole(path, chosen_rejects(run, code=code))
    except OSError as error:
        raise DeliveryRefused(f"{path} cannot be written: {error.strerror or error}.") from error


def _write_whole(path: Path, rejects: Iterator[Reject]) -> Export:
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    records = cut = 0
    try:
        with os.fdopen(descriptor, "wb") as file:
            for reject in rejects:
                file.write(export_of(reject) + b"\n")
                records += 1
                cut += reject.raw_bytes > len(reject.raw)
        Path(unfinished).rename(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return Export(records, cut)
