import argparse
import sys

from django.core.management.base import BaseCommand

from ops.demo import DemoError, run_demo


class Command(BaseCommand):
    help = "Set up, import a generated sample, make an administrator and serve it all until Ctrl-C."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=port_number, default=8000, help="port of 127.0.0.1 (default: %(default)s)"
        )

    def handle(self, *, port: int, **options: object) -> None:
        try:
            run_demo(port=port, say=self.say)
        except DemoError as error:
            self.stderr.write(str(error))
            sys.exit(2)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def port_number(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: name a number from 1 to 65535")
