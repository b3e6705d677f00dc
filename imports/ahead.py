"""What comes next is made while somebody is busy with what came before."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")

_END = object()


def ahead(steps: Generator[Value, None, None]) -> Iterator[Value]:
    """The values of `steps`, one of them ahead, which runs on a thread of its own and is closed there in the
    end. What it raises is raised here, after the values before it."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        following = thread.submit(next, steps, _END)
        try:
            while (value := following.result()) is not _END:
                following = thread.submit(next, steps, _END)
                yield value
        finally:
            thread.submit(steps.close)
