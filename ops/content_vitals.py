"""How the archive itself is: its migrations, its imports, its search."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from articles.models import SearchPending
from imports.models import Run, RunState
from ops.health import Observation, Status, worst
from ops.server_vitals import bounded_cursor

LONGEST_RUN = timedelta(hours=12)
MOST_PENDING = 1_000
COUNTED_PENDING = 10_000
SHOWN_NAMES = 3

Name = tuple[str, str]  # app label and name of a migration


def migrations_applied() -> Observation:
    with bounded_cursor():
        loader = MigrationLoader(connection)
    missing = [name for name in loader.graph.nodes if name not in loader.applied_migrations]
    if not missing:
        return Observation(Status.PASS, f"all {len(loader.graph.nodes)} are applied")
    return Observation(Status.FAIL, f"{len(missing)} not applied: {migration_names(missing)}")


def migrations_known() -> Observation:
    """Django says nothing of a migration that is applied and that the code does not have."""
    with bounded_cursor():
        applied = set(MigrationRecorder(connection).applied_migrations())
    unknown = unknown_migrations(applied, on_disk=MigrationLoader(None).disk_migrations)
    if not unknown:
        return Observation(Status.PASS, "none is unknown to this code")
    return Observation(Status.WARN, f"{len(unknown)} unknown to this code: {migration_names(unknown)}")


def unknown_migrations(applied: Set[Name], *, on_disk: Mapping[Name, Migration]) -> set[Name]:
    """A migration that was squashed is known by the one that replaces it."""
    squashed = {name for migration in on_disk.values() for name in migration.replaces}
    return set(applied) - on_disk.keys() - squashed


def migration_names(names: Iterable[Name]) -> str:
    return shortened([f"{app}.{name}" for app, name in sorted(names)], separator=", ")


def shortened(words: Sequence[str], *, separator: str) -> str:
    rest = len(words) - SHOWN_NAMES
    return separator.join([*words[:SHOWN_NAMES], *([f"and {rest} more"] if rest > 0 else [])])


def last_imports() -> Observation:
    newest = Run.objects.order_by("source_id", "-id").distinct("source_id").select_related("source")
    with bounded_cursor():
        runs = list(newest)
    return judge_runs(runs, now=timezone.now())


def judge_runs(runs: Iterable[Run], *, now: datetime) -> Observation:
    """Of the newest run of each source: the worst status, and the runs that have it."""
    judged = [judge_run(run, now=now) for run in runs]
    if not judged:
        return Observation(Status.PASS, "no import yet")
    status = worst([judgment.status for judgment in judged])
    texts = [judgment.observed for judgment in judged if judgment.status is status]
    return Observation(status, shortened(texts, separator="; "))


def judge_run(run: Run, *, now: datetime) -> Observation:
    state = RunState(run.state)
    words = f"{state.label} ({run.rejected})" if state is RunState.FINISHED_WITH_REJECTS else state.label
    age = now - (run.finished_at or run.started_at)
    return Observation(
        run_status(state, age=age), f"{run.source.name}: run {run.pk} {words}, {age_words(age)}"
    )


def run_status(state: RunState, *, age: timedelta) -> Status:
    match state:
        case RunState.FAILED | RunState.REFUSED:
            return Status.FAIL
        case RunState.PAUSED | RunState.STOPPED | RunState.FINISHED_WITH_REJECTS:
            return Status.WARN
        case RunState.FINISHED | RunState.CANCELED | RunState.SUPERSEDED:
            return Status.PASS
    # At work, or killed before it could say so.
    return Status.WARN if age > LONGEST_RUN else Status.PASS


def age_words(age: timedelta) -> str:
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if number := int(age.total_seconds() // seconds):
            return f"{number} {unit}{'s' * (number > 1)} ago"
    return "just now"


def search_pending() -> Observation:
    # Counted no further than where the answer is clear: the queue may be as long as the archive.
    with bounded_cursor():
        number = SearchPending.objects.all()[: COUNTED_PENDING + 1].count()
    words = f"more than {COUNTED_PENDING:,}" if number > COUNTED_PENDING else f"{number:,}"
    return Observation(Status.PASS if number <= MOST_PENDING else Status.WARN, f"{words} waiting")
