import json
import re
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from imports.faults import DeliveryRefused, Interrupted, SourceBusy
from imports.progress import Progress
from imports.reporting import summary
from imports.results import EXIT_BUSY, EXIT_REFUSED
from imports.runs import ImportRequest, run_import
from imports.sources import FORMATS


class Command(BaseCommand):
    help = "Brings a delivery of articles in. Safe to repeat: what is in already is passed over."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="a file, plain or .gz or .zst; - for standard input")
        parser.add_argument(
            "--source", default="default", help="the system that it comes from (default: default)"
        )
        parser.add_argument(
            "--format", default="auto", choices=["auto", *FORMATS], help="(default: by its content)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what it would come to; write nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        source = _checked_source(options["source"])
        request = ImportRequest(options["path"], source, options["format"], options["dry_run"])
        progress = Progress()
        _stop_on_signals(progress)
        try:
            result = run_import(request, progress=progress)
        except DeliveryRefused as refusal:
            raise CommandError(str(refusal), returncode=EXIT_REFUSED) from refusal
        except SourceBusy as busy:
            raise CommandError(str(busy), returncode=EXIT_BUSY) from busy
        except Interrupted as stop:
            message = "Stopped. What was committed stays; the same command goes on from there."
            raise CommandError(message, returncode=128 + stop.signal_number) from stop
        if options["json"]:
            self.stdout.write(json.dumps(result.as_dict()))
        else:
            self.stderr.write(summary(result))
        if result.exit:
            raise SystemExit(result.exit)


def _stop_on_signals(progress: Progress) -> None:
    def stop(number: int, frame: object) -> None:
        progress.stop(number)
        # Who asks twice does not want to wait: then the run ends as if it were killed, which loses nothing.
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _checked_source(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):
        raise CommandError("--source takes up to 100 letters, digits, - and _.", returncode=EXIT_REFUSED)
    return name
