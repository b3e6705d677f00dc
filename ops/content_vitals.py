"""How the archive itself is: its migrations, its imports, its search."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q, QuerySet
from django.utils import timezone

from articles.models import SearchPending
from imports.accounts import is_abandoned
from imports.models import ACTIVE, Decision, Run, RunState
from imports.reporting import repeating
from imports.tasks import waiting_since
from imports.uploads import is_held
from ops.health import Observation, Status
from ops.server_vitals import bounded_cursor

LONGEST_RUN = timedelta(hours=12)
MOST_PENDING = 1_000
MOST_COUNTED = 10_000
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


def last_imports() -> Observation | list[Observation]:
    """One finding for each source whose newest run is not well, or whose process died at one."""
    newest = Run.objects.order_by("source_id", "-id").distinct("source_id").values("pk")
    # A run that died may have an upload behind it that still waits.
    looked_at = Run.objects.filter(Q(pk__in=newest) | Q(state__in=ACTIVE))
    with bounded_cursor():
        judged = [judge_run(run, now=timezone.now()) for run in looked_at.select_related("source")]
    if not judged:
        return Observation(Status.PASS, "no import yet")
    findings = [judgment for judgment in judged if judgment.status is not Status.PASS]
    return findings or Observation(Status.PASS, f"{len(judged)} looked at, all well or at work")


def judge_run(run: Run, *, now: datetime) -> Observation:
    age = now - (run.finished_at or run.started_at)
    status, words, fix = _judgment(run, age=age)
    observed = f"{run.source.name}: run {run.pk} {words}, {age_words(age)}"
    return Observation(status, observed, subject=run.source.name, fix=fix)


def _judgment(run: Run, *, age: timedelta) -> tuple[Status, str, str]:
    """Its status, what there is to say of it, and what to do."""
    state = RunState(run.state)
    show = f"manage.py imports show {run.pk}"
    match state:
        case RunState.FAILED:
            return Status.FAIL, state.label, f"Mend what {show} tells of its error, then {_going_on(run)}"
        case RunState.REFUSED | RunState.STOPPED:
            status = Status.FAIL if state is RunState.REFUSED else Status.WARN
            return status, state.label, f"{show} says why, and what to type next."
        case RunState.PAUSED:
            return Status.WARN, state.label, f"To finish it, {_going_on(run)}"
        case RunState.FINISHED_WITH_REJECTS:
            return _open_questions(run, show=show)
        case RunState.FINISHED | RunState.CANCELED | RunState.SUPERSEDED:
            return Status.PASS, state.label, ""
    if _is_left_alone(run):
        return Status.WARN, f"{state.label}, but its process is gone", f"To finish it, {_going_on(run)}"
    if age > LONGEST_RUN:
        return Status.WARN, state.label, f"{show} says how far it is, and what to type next."
    return Status.PASS, state.label, ""


def _is_left_alone(run: Run) -> bool:
    """Whether a process died at it, and no worker is going to take it up."""
    if run.state == RunState.QUEUED:
        return not is_held(run) and waiting_since(run) is None
    return is_abandoned(run)


def _going_on(run: Run) -> str:
    return f"type {repeating(run)} or press “Go on” on its page in the admin."


def _open_questions(run: Run, *, show: str) -> tuple[Status, str, str]:
    """Of those that the run ended with, the ones that wait for a person still."""
    rejects = count_some(run.rejects.filter(closed_by=""))
    conflicts = count_some(run.conflict_rows.filter(state=Decision.OPEN))
    if not (rejects or conflicts):
        return Status.PASS, "finished, and nothing of it is open any longer", ""
    words = f"finished; open are rejects ({number_words(rejects)}) and conflicts ({number_words(conflicts)})"
    return Status.WARN, words, f"{show} says what to type next."


def age_words(age: timedelta) -> str:
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if number := int(age.total_seconds() // seconds):
            return f"{number} {unit}{'s' * (number > 1)} ago"
    return "just now"


def search_pending() -> Observation:
    with bounded_cursor():
        number = count_some(SearchPending.objects.all())
    return Observation(
        Status.PASS if number <= MOST_PENDING else Status.WARN, f"{number_words(number)} waiting"
    )


def count_some(rows: QuerySet) -> int:
    """No further than where the answer is clear: there may be as many as the archive has articles."""
    return rows[: MOST_COUNTED + 1].count()


def number_words(number: int) -> str:
    return f"more than {MOST_COUNTED:,}" if number > MOST_COUNTED else f"{number:,}"
