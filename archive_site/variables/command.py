"""The `env` command without Django's settings, so that it works where they cannot load."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive_site.variables.declaration import Variable
from archive_site.variables.documents import write_example, write_list, write_table
from archive_site.variables.reading import Inspection, inspect_environment

HELP = "Explains and checks the environment variables. Never shows a value that is set; starts no server."
ACTIONS = {
    "list": "name, type, default and where it is required",
    "check": "every fault of this environment; exit 1 if there is one",
    "example": "the content of .env.example",
    "docs": "a Markdown table",
}
DOCUMENTS = {"list": write_list, "example": write_example, "docs": write_table}


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    exit_code: int = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = "; ".join(f"{name}: {what}" for name, what in ACTIONS.items())
    parser.add_argument("action", choices=ACTIONS, help=words)


def answer(
    action: str, variables: Sequence[Variable], *, source: Mapping[str, str], dotenv: Path | None
) -> Answer:
    if action == "check":
        return _report(inspect_environment(variables, source, dotenv=dotenv), len(variables))
    return Answer(DOCUMENTS[action](variables))


def _report(inspection: Inspection, number: int) -> Answer:
    findings = [*inspection.faults, *inspection.doubts]
    if not findings:
        return Answer(f"{number} variables, no fault ({inspection.environment.environment}).\n")
    faults, doubts = len(inspection.faults), len(inspection.doubts)
    heading = f"{number} variables, {faults or 'no'} fault{'s' * (faults > 1)}"
    if doubts:
        heading += f", {doubts} doubtful name{'s' * (doubts > 1)}"
    lines = [f"{heading}:", *(f"  {finding}" for finding in findings)]
    return Answer("".join(f"{line}\n" for line in lines), exit_code=1)


def run(
    arguments: Sequence[str], variables: Sequence[Variable], *, source: Mapping[str, str], dotenv: Path | None
) -> int:
    parser = argparse.ArgumentParser(prog="env", description=HELP)
    add_arguments(parser)
    action = parser.parse_args(arguments).action
    result = answer(action, variables, source=source, dotenv=dotenv)
    sys.stdout.write(result.text)
    return result.exit_code
