import os
import sys

from django.core.management.base import BaseCommand

from archive_site.env import DOTENV, VARIABLES
from archive_site.variables.command import HELP, add_arguments, answer


class Command(BaseCommand):
    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser):
        add_arguments(parser)

    def handle(self, *, action, **options):
        result = answer(action, VARIABLES, source=os.environ, dotenv=DOTENV)
        self.stdout.write(result.text, ending="")
        if result.exit_code:
            sys.exit(result.exit_code)
