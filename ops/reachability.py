"""Whether PostgreSQL answers, asked on a connection of its own and bounded in time.

The bound is that of the client, not of a thread that somebody waits for: what is given up is over. It begins
when the name of the host is resolved, which the system does in its own time."""

import select
import time

from django.conf import settings
from django.db import connections
from psycopg import OperationalError, pq
from psycopg.conninfo import make_conninfo

from archive_site import embedded


def ask_database(*, seconds: float) -> None:
    """Returns when PostgreSQL has answered a query, connecting included, within `seconds`.

    Raises psycopg.OperationalError or TimeoutError. Talks to libpq itself, because psycopg, like libpq, takes
    any connect_timeout below two seconds for two. The embedded server is started first, which is not counted,
    and raises EmbeddedError."""
    if settings.EMBEDDED_DATABASE:
        embedded.start()
    deadline = time.monotonic() + seconds
    connection = pq.PGconn.connect_start(conninfo().encode())
    try:
        finish_connecting(connection, deadline)
        run_query(connection, b"SELECT 1", deadline)
    finally:
        connection.finish()


def conninfo() -> str:
    """The parameters of Django's connection without those that only psycopg knows."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    parameters = connections["default"].get_connection_params()
    return make_conninfo(**{name: value for name, value in parameters.items() if name in known})


def finish_connecting(connection: pq.abc.PGconn, deadline: float) -> None:
    events = {pq.PollingStatus.READING: select.POLLIN, pq.PollingStatus.WRITING: select.POLLOUT}
    while (status := connection.connect_poll()) in events:
        wait_for(connection, events[status], deadline)
    if status != pq.PollingStatus.OK:
        raise OperationalError("no connection")


def run_query(connection: pq.abc.PGconn, query: bytes, deadline: float) -> None:
    connection.send_query(query)
    while connection.is_busy():
        wait_for(connection, select.POLLIN, deadline)
        connection.consume_input()
    result = connection.get_result()
    if result is None or result.status != pq.ExecStatus.TUPLES_OK:
        raise OperationalError("the query failed")


def wait_for(connection: pq.abc.PGconn, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(connection.socket, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError("no answer in time")
