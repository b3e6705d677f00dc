"""Whole environments, and the two questions that tests ask about them."""

from pathlib import Path

import pytest

from archive_site.env import VARIABLES, EnvironmentFault, read

ROOT = Path(__file__).resolve().parent.parent.parent
BY_NAME = {variable.name: variable for variable in VARIABLES}
SECRETS = [variable.name for variable in VARIABLES if variable.secret]
KEY = "Qm7-vT2_xR9kLw4ZbN8cJ5hD1fG6sA3pYeUiOq0rXtVzBnMlKj"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": KEY,
    "DATABASE_URL": "postgresql://archive:long-password@db.example.org/archive",
    "REDIS_URL": "redis://:long-password@redis.example.org:6379/0",
    "ALLOWED_HOSTS": "archive.example.org",
    "SITE_URL": "https://archive.example.org",
}
DEVELOPMENT_VALUES = {
    "environment": "development",
    "secret_key": "django-insecure-development-only-anybody-can-read-this-key-in-the-source",
    "debug": True,
    "allowed_hosts": ("localhost", "127.0.0.1", "[::1]"),
    "csrf_trusted_origins": (),
    "database_url": "",
    "redis_url": "",
    "site_name": "The Archive",
    "site_url": "http://127.0.0.1:8000",
    "var_dir": "var",
    "log_level": "INFO",
    "log_format": "text",
    "release": "",
    "trusted_proxies": (),
    "https": False,
    "hsts_seconds": 0,
    "admin_path": "admin/",
    "language_code": "en",
    "search_languages": ("en",),
    "page_size": 20,
    "database_statement_timeout_ms": 5000,
    "redis_timeout_ms": 250,
    "import_batch_records": 500,
    "import_workers": 0,
    "import_max_record_bytes": 10_000_000,
    "import_media": False,
    "import_media_max_bytes": 20_000_000,
    "media_storage": "",
    "web_bind": "127.0.0.1:8000",
    "web_workers": 2,
    "web_threads": 4,
    "web_timeout": 30,
    "web_control_socket": "",
}


def values(source: dict[str, str], dotenv: Path | None = None) -> dict[str, object]:
    environment = read(source, dotenv=dotenv)
    return {name.lower(): getattr(environment, name.lower()) for name in BY_NAME}


def refusal(source: dict[str, str], dotenv: Path | None = None) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault) as caught:
        read(source, dotenv=dotenv)
    return caught.value


def fault_lines(source: dict[str, str], dotenv: Path | None = None) -> list[str]:
    return [str(fault) for fault in refusal(source, dotenv).faults]
