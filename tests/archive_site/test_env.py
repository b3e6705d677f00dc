"""The environments of the site: what starts, what does not, and in which words that is told."""

import subprocess
from pathlib import Path

import pytest

from archive_site.env import VARIABLES, read
from archive_site.variables.documents import write_example
from archive_site.variables.words import as_text
from tests.archive_site.environments import (
    BY_NAME,
    DEVELOPMENT_VALUES,
    KEY,
    PRODUCTION,
    ROOT,
    fault_lines,
    refusal,
    values,
)


def test_without_any_variable_development_starts():
    assert values({}) == DEVELOPMENT_VALUES


def test_production_starts_with_its_five_required_variables():
    assert values(PRODUCTION) == DEVELOPMENT_VALUES | {
        "environment": "production",
        "secret_key": KEY,
        "debug": False,
        "allowed_hosts": ("archive.example.org",),
        "database_url": PRODUCTION["DATABASE_URL"],
        "redis_url": PRODUCTION["REDIS_URL"],
        "site_url": "https://archive.example.org",
        "log_format": "json",
        "https": True,
        "hsts_seconds": 31_536_000,
    }


def test_staging_has_the_values_of_production():
    staging = values(PRODUCTION | {"ENVIRONMENT": "staging"})
    assert staging == values(PRODUCTION) | {"environment": "staging"}


def test_production_without_variables_names_all_that_is_missing_at_once():
    assert str(refusal({"ENVIRONMENT": "production"})) == (
        "The process did not start: 5 variables must be mended.\n"
        "  SECRET_KEY: is not set, and production requires it; set it or SECRET_KEY_FILE; "
        "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'\n"
        "  ALLOWED_HOSTS: is not set, and production requires it; set it, "
        "for example ALLOWED_HOSTS=archive.example.org\n"
        "  DATABASE_URL: is not set, and production requires it; set it or DATABASE_URL_FILE, "
        "for example DATABASE_URL=postgresql://archive:PASSWORD@db.example.org:5432/archive\n"
        "  REDIS_URL: is not set, and production requires it; set it or REDIS_URL_FILE, "
        "for example REDIS_URL=rediss://:PASSWORD@redis.example.org:6379/0\n"
        "  SITE_URL: is not set, and production requires it; set it, "
        "for example SITE_URL=https://archive.example.org"
    )


def test_missing_wrong_and_misspelt_variables_are_told_together(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("PAGE_SIZE=20\nnot an assignment\n")
    source = PRODUCTION | {"DEBUG": "ture", "SITE_URL": "", "SITE_ULR": "https://archive.example.org"}
    assert str(refusal(source, dotenv)) == (
        "The process did not start: 2 variables and 1 place in .env must be mended.\n"
        f"  {dotenv} line 2: is no assignment; write NAME=value, or start the line with #\n"
        '  DEBUG: "ture" is neither true nor false; write true or false, for example DEBUG=false\n'
        "  SITE_URL: is not set, and production requires it; set it, "
        "for example SITE_URL=https://archive.example.org\n"
        "  SITE_ULR: is not read by this site; did you mean SITE_URL?"
    )


def test_an_unknown_environment_lists_the_three_and_hides_no_other_fault():
    assert fault_lines({"ENVIRONMENT": "produciton", "PAGE_SIZE": "many"}) == [
        'ENVIRONMENT: "produciton" is not one of its values; choose development, staging or production, '
        "for example ENVIRONMENT=production",
        'PAGE_SIZE: "many" is not a whole number; give a whole number from 5 to 100 in plain digits, '
        "for example PAGE_SIZE=20",
    ]


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("DEBUG", "true", '"true" shows settings and source to whoever meets an error'),
        ("ALLOWED_HOSTS", "a.example.org,*", '"a.example.org,*" has *, which lets any Host header through'),
        ("SECRET_KEY", KEY[:49], "its value is shorter than 50 characters"),
        ("SECRET_KEY", "abcd" * 20, "its value is made of very few characters"),
        (
            "SECRET_KEY",
            f"django-insecure-{KEY}",
            "its value is a placeholder that anybody can read in the source",
        ),
        ("SECRET_KEY", f"ChangeMe{KEY}", "its value is a placeholder that anybody can read in the source"),
    ],
)
def test_what_development_may_do_is_refused_on_servers(environment: str, name: str, text: str, problem: str):
    read({name: text}, dotenv=None)
    (fault,) = refusal(PRODUCTION | {"ENVIRONMENT": environment, name: text}).faults
    assert (fault.name, fault.problem) == (name, problem)


def test_the_key_of_development_is_refused_on_servers():
    (fault,) = refusal(PRODUCTION | {"SECRET_KEY": DEVELOPMENT_VALUES["secret_key"]}).faults
    assert fault.problem == "its value is a placeholder that anybody can read in the source"


def test_the_advised_command_makes_a_key_that_production_accepts():
    command = BY_NAME["SECRET_KEY"].command
    key = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout.strip()
    assert read(PRODUCTION | {"SECRET_KEY": key}, dotenv=None).secret_key == key


@pytest.mark.parametrize("name", [variable.name for variable in VARIABLES if variable.example])
def test_an_example_in_a_message_is_valid_in_production(name: str):
    read(PRODUCTION | {name: BY_NAME[name].example}, dotenv=None)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_default_written_out_is_the_same_default(name: str):
    text = as_text(BY_NAME[name].default_in("development"))
    assert values({name: text}) == DEVELOPMENT_VALUES


def test_every_variable_is_declared_in_full():
    assert len(BY_NAME) == len(VARIABLES)
    for variable in VARIABLES:
        assert variable.name == variable.name.upper()
        assert variable.owner
        assert variable.help.endswith(".")
        assert (variable.tolerance is not None) == (variable.parity == "tolerance")


def test_secrets_must_differ_between_environments():
    assert {variable.parity for variable in VARIABLES if variable.secret} == {"must_differ"}


def test_the_example_file_is_what_the_declarations_say():
    assert (ROOT / ".env.example").read_text() == write_example(VARIABLES), (
        "Run: python -m archive_site.env example > .env.example"
    )


def test_the_example_file_changes_nothing_in_development(tmp_path: Path):
    text = (ROOT / ".env.example").read_text()
    dotenv = tmp_path / ".env"
    dotenv.write_text(text)
    assert values({}, dotenv) == DEVELOPMENT_VALUES
    dotenv.write_text(text.replace("\n#", "\n").replace("\n ", "\n# "))
    assert values({}, dotenv) == DEVELOPMENT_VALUES
