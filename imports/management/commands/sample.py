import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from imports.progress import Progress
from imports.sampling import sample_lines
from imports.sampling.output import archive_file, write_archive

MOST_RECORDS = 100_000_000
# What JSON readers take for a whole number everywhere.
GREATEST_SEED = 2**53 - 1
# What a shell reports for a program that a closed pipe has ended.
CLOSED_PIPE = 141


class Command(BaseCommand):
    help = "Write a generated archive as JSON Lines: the same for the same seed, of any size."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", metavar="COUNT", help="how many records, 0 to 100000000")
        parser.add_argument(
            "--seed", default="0", metavar="N", help="another number, another archive (default: %(default)s)"
        )
        parser.add_argument(
            "--out", metavar="FILE", help="a file instead of standard output; .gz and .zst are compressed"
        )

    def handle(self, *, count: str, seed: str | int, out: str | None, **options: Any) -> None:
        lines = sample_lines(
            whole_number("COUNT", count, most=MOST_RECORDS),
            seed=whole_number("--seed", seed, most=GREATEST_SEED),
        )
        progress = Progress()
        progress.start("Writing records", total=int(count))
        try:
            if out is None:
                print_archive(lines, progress)
            else:
                save_archive(lines, Path(out), progress)
        finally:
            progress.close()


def whole_number(name: str, value: str | int, *, most: int) -> int:
    text = str(value)
    if text.isdecimal() and len(text) < 20 and int(text) <= most:
        return int(text)
    raise CommandError(f"{name} must be a whole number from 0 to {most}, not {text!r}.", returncode=2)


def save_archive(lines: Iterator[bytes], path: Path, progress: Progress) -> None:
    try:
        with archive_file(path) as file:
            write_archive(lines, to=file, advance=progress.advance)
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written: {error.strerror or error}. Name a file in a folder with room for it.",
            returncode=2,
        ) from error


def print_archive(lines: Iterator[bytes], progress: Progress) -> None:
    try:
        write_archive(lines, to=sys.stdout.buffer, advance=progress.advance)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has what it wanted. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)
