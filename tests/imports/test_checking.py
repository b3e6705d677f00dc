"""A check hears at any time that it is to stop, not only while it reads for the first time."""

import io
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest

from imports.checking import check
from imports.deliveries import Delivery
from imports.faults import Interrupted
from imports.progress import Progress
from imports.reading import Rules
from tests.imports.deliveries import OPTIONS, delivery_of, record, write_jsonl


class Watched(io.BytesIO):
    """Tells when it has been read to its end."""

    def __init__(self, content: bytes, at_end: Callable[[], None]) -> None:
        super().__init__(content)
        self._at_end = at_end

    def readinto(self, buffer: memoryview) -> int:
        if not (count := super().readinto(buffer)):
            self._at_end()
        return count


def watched(delivery: Delivery, reopen: Callable[[], io.BytesIO]) -> Delivery:
    return replace(delivery, content=replace(delivery.content, reopen=reopen))


@pytest.fixture
def repetitions(tmp_path) -> bytes:
    return write_jsonl(tmp_path / "press.jsonl", *(record("a-1") for _ in range(3))).read_bytes()


def checked(delivery: Delivery, progress: Progress) -> None:
    check(delivery, Rules("jsonl", OPTIONS), lookup=None, progress=progress)


def test_a_signal_is_heard_while_repeated_keys_are_looked_for(repetitions):
    progress = Progress(visible=False)
    stop = Interrupted(signal.SIGTERM)
    delivery = delivery_of(repetitions)
    readings = []

    def reopen() -> Watched:
        readings.append(Watched(repetitions, lambda: progress.stop(stop)))
        return readings[-1]

    with pytest.raises(Interrupted):
        checked(watched(delivery, reopen), progress)
    assert len(readings) == 1


def test_a_signal_is_heard_while_what_is_repeated_is_read_again(repetitions):
    progress = Progress(visible=False)
    stop = Interrupted(signal.SIGTERM)
    delivery = delivery_of(repetitions)
    readings = []

    def reopen() -> io.BytesIO:
        readings.append(io.BytesIO(repetitions))
        if len(readings) == 2:
            progress.stop(stop)
        return readings[-1]

    with pytest.raises(Interrupted):
        checked(watched(delivery, reopen), progress)
    assert progress.done == 3
