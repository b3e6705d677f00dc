"""The checks of the configuration, each under its id."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.checks import run_checks
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOYED = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "Rk3_vT2-xQ9mLw4ZbN8cJ5hD1fG6sA7pYeUiOq0rXtVzBnMlKj",
    "ALLOWED_HOSTS": "archive.example.org",
    "SITE_URL": "https://archive.example.org",
    # Addresses for documentation (RFC 5737): whoever asks them waits in vain, so the checks must not.
    "DATABASE_URL": "postgresql://archive:secret@192.0.2.1/archive?sslmode=verify-full",
    "REDIS_URL": "rediss://192.0.2.1/0",
}


@pytest.fixture(autouse=True)
def deployed(settings, tmp_path: Path):
    """What the settings are in production, as far as these checks look."""
    settings.ENVIRONMENT = "production"
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ("archive.example.org",)
    settings.SECRET_KEY = DEPLOYED["SECRET_KEY"]
    settings.EMBEDDED_DATABASE = settings.EMBEDDED_REDIS = False
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    return settings


def found() -> dict[str, str]:
    """Ids and texts of this project's findings."""
    messages = run_checks(tags=["security"], include_deployment_checks=True)
    return {message.id: message.msg for message in messages if message.id.startswith("archive.")}


def test_a_right_configuration_is_silent():
    assert found() == {}


def test_archive_E001_debug_is_on(settings):
    settings.DEBUG = True
    assert found() == {"archive.E001": "DEBUG shows settings and source to visitors."}


def test_archive_E002_every_host_is_let_through(settings):
    settings.ALLOWED_HOSTS = ("archive.example.org", "*")
    assert found() == {"archive.E002": "ALLOWED_HOSTS lets any Host header through."}


@pytest.mark.parametrize("key", ["too short", "a" * 60, "django-insecure-" + "0123456789" * 5])
def test_archive_E003_the_secret_key_is_weak(settings, key: str):
    settings.SECRET_KEY = key
    messages = found()
    assert list(messages) == ["archive.E003"]
    assert messages["archive.E003"].startswith("SECRET_KEY ")
    assert key not in messages["archive.E003"]


def test_archive_E004_and_E005_embedded_servers_outside_development(settings):
    settings.EMBEDDED_DATABASE = settings.EMBEDDED_REDIS = True
    assert found() == {
        "archive.E004": "production uses the embedded PostgreSQL.",
        "archive.E005": "production uses the embedded Redis.",
    }


def test_archive_E004_needs_no_deploy_option(settings):
    settings.EMBEDDED_DATABASE = True
    assert "archive.E004" in {message.id for message in run_checks(tags=["security"])}


def test_embedded_servers_are_right_in_development(settings):
    settings.EMBEDDED_DATABASE = settings.EMBEDDED_REDIS = True
    settings.ENVIRONMENT = "development"
    assert found() == {}


@pytest.mark.parametrize(
    ("directives", "message"),
    [
        (
            {"img-src": [SELF]},
            "The content security policy has no default-src: what it does not name is allowed.",
        ),
        (
            {"default-src": [NONE], "style-src": [SELF, UNSAFE_INLINE], "script-src-elem": ["*"]},
            "The content security policy lets injected code run: "
            "script-src-elem *, style-src 'unsafe-inline'.",
        ),
    ],
)
def test_archive_E006_the_content_security_policy_has_holes(settings, directives: dict, message: str):
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    assert found() == {"archive.E006": message}


def test_archive_E006_there_is_no_content_security_policy(settings):
    settings.CONTENT_SECURITY_POLICY = None
    assert list(found()) == ["archive.E006"]


def test_archive_W007_private_files_are_open_to_others(tmp_path: Path):
    tmp_path.chmod(0o755)
    (tmp_path / "static").mkdir(mode=0o755)
    (tmp_path / "spool").mkdir(mode=0o700)
    (tmp_path / "media").mkdir(mode=0o755)
    assert found() == {
        "archive.W007": f"Every user of this machine may look into private files: {tmp_path / 'media'}."
    }


def test_a_closed_folder_keeps_what_is_in_it(tmp_path: Path):
    tmp_path.chmod(0o700)
    (tmp_path / "media").mkdir(mode=0o755)
    assert found() == {}


@pytest.fixture
def connect_to(settings, monkeypatch) -> Callable[[str, str | None], None]:
    """Changes the address alone: nothing is connected to it."""

    def change(host: str, mode: str | None) -> None:
        monkeypatch.setitem(settings.DATABASES["default"], "HOST", host)
        monkeypatch.setitem(settings.DATABASES["default"]["OPTIONS"], "sslmode", mode)

    return change


@pytest.mark.parametrize("mode", [None, "disable", "allow", "prefer"])
def test_archive_W008_the_database_is_far_and_unencrypted(connect_to, mode: str | None):
    connect_to("localhost,db.example.org", mode)
    assert found() == {"archive.W008": "Passwords and drafts may travel to db.example.org unencrypted."}


@pytest.mark.parametrize(
    ("host", "mode"),
    [
        ("", None),
        ("/run/postgresql", None),
        ("localhost", None),
        ("127.0.0.1", "disable"),
        ("::1", None),
        ("db.example.org", "require"),
        ("db.example.org", "verify-full"),
    ],
)
def test_a_near_or_encrypted_database_is_no_finding(connect_to, host: str, mode: str | None):
    connect_to(host, mode)
    assert found() == {}


@pytest.fixture
def manifest(settings) -> Path:
    """Where the static files of production are listed; nothing is there yet."""
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    return Path(settings.STATIC_ROOT, "staticfiles.json")


@pytest.mark.parametrize("content", [None, ""])
def test_archive_E009_static_files_were_not_collected(manifest: Path, content: str | None):
    if content is not None:
        manifest.parent.mkdir()
        manifest.write_text(content)
    assert found() == {
        "archive.E009": f"The static files were not collected: {manifest} is missing or empty."
    }


def test_collected_static_files_are_no_finding(manifest: Path):
    call_command("collectstatic", interactive=False, verbosity=0)
    assert manifest.is_file()
    assert found() == {}


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **DEPLOYED, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_production_with_its_variables_passes_the_deployment_check(tmp_path: Path):
    assert manage("collectstatic", "--no-input", VAR_DIR=str(tmp_path)).returncode == 0
    done = manage("check", "--deploy", VAR_DIR=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


def test_what_is_lax_is_told_with_a_hint(tmp_path: Path):
    address = "postgresql://archive@192.0.2.1/archive"
    done = manage("check", "--deploy", VAR_DIR=str(tmp_path), DATABASE_URL=address)
    assert "(archive.W008) Passwords and drafts may travel to 192.0.2.1 unencrypted." in done.stderr
    assert "HINT: Add ?sslmode=verify-full to DATABASE_URL" in done.stderr
    assert "(archive.E009) The static files were not collected" in done.stderr
    assert "HINT: Run: manage.py collectstatic --no-input" in done.stderr
