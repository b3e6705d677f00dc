"""What a benchmark says, and how it is printed."""

import operator
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and the bound that it has to keep; `bound` None is told for comparison only."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    at_least: bool = True

    @property
    def holds(self) -> bool:
        compare: Callable[[float, float], bool] = operator.ge if self.at_least else operator.le
        return self.bound is None or compare(self.value, self.bound)


def print_figures(figures: list[Figure]) -> None:
    table = Table(title=f"{os.cpu_count()} cores, Python {platform.python_version()}", title_justify="left")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_column("asked", justify="right")
    table.add_column("")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.value:,.2f} {figure.unit}",
            _asked(figure),
            "" if figure.holds else "MISSED",
        )
    Console(width=None if Console().is_terminal else 110).print(table)


def _asked(figure: Figure) -> str:
    if figure.bound is None:
        return ""
    return f"{'≥' if figure.at_least else '≤'} {figure.bound:,g}"
