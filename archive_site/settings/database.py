"""PostgreSQL: the address, its bounds, and how sessions introduce themselves."""

from archive_site import embedded
from archive_site.env import database_config
from archive_site.settings.environment import environment

EMBEDDED_DATABASE = not environment.database_url

DATABASES = {"default": database_config(environment.database_url or embedded.database_url())}
_default = DATABASES["default"]
if EMBEDDED_DATABASE:
    # Django's own backend; it starts the embedded server at the first connection.
    _default["ENGINE"] = "archive_site.embedded_database"

_default.setdefault("OPTIONS", {})
_default["OPTIONS"].setdefault("application_name", "archive")
_default["OPTIONS"].setdefault("connect_timeout", 3)
if pool := _default["OPTIONS"].get("pool"):
    # psycopg_pool would let a page wait 30 s for a connection.
    _default["OPTIONS"]["pool"] = {"timeout": 3} | (pool if isinstance(pool, dict) else {})
else:
    # Four threads share a worker: a connection each, kept between requests and checked before use.
    _default.setdefault("CONN_MAX_AGE", 60)
    _default.setdefault("CONN_HEALTH_CHECKS", True)

# The longest a page may wait for one statement of PostgreSQL. archive_site.database sets it where a request
# opens a connection; commands, migrations and tasks have no such bound.
STATEMENT_TIMEOUT_MS = environment.database_statement_timeout_ms
