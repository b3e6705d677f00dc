"""Where fetched files are kept."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from archive_site.env import read
from tests.archive_site.environments import ROOT, refusal

_SHOW = "import json; from archive_site.settings import STORAGES; print(json.dumps(STORAGES['media']))"


def show_storage(address: str, *, packages: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MEDIA_STORAGE": address, "PYTHONPATH": str(packages)}
    command = [sys.executable, "-c", _SHOW]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_without_a_bucket_files_are_in_a_folder_of_their_own():
    assert settings.MEDIA_STORAGE == {
        "BACKEND": "archive_site.media_storage.WholeFileStorage",
        "OPTIONS": {
            "location": settings.VAR_DIR / "media",
            "base_url": "/media/",
            "allow_overwrite": True,
        },
    }
    assert settings.STORAGES["default"]["OPTIONS"]["location"] != settings.VAR_DIR / "media"


@pytest.mark.parametrize(
    ("address", "bucket", "prefix"),
    [
        ("s3://archive-media", "archive-media", ""),
        ("s3://archive-media/", "archive-media", ""),
        ("s3://archive.media/files/2026/", "archive.media", "files/2026"),
    ],
)
def test_a_bucket_is_named_by_its_address(tmp_path: Path, address: str, bucket: str, prefix: str):
    for package in ("storages", "boto3"):
        (tmp_path / package).mkdir()
    done = show_storage(address, packages=tmp_path)
    assert json.loads(done.stdout) == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": prefix,
            "querystring_auth": False,
            "file_overwrite": True,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    }


def test_a_bucket_without_what_talks_to_it_is_refused_at_the_start(tmp_path: Path):
    done = show_storage("s3://archive-media", packages=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "django.core.exceptions.ImproperlyConfigured: MEDIA_STORAGE names a bucket, and what talks to one "
        "is missing: install django-storages[s3], the extra s3.",
    )


@pytest.mark.parametrize(
    "address", ["archive-media", "https://example.org/x", "s3://", "s3://A/b", "s3://a b/c"]
)
def test_what_is_no_address_of_a_bucket_is_refused(address: str):
    (fault,) = refusal({"MEDIA_STORAGE": address}).faults
    assert fault.problem == f'"{address}" is no address of a bucket'
    assert read({"MEDIA_STORAGE": "s3://archive-media/files"}, dotenv=None).media_storage
