"""Drawing from tables, the same on every machine and under every Python.

Only `Random.random` is used: its sequence for a seed is promised to stay as it is; those of `choice`,
`shuffle` and `sample` are not."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
Draw = Callable[[], float]

_MASK = 2**64 - 1


def drawer(seed: int, number: int) -> Draw:
    """Numbers in [0, 1) that depend on nothing but the arguments."""
    return Random(f"{seed}:{number}").random  # noqa: S311 - a sample, not a secret


def pick(draw: Draw, table: Sequence[T]) -> T:
    return table[int(draw() * len(table))]


def weighted(items: Sequence[T], *, power: float, most: int = 60) -> tuple[T, ...]:
    """A table to pick from in which the item of rank k stands in proportion to k ** -power."""
    counts = (max(1, round(most * rank**-power)) for rank in range(1, len(items) + 1))
    return tuple(item for item, count in zip(items, counts, strict=True) for _ in range(count))


def shuffled(draw: Draw, items: Sequence[T]) -> tuple[T, ...]:
    return tuple(sorted(items, key=lambda _: draw()))


def scattered(seed: int, number: int, size: int) -> int:
    """A whole number below `size`, for where a whole generator would be too dear (SplitMix64)."""
    x = (number * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return (x ^ (x >> 31)) % size
