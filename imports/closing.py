"""What a run closes when it ends: rejects whose record came in by it without a batch that knew of them."""

from itertools import islice
from typing import Any

from django.db import connection

from imports import staging
from imports.deliveries import Delivery
from imports.exports import places
from imports.models import Reject, Run, RunKind

_CHUNK = 1000
# So many keys are little to remember. Rejects beyond them stay open until their record changes.
_MOST_WATCHED = 100_000

_CLOSE_HELD = """
UPDATE imports_reject SET closed_by = %(origin)s
WHERE run_id = ANY (%(rejecting)s) AND closed_by = '' AND key = ANY (%(held)s)
"""

# A chunk is little against the rejects that a run can have: with these settings, the LATERAL lookups and
# length(), which no index has, each one is found by its own index entry, whatever the statistics say.
_JOIN_BY_INDEX = """
SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
"""
_REMEMBER_REJECTED_AGAIN = """
UPDATE imports_reject AS r SET about_ordinal = tried.ordinal
FROM unnest(%(places)s::bigint[], %(ordinals)s::bigint[]) AS tried(place, ordinal) CROSS JOIN LATERAL (
    SELECT id FROM imports_reject WHERE run_id = %(run)s AND ordinal = tried.place OFFSET 0
) AS again
WHERE r.id = again.id
"""
# By their places: a record may have got another key, or its first one. What was tried before and rejected
# again came in for every run that it goes back to.
_CLOSE_TRIED = """
WITH RECURSIVE came_in AS (
    SELECT r.id, r.run_id, r.about_ordinal
    FROM unnest(%(places)s::bigint[], %(ordinals)s::bigint[]) AS tried(place, ordinal) CROSS JOIN LATERAL (
        SELECT * FROM imports_reject WHERE run_id = %(about)s AND ordinal = tried.ordinal OFFSET 0
    ) AS r
    WHERE NOT EXISTS (
        SELECT FROM imports_reject WHERE run_id = %(run)s AND ordinal = tried.place OFFSET 0)
    UNION
    SELECT r.id, r.run_id, r.about_ordinal
    FROM came_in AS c JOIN imports_run AS e ON e.id = c.run_id CROSS JOIN LATERAL (
        SELECT * FROM imports_reject WHERE run_id = e.about_id AND ordinal = c.about_ordinal OFFSET 0
    ) AS r
)
UPDATE imports_reject SET closed_by = %(origin)s
WHERE length(closed_by) = 0 AND id = ANY (ARRAY(SELECT id FROM came_in))
"""


# Where a record went out again, its key's item has no hashes; of what cannot be told by a key it is so where
# nothing stayed in.
_REOPEN = """
UPDATE imports_reject AS r SET closed_by = '' FROM imports_run AS e
WHERE e.source_id = %(source)s AND e.id < %(undone)s AND e.rejected > 0
  AND r.run_id = e.id AND r.closed_by = %(origin)s
  AND coalesce((SELECT i.raw_hash = '' FROM imports_item AS i
                WHERE i.source_id = %(source)s AND i.key = r.key), %(all_out)s)
"""


def open_keys(run: Run) -> set[str]:
    """Those under which older deliveries of the source were turned away, the newest runs' first."""
    rejects = Reject.objects.filter(run__in=_rejecting(run), closed_by="").exclude(key="")
    return set(rejects.order_by("-run_id", "key").values_list("key", flat=True)[:_MOST_WATCHED])


def close_rejects(run: Run, delivery: Delivery, *, held: set[str]) -> None:
    """Within the transaction that ends the run. `held` are the open_keys whose record the delivery has just
    as the archive has it: no batch loads them. Of a retry, `delivery` is an export."""
    if held:
        values = {"origin": _origin(run), "rejecting": _rejecting(run), "held": list(held)}
        _execute(_CLOSE_HELD, values)
    if run.kind == RunKind.RETRY:
        _close_tried(run, delivery)


def reopen_rejects(undone: Run, *, all_out: bool) -> None:
    """Those that came in by the run, where their record is out again; `all_out` where the undo left nothing
    alone."""
    values = {"source": undone.source_id, "undone": undone.pk, "origin": _origin(undone), "all_out": all_out}
    _execute(_REOPEN, values)


def _close_tried(run: Run, delivery: Delivery) -> None:
    _execute(_JOIN_BY_INDEX, {})
    pairs = places(delivery)
    while chunk := list(islice(pairs, _CHUNK)):
        tried, ordinals = map(list, zip(*chunk, strict=True))
        values = {"run": run.pk, "about": run.about_id, "places": tried, "ordinals": ordinals}
        _execute(_REMEMBER_REJECTED_AGAIN, values)
        _execute(_CLOSE_TRIED, {**values, "origin": _origin(run)})


def _rejecting(run: Run) -> list[int]:
    """Older runs of the source that have open rejects."""
    with connection.cursor() as cursor:
        values = {"source": run.source_id, "as_old_as": run.about_id or run.pk}
        cursor.execute(staging.FIND_REJECTING, values)
        return cursor.fetchone()[0]


def _origin(run: Run) -> str:
    return f"import:{run.pk}"


def _execute(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
