"""The health report for people."""

from collections.abc import Sequence
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.health import Result, Status, overall, tally

COLORS = {Status.PASS: "green", Status.UNKNOWN: "magenta", Status.WARN: "yellow", Status.FAIL: "bold red"}
# Where nobody knows the width of the screen: wide enough to break no line of a healthy report.
WIDTH_ELSEWHERE = 110


def write_report(results: Sequence[Result], *, is_terminal: bool, no_color: bool) -> str:
    """A table of all results, then what to do about each that is not well. Colored only for a terminal."""
    console = Console(
        file=StringIO(),
        force_terminal=is_terminal,
        no_color=no_color or None,
        width=None if is_terminal else WIDTH_ELSEWHERE,
        # What is shown comes from databases and drivers: it is text, whatever brackets it has.
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        print_parts(results, console=console)
    return "\n".join(line.rstrip() for line in capture.get().strip("\n").splitlines()) + "\n"


def print_parts(results: Sequence[Result], *, console: Console) -> None:
    console.print(all_results(results))
    for result in results:
        if result.status is not Status.PASS:
            console.print(finding(result))
    console.print(Text.assemble("Health: ", colored(overall(results)), f" ({tally(results)})"))


def all_results(results: Sequence[Result]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in ("status", "check", "", "observed"):
        table.add_column(title, overflow="fold")
    for result in results:
        table.add_row(colored(result.status), result.id, result.title, result.observed)
    table.add_row()
    return table


def finding(result: Result) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(overflow="fold")
    grid.add_row(colored(result.status), f"{result.id}: {result.title}")
    for name in ("expected", "observed", "fix", "owner", "runbook"):
        grid.add_row(name, getattr(result, name))
    grid.add_row()
    return grid


def colored(status: Status) -> Text:
    return Text(status.value, style=COLORS[status])
