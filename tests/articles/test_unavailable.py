"""What readers and programs get while the database is away."""

import socket
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

AWAY = {"detail": "The archive is not available. Try again later."}


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def no_database(transactional_db: None) -> Iterator[None]:
    """Connections are refused until the test is over."""
    connection.close()
    # A patch of its own: the tables are emptied before pytest's would be undone.
    with socket.socket() as taken, pytest.MonkeyPatch.context() as patch:
        taken.bind(("127.0.0.1", 0))
        patch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        patch.setitem(connection.settings_dict, "PORT", taken.getsockname()[1])
        yield


def broken(*args: object, **kwargs: object) -> None:
    raise ZeroDivisionError


def slow(*args: object, **kwargs: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 10")
        cursor.execute("SELECT pg_sleep(10)")


# A page that nobody can find is looked up among the old addresses, outside of every view.
@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize("path", ["/", "/search/?q=word", "/archive/", "/no/such/page"])
def test_without_a_database_readers_are_asked_to_come_back(client: Client, path: str):
    response = client.get(path)
    assert response.status_code == 503
    assert (response["Retry-After"], response["Cache-Control"]) == ("30", "no-store")
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "<title>Not available right now · The Archive</title>" in response.text
    assert '<h1 class="list-title">Not available right now</h1>' in response.text


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize("path", ["/api/v1/articles/", "/api/v1/articles/1/"])
def test_without_a_database_programs_get_json(client: Client, path: str):
    response = client.get(path)
    assert (response.status_code, response.json()) == (503, AWAY)
    assert (response["Retry-After"], response["Cache-Control"]) == ("30", "no-store")


@pytest.mark.usefixtures("no_database")
def test_the_log_has_the_error_once(client: Client, caplog: pytest.LogCaptureFixture):
    client.get("/")
    told = [(record.name, record.message) for record in caplog.records if record.exc_info]
    assert told == [("articles.unavailable", "The database did not answer /")]


@pytest.mark.django_db
def test_a_statement_that_takes_too_long_is_answered_alike(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("articles.listing.newest", slow)
    response = client.get("/")
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_any_other_error_is_json_for_programs_too(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("articles.api.views.ArticleList.get", broken)
    response = client.get("/api/v1/articles/")
    assert (response.status_code, response.json()) == (500, {"detail": "Something went wrong."})
    assert (response["Cache-Control"], response.has_header("Retry-After")) == ("no-store", False)
