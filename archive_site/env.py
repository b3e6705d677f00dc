"""Every environment variable, once: the only place where the site learns how it differs between environments.

`ENVIRONMENT` chooses defaults and what is required, never a code path. `read` is strict: see
archive_site.variables.reading for the precedence of sources and archive_site.variables.kinds for what is
accepted. `python -m archive_site.env check` explains an environment in which the settings cannot load.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from archive_site.variables.command import run
from archive_site.variables.database_url import database_config
from archive_site.variables.declaration import DEPLOYED, ENVIRONMENTS, Variable, by_environment
from archive_site.variables.faults import EnvironmentFault
from archive_site.variables.reading import Environment, read_environment
from archive_site.variables.rules import (
    refuse_every_host,
    refuse_every_network,
    refuse_true,
    s3_address,
    strong_secret,
)

__all__ = [
    "DOTENV",
    "VARIABLES",
    "Environment",
    "EnvironmentFault",
    "Variable",
    "database_config",
    "main",
    "read",
]

DOTENV = Path(__file__).resolve().parent.parent / ".env"

# Stemmers that PostgreSQL 16 brings; 18 knows more, but staging and production may differ in version.
STEMMED_LANGUAGES = (
    "ar", "ca", "da", "de", "el", "en", "es", "eu", "fi", "fr", "ga", "hi", "hu", "hy",
    "id", "it", "lt", "ne", "nl", "no", "pt", "ro", "ru", "sr", "sv", "ta", "tr", "yi",
)  # fmt: skip

VARIABLES: tuple[Variable, ...] = (
    Variable(
        "ENVIRONMENT",
        "choice",
        "development",
        "Which defaults apply and what is required.",
        owner="platform",
        parity="must_differ",
        choices=ENVIRONMENTS,
        example="production",
    ),
    Variable(
        "SECRET_KEY",
        "str",
        "django-insecure-development-only-anybody-can-read-this-key-in-the-source",
        "Signs sessions and tokens: at least 50 random characters, others in every environment.",
        owner="security",
        parity="must_differ",
        secret=True,
        required_in=DEPLOYED,
        command="python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
        deployed_rules=(strong_secret,),
    ),
    Variable(
        "DEBUG",
        "bool",
        by_environment(development=True, deployed=False),
        "Shows errors with their source in the browser. Refused in staging and production.",
        owner="security",
        example="false",
        deployed_rules=(refuse_true,),
    ),
    Variable(
        "ALLOWED_HOSTS",
        "hosts",
        ("localhost", "127.0.0.1", "[::1]"),
        "Host names that the site answers to; a leading dot takes in the subdomains.",
        owner="security",
        parity="may_differ",
        required_in=DEPLOYED,
        example="archive.example.org",
        deployed_rules=(refuse_every_host,),
    ),
    Variable(
        "CSRF_TRUSTED_ORIGINS",
        "origins",
        (),
        "Origins other than its own whose forms the site accepts.",
        owner="security",
        parity="may_differ",
        example="https://admin.example.org",
    ),
    Variable(
        "DATABASE_URL",
        "postgres_url",
        "",
        "postgresql://USER:PASSWORD@HOST:PORT/NAME, with options such as ?sslmode=verify-full or "
        "?pool=true&pool_max_size=8. Without it development starts a PostgreSQL of its own.",
        owner="platform",
        parity="must_differ",
        secret=True,
        required_in=DEPLOYED,
        example="postgresql://archive:PASSWORD@db.example.org:5432/archive",
    ),
    Variable(
        "REDIS_URL",
        "redis_url",
        "",
        "redis://:PASSWORD@HOST:PORT/NUMBER, or rediss:// for TLS. Without it development starts a Redis "
        "of its own.",
        owner="platform",
        parity="must_differ",
        secret=True,
        required_in=DEPLOYED,
        example="rediss://:PASSWORD@redis.example.org:6379/0",
    ),
    Variable(
        "SITE_NAME",
        "str",
        "The Archive",
        "The name of the site in its masthead, titles and feeds.",
        owner="editors",
        parity="may_differ",
    ),
    Variable(
        "SITE_URL",
        "origin",
        "http://127.0.0.1:8000",
        "Canonical origin of the links in feeds, sitemaps and the API; without a path or a slash at its end.",
        owner="platform",
        parity="must_differ",
        required_in=DEPLOYED,
        example="https://archive.example.org",
    ),
    Variable(
        "VAR_DIR",
        "path",
        "var",
        "Folder of private files and of the embedded servers; a relative one starts at the project.",
        owner="platform",
        parity="may_differ",
    ),
    Variable(
        "LOG_LEVEL",
        "choice",
        "INFO",
        "The least severe messages that are logged.",
        owner="platform",
        choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    ),
    Variable(
        "LOG_FORMAT",
        "choice",
        by_environment(development="text", deployed="json"),
        "Log lines for machines (json) or for people (text).",
        owner="platform",
        choices=("json", "text"),
    ),
    Variable(
        "RELEASE",
        "str",
        "",
        "What is deployed, such as a tag or a commit; shown in logs and reports.",
        owner="platform",
        parity="may_differ",
        example="v1.4.0",
    ),
    Variable(
        "TRUSTED_PROXIES",
        "networks",
        (),
        "Proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Request-ID are believed.",
        owner="security",
        parity="may_differ",
        example="10.0.0.0/8,192.0.2.7",
        rules=(refuse_every_network,),
    ),
    Variable(
        "HTTPS",
        "bool",
        by_environment(development=False, deployed=True),
        "Redirects to https and sends cookies over nothing else.",
        owner="security",
    ),
    Variable(
        "HSTS_SECONDS",
        "int",
        by_environment(development=0, deployed=31_536_000),
        "How long browsers insist on https after a visit; 0 sends no such header.",
        owner="security",
        minimum=0,
        maximum=63_072_000,
    ),
    Variable("ADMIN_PATH", "url_path", "admin/", "Where the admin is.", owner="security"),
    Variable("LANGUAGE_CODE", "language", "en", "Language of the pages and the admin.", owner="editors"),
    Variable(
        "SEARCH_LANGUAGES",
        "list",
        ("en",),
        "Languages whose word forms search knows, the main one first.",
        owner="readers",
        choices=STEMMED_LANGUAGES,
    ),
    Variable(
        "PAGE_SIZE", "int", 20, "Articles on a page of a list.", owner="readers", minimum=5, maximum=100
    ),
    Variable(
        "DATABASE_STATEMENT_TIMEOUT_MS",
        "int",
        5000,
        "Longest time in milliseconds that a query of a reader may take.",
        owner="platform",
        minimum=100,
        maximum=600_000,
    ),
    Variable(
        "REDIS_TIMEOUT_MS",
        "int",
        250,
        "Longest time in milliseconds that a page waits for Redis before it does without.",
        owner="platform",
        minimum=10,
        maximum=10_000,
    ),
    Variable(
        "IMPORT_BATCH_RECORDS",
        "int",
        500,
        "Records of an import that are committed together.",
        owner="imports",
        minimum=1,
        maximum=10_000,
    ),
    Variable(
        "IMPORT_WORKERS",
        "int",
        0,
        "Processes that prepare records of an import; 0 is one for each core.",
        owner="imports",
        parity="may_differ",
        minimum=0,
        maximum=64,
    ),
    Variable(
        "IMPORT_MAX_RECORD_BYTES",
        "int",
        10_000_000,
        "Largest record that an import accepts.",
        owner="imports",
        minimum=1_000,
        maximum=1_000_000_000,
    ),
    Variable(
        "IMPORT_MEDIA",
        "bool",
        False,
        "Fetches the pictures and files of imported articles after each import; `imports media` does it by "
        "hand.",
        owner="imports",
    ),
    Variable(
        "IMPORT_MEDIA_MAX_BYTES",
        "int",
        20_000_000,
        "Largest file that is fetched for an article.",
        owner="imports",
        minimum=1_000,
        maximum=10_000_000_000,
    ),
    Variable(
        "MEDIA_STORAGE",
        "str",
        "",
        "s3://BUCKET/PREFIX, where fetched files are kept; needs the extra s3, and takes its keys from where "
        "boto3 looks for them. Without it they are in VAR_DIR/media.",
        owner="platform",
        parity="must_differ",
        example="s3://archive-media/files",
        rules=(s3_address,),
    ),
    Variable(
        "WEB_BIND", "bind", "127.0.0.1:8000", "Where gunicorn listens.", owner="platform", parity="may_differ"
    ),
    Variable(
        "WEB_WORKERS",
        "int",
        2,
        "Processes of gunicorn.",
        owner="platform",
        parity="tolerance",
        minimum=1,
        maximum=256,
        tolerance=4,
    ),
    Variable("WEB_THREADS", "int", 4, "Threads of each process.", owner="platform", minimum=1, maximum=64),
    Variable(
        "WEB_TIMEOUT",
        "int",
        30,
        "Seconds after which gunicorn replaces a process that does not answer.",
        owner="platform",
        minimum=1,
        maximum=3600,
    ),
    Variable(
        "WEB_CONTROL_SOCKET",
        "path",
        "",
        "Socket through which gunicorn can be reloaded, resized and stopped; none unless it is named.",
        owner="platform",
        example="/run/archive/gunicorn.ctl",
    ),
)


def read(source: Mapping[str, str], *, dotenv: Path | None) -> Environment:
    """Raises EnvironmentFault, which tells all faults at once."""
    return read_environment(VARIABLES, source, dotenv=dotenv)


def main(arguments: Sequence[str]) -> int:
    """`env` from a command line; needs no settings."""
    return run(arguments, VARIABLES, source=os.environ, dotenv=DOTENV)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
