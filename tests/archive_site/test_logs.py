"""What stands in the log of a process, in both formats."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

PROGRAM = """
import logging, warnings
import django
from django.conf import settings
from django.http import HttpRequest, HttpResponseNotFound, HttpResponseServerError
from django.test import Client
from django.urls import path

def failing(request: HttpRequest):
    logging.getLogger("articles").info("half way")
    raise ValueError("two\\nlines")

def missing(request: HttpRequest, exception: Exception):
    if "broken" in request.path:
        raise KeyError("in the page of a 404")
    return HttpResponseNotFound()

urlpatterns = [path("failing", failing)]
handler404 = missing
handler500 = lambda request: HttpResponseServerError()
django.setup()
settings.ROOT_URLCONF = __name__
# Logs need no database, and old addresses would be looked up in one.
settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("articles.")]
warnings.simplefilter("ignore")  # whitenoise misses the folder of static files
client = Client(raise_request_exception=False)
for address in ("/failing?q=secret", "/nowhere?q=secret", "/broken?q=secret"):
    print(client.get(address).headers["X-Request-ID"])
logging.getLogger("imports").warning("outside")
"""


def run(**variables: str) -> tuple[list[str], str]:
    """The ids of the requests, and the log."""
    given = {
        "DJANGO_SETTINGS_MODULE": "archive_site.settings",
        "DEBUG": "false",
        "ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split(), done.stderr


@pytest.fixture(scope="module")
def json_log() -> tuple[list[str], list[dict]]:
    ids, log = run(LOG_FORMAT="json", RELEASE="v7")
    return ids, [json.loads(line) for line in log.splitlines()]


def test_each_line_names_its_request(json_log):
    (failed, missing, broken), lines = json_log
    assert [(line["level"], line["logger"], line["message"], line["request_id"]) for line in lines] == [
        ("INFO", "articles", "half way", failed),
        ("ERROR", "django.request", "Internal Server Error: /failing", failed),
        ("WARNING", "django.request", "Not Found: /nowhere", missing),
        ("ERROR", "django.request", "Internal Server Error: /broken", broken),
        ("WARNING", "imports", "outside", "-"),
    ]


def test_an_error_is_logged_once_with_its_traceback_on_one_line(json_log):
    """Also an error in the page of a 404, of which Django itself logs no traceback."""
    _, lines = json_log
    view, page = [line["exc_info"] for line in lines if "exc_info" in line]
    assert view.startswith("Traceback (most recent call last):\n")
    assert view.endswith("ValueError: two\nlines")
    assert page.startswith("Traceback (most recent call last):\n")
    assert page.endswith("KeyError: 'in the page of a 404'")


def test_each_line_names_its_environment_release_and_time(json_log):
    _, lines = json_log
    assert {(line["environment"], line["release"]) for line in lines} == {("development", "v7")}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", line["timestamp"]) for line in lines)


def test_what_readers_search_for_is_not_in_the_log(json_log):
    assert "secret" not in json.dumps(json_log)


def test_people_read_the_same_lines_with_the_traceback_spread_out():
    (failed, missing, broken), log = run(LOG_FORMAT="text")
    lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in log.splitlines()]
    assert [line for line in lines if re.match(r"INFO|WARNING|ERROR", line)] == [
        f"INFO    articles [{failed}] half way",
        f"ERROR   django.request [{failed}] Internal Server Error: /failing",
        f"WARNING django.request [{missing}] Not Found: /nowhere",
        f"ERROR   django.request [{broken}] Internal Server Error: /broken",
        "WARNING imports [-] outside",
    ]
    assert lines[lines.index("Traceback (most recent call last):") - 1].endswith("/failing")
    assert log.count("ValueError: two\nlines") == 1
