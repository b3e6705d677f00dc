"""How long a page may wait for one statement of PostgreSQL."""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from archive_site.requests import is_in_request


def limit_statements(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Receives `connection_created`: a connection that is opened to answer a request is bounded for its life.

    Web processes open connections for nothing else; commands, migrations and tasks open theirs outside of
    requests and have no bound. Not a startup option, because PgBouncer refuses those that it does not know;
    not per request, because that is one more round trip for each page. What PgBouncer in transaction mode
    needs besides is in docs/runbooks/database.md."""
    if is_in_request():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false)", [f"{settings.STATEMENT_TIMEOUT_MS}ms"]
            )
