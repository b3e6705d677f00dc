import os
import shutil
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REQUIRE_BROWSER = os.environ.get("REQUIRE_BROWSER") == "1"

# A sandbox needs what containers lack; the rest keeps Chromium from asking the network for anything.
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Made by migrations, and the same for every test.
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(autouse=True, scope="session")
def emptying_only_what_was_filled() -> Iterator[None]:
    """After a test that commits Django empties every table and makes all permissions anew, which takes
    longer than most of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_filled_tables())
        yield


def empty_filled_tables() -> None:
    tables = set(connection.introspection.table_names()) - KEPT_TABLES
    questions = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in sorted(tables)]  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(questions))
        filled = [table for (table,) in cursor.fetchall()]
        # TRUNCATE makes new files for each table, its indexes, and all that refer to it. Without triggers
        # and references there is no order to keep to.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


@pytest.fixture(autouse=True)
def static_files_from_their_sources(settings: Settings) -> None:
    """Tests run on a fresh clone, where nobody has collected anything."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        explain = pytest.fail if REQUIRE_BROWSER else pytest.skip
        explain("no Chromium on the PATH: install the package chromium to run the browser tests")
    # Playwright's own event loop runs in the thread that also asks the database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()
