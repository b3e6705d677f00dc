"""An undo as a run of its own: logged, interruptible, and to be undone like any other."""

from django.db.models import F

from imports.accounts import is_abandoned
from imports.claiming import Wanted, claim
from imports.faults import DeliveryRefused
from imports.models import ACTIVE, Run, RunKind, RunState
from imports.progress import Progress
from imports.results import ImportResult
from imports.undoing import listed, plan_undo, undo
from imports.working import move, stage, work_on


def undo_run(undone: Run, *, progress: Progress) -> ImportResult:
    """Takes `undone` back as far as nobody has changed its articles since; the rest is listed in the new
    run's `left_alone`, and counted as unchanged. An interrupted undo is gone on with.

    Raises DeliveryRefused while the run is still at work, SourceBusy, RunLost, RunCanceled, Interrupted."""
    refuse_unfinished(undone)
    wanted = Wanted(kind=RunKind.UNDO, about=undone.pk)
    run = claim(undone.source, wanted, input_name=f"run {undone.pk}", input_format="")
    return take_back(run, progress=progress)


def take_back(run: Run, *, progress: Progress) -> ImportResult:
    """The work of a claimed undo."""
    undone = run.about

    def work() -> None:
        with stage(run, RunState.LOADING):
            plan = plan_undo(undone)
            progress.start("undoing", total=plan.restorable)
            undo(run, undone, advance=progress.advance)
            # Anew: somebody may have changed one meanwhile.
            plan = plan_undo(undone)
            left = plan.left_count
            # Once: a run that was interrupted before this line counts them when it is gone on with.
            move(run, left_alone=listed(plan.left))
            own = Run.objects.filter(pk=run.pk, token=run.token)
            own.update(unchanged=left, read=F("updated") + left)

    return work_on(run, work, progress=progress)


def refuse_unfinished(undone: Run) -> None:
    """Raises DeliveryRefused. A run whose process died is over for an undo, which takes its place."""
    if undone.state in (*ACTIVE, RunState.QUEUED, RunState.READY) and not is_abandoned(undone):
        raise DeliveryRefused(
            f"Run {undone.pk} is {undone.get_state_display()}; wait for it to end, or cancel it, before it "
            "is undone."
        )
