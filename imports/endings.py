"""How commands that work on runs are stopped, and what their ends are called."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from imports.accounts import UnknownRun
from imports.faults import DeliveryRefused, Interrupted, RunCanceled, RunLost, SourceBusy
from imports.progress import Progress
from imports.results import EXIT_BUSY, EXIT_FAILED, EXIT_REFUSED


def stop_on_signals(progress: Progress) -> None:
    def stop(number: int, frame: object) -> None:
        progress.stop(Interrupted(number))
        # Who asks twice does not want to wait: then the run ends as if it were killed, which loses nothing.
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Whatever ends a command before its time becomes a CommandError: one sentence and an exit code."""
    try:
        yield
    except (DeliveryRefused, UnknownRun) as refusal:
        raise CommandError(str(refusal), returncode=EXIT_REFUSED) from refusal
    except SourceBusy as busy:
        raise CommandError(str(busy), returncode=EXIT_BUSY) from busy
    except (RunLost, RunCanceled) as end:
        raise CommandError(str(end), returncode=EXIT_FAILED) from end
    except Interrupted as stop:
        message = "Stopped. What was committed stays; the same command goes on from there."
        raise CommandError(message, returncode=128 + stop.signal_number) from stop
