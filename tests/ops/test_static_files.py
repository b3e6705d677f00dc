from pathlib import Path

import pytest
from pytest_django import Settings

from ops.static_files import collect_when_changed


@pytest.fixture
def site(tmp_path: Path, settings: Settings) -> Path:
    """A site of one static file, collected into a folder of its own."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.css").write_text("a { color: red }")
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    return tmp_path


def test_what_was_collected_is_not_collected_again(site: Path):
    record = site / "record"
    assert [collect_when_changed(record=record) for _ in range(2)] == [True, False]
    assert (site / "collected" / "a.css").read_text() == "a { color: red }"


def test_a_changed_file_is_collected(site: Path):
    record = site / "record"
    collect_when_changed(record=record)
    (site / "source" / "a.css").write_text("a { color: blue }")
    assert collect_when_changed(record=record)
    assert (site / "collected" / "a.css").read_text() == "a { color: blue }"


def test_lost_files_are_collected_again(site: Path):
    record = site / "record"
    collect_when_changed(record=record)
    (site / "collected" / "staticfiles.json").unlink()
    assert collect_when_changed(record=record)
    assert (site / "collected" / "staticfiles.json").exists()
