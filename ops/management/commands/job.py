import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Sequence
from re import fullmatch
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.job_claims import JobBusy
from ops.job_list import as_dict, database_now, last_runs, write_table
from ops.jobs import run_job

EXIT_USAGE, EXIT_BUSY = 2, 5


class Command(BaseCommand):
    help = (
        "Runs a command as the job NAME, once at a time, and records its end. The exit code is that of the "
        "command, 5 where the job runs already, 2 where the database is away."
    )
    # It has to work where the configuration's own checks fail.
    requires_system_checks = []
    words: Sequence[str] = ()

    def run_from_argv(self, argv: list[str]) -> None:
        # Not left to argparse, which takes a second -- out of the command's own words.
        words = argv[argv.index("--") + 1 :] if "--" in argv else []
        self.words = words
        super().run_from_argv(argv[: len(argv) - len(words)])

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        usage = (
            f"{prog_name} {subcommand} NAME -- COMMAND ...\n       {prog_name} {subcommand} --list [--json]"
        )
        return super().create_parser(prog_name, subcommand, usage=usage, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", type=job_name, metavar="NAME", help="letters, digits, - and _")
        parser.add_argument("--list", action="store_true", help="show the last run of each job")
        parser.add_argument("--json", action="store_true", help="with --list: print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write(listing(as_json=options["json"], is_terminal=self.stdout.isatty()))
        elif not options["name"] or not self.words:
            raise CommandError(
                "Name the job and its command, as in: manage.py job NAME -- COMMAND …", returncode=EXIT_USAGE
            )
        elif code := self.run(options["name"]):
            sys.exit(code)

    def run(self, name: str) -> int:
        try:
            return run_job(name, self.words, say=self.say)
        except JobBusy as busy:
            raise CommandError(str(busy), returncode=EXIT_BUSY) from busy

    def say(self, text: str) -> None:
        self.stderr.write(text)


def job_name(text: str) -> str:
    if fullmatch(r"[A-Za-z0-9_-]{1,100}", text):
        return text
    raise ArgumentTypeError("a name has up to 100 letters, digits, - and _")


def listing(*, as_json: bool, is_terminal: bool) -> str:
    now = database_now()
    if as_json:
        return json.dumps({"jobs": [as_dict(run, now=now) for run in last_runs()]})
    return write_table(last_runs(), now=now, is_terminal=is_terminal)
