#!/usr/bin/env python
"""Runs one command. Exits with 2 for a faulty configuration, 130 after Ctrl-C, else as the command says."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from archive_site.env import main as explain_environment


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive_site.settings")
    if sys.argv[1:2] == ["env"]:
        # It explains the environment also where the settings cannot load.
        return explain_environment(sys.argv[2:])
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
