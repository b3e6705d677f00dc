"""What ends a command although nobody mistyped: a faulty configuration, or a database that is away or
not migrated."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, ProgrammingError

_UNDEFINED_TABLE = "42P01"
# Classes of SQLSTATE: connection exceptions, and a server that is started or stopped.
_AWAY = ("08", "57P")


def explanation(error: BaseException) -> str | None:
    """One sentence with the way out; None where the traceback tells more."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    # The driver's own error has none where there was no connection.
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, ProgrammingError) and state == _UNDEFINED_TABLE:
        return f"The database has not been migrated: {_first_line(error)}; run manage.py migrate."
    if isinstance(error, OperationalError) and (state is None or state.startswith(_AWAY)):
        return (
            f"The database cannot be reached: {_first_line(error)}. "
            "Check DATABASE_URL, or with the embedded server `manage.py embedded status`."
        )
    return None


def _first_line(error: DatabaseError) -> str:
    line = str(error).partition("\n")[0].rstrip(". ")
    password = settings.DATABASES["default"].get("PASSWORD")
    return line.replace(password, "***") if password else line
