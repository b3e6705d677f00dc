"""What can be known of the container files without a container engine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = (ROOT / "compose.yaml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def top_level_block(name: str) -> str:
    return re.search(rf"^{name}:\n((?:[ ].*\n|\n)+)", COMPOSE, re.MULTILINE)[1]


def test_every_secret_that_is_mounted_is_declared_and_read_from_the_ignored_folder():
    mounted = {
        name.strip() for names in re.findall(r" secrets: \[(.*)\]", COMPOSE) for name in names.split(",")
    }
    declared = dict(re.findall(r"^  (\S+):\n    file: (\S+)$", top_level_block("secrets"), re.MULTILINE))
    assert declared == {name: f"secrets/{name}" for name in mounted}
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_compose_says_how_to_make_each_secret():
    declared = re.findall(r"^  (\S+):\n    file:", top_level_block("secrets"), re.MULTILINE)
    assert set(re.findall(r"^# .* > (\S+)$", COMPOSE, re.MULTILINE)) == set(declared)


def test_no_secret_has_a_value_in_the_compose_file():
    secret = re.compile(r"(?:KEY|PASSWORD|SECRET|TOKEN|DATABASE_URL|REDIS_URL)\w*: *(\S+)")
    assert {value.rpartition("/")[0] for value in secret.findall(COMPOSE)} == {"/run/secrets"}


def test_every_folder_that_the_site_writes_to_is_its_own_and_a_volume():
    written = set(re.findall(r"install --directory --owner=archive --mode=\d+ var/(\w+)", DOCKERFILE))
    mounted = dict(re.findall(r"^    - (\w+):/app/var/(\w+)", COMPOSE, re.MULTILINE))
    assert written == set(mounted.values()) == {"spool", "media"}
    assert set(mounted) <= set(re.findall(r"^  (\w+):$", top_level_block("volumes"), re.MULTILINE))


def test_services_wait_for_the_migrations_that_they_need():
    assert re.findall(r"condition: (\w+)", COMPOSE).count("service_completed_successfully") == 2


def test_the_image_is_built_from_the_production_lock_with_hashes():
    install = re.search(r"pip install(.*?)&&", DOCKERFILE, re.DOTALL)[1]
    assert set(install.split()) >= {"--require-hashes", "--only-binary", ":all:", "requirements.lock"}


def test_the_last_stage_runs_without_root_and_in_exec_form():
    last_stage = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[-1]
    assert re.findall(r"^USER (\w+)", last_stage, re.MULTILINE) == ["archive"]
    assert re.findall(r"^(?:CMD|    CMD) (.)", last_stage, re.MULTILINE) == ["[", "["]


@pytest.mark.parametrize("word", ["gcc", "build-essential", "libpq-dev", "apt-get"])
def test_nothing_is_compiled_into_the_image(word: str):
    assert word not in DOCKERFILE


def test_only_what_the_site_runs_with_reaches_the_image():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    admitted = {line[1:] for line in rules if line.startswith("!")}
    assert {name for name in admitted if not (ROOT / name).exists()} == set()
    assert admitted & {".env", ".git", "secrets", "tests", "var"} == set()
