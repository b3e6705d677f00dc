"""The declarations as text for people: .env.example, the table of the README, the list of the command."""

import textwrap
from collections.abc import Sequence

from archive_site.variables.declaration import ENVIRONMENTS, Variable
from archive_site.variables.dotenv import quote_value
from archive_site.variables.kinds import number_words
from archive_site.variables.words import as_text

EXAMPLE_HEADING = """\
# Copy this file to .env and take the # away from what you set. Every name stands here with its value in
# development. Written by `manage.py env example` from archive_site/env.py; change it there.
#
# NAME=value, one a line; the process environment goes before this file, and empty means not set.
# Nothing is expanded: a $ is a $. Quote a value with spaces, # or quotation marks.
# A secret may stand in a file of its own, which its _FILE variable names.
"""

KIND_WORDS = {
    "str": "text",
    "bool": "true or false",
    "list": "list",
    "hosts": "list of host names",
    "origin": "origin (http or https)",
    "origins": "list of origins",
    "networks": "list of addresses and networks",
    "postgres_url": "PostgreSQL URL",
    "redis_url": "Redis URL",
    "bind": "HOST:PORT or unix:/PATH",
    "path": "path",
    "url_path": "path ending with /",
    "language": "language code",
}


def kind_words(variable: Variable) -> str:
    if variable.kind in ("int", "float"):
        return number_words(variable)
    if variable.kind == "choice":
        return f"one of {', '.join(variable.choices)}"
    if variable.choices:
        return f"{KIND_WORDS[variable.kind]} of {', '.join(variable.choices)}"
    return KIND_WORDS[variable.kind]


def required_words(variable: Variable) -> str:
    return ", ".join(name for name in ENVIRONMENTS if name in variable.required_in)


def default_words(variable: Variable) -> str:
    """Shows no secret."""
    if variable.secret:
        return "an insecure one in development" if variable.default else "none"
    development, deployed = (as_text(variable.default_in(name)) or "none" for name in ENVIRONMENTS[:2])
    if variable.required_in:
        return f"{development} in development"
    return development if development == deployed else f"{development} in development, else {deployed}"


def write_example(variables: Sequence[Variable]) -> str:
    return "\n".join([EXAMPLE_HEADING, *(_example_entry(variable) for variable in variables)])


def _example_entry(variable: Variable) -> str:
    facts = [f"Type: {kind_words(variable)}.", f"Default: {default_words(variable)}."]
    if variable.required_in:
        facts.append(f"Required in {required_words(variable)}.")
    comment = [*textwrap.wrap(variable.help, 100), *textwrap.wrap(" ".join(facts), 100)]
    return "".join(f"{line}\n" for line in [*(f"# {line}" for line in comment), *_assignments(variable)])


def _assignments(variable: Variable) -> list[str]:
    if variable.secret:
        return [f"#{variable.name}=", f"#{variable.twin}="]
    return [f"#{variable.name}={quote_value(as_text(variable.default_in('development')))}"]


def write_table(variables: Sequence[Variable]) -> str:
    """A Markdown table."""
    rows = [(_names(v), kind_words(v), default_words(v), required_words(v) or "-", v.help) for v in variables]
    heading = ("Variable", "Type", "Default", "Required in", "Meaning")
    return "".join(_row(row) for row in (heading, ("---",) * len(heading), *rows))


def _names(variable: Variable) -> str:
    return f"`{variable.name}` or `{variable.twin}`" if variable.secret else f"`{variable.name}`"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def write_list(variables: Sequence[Variable]) -> str:
    """Aligned columns for a terminal. Shows declarations only, never what is set."""
    rows = [("NAME", "REQUIRED IN", "DEFAULT", "TYPE")]
    rows += [(v.name, required_words(v) or "-", default_words(v), kind_words(v)) for v in variables]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "".join(_aligned(row, widths) for row in rows)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    columns = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*columns, row[-1]]) + "\n"
