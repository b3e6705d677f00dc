"""How commands that work on runs are stopped, and how they end: for people with a sentence, for programs
with an object, for both with an exit code."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from archive_site.unready import explanation
from imports.accounts import UnknownRun, account_of, newest_runs
from imports.faults import (
    DeliveryRefused,
    Interrupted,
    RunCanceled,
    RunCutOff,
    RunLost,
    SourceBusy,
    described,
)
from imports.leases import LEASE, this_holder
from imports.models import Run
from imports.progress import Progress
from imports.reporting import next_steps
from imports.results import EXIT_BUSY, EXIT_FAILED, EXIT_REFUSED

_EXIT_SIGNALED = 128
# Of what ended before it was a run.
_STATES = {EXIT_FAILED: "failed", EXIT_REFUSED: "refused", EXIT_BUSY: "busy"}


class AnsweringCommand(BaseCommand):
    """A command that takes --json, and then prints exactly one object however it ends: its own by
    `print_json`, followed by nothing but SystemExit, else the one of `ending_of`. The sentence for people
    goes to standard error in any case."""

    requires_migrations_checks = True
    # None until its words are understood.
    began: datetime | None = None

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            super().run_from_argv(argv)
        except SystemExit as end:
            if end.code and self.began is None and "--json" in argv:
                self.print_json(_misunderstood(argv[1], int(end.code)))
            raise

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.began = timezone.now()
        try:
            with exit_codes():
                return super().execute(*args, **options)
        except (Exception, KeyboardInterrupt) as end:
            if options["json"]:
                self.print_json(ending_of(end, since=self.began))
            raise

    def check_migrations(self) -> None:
        """What Django says of waiting migrations is for people."""
        printed, self.stdout = self.stdout, self.stderr
        try:
            super().check_migrations()
        finally:
            self.stdout = printed

    def print_json(self, answer: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False))


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
    except (RunLost, RunCanceled, RunCutOff) as end:
        raise CommandError(str(end), returncode=EXIT_FAILED) from end
    except Interrupted as stop:
        message = "Stopped. What was committed stays; the same command goes on from there."
        raise CommandError(message, returncode=_EXIT_SIGNALED + stop.signal_number) from stop


def ending_of(end: BaseException, *, since: datetime) -> dict[str, Any]:
    """For programs, what ended a command that began at `since`: `run` is the number of the run that this
    process had by then or null, `state` that of the run, else `failed`, `refused`, `busy` or `interrupted`;
    `error` one sentence, `next` what to type or the page to open, the most urgent first."""
    code = _code(end)
    run, steps = _own_run(since)
    state = run.state if run else _STATES.get(code, "interrupted")
    number = run.pk if run else getattr(end.__cause__, "run", None)
    return _ending(run=number, state=state, error=_sentence(end), steps=steps, code=code)


def _misunderstood(command: str, code: int) -> dict[str, Any]:
    return _ending(
        run=None,
        state=_STATES[EXIT_REFUSED],
        error="The command line cannot be understood; standard error says why.",
        steps=[f"manage.py {command} --help"],
        code=code,
    )


def _ending(*, run: int | None, state: str, error: str, steps: list[str], code: int) -> dict[str, Any]:
    return {"run": run, "state": state, "error": error, "next": steps, "exit": code}


def _own_run(since: datetime) -> tuple[Run | None, list[str]]:
    """The last run that this process has had since then, and the ways on from there."""
    try:
        connection.close_if_unusable_or_obsolete()
        holder = this_holder().as_dict()
        process = {name: holder[name] for name in ("host", "boot", "pid", "started")}
        run = newest_runs().filter(holder__contains=process, lease_until__gte=since + LEASE).first()
        return run, [step for _, step in next_steps(account_of(run))] if run else []
    except (DatabaseError, InterfaceError):
        # It may be what ended the command.
        return None, []


def _code(end: BaseException) -> int:
    if isinstance(end, CommandError):
        return end.returncode
    if isinstance(end, KeyboardInterrupt):
        return _EXIT_SIGNALED + signal.SIGINT
    return EXIT_REFUSED if explanation(end) else EXIT_FAILED


def _sentence(end: BaseException) -> str:
    if isinstance(end, KeyboardInterrupt):
        return "Stopped."
    if isinstance(end, CommandError):
        return str(end)
    return explanation(end) or described(end) or type(end).__name__
