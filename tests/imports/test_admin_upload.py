"""The form where people hand in a delivery."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from imports.models import Run, RunState
from tests.imports.admin_pages import (
    UPLOAD,
    delivery,
    order,
    page_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_spool")]


def test_an_upload_waits_under_its_hash_and_its_choices(admin_client: Client, tmp_path: Path) -> None:
    sent = order(
        key="id",
        delete_missing="on",
        max_missing="12.5",
        mapping=delivery(b'[set]\nlanguage = "de"\n', "m.toml"),
    )
    answer = admin_client.post(UPLOAD, sent)
    run = Run.objects.get()
    assert answer.headers["Location"] == page_of(run)
    assert [run.state, run.input_name, run.input_bytes, run.started_by, run.input_sha256] == [
        RunState.QUEUED,
        "delivery.jsonl",
        3,
        "ada",
        hashlib.sha256(b"{}\n").hexdigest(),
    ]
    assert run.options == {
        "key": "id",
        "delete_missing": True,
        "max_missing": 0.125,
        "mapping": '[set]\nlanguage = "de"\n',
    }
    kept = tmp_path / "spool" / run.input_sha256
    assert [kept.read_bytes(), kept.stat().st_mode & 0o077, kept.parent.stat().st_mode & 0o077] == [
        b"{}\n",
        0,
        0,
    ]
    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.all()] == [[run.pk]]
    assert LogEntry.objects.get().get_change_message() == "Uploaded delivery.jsonl from wire"


def test_a_double_click_makes_one_run(admin_client: Client) -> None:
    first = admin_client.post(UPLOAD, order())
    second = admin_client.post(UPLOAD, order(), follow=True)
    assert second.redirect_chain == [(first.headers["Location"], 302)]
    assert "handed in with the same choices already" in second.text
    assert [Run.objects.count(), DBTaskResult.objects.count()] == [1, 1]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("source", "two words", "A source has letters, digits, - and _ only."),
        ("source", "", "Name the system that the delivery comes from."),
        ("file", delivery(b""), "The file is empty."),
        (
            "encoding",
            "klingon",
            "No encoding has that name; write it as in windows-1252, utf-16 or shift_jis.",
        ),
        ("zone", "Mars/Olympus", "That is no IANA time zone; write it as in Europe/Berlin."),
        ("zone", "../../etc/passwd", "That is no IANA time zone; write it as in Europe/Berlin."),
        ("base_url", "ftp://example.org", "Write it as in https://blog.example.org."),
        ("mapping", delivery(b"\xff", "m.toml"), "Byte 0 is not UTF-8; save it as UTF-8."),
        ("max_missing", "101", "Ensure this value is less than or equal to 100."),
        ("format_name", "docx", "Select a valid choice. docx is not one of the available choices."),
    ],
)
def test_a_field_that_does_not_fit_says_so_in_one_sentence(
    admin_client: Client, field: str, value: Any, said: str
) -> None:
    answer = admin_client.post(UPLOAD, order(**{field: value}))
    assert [answer.status_code, answer.context["form"].errors] == [200, {field: [said]}]
    assert not Run.objects.exists()


def test_everything_wrong_with_a_mapping_is_told_at_once(admin_client: Client) -> None:
    sent = order(mapping=delivery(b"[sett]\na = 1\n[dropp]\n", "m.toml"))
    errors = admin_client.post(UPLOAD, sent).context["form"].errors
    assert len(errors["mapping"]) == 2


def test_a_file_over_the_limit_is_read_past_and_told(
    admin_client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.IMPORT_MAX_UPLOAD_BYTES = 1000
    answer = admin_client.post(UPLOAD, order(file=delivery(b"x" * 200_000)))
    assert answer.context["form"].errors == {
        "file": [
            "The file is larger than 1000\xa0bytes: hand it in parts, or ask whoever runs the site to import "
            "it."
        ]
    }
    # The fields that come after it are there all the same.
    assert answer.context["form"].data["source"] == "wire"
    assert list((tmp_path / "spool").iterdir()) == []


def test_an_upload_is_a_file_on_the_disk_of_the_spool_from_its_first_byte_on(
    admin_client: Client, tmp_path: Path
) -> None:
    answer = admin_client.post(UPLOAD, order(source=""))
    file = Path(answer.wsgi_request.FILES["file"].temporary_file_path())
    assert (file.parent, file.exists()) == (tmp_path / "spool", False)


def test_what_a_stranger_uploads_fills_no_disk(client: Client, db: None) -> None:
    answer = client.post("/admin/login/", {"username": "x", "file": delivery(b"x" * 100_000)})
    assert [answer.status_code, dict(answer.wsgi_request.FILES)] == [200, {}]
