"""How long a statement may take: for pages and for everything else."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

pytestmark = pytest.mark.django_db(transaction=True)


def bound() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def told(request: HttpRequest) -> HttpResponse:
    return HttpResponse(bound())


def slow(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    return HttpResponse()


urlpatterns = [path("told", told), path("slow", slow)]


@pytest.fixture
def client(settings) -> Iterator[Client]:
    """Of a process that has no connection yet."""
    settings.ROOT_URLCONF = __name__
    connection.close()
    yield Client()
    connection.close()


def test_a_page_is_bounded(client: Client, settings):
    settings.STATEMENT_TIMEOUT_MS = 4321
    assert client.get("/told").text == "4321ms"


def test_a_page_that_asks_too_much_is_ended(client: Client, settings):
    settings.STATEMENT_TIMEOUT_MS = 100
    started = time.monotonic()
    assert client.get("/slow").status_code == 503
    assert time.monotonic() - started < 5


def test_the_bound_stays_with_the_connection_and_is_set_once(client: Client, django_assert_num_queries):
    client.get("/told")
    with django_assert_num_queries(1):
        assert client.get("/told").text == "5s"


def test_commands_and_migrations_have_no_bound(client: Client):
    assert bound() == "0"
