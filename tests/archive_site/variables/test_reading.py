import dataclasses
from pathlib import Path

import pytest

from archive_site.env import read
from tests.archive_site.environments import (
    BY_NAME,
    DEVELOPMENT_VALUES,
    KEY,
    PRODUCTION,
    fault_lines,
    refusal,
    values,
)


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_an_empty_text_counts_as_not_set(empty: str):
    assert values(dict.fromkeys(BY_NAME, empty)) == DEVELOPMENT_VALUES


@pytest.mark.parametrize("name", ["SITE_NAME", "SECRET_KEY"])
@pytest.mark.parametrize("character", ["\n", "\x00", "\x1b", "\u202e", "\udc80"])
def test_a_value_holds_no_character_that_cannot_be_printed(name: str, character: str):
    (fault,) = refusal({name: f"before{character}after"}).faults
    assert fault.problem == "has a character that cannot be printed, such as a line break"


def test_an_environment_shows_no_value_and_cannot_be_changed():
    environment = read(PRODUCTION, dotenv=None)
    assert repr(environment) == f"{environment}" == f"<Environment: {len(BY_NAME)} variables>"
    with pytest.raises(dataclasses.FrozenInstanceError):
        environment.debug = True


def test_a_name_that_is_not_declared_is_no_attribute():
    environment = read({}, dotenv=None)
    with pytest.raises(AttributeError, match=r"^page_sise is not declared in archive_site/env\.py\.$"):
        _ = environment.page_sise


def test_the_process_environment_goes_before_the_file(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"PAGE_SIZE=30\nSITE_NAME='From the file'\nSECRET_KEY={KEY}\n")
    assert values({"PAGE_SIZE": "40", "SITE_NAME": ""}, dotenv) == DEVELOPMENT_VALUES | {
        "page_size": 40,
        "secret_key": KEY,
    }


def test_a_missing_file_is_no_fault(tmp_path: Path):
    assert values({}, tmp_path / ".env") == DEVELOPMENT_VALUES


def test_an_unreadable_file_is_a_fault(tmp_path: Path):
    binary = tmp_path / "binary"
    binary.write_bytes(b"SITE_NAME=\xff")
    assert fault_lines({}, tmp_path) == [
        f"{tmp_path}: cannot be read (Is a directory); make it a readable file or remove it"
    ]
    assert fault_lines({}, binary) == [f"{binary}: is not UTF-8; save it as UTF-8"]
