"""Child processes: real ones, in real trouble."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from ops.processes import end, start, stop_event, wait_for_end, wait_until

DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def started(**commands: list[str]):
    return start(commands, folder=Path.cwd(), environment=os.environ)


def test_children_end_when_they_are_asked_to():
    children = started(first=SLEEP, second=SLEEP)
    end(children, patience=10)
    assert [child.process.returncode for child in children] == [-signal.SIGTERM, -signal.SIGTERM]


def test_a_child_that_does_not_stop_is_killed(tmp_path: Path):
    up = tmp_path / "up"
    children = started(deaf=[sys.executable, "-c", DEAF, str(up)])
    assert wait_until(up.exists, children=children, stop=threading.Event(), seconds=10)
    end(children, patience=0.1)
    assert children[0].process.returncode == -signal.SIGKILL


def test_the_child_that_ends_by_itself_is_named():
    children = started(lasting=SLEEP, brief=[sys.executable, "-c", "raise SystemExit(7)"])
    try:
        ended = wait_for_end(children, stop=threading.Event())
    finally:
        end(children, patience=10)
    assert (ended.name, ended.process.returncode) == ("brief", 7)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait_and_raises_nothing(number: signal.Signals):
    with stop_event() as stop:
        children = started(lasting=SLEEP)
        try:
            signal.raise_signal(number)
            assert wait_for_end(children, stop=stop) is None
        finally:
            end(children, patience=10)


def test_signals_mean_afterwards_what_they_meant_before():
    before = signal.getsignal(signal.SIGTERM)
    with stop_event():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_waiting_for_readiness_ends_with_the_child_that_would_have_brought_it():
    children = started(brief=[sys.executable, "-c", ""])
    assert not wait_until(lambda: False, children=children, stop=threading.Event(), seconds=60)
    assert children[0].process.returncode == 0


def test_ctrl_c_in_the_terminal_does_not_reach_the_children_directly():
    children = started(lasting=SLEEP)
    try:
        assert os.getpgid(children[0].process.pid) != os.getpgid(0)
    finally:
        end(children, patience=10)
