import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from ops.health import examine, exit_code, overall
from ops.health_table import write_report
from ops.vitals import CHECKS


class Command(BaseCommand):
    help = (
        "Tells how the installation is. Exit code 0: all is well; 1: there is something to look at; "
        "2: the database does not answer."
    )
    # It has to work where the configuration's own checks fail.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: object, **options: Any) -> None:
        results = examine(CHECKS)
        if options["json"]:
            report = {"status": overall(results), "sections": [asdict(result) for result in results]}
            self.stdout.write(json.dumps(report, indent=2))
        else:
            is_terminal = options["force_color"] or self.stdout.isatty()
            text = write_report(results, is_terminal=is_terminal, no_color=options["no_color"])
            self.stdout.write(text)
        if code := exit_code(results):
            sys.exit(code)
