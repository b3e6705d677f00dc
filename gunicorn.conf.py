"""How gunicorn serves the site. What differs between installations comes from the environment: see env.py."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from archive_site.env import Environment, read


def read_environment() -> Environment:
    try:
        return read(os.environ, dotenv=Path(__file__).resolve().parent / ".env")
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def log_formatters(environment: Environment) -> dict[str, dict]:
    """The same two shapes as the site's own logs, so that one parser reads both."""
    return {
        "text": {
            # Named as a factory: only from Python 3.12 on do plain formatters take defaults here.
            "()": "logging.Formatter",
            "fmt": "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s",
            "datefmt": "%H:%M:%S",
            "defaults": {"request_id": "-"},
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(levelname)s %(name)s %(message)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "defaults": {"request_id": "-"},
            "timestamp": True,
            "static_fields": {
                "environment": environment.environment,
                "release": environment.release or "unreleased",
            },
        },
    }


def log_handler(environment: Environment, stream: str) -> dict[str, str]:
    return {
        "class": "logging.StreamHandler",
        "formatter": environment.log_format,
        "stream": f"ext://sys.{stream}",
    }


environment = read_environment()

wsgi_app = "archive_site.wsgi:application"
bind = environment.web_bind

# Threads, because a page waits for PostgreSQL and Redis longer than it computes; processes, for the cores.
worker_class = "gthread"
workers = environment.web_workers
threads = environment.web_threads

# Each worker loads the site by itself. Loaded before the fork, database pools, their threads and their open
# sockets would be shared by all workers, and a HUP could not bring in new code.
preload_app = False

# A worker whose main loop is silent for so long is killed. With gthread a slow page does not silence it:
# pages are bounded by the statement timeout of the database.
timeout = environment.web_timeout

# How long a worker may finish what it has begun when it is told to stop. The supervisor that sends the signal
# must wait longer: compose.yaml gives 40 seconds.
graceful_timeout = 30

# Longer than the 60 seconds for which common proxies keep idle connections, so that the proxy closes first
# and never sends a request into a closing connection. Idle connections hold no thread.
keepalive = 75

# Bounds what a leak in a C extension can take. The jitter keeps workers from restarting together.
max_requests = 20_000
max_requests_jitter = 2_000

# The heartbeat is a file; on a disk under load its fchmod can block until the worker looks dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 gunicorn makes a private file there

# No address of the site comes near these; a longer one is not a reader's.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Who may say that a request came by https. Nobody, unless named: gunicorn's own default trusts this machine.
forwarded_allow_ips = ",".join(environment.trusted_proxies)

# gunicorn opens a socket by default through which it can be reloaded, resized and stopped.
control_socket_disable = not environment.web_control_socket
if environment.web_control_socket:
    control_socket = environment.web_control_socket

logger_class = "archive_site.access_log.AccessLogger"
loglevel = environment.log_level.lower()
accesslog = "-"
errorlog = "-"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": log_formatters(environment),
    "handlers": {
        "access": log_handler(environment, "stdout"),
        "error": log_handler(environment, "stderr"),
    },
    "root": {"handlers": ["error"], "level": environment.log_level},
    "loggers": {
        "gunicorn.access": {"handlers": ["access"], "propagate": False},
        "gunicorn.error": {"handlers": ["error"], "propagate": False},
    },
}
