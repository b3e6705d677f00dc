"""Commands in processes of their own, which are looked at while they work."""

import subprocess
import time
from collections.abc import Callable

# Takes the words after manage.py and, by name, variables of the environment.
Start = Callable[..., subprocess.Popen[str]]


def wait_for(condition: Callable[[], object], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)
