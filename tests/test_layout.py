"""The house keeps its own rules: style, layers, locks, the Makefile and the words that stay out."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]

# Split, so that this file does not hold what it looks for.
UNWANTED = [
    r"\bTO" r"DO\b",
    r"\bFIX" r"ME\b",
    r"\bX" r"XX\b",
    r"/wo" r"rk/",
    r"\.\./sha" r"red",
    r"py" r"pi\.org",
    r"python" r"hosted",
]


def run(*command: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def committed_files() -> list[Path]:
    # Also those that are not committed yet, but none that .gitignore names.
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard").stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def text_of(file: Path) -> str:
    return file.read_bytes().decode(errors="replace")


def direct_dependencies(*extras: str) -> set[str]:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return {normalized(re.match(r"[\w.-]+", requirement)[0]) for requirement in wanted}


def locked_packages(lock: str) -> dict[str, str]:
    """Name of each package of the lock, and the lines that belong to it."""
    entries = re.split(r"^(?=[a-z0-9])", text_of(ROOT / lock), flags=re.MULTILINE)
    return {
        normalized(re.match(r"[\w.-]+", entry)[0]): entry for entry in entries if not entry.startswith("#")
    }


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("lint-imports", "--no-logo", "--no-cache")],
    ids=" ".join,
)
def test_the_code_keeps_the_rules(command: tuple[str, ...]):
    done = run(BIN / command[0], *command[1:])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_has_hashes(lock: str):
    entries = locked_packages(lock)
    assert entries
    loose = [name for name, entry in entries.items() if "==" not in entry or "--hash=sha256:" not in entry]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_what_is_installed_and_not_from_where(lock: str):
    assert (
        re.findall(r"\w+://\S+|^--(?:extra-)?index-url.*|^--find-links.*", text_of(ROOT / lock), re.MULTILINE)
        == []
    )


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ()), ("requirements-dev.lock", ("embedded", "dev"))], ids=LOCKS
)
def test_a_lock_holds_every_direct_dependency(lock: str, extras: tuple[str, ...]):
    assert direct_dependencies(*extras) - locked_packages(lock).keys() == set()


def test_production_installs_nothing_of_development():
    only_for_development = direct_dependencies("embedded", "dev") - direct_dependencies()
    assert only_for_development & locked_packages("requirements.lock").keys() == set()


def test_both_locks_agree_on_every_version():
    production, development = (
        {name: entry.splitlines()[0] for name, entry in locked_packages(lock).items()} for lock in LOCKS
    )
    assert {name: development.get(name) for name in production} == production


def test_make_help_lists_every_public_target():
    makefile = text_of(ROOT / "Makefile")
    public = re.search(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)[1].split()
    listed = re.findall(r"^make (\w+) +\S", run("make", "help").stdout, re.MULTILINE)
    assert listed == public


def test_make_says_in_one_sentence_that_python_is_missing(tmp_path: Path):
    done = run("make", "--no-print-directory", "lint", "PYTHON=no-such-python", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert done.stdout.splitlines()[0] == (
        "no-such-python is missing, older than 3.11, or without its venv module: "
        "install it (Debian: python3-venv), or name a fit one with PYTHON=."
    )


def test_make_does_not_clear_a_folder_that_is_no_virtual_environment(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear me")
    done = run("make", "--no-print-directory", "lint", f"PYTHON={sys.executable}", f"VENV={tmp_path}")
    assert done.returncode != 0
    assert done.stdout.splitlines()[0] == (
        f"VENV={tmp_path} exists and is no virtual environment: name another folder."
    )
    assert (tmp_path / "letter.txt").read_text() == "dear me"


def test_no_file_holds_a_word_that_stays_out():
    pattern = re.compile("|".join(UNWANTED))
    files = committed_files()
    assert ROOT / "Makefile" in files
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for file in files
        for number, line in enumerate(text_of(file).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []
