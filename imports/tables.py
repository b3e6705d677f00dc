"""Runs, rejects and conflicts as tables that line up."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from imports.accounts import Account, RejectCounts, is_abandoned, records_per_second, work_seconds
from imports.deciding import compared, edited_since
from imports.models import ACTIVE, Conflict, Reject, Run, RunKind, RunState
from imports.reporting import dismissed_words, next_steps, one_line, took
from imports.results import COUNTERS

# Where there is no screen, a line may be as long as it is, for grep and its like.
_UNBOUNDED = 10_000
_LONGEST_VALUE = 100
_LONGEST_NAME = 80
_NARROWEST = 20
# Shown in a list of runs whatever they are; other counts only where one of the runs has some.
_ALWAYS = ("read", "created", "updated", "unchanged", "rejected")
_COUNTS = (*COUNTERS, "conflicts", "renamed", "missing")
_COLORS = {
    RunState.FINISHED: "green",
    RunState.FINISHED_WITH_REJECTS: "yellow",
    RunState.PAUSED: "yellow",
    RunState.STOPPED: "yellow",
    RunState.FAILED: "bold red",
    RunState.REFUSED: "red",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a table is shown; colors only on a terminal."""

    is_terminal: bool = False
    no_color: bool = False

    def write(self, *parts: RenderableType) -> str:
        """What does not fit a terminal is not cut: lines run over, and every figure stays whole."""
        whole = Group(*parts)
        console = self._console(None)
        wanted = console.measure(whole, options=console.options.update(max_width=_UNBOUNDED))
        width = max(console.width, wanted.minimum) if self.is_terminal else wanted.maximum
        console = self._console(width)
        with console.capture() as capture:
            console.print(whole)
        return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").splitlines())

    def _console(self, width: int | None) -> Console:
        return Console(
            file=StringIO(),
            force_terminal=self.is_terminal,
            no_color=self.no_color or None,
            width=width,
            # What is shown comes from deliveries: it is text, whatever brackets it has.
            markup=False,
            highlight=False,
            emoji=False,
        )


def runs_table(runs: Sequence[Run], *, undone_by: Mapping[int, int], screen: Screen) -> str:
    counts = [name for name in _COUNTS if name in _ALWAYS or any(getattr(run, name) for run in runs)]
    table = _table("run", "source", "state", "began (UTC)", "took", *counts, "by", "remark")
    for run in runs:
        table.add_row(
            str(run.pk),
            run.source.name,
            Text(state_of(run), style=_COLORS.get(run.state, "")),
            f"{run.started_at:%Y-%m-%d %H:%M}",
            took(work_seconds(run)),
            *(f"{getattr(run, name):,}" for name in counts),
            one_line(run.started_by),
            _remark(run, undone_by.get(run.pk)),
        )
    _keep_whole(table, but="remark", right=("run", "took", *counts))
    return screen.write(table)


def state_of(run: Run) -> str:
    state = run.state.replace("_", " ")
    if is_abandoned(run):
        return f"{state}, its process is gone"
    if run.state in ACTIVE and run.stage_total:
        return f"{state} {run.stage_done / run.stage_total:.0%}"
    return state


def _remark(run: Run, undone_by: int | None) -> str:
    verb = {RunKind.RETRY: "retries", RunKind.UNDO: "undoes"}.get(run.kind)
    remarks = [
        f"{verb} run {run.about_id}" if verb else "",
        f"undone by run {undone_by}" if undone_by else "",
        f"resumed {run.resumed}×" if run.resumed else "",
    ]
    return ", ".join(filter(None, remarks))


def account_page(account: Account, *, screen: Screen) -> str:
    run = account.run
    kind = run.get_kind_display()
    title = Text(f"Run {run.pk}: {kind}, {run.source.name}, {run.get_state_display()}", style="bold")
    rows = [*_identity(run), ("", ""), *_counts(account), ("", ""), *_work(run), *_since(account)]
    steps = next_steps(account)
    return screen.write(title, _grid(rows), *([Text("\nNext:"), _grid(steps)] if steps else []))


def _identity(run: Run) -> Iterator[tuple[str, str]]:
    release = f", release {run.release}" if run.release else ""
    size = f"{decimal(run.input_bytes)} ({run.input_bytes:,} bytes)" if run.input_bytes else None
    yield from _known(
        ("by", one_line(f"{run.started_by or 'nobody known'} on {run.host}{release}")),
        ("began", _moment(run.started_at)),
        ("readable", _moment(run.readable_at)),
        ("ended", _moment(run.finished_at)),
        ("input", one_line(run.input_name)),
        ("format", run.input_format),
        ("size", size),
        ("sha256", run.input_sha256),
        ("options", one_line(", ".join(f"{name}: {value}" for name, value in _told(run.options)))),
        ("error", one_line(run.error)),
    )


def _told(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        yield name, f"{len(value.splitlines())} lines" if name == "mapping" else value


def _counts(account: Account) -> Iterator[tuple[str, str]]:
    run = account.run
    still_open = {
        "rejected": f"  {_open_rejects(account.rejects)}",
        "conflicts": f"  {account.open_conflicts:,} still open",
    }
    for name in _COUNTS:
        count = getattr(run, name)
        if count or name in COUNTERS:
            yield name, f"{count:>12,}{still_open.get(name, '') if count else ''}"
    if account.cut_texts:
        yield "cut", f"{account.cut_texts:>12,}  texts too long to be searched whole"
    for reason, count in sorted(run.skipped.items()):
        yield "skipped", f"{count:>12,}  {one_line(reason)}"


def _open_rejects(rejects: RejectCounts) -> str:
    codes = ", ".join(f"{count:,} {code}" for code, count in rejects.by_code.items())
    still_open = f"{rejects.open:,} still open{': ' if codes else ''}{codes}"
    return "; ".join(filter(None, [still_open, dismissed_words(rejects.dismissed)]))


def _work(run: Run) -> Iterator[tuple[str, str]]:
    rate = records_per_second(run)
    stages = [
        f"{stage} {run.stage_seconds[stage]:,.1f} s"
        for stage in RunState.values
        if stage in run.stage_seconds
    ]
    yield from _known(
        ("took", f"{took(work_seconds(run))} ({', '.join(stages)})" if stages else ""),
        ("rate", f"{rate:,.0f} records/s" if rate else ""),
        ("memory", f"{decimal(run.peak_memory)} at its peak" if run.peak_memory else ""),
        ("batches", f"{run.batch:,}" if run.batch else ""),
        ("resumed", f"{run.resumed}×" if run.resumed else ""),
    )


def _since(account: Account) -> Iterator[tuple[str, str]]:
    for follower in account.followers:
        yield "followed", f"by run {follower.pk}, {follower.get_kind_display()}: {state_of(follower)}"
    for left in account.left_alone:
        yield "left alone", one_line(f"article {left.article}, changed by {left.changed_by}: {left.title}")
    rest = account.run.unchanged - len(account.left_alone)
    if account.left_alone and rest > 0:
        yield "left alone", f"and {rest:,} more"


def rejects_table(rejects: Iterable[Reject], *, screen: Screen) -> str:
    shown = list(rejects)
    in_files = any(reject.member for reject in shown)
    table = _table("line", *(["file"] if in_files else []), "key", "code", "message")
    for reject in shown:
        member = [_name(reject.member)] if in_files else []
        table.add_row(f"{reject.line:,}", *member, _name(reject.key), reject.code, one_line(reject.message))
    _keep_whole(table, but="message", right=("line",))
    return screen.write(table)


def _name(text: str) -> str:
    return one_line(text, most=_LONGEST_NAME)


def conflicts_page(conflicts: Iterable[Conflict], *, screen: Screen) -> str:
    return screen.write(*(part for conflict in conflicts for part in _conflict(conflict)))


def _conflict(conflict: Conflict) -> Iterator[RenderableType]:
    since = ", changed once more since" if edited_since(conflict) else ""
    title = one_line(conflict.item.article.title, most=_LONGEST_VALUE)
    yield Text(
        f"{conflict.pk}  {conflict.field} of article {conflict.item.article_id}{since}: {title}", style="bold"
    )
    sides = zip(("was", "here", "delivered"), compared(conflict), strict=True)
    yield _grid((name, one_line(text, most=_LONGEST_VALUE)) for name, text in sides)


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""


def _table(*titles: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _keep_whole(table: Table, *, but: str, right: Collection[str]) -> None:
    """No column is narrowed `but` one, whose lines may break."""
    for column in table.columns:
        width = max(cell_len(str(cell)) for cell in (column.header, *column.cells))
        column.no_wrap = column.header != but
        column.min_width = width if column.no_wrap else min(width, _NARROWEST)
        column.justify = "right" if column.header in right else "left"


def _known(*rows: tuple[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in rows if value)


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(f"  {name}", value)
    return grid
