"""Django's PostgreSQL backend, which starts the embedded server before it connects."""

from typing import Any

from django.db.backends.postgresql import base, client

from archive_site import embedded, embedded_postgres


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell` with the psql that comes with the server."""

    @classmethod
    def settings_to_cmd_args_env(cls, settings_dict: dict[str, Any], parameters: list[str]) -> tuple:
        embedded.start()
        psql = str(embedded_postgres.program("psql"))
        return [psql, embedded.database_url(), *parameters], None


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        # Django comes through here with a pool too: it asks the pool for the connection in this method.
        embedded.start()
        return super().get_new_connection(conn_params)
