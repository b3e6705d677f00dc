"""YAML as front matter needs it: mappings and lists of strings.

Whether `no`, `1.10`, `010`, `12:30:45` or `2015-03-00` is a boolean, a number, a time or a text is the
business of whoever knows the field, so no scalar is resolved but an unquoted null. The parser's events
are followed one by one: a bomb of aliases or of brackets ends where it begins."""

from collections.abc import Iterator
from typing import Any

import yaml

from imports.faults import RecordRejected

_DEEPEST = 40
# In characters, with every alias unfolded: four times what front matter may hold as it stands.
_MOST_UNFOLDED = 1024 * 1024
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CORE = "tag:yaml.org,2002:"
_TAGS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map"))


def load_plain_yaml(text: str, *, first_line: int) -> Any:
    """Strings, None, lists and dicts whose keys are strings; of a repeated key the last value counts.

    `first_line` is the line of its file in which `text` begins. Raises RecordRejected."""
    try:
        return _Document(text, first_line).value()
    except yaml.MarkedYAMLError as error:
        line = first_line + error.problem_mark.line
        raise front_matter_fault(line, f"is no valid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = first_line + text.count("\n", 0, error.position)
        raise front_matter_fault(line, f"is no valid YAML: {error.reason}") from None


def front_matter_fault(line: int, what: str) -> RecordRejected:
    return RecordRejected("bad-front-matter", f"the front matter, in line {line}, {what}")


class _Document:
    def __init__(self, text: str, first_line: int) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CBaseLoader)
        self._first_line = first_line
        self._unfolded = 0
        self._anchors: dict[str, tuple[Any, int]] = {}

    def value(self) -> Any:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), 0)
        next(self._events)
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            raise self._refusal(after, "begins a second document")
        return value

    def _value(self, event: yaml.Event, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag not in _TAGS and event.tag not in (None, "!"):
            raise self._refusal(event, f"has a tag that is not read: {event.tag[:60]}")
        if depth > _DEEPEST:
            raise self._refusal(event, f"is nested deeper than {_DEEPEST} levels")
        before = self._unfolded
        value = self._anchored_value(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._unfolded - before)
        return value

    def _anchored_value(self, event: yaml.Event, depth: int) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            self._count(event, 1 + len(event.value))
            return None if _is_null(event) else event.value
        self._count(event, 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, depth + 1) for item in self._until(yaml.SequenceEndEvent)]
        pairs = self._until(yaml.MappingEndEvent)
        return {self._key(key, depth): self._value(next(self._events), depth + 1) for key in pairs}

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _key(self, event: yaml.Event, depth: int) -> str:
        key = self._value(event, depth + 1) or ""
        if type(key) is not str:
            raise self._refusal(event, "has a key that is no text")
        return key

    def _alias(self, event: yaml.AliasEvent) -> Any:
        # An anchor counts once its value is complete, so nothing ever holds itself.
        if event.anchor not in self._anchors:
            raise self._refusal(event, f"has an alias without an anchor before it: *{event.anchor[:60]}")
        value, size = self._anchors[event.anchor]
        self._count(event, size)
        return value

    def _count(self, event: yaml.Event, size: int) -> None:
        self._unfolded += size
        if self._unfolded > _MOST_UNFOLDED:
            raise self._refusal(event, f"unfolds its aliases to more than {_MOST_UNFOLDED} characters")

    def _refusal(self, event: yaml.Event, what: str) -> RecordRejected:
        return front_matter_fault(self._first_line + event.start_mark.line, what)


def _is_null(event: yaml.ScalarEvent) -> bool:
    return event.implicit[0] and event.value in _NULLS
