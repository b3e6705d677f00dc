"""What a mapping does to the values of a record. Travels to worker processes: pure, and knows no file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from imports.faults import RecordRejected
from imports.fields import Kind, split_text, value_of, with_offset
from imports.values import quoted, read_object, read_text

Path = tuple[str, ...]

UNIX_FORMATS = {"unix": 1, "unix-ms": 1000}


class Step(Protocol):
    """A change to one field. `name` is what people call it, `path` where it stands."""

    name: str
    path: Path

    def change(self, value: Any) -> Any:
        """What `value` becomes; None stands for a field that is absent. Raises RecordRejected."""


@dataclass(frozen=True, slots=True)
class Split:
    """`items`: what is a list already is cut item by item."""

    name: str
    path: Path
    separator: str
    items: bool = True

    def change(self, value: Any) -> Any:
        if type(value) is str:
            return split_text(value, self.separator)
        if not self.items or type(value) is not list:
            return value
        return [part for item in value for part in self._parts(item)]

    def _parts(self, item: Any) -> list[Any]:
        return split_text(item, self.separator) if type(item) is str else [item]


@dataclass(frozen=True, slots=True)
class Translate:
    """Whole values, written as texts, and of a list its items. What becomes "" is taken away."""

    name: str
    path: Path
    table: dict[str, Any]

    def change(self, value: Any) -> Any:
        if type(value) is list:
            return [new for item in value if (new := self._new(item)) != ""]
        new = self._new(value)
        return None if new == "" else new

    def _new(self, value: Any) -> Any:
        return self.table.get(_as_text(value), value)


@dataclass(frozen=True, slots=True)
class ReadMoment:
    """`format` is of strptime or one of UNIX_FORMATS; empty is ISO 8601. `zone` is for what tells none."""

    name: str
    path: Path
    format: str
    zone: ZoneInfo

    def change(self, value: Any) -> Any:
        if is_empty(value):
            return None
        text = _date_text(self.name, value, self.format)
        try:
            return with_offset(_moment(text, self.format), self.zone)
        except (ValueError, OverflowError, OSError):
            raise _not_a_date(self.name, text, self.format) from None


@dataclass(frozen=True, slots=True)
class ReadDay:
    name: str
    path: Path
    format: str

    def change(self, value: Any) -> Any:
        if is_empty(value):
            return None
        text = _date_text(self.name, value, self.format)
        try:
            return _moment(text, self.format).date().isoformat()
        except (ValueError, OverflowError, OSError):
            raise _not_a_date(self.name, text, self.format) from None


@dataclass(frozen=True, slots=True)
class ReadText:
    """For a field that wants a number or a flag and may get it as text."""

    name: str
    path: Path
    kind: Kind

    def change(self, value: Any) -> Any:
        return value_of(self.kind, value, zone="UTC") if type(value) is str else value


@dataclass(frozen=True, slots=True)
class Default:
    name: str
    path: Path
    value: Any

    def change(self, value: Any) -> Any:
        return self.value if is_empty(value) else value


@dataclass(frozen=True, slots=True)
class Set:
    name: str
    path: Path
    value: Any

    def change(self, value: Any) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Move:
    """`source` is a name of the incoming record, with dots where it leads inwards."""

    source: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Mapping:
    """`digest` changes with every rule, so that a record read by other rules counts as another.

    `public` has names of the incoming record and the values that let it be public; `moves` those that
    lie deepest first; `steps` are taken in their order."""

    digest: bytes
    public: tuple[tuple[str, frozenset[str]], ...] = ()
    moves: tuple[Move, ...] = ()
    drop: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def explained(self) -> frozenset[str]:
        """The names of the incoming record of which it tells what they mean."""
        public = (name for name, _ in self.public)
        return frozenset((*public, *(move.source for move in self.moves), *self.drop))

    def apply(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a record in the words of the archive's format. `values` stay as they are.

        Raises RecordRejected."""
        record = dict(values)
        self._move(record)
        for step in self.steps:
            value = _find(record, step.path)
            changed = step.change(value)
            if changed is None:
                _take(record, step.path)
            elif changed is not value:
                _put(record, step.path, changed)
        if not self._is_public(values):
            record.pop("published_at", None)
        return record

    def _is_public(self, values: dict[str, Any]) -> bool:
        return all(_as_text(_find(values, _locate(values, name))) in allowed for name, allowed in self.public)

    def _move(self, record: dict[str, Any]) -> None:
        """All are taken away before one is put down, so that names can be swapped."""
        taken = [(move, _take(record, _locate(record, move.source))) for move in self.moves]
        for name in self.drop:
            _take(record, _locate(record, name))
        for move, value in taken:
            if is_empty(value):
                continue
            if not is_empty(_find(record, move.path)):
                raise RecordRejected(
                    "bad-type",
                    f"{move.source} cannot be renamed to {move.name}, which the record has already; "
                    f"let the mapping drop or rename {move.name} too",
                )
            _put(record, move.path, value)


def is_empty(value: Any) -> bool:
    """Absent for all that a mapping cares. Not 0 and not false."""
    return value is None or value in ([], {}) or (type(value) is str and not value.strip())


def _as_text(value: Any) -> str | None:
    """As a mapping writes it, whose names can only be texts."""
    if type(value) is bool:
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _locate(values: Any, name: str) -> Path:
    """A key of this name if there is one, else the way inwards that its dots describe."""
    if type(values) is not dict or name in values or "." not in name:
        return (name,)
    head, _, rest = name.partition(".")
    return (head, *_locate(values.get(head), rest))


def _find(values: Any, path: Path) -> Any:
    for name in path:
        if type(values) is not dict:
            return None
        values = values.get(name)
    return values


def _take(values: dict[str, Any], path: Path) -> Any:
    """Objects on the way are copied, for others may hold them."""
    if len(path) == 1:
        return values.pop(path[0], None)
    inner = values.get(path[0])
    if type(inner) is not dict:
        return None
    values[path[0]] = inner = dict(inner)
    return _take(inner, path[1:])


def _put(values: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        inner = {} if is_empty(values.get(name)) else read_object(name, values[name])
        values[name] = dict(inner)
        values = values[name]
    values[path[-1]] = value


def _date_text(name: str, value: Any, format_: str) -> str:
    if format_ in UNIX_FORMATS and type(value) in (int, float):
        return str(value)
    return read_text(name, value).strip()


def _moment(text: str, format_: str) -> datetime:
    if format_ in UNIX_FORMATS:
        return datetime.fromtimestamp(float(text) / UNIX_FORMATS[format_], UTC)
    # Naive where the format tells no offset: then with_offset gives it one.
    return datetime.strptime(text, format_) if format_ else datetime.fromisoformat(text)  # noqa: DTZ007


def _not_a_date(name: str, text: str, format_: str) -> RecordRejected:
    expected = f"of the form {format_}" if format_ else "in ISO 8601"
    return RecordRejected("bad-date", f"{name} is no date {expected}: {quoted(text)}")
