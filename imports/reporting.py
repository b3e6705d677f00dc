"""Runs in words: what they came to, and what to type next."""

import shlex
from datetime import timedelta
from typing import Any

from django.urls import reverse

from imports.accounts import Account, is_abandoned, undone_by, was_uploaded
from imports.exports import name_of_rejects
from imports.models import RESUMABLE, Run, RunKind, RunState
from imports.results import COUNTERS, ImportResult

_SHOWN_REJECTS = 20
_STANDARD_INPUT = "standard input"
_FLAGS = {
    "format_name": "--format",
    "encoding": "--encoding",
    "key": "--key",
    "zone": "--zone",
    "base_url": "--base-url",
    "conflicts": "--conflicts",
}
_SWITCHES = {"delete_missing": "--delete-missing", "force": "--force"}


def summary(result: ImportResult) -> str:
    """Lines that line up: what was read, what became of it, what to do next."""
    title = f"Run {result.run}" if result.run else "Dry run, nothing was written"
    resumed = ", gone on with after an interruption" if result.resumed else ""
    lines = [f"{title}: {result.source}, {result.state}, {result.seconds:.1f} s{resumed}"]
    lines += [f"  {counter:<10} {result.counts[counter]:>12,}" for counter in COUNTERS]
    lines += [
        f"  {name:<10} {count:>12,}  {meaning}" for name, count, meaning in _particulars(result) if count
    ]
    lines += [f"  skipped    {count:>12,}  {reason}" for reason, count in sorted(result.skipped.items())]
    lines += [f"  {one_line(reject)}" for reject in result.rejects[:_SHOWN_REJECTS]]
    if len(result.rejects) > _SHOWN_REJECTS:
        lines.append(f"  … and {len(result.rejects) - _SHOWN_REJECTS:,} more")
    lines += [one_line(note) for note in result.notes]
    return "\n".join([*lines, *_next_lines(result)])


def _particulars(result: ImportResult) -> list[tuple[str, int, str]]:
    return [
        ("conflicts", result.conflicts, "fields that editors changed too; their text stands"),
        ("renamed", result.renamed, "articles that came under a new key"),
        ("missing", result.missing, "articles withdrawn, because the delivery no longer holds them"),
    ]


def _next_lines(result: ImportResult) -> list[str]:
    if not result.run:
        return []
    rejects = [f"Rejects:    manage.py imports rejects {result.run}"] if result.counts["rejected"] else []
    conflicts = [f"Conflicts:  manage.py imports conflicts {result.run}"] if result.conflicts else []
    return rejects + conflicts


def next_steps(account: Account) -> list[tuple[str, str]]:
    """Pairs of a reason and the command to type, or the page of the admin to open, the most urgent first."""
    run = account.run
    steps = _ways_on(run)
    if account.rejects.open:
        steps += [
            ("what was turned away", f"manage.py imports rejects {run.pk}"),
            ("try it again", f"manage.py imports retry {run.pk}"),
        ]
    if account.open_conflicts:
        steps.append(("decide the conflicts", f"manage.py imports conflicts {run.pk}"))
    if run.pk not in undone_by([run]) and run.created + run.updated + run.merged + run.missing:
        steps.append(("what an undo would do", f"manage.py imports undo {run.pk} --dry-run"))
    return steps


def _ways_on(run: Run) -> list[tuple[str, str]]:
    if run.state == RunState.QUEUED:
        return [("start a worker, unless one runs", "manage.py db_worker")]
    if run.state in RESUMABLE or is_abandoned(run):
        return [_way_to_go_on(run)]
    if run.state == RunState.REFUSED:
        return [_way_to_repeat(run)]
    if run.state == RunState.STOPPED:
        return [_way_past_the_limit(run)]
    return []


def _way_to_go_on(run: Run) -> tuple[str, str]:
    if was_uploaded(run):
        return ("go on, in the admin", reverse("admin:imports_run_change", args=[run.pk]))
    if _is_mended(run):
        return ("go on, with the same FILE", repeating(run))
    return ("go on", repeating(run))


def _way_to_repeat(run: Run) -> tuple[str, str]:
    if was_uploaded(run):
        return ("upload it again, when mended", reverse("admin:imports_run_upload"))
    return ("repeat, when mended", repeating(run))


def _way_past_the_limit(run: Run) -> tuple[str, str]:
    """By the same limit the same delivery would only be stopped again."""
    if was_uploaded(run):
        return (
            "upload it again, if so many may go, with a higher limit",
            reverse("admin:imports_run_upload"),
        )
    options = {**run.options, "max_missing": None}
    return ("repeat, if so many may go, with a higher limit", _importing(run, options))


def repeating(run: Run) -> str:
    """The command that asks for the same again. FILE stands for a file whose name is not kept."""
    if run.kind == RunKind.IMPORT:
        return _importing(run, run.options)
    mended = " --from FILE" if _is_mended(run) else ""
    return f"manage.py imports {run.kind} {run.about_id}{mended}"


def _is_mended(run: Run) -> bool:
    """Whether it tries what a person handed back."""
    return run.kind == RunKind.RETRY and run.input_name == name_of_rejects(run.about_id, are_mended=True)


def _importing(run: Run, options: dict[str, Any]) -> str:
    origin = "-" if run.input_name == _STANDARD_INPUT else run.input_name
    return f"manage.py import {shlex.join([origin, '--source', run.source.name, *_words(options)])}"


def _words(options: dict[str, Any]) -> list[str]:
    """A limit of None stands for one to choose."""
    words: list[str] = []
    for name, value in sorted(options.items()):
        if name in _SWITCHES:
            words.append(_SWITCHES[name])
        elif name == "max_missing":
            words += ["--max-missing", "N%" if value is None else f"{value * 100:.10g}%"]
        elif name == "mapping":
            words += ["--map", "FILE"]
        else:
            words += [_FLAGS[name], str(value)]
    return words


def one_line(text: str, *, most: int | None = None) -> str:
    """As it may stand on a terminal: deliveries can hold anything, commands for terminals too."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(printable.split())
    return line if most is None or len(line) <= most else f"{line[: most - 1]}…"


def dismissed_words(dismissed: dict[str, int]) -> str:
    """`2 dismissed by ada, 1 dismissed by bob`; empty where there are none."""
    return ", ".join(f"{count:,} dismissed by {one_line(name)}" for name, count in dismissed.items())


def took(seconds: float) -> str:
    if not seconds:
        return ""
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def counted(count: int, one: str, many: str = "") -> str:
    """`1 article`, `2 articles`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
