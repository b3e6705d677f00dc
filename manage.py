#!/usr/bin/env python
"""Runs one command. Exits with 2 for a faulty configuration or a database that is away or not migrated,
130 after Ctrl-C, else as the command says."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError

from archive_site.env import main as explain_environment
from archive_site.unready import explanation


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive_site.settings")
    if sys.argv[1:2] == ["env"]:
        # It explains the environment also where the settings cannot load.
        return explain_environment(sys.argv[2:])
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, DatabaseError) as error:
        sentence = explanation(error)
        if sentence is None or "--traceback" in sys.argv:
            raise
        sys.stderr.write(f"{sentence}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
