"""System checks of the configuration: where Django is silent or only warns, and this site must not.

The environment refuses most of this when it is read; a check also sees what the settings made of it."""

import os
import stat
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from archive_site.variables.declaration import UnfitValue
from archive_site.variables.rules import strong_secret

CODE_DIRECTIVES = ("default-src", "script-src", "style-src")
UNSAFE_SOURCES = frozenset({UNSAFE_INLINE, UNSAFE_EVAL, "*", "data:"})
ENCRYPTING_SSLMODES = frozenset({"require", "verify-ca", "verify-full"})


def register_checks() -> None:
    for check in DEPLOYMENT_CHECKS:
        register(check, Tags.security, deploy=True)
    register(check_embedded_servers, Tags.security)


def check_debug(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    if not settings.DEBUG:
        return []
    hint = "Set DEBUG=false, or leave it out: it is off outside development."
    return [Error("DEBUG shows settings and source to visitors.", hint=hint, id="archive.E001")]


def check_hosts(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Name the hosts of the site in ALLOWED_HOSTS, separated by commas."
    return [Error("ALLOWED_HOSTS lets any Host header through.", hint=hint, id="archive.E002")]


def check_secret_key(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    try:
        strong_secret(settings.SECRET_KEY)
    except UnfitValue as unfit:
        hint = "Set SECRET_KEY to a new one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        return [Error(f"SECRET_KEY {unfit.problem}.", hint=hint, id="archive.E003")]
    return []


def check_embedded_servers(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    if settings.ENVIRONMENT == "development":
        return []
    embedded = {
        "DATABASE_URL": ("PostgreSQL", settings.EMBEDDED_DATABASE, "archive.E004"),
        "REDIS_URL": ("Redis", settings.EMBEDDED_REDIS, "archive.E005"),
    }
    return [
        Error(f"{settings.ENVIRONMENT} uses the embedded {server}.", hint=f"Set {variable}.", id=check_id)
        for variable, (server, is_embedded, check_id) in embedded.items()
        if is_embedded
    ]


def check_content_policy(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    directives = (settings.CONTENT_SECURITY_POLICY or {}).get("DIRECTIVES", {})
    hint = "Correct CONTENT_SECURITY_POLICY in archive_site/settings/security.py."
    if "default-src" not in directives:
        message = "The content security policy has no default-src: what it does not name is allowed."
        return [Error(message, hint=hint, id="archive.E006")]
    unsafe = sorted(
        f"{name} {source}" for name, source in code_sources(directives) if source in UNSAFE_SOURCES
    )
    if not unsafe:
        return []
    message = f"The content security policy lets injected code run: {', '.join(unsafe)}."
    return [Error(message, hint=hint, id="archive.E006")]


def code_sources(directives: dict[str, Iterable[str]]) -> Iterable[tuple[str, str]]:
    """Pairs of a directive that governs scripts or styles, and one of its sources."""
    for name, sources in directives.items():
        if name.startswith(CODE_DIRECTIVES):
            yield from ((name, source) for source in sources)


def check_private_folder(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    names = " ".join(str(path) for path in open_to_others(Path(settings.VAR_DIR)))
    if not names:
        return []
    message = f"Every user of this machine may look into private files: {names}."
    return [Warning(message, hint=f"chmod -R o-rwx {names}", id="archive.W007")]


def open_to_others(folder: Path) -> list[Path]:
    """What lies in the folder of private files with a mode for everybody. Static files are for everybody."""
    if not os.access(folder, os.R_OK | os.X_OK) or not folder.stat().st_mode & stat.S_IXOTH:
        return []
    entries = (path for path in sorted(folder.iterdir()) if path != Path(settings.STATIC_ROOT))
    return [path for path in entries if path.lstat().st_mode & stat.S_IRWXO and not path.is_symlink()]


def check_database_encryption(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    hosts = [host for host in str(database.get("HOST") or "").split(",") if not is_on_this_machine(host)]
    if not hosts or database.get("OPTIONS", {}).get("sslmode") in ENCRYPTING_SSLMODES:
        return []
    message = f"Passwords and drafts may travel to {', '.join(hosts)} unencrypted."
    hint = "Add ?sslmode=verify-full to DATABASE_URL, or ?sslmode=require where nothing can be verified."
    return [Warning(message, hint=hint, id="archive.W008")]


def is_on_this_machine(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_static_files(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without the manifest, which collectstatic writes last, each page with a static file is an error."""
    # The class alone: its instances read the manifest.
    storage = import_string(settings.STORAGES["staticfiles"]["BACKEND"])
    name = getattr(storage, "manifest_name", None)
    if name is None:
        return []
    manifest = Path(settings.STATIC_ROOT) / name
    if manifest.is_file() and manifest.stat().st_size:
        return []
    message = f"The static files were not collected: {manifest} is missing or empty."
    return [Error(message, hint="Run: manage.py collectstatic --no-input", id="archive.E009")]


DEPLOYMENT_CHECKS = (
    check_debug,
    check_hosts,
    check_secret_key,
    check_content_policy,
    check_private_folder,
    check_database_encryption,
    check_static_files,
)
