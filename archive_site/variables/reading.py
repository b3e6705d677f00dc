"""From texts to typed values: merge the sources, choose defaults, collect every fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive_site.variables.declaration import DEPLOYED, ENVIRONMENTS, UnfitValue, Variable
from archive_site.variables.dotenv import parse_dotenv
from archive_site.variables.faults import EnvironmentFault, Fault
from archive_site.variables.kinds import parse_value
from archive_site.variables.secret_files import read_secret
from archive_site.variables.spelling import Doubt, doubtful_names
from archive_site.variables.words import as_text, quoted


# Without slots: with them, Python 3.11 answers an assignment with a TypeError about super().
@dataclass(frozen=True, repr=False)
class Environment:
    """The typed values, each an attribute by its name in lower case. Never shows one of them in its repr."""

    _values: Mapping[str, object]

    def __getattr__(self, name: str) -> object:
        # Copying asks for attributes before there are values.
        if name.startswith("_") or name.upper() not in self._values or name != name.lower():
            raise AttributeError(f"{name} is not declared in archive_site/env.py.")
        return self._values[name.upper()]

    def __repr__(self) -> str:
        return f"<Environment: {len(self._values)} variables>"


@dataclass(frozen=True, slots=True)
class Inspection:
    environment: Environment
    faults: tuple[Fault, ...]
    doubts: tuple[Doubt, ...]


def read_environment(
    variables: Sequence[Variable], source: Mapping[str, str], *, dotenv: Path | None
) -> Environment:
    """Like `inspect_environment`; raises EnvironmentFault with all that is wrong."""
    inspection = inspect_environment(variables, source, dotenv=dotenv)
    if inspection.faults:
        raise EnvironmentFault(inspection.faults, inspection.doubts)
    return inspection.environment


def inspect_environment(
    variables: Sequence[Variable], source: Mapping[str, str], *, dotenv: Path | None
) -> Inspection:
    """Reads without raising; where there are faults, the environment lacks their variables.

    `source` goes before `dotenv`, also where it holds an empty text. Empty means not set.
    """
    file_values, file_faults = _read_dotenv(dotenv)
    given = {**file_values, **source}
    environment = _name_environment(variables, given)
    settled = {variable.name: _settle(variable, given, environment) for variable in variables}
    faults = [value for value in settled.values() if isinstance(value, Fault)]
    values = {name: value for name, value in settled.items() if not isinstance(value, Fault)}
    return Inspection(Environment(values), (*file_faults, *faults), doubtful_names(variables, given))


def _read_dotenv(path: Path | None) -> tuple[Mapping[str, str], list[Fault]]:
    if path is None:
        return {}, []
    try:
        parsed = parse_dotenv(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        return {}, [Fault(str(path), problem, "make it a readable file or remove it", in_file=True)]
    except UnicodeDecodeError:
        return {}, [Fault(str(path), "is not UTF-8", "save it as UTF-8", in_file=True)]
    faults = [
        Fault(f"{path} line {line.number}", line.problem, line.remedy, in_file=True)
        for line in parsed.malformed
    ]
    return parsed.values, faults


def _name_environment(variables: Sequence[Variable], given: Mapping[str, str]) -> str:
    """Where it is unknown, that is the fault to mend first, and the mildest rules apply to the rest."""
    variable = next(variable for variable in variables if variable.name == "ENVIRONMENT")
    name = _settle(variable, given, ENVIRONMENTS[0])
    return ENVIRONMENTS[0] if isinstance(name, Fault) else name


def _settle(variable: Variable, given: Mapping[str, str], environment: str) -> object | Fault:
    try:
        text = _find_text(variable, given)
        return _default(variable, environment) if text is None else _parse(variable, text, environment)
    except UnfitValue as unfit:
        return Fault(variable.name, unfit.problem, unfit.remedy)


def _find_text(variable: Variable, given: Mapping[str, str]) -> str | None:
    """The text of a variable or of the file that its twin names; None where neither is set."""
    text = given.get(variable.name, "")
    file = given.get(variable.twin, "").strip() if variable.secret else ""
    if text.strip() and file:
        raise UnfitValue(f"is set, and so is {variable.twin}", "unset one of them")
    if file:
        text = read_secret(file, twin=variable.twin)
    if not text.strip():
        return None
    return _clean(text, variable)


def _clean(text: str, variable: Variable) -> str:
    if variable.secret and text != text.strip():
        raise UnfitValue("starts or ends with white space", "remove it")
    if not text.strip().isprintable():
        raise UnfitValue("has a character that cannot be printed, such as a line break", "remove it")
    return text.strip()


def _default(variable: Variable, environment: str) -> object:
    if environment in variable.required_in:
        remedy = f"set it or {variable.twin}" if variable.secret else "set it"
        raise UnfitValue(f"is not set, and {environment} requires it", _with_example(remedy, variable))
    return variable.default_in(environment)


def _parse(variable: Variable, text: str, environment: str) -> object:
    rules = variable.rules + (variable.deployed_rules if environment in DEPLOYED else ())
    try:
        value = parse_value(variable, text)
        for rule in rules:
            rule(value)
    except UnfitValue as unfit:
        subject = "its value" if variable.secret else quoted(text)
        raise UnfitValue(f"{subject} {unfit.problem}", _with_example(unfit.remedy, variable)) from None
    return value


def _with_example(remedy: str, variable: Variable) -> str:
    if variable.command:
        return f"{remedy}; make one with: {variable.command}"
    example = variable.example or as_text(variable.default_in("development"))
    return f"{remedy}, for example {variable.name}={example}"
