"""An undo as a run of its own: logged, interruptible, and to be undone like any other."""

from django.db import transaction
from django.db.models import F

from imports.accounts import refuse_unfinished
from imports.claiming import Wanted, claim
from imports.closing import reopen_rejects
from imports.models import Run, RunKind, RunState
from imports.patience import patiently
from imports.progress import Progress
from imports.results import ImportResult
from imports.undoing import UndoPlan, listed, plan_undo, undo
from imports.working import move, stage, work_on


def undo_run(undone: Run, *, progress: Progress) -> ImportResult:
    """Takes `undone` back as far as nobody has changed its articles since; the rest is listed in the new
    run's `left_alone`, and counted as unchanged. An interrupted undo is gone on with.

    Raises DeliveryRefused while the run is still at work, SourceBusy, RunLost, RunCanceled, Interrupted."""
    refuse_unfinished(undone, before="it is undone")
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
            # Once: a run that was interrupted before this line does it when it is gone on with.
            patiently(lambda: _account(run, undone, plan), what=f"run {run.pk}: ending")

    return work_on(run, work, progress=progress)


def _account(run: Run, undone: Run, plan: UndoPlan) -> None:
    with transaction.atomic():
        move(run, left_alone=listed(plan.left))
        own = Run.objects.filter(pk=run.pk, token=run.token)
        own.update(unchanged=plan.left_count, read=F("updated") + plan.left_count)
        reopen_rejects(undone, all_out=not plan.left_count)
