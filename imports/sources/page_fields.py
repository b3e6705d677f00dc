"""The fields of a page's front matter, and how their values are read: the same word may be a string
in YAML and a boolean or a number in TOML and JSON."""

from typing import Any

from imports.faults import RecordRejected
from imports.values import kind_of

_YES = frozenset(("true", "yes", "on", "y", "1"))
_NO = frozenset(("false", "no", "off", "n", "0"))
HIDING = ("draft", "private", "headless")
_BUILD = ("build", "_build")
_NAMES = ("name", "display_name", "title", "login")


class Fields:
    """Fields are taken one after the other; what nobody takes is left in `rest`, under its own name."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.rest = dict(values)
        self._names = {name.lower(): name for name in values}

    def get(self, name: str) -> Any:
        """None where there is no such field, whatever the case of its letters, or it is empty."""
        value = self.rest.get(self._names.get(name, ""))
        return value if value not in ("", [], {}) else None

    def take(self, name: str) -> Any:
        value = self.get(name)
        self.rest.pop(self._names.get(name, ""), None)
        return value

    def first(self, *names: str) -> tuple[str, Any]:
        """Takes the first of these fields that has a value and tells its name."""
        name = next((name for name in names if self.get(name) is not None), "")
        return name, self.take(name) if name else None

    def put(self, name: str, value: Any) -> None:
        if value:
            self.rest[name] = value


def text_of(field: str, value: Any) -> str:
    """A text, number or boolean as a text on one line. Raises RecordRejected for anything else."""
    if value is None:
        return ""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) not in (str, int, float):
        raise RecordRejected("bad-type", f"{field} must be a text, not {kind_of(value)}")
    return " ".join(str(value).split())


def truth_of(value: Any) -> bool | None:
    """None for what is neither yes nor no, such as a date."""
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def is_hidden_draft(fields: Fields) -> bool:
    """Whether a page says that it is none for the public: by a word of Hugo's, Jekyll's or Zola's, or by
    Hugo's `build`, which may keep a page from being rendered. One that is only in no list is public."""
    given = [fields.get(name) for name in HIDING]
    return any(value is not None and truth_of(value) is not False for value in given) or any(
        _is_unrendered(fields.get(name)) for name in _BUILD
    )


def _is_unrendered(build: Any) -> bool:
    told = Fields(build).get("render") if type(build) is dict else None
    return told is not None and str(told).strip().lower() != "always" and truth_of(told) is not True


def names_in(field: str, value: Any) -> list[str]:
    """The names in a text, an object with a name, or a list of them. Raises RecordRejected."""
    items = value if type(value) is list else [value]
    names = [_name(f"{field}[{index}]", item) for index, item in enumerate(items)]
    return [name for name in names if name]


def _name(field: str, item: Any) -> str:
    if type(item) is not dict:
        return text_of(field, item)
    found = next((item[name] for name in _NAMES if item.get(name)), None)
    if found is None:
        raise RecordRejected("bad-type", f"{field} is an object without a name")
    return text_of(field, found)


def words_in(field: str, value: Any) -> list[str]:
    """As `names_in`, but a single text holds many names: parted by commas, else by spaces, as Hugo and
    Jekyll do."""
    if type(value) is not str:
        return names_in(field, value)
    parts = value.split(",") if "," in value else value.split()
    return [part for part in (" ".join(part.split()) for part in parts) if part]
