import os
import traceback
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_site.env import EnvironmentFault, read
from tests.archive_site.environments import KEY, PRODUCTION, SECRETS, fault_lines, values

LEAKS = [
    "{secret}",
    "{secret}://user:password@host/name",
    "postgresql://user:{secret}",
    "postgresql://user:{secret}#rest@host/name",
    "postgresql://user:1?{secret}@host/name",
    "postgresql://user:1/{secret}@host/name",
    "postgresql://user:{secret}%zz@host/name",
    "postgresql://user:[{secret}@host/name",
    "postgresql://user@host:{secret}/name",
    "postgresql://user@host/name?{secret}=1",
    "postgresql://user@host/name?sslmode={secret}",
    "postgresql://user@host/name?port={secret}",
    "redis://:{secret}",
    "redis://:{secret}#rest@host/0",
    "redis://:1?{secret}@host/0",
    "redis://user@host/{secret}",
    "redis://user@host/0?{secret}=1",
    "redis://user@host/0?db={secret}",
    " {secret} ",
    "a\n{secret}",
]


def test_a_dollar_is_a_dollar_and_a_value_is_read_to_its_end():
    key = f"$HOME${{PATH}}%(x)s#{KEY}="
    assert read(PRODUCTION | {"SECRET_KEY": key}, dotenv=None).secret_key == key


# Letters that make no word of a message.
@given(
    name=st.sampled_from([*SECRETS, *(f"{name}_FILE" for name in SECRETS)]),
    form=st.sampled_from(LEAKS),
    core=st.text("bcdfgjkqvwxzBCDFGJKQVWXZ!~^", min_size=8, max_size=40),
)
@settings(max_examples=500)
def test_no_part_of_a_secret_is_in_an_error(name: str, form: str, core: str):
    source = {key: text for key, text in PRODUCTION.items() if not name.startswith(key)}
    try:
        environment = read(source | {name: form.format(secret=core)}, dotenv=None)
    except EnvironmentFault as error:
        told = "".join(traceback.format_exception(error)) + repr(error) + str(error.__context__)
    else:
        told = repr(environment)
    assert [part for part in windows(core, 5) if part in told] == []


def windows(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(len(text) - length + 1)]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_may_stand_in_a_file(tmp_path: Path, ending: str):
    file = tmp_path / "secret_key"
    file.write_bytes(f"{KEY}{ending}".encode())
    source = {name: text for name, text in PRODUCTION.items() if name != "SECRET_KEY"}
    assert values(source | {"SECRET_KEY_FILE": str(file)}) == values(PRODUCTION)


def test_a_secret_and_its_file_together_are_a_fault(tmp_path: Path):
    file = tmp_path / "secret_key"
    file.write_text(KEY)
    assert fault_lines(PRODUCTION | {"SECRET_KEY_FILE": str(file)}) == [
        "SECRET_KEY: is set, and so is SECRET_KEY_FILE; unset one of them"
    ]


def test_an_unusable_file_of_a_secret_is_told_without_its_name(tmp_path: Path):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_text("x" * 65537)
    os.mkfifo(tmp_path / "pipe")
    names = ["missing", ".", "empty", "binary", "large", "pipe", "x" * 300, "a\x00b"]
    told = [fault_lines({"SECRET_KEY_FILE": str(tmp_path / name)}) for name in names]
    assert told == [
        [
            f"SECRET_KEY: cannot be had: the file that SECRET_KEY_FILE names {trouble}; "
            "let SECRET_KEY_FILE name a file with only the secret"
        ]
        for trouble in [
            "does not exist",
            "is a directory",
            "is empty",
            "is not UTF-8",
            "is larger than 64 KiB",
            "is not a regular file",
            "cannot be read",
            "cannot be read",
        ]
    ]


def test_only_secrets_have_a_file(tmp_path: Path):
    file = tmp_path / "page_size"
    file.write_text("50")
    assert read({"PAGE_SIZE_FILE": str(file)}, dotenv=None).page_size == 20


def test_white_space_around_a_secret_is_told_and_not_removed():
    assert fault_lines({"SECRET_KEY": f"{KEY}\n"}) == [
        "SECRET_KEY: starts or ends with white space; remove it"
    ]
