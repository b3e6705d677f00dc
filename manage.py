#!/usr/bin/env python
"""Runs one command. Exits with 2 for a faulty configuration or a database that is away or not migrated,
130 after Ctrl-C, else as the command says."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, OperationalError, ProgrammingError

from archive_site.env import main as explain_environment

UNDEFINED_TABLE = "42P01"
# Classes of SQLSTATE: connection exceptions, and a server that is started or stopped.
AWAY = ("08", "57P")


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


def explanation(error: ImproperlyConfigured | DatabaseError) -> str | None:
    """One sentence with the way out; None where the traceback tells more."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    # The driver's own error has none where there was no connection.
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, ProgrammingError) and state == UNDEFINED_TABLE:
        return f"The database has not been migrated: {first_line(error)}; run manage.py migrate."
    if isinstance(error, OperationalError) and (state is None or state.startswith(AWAY)):
        return (
            f"The database cannot be reached: {first_line(error)}. "
            "Check DATABASE_URL, or with the embedded server `manage.py embedded status`."
        )
    return None


def first_line(error: DatabaseError) -> str:
    line = str(error).partition("\n")[0].rstrip(". ")
    password = settings.DATABASES["default"].get("PASSWORD")
    return line.replace(password, "***") if password else line


if __name__ == "__main__":
    sys.exit(main())
