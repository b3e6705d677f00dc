"""What the commands that look after imports answer, for people and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from rich.filesize import decimal

from imports.accounts import LeftAlone, RejectCounts, named, open_rejects_by_code, refuse_unfinished
from imports.claiming import system_user
from imports.collecting import Collected
from imports.deciding import Decided
from imports.media import MediaCounts
from imports.models import Run, RunState
from imports.progress import Progress
from imports.rejects import Export, dismiss
from imports.reporting import counted, dismissed_words, one_line
from imports.results import EXIT_DONE, EXIT_WITH_REJECTS
from imports.reversals import undo_run
from imports.undoing import listed, plan_undo
from imports.uploads import UNDER_WAY, cancel

_SHOWN_ARTICLES = 20


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, or with `run` of None would do. `left` are the first articles that it leaves alone,
    `left_count` is how many there are."""

    run: int | None
    undone: int
    state: str
    restored: int
    left_count: int
    left: Sequence[dict[str, Any]]

    @property
    def exit(self) -> int:
        return EXIT_WITH_REJECTS if self.left_count else EXIT_DONE

    def as_dict(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "undone": self.undone,
            "state": self.state,
            "restored": self.restored,
            "left_alone": {"count": self.left_count, "articles": list(self.left)},
            "exit": self.exit,
        }

    def words(self) -> str:
        title = f"Run {self.run} undid run {self.undone}"
        if self.run is None:
            title = f"Dry run, nothing was written: an undo of run {self.undone}"
        lines = [
            title,
            f"  taken back {self.restored:>12,}",
            f"  left alone {self.left_count:>12,}  changed since by somebody else",
        ]
        lines += [_left_line(left) for left in named(self.left[:_SHOWN_ARTICLES])]
        if (rest := self.left_count - _SHOWN_ARTICLES) > 0:
            lines.append(f"  … and {rest:,} more")
        return "\n".join(lines)


def _left_line(left: LeftAlone) -> str:
    return "  " + one_line(f"article {left.article}, changed by {left.changed_by}: {left.title}", most=120)


def planned_undo(run: Run) -> Undone:
    """Raises DeliveryRefused while the run is at work."""
    refuse_unfinished(run, before="it is undone")
    plan = plan_undo(run)
    return Undone(None, run.pk, "dry run", plan.restorable, plan.left_count, listed(plan.left))


def carried_out_undo(run: Run, *, progress: Progress) -> Undone:
    """Raises what imports.reversals.undo_run raises."""
    result = undo_run(run, progress=progress)
    undo = Run.objects.get(pk=result.run)
    return Undone(undo.pk, run.pk, undo.state, undo.updated, undo.unchanged, undo.left_alone)


@dataclass(frozen=True, slots=True)
class Canceled:
    """What became of a run that somebody wants to end. `answer`: `canceled`, or `asked` where a process is
    at work on it that has yet to hear it, or `over` where there was nothing to end."""

    run: int
    state: str
    answer: str

    def words(self) -> str:
        if self.answer == "over":
            return f"Run {self.run} was over before ({self.state}); nothing changed."
        if self.answer == "asked":
            return f"Run {self.run} is at work, and was asked to stop; what it committed stays."
        return f"Run {self.run} is canceled; what it committed stays."


def carried_out_cancel(run: Run) -> Canceled:
    before = run.state
    cancel(run)
    run.refresh_from_db()
    if run.state in UNDER_WAY:
        answer = "asked"
    else:
        answer = "canceled" if RunState.CANCELED == run.state != before else "over"
    return Canceled(run.pk, run.state, answer)


def rejects_words(run: Run, counts: RejectCounts, *, code: str, shown: int) -> str:
    """Below the table of those that are `shown`."""
    if not counts.open:
        return _none_open(run, counts.dismissed)
    codes = ", ".join(f"{count:,} {name}" for name, count in counts.by_code.items())
    others = [f"{run.rejected:,} rejected in all", dismissed_words(counts.dismissed)]
    lines = [f"{shown:,} shown of {counts.open:,} open ({codes}), {', '.join(filter(None, others))}."]
    if code and code not in counts.by_code:
        lines.append(f"None has the code {code}.")
    return "\n".join(
        [
            *lines,
            f"Mend them:   manage.py imports rejects {run.pk} --export rejects-{run.pk}.jsonl",
            f"Try again:   manage.py imports retry {run.pk}",
            f"Let go:      manage.py imports rejects {run.pk} --dismiss",
        ]
    )


def _none_open(run: Run, dismissed: dict[str, int]) -> str:
    if not run.rejected:
        return f"Run {run.pk} rejected nothing."
    if not dismissed:
        return f"All {run.rejected:,} rejected records of run {run.pk} have come in since."
    came_in = run.rejected - sum(dismissed.values())
    return (
        f"None of the {run.rejected:,} rejected records of run {run.pk} is open: "
        f"{came_in:,} came in since, {dismissed_words(dismissed)}."
    )


@dataclass(frozen=True, slots=True)
class Dismissed:
    """`open` are those of the run that are left."""

    run: int
    dismissed: int
    open: int

    def words(self) -> str:
        rest = f"{self.open:,} of its rejects {'is' if self.open == 1 else 'are'} open"
        if not self.dismissed:
            return f"Nothing was dismissed of run {self.run}; {rest}."
        return f"Dismissed {counted(self.dismissed, 'reject')} of run {self.run}; {rest}."


def carried_out_dismissal(run: Run, *, code: str) -> Dismissed:
    dismissed = dismiss(run, code=code, who=system_user())
    return Dismissed(run.pk, dismissed, sum(open_rejects_by_code(run).values()))


def export_words(run: Run, export: Export, *, file: str) -> str:
    if not export.records:
        return f"Nothing to export: no such reject of run {run.pk} is open. {file} is empty."
    lines = [f"{file} has {counted(export.records, 'record')}. Mend what stands under record or text, then:"]
    if export.cut:
        lines.insert(
            0, f"{counted(export.cut, 'record')} came longer than what is kept, and cannot be mended here."
        )
    return "\n".join([*lines, f"manage.py imports retry {run.pk} --from {quote(file)}"])


def conflicts_words(ids: Sequence[int], *, total: int) -> str:
    """Below the ones that are shown."""
    if not total:
        return "No conflict is open."
    return "\n".join(
        [
            f"{len(ids):,} shown of {counted(total, 'open conflict')}; until decided, the text here stands.",
            f"Take the delivered:  manage.py imports conflicts --take {ids[0]}",
            f"Keep what is here:   manage.py imports conflicts --keep {ids[0]}",
        ]
    )


def decided_words(decided: Decided, *, take: bool) -> str:
    if not (decided.count or decided.settled or decided.refused):
        return "No conflict is open; nothing changed."
    verb = "The delivery was taken in" if take else "The text here stays in"
    lines = [f"{verb} {counted(decided.count, 'conflict')}."]
    if decided.settled:
        lines.append(
            f"{counted(decided.settled, 'conflict')} had been decided before; nothing changed there."
        )
    return "\n".join([*lines, *map(one_line, decided.refused)])


def collected_words(collected: Collected, *, dry_run: bool) -> str:
    verb = "Would remove" if dry_run else "Removed"
    return (
        f"{verb} {counted(collected.deliveries, 'delivery', 'deliveries')} ({decimal(collected.bytes)}) and "
        f"{counted(collected.leftovers, 'unfinished file')} of processes that died; "
        f"{counted(collected.kept, 'delivery', 'deliveries')} ({decimal(collected.kept_bytes)}) "
        f"{'stays' if collected.kept == 1 else 'stay'}."
    )


def media_words(counts: MediaCounts) -> str:
    return "\n".join(
        f"{name:<10} {count:>12,}  {meaning}"
        for name, count, meaning in (
            ("queued", counts.queued, "addresses that came into the queue"),
            ("stored", counts.stored, "files"),
            ("gone", counts.gone, "their servers no longer have them"),
            ("failed", counts.failed, "given up; imports media --again tries them anew"),
            ("postponed", counts.postponed, "tried again later"),
        )
    )
