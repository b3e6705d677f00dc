"""Form fields for what Django's own edit badly: long text, lists and JSON. None of them reports a change
where an editor only looked: what was stored comes back as it was."""

import csv
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError

_LINE_END = re.compile(r"\r\n|\r|\n")
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_NAME = 200
_LONGEST_LIST_OF_NAMES = 20_000

# What Python's JSON parser says, and what it means to an editor.
_PLAIN_WORDS = {
    "Expecting ','": "a comma or a closing bracket is missing",
    "Expecting ':'": "a colon is missing between a key and its value",
    "Expecting property name": "a key in double quotes is expected, or there is a comma too many",
    "Illegal trailing comma": "there is a comma too many",
    "Expecting value": "a value is missing, or a text has no double quotes",
    "Extra data": "there is something after the end",
    "Unterminated string": "a text does not end: its closing double quote is missing",
    "Invalid control character": "a text holds a line break or a tab: write \\n or \\t instead",
    "Invalid \\": "there is a backslash too many: write two of them for one",
}


class PlainTextField(forms.CharField):
    """Text with line feeds. Browsers send CR LF for every end of line, whatever they were given."""

    def __init__(self, *, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(strip=False, widget=AdminTextareaWidget(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        return _LINE_END.sub("\n", super().to_python(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class LinesField(forms.CharField):
    """A list of texts, one a line; blank lines are no items."""

    def __init__(self, *, rows: int = 5, longest: int | None = None, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(required=False, widget=AdminTextareaWidget(attrs={"rows": rows}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        lines = _LINE_END.split(value or "")
        return [line.strip() for line in lines if line.strip()]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        for number, line in enumerate(value, 1):
            if "\x00" in line:
                raise ValidationError(f"Line {number} holds a NUL character, which cannot be stored.")
            if self.longest and len(line) > self.longest:
                raise ValidationError(
                    f"Line {number} has {len(line)} characters; at most {self.longest} fit."
                )

    def run_validators(self, value: list[str]) -> None:
        """CharField's validators are for one text; `validate` has looked at each line."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class NamesField(forms.CharField):
    """A list of names, parted by commas; one that holds a comma stands in double quotes."""

    def __init__(self, **kwargs: Any) -> None:
        widget = AdminTextInputWidget(attrs={"class": "vLargeTextField"})
        super().__init__(required=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(_quoted, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        text = _LINE_END.sub(",", value or "")
        if len(text) > _LONGEST_LIST_OF_NAMES:
            raise ValidationError(f"At most {_LONGEST_LIST_OF_NAMES:,} characters fit here.")
        names = next(csv.reader([text], skipinitialspace=True), [])
        return [name.strip() for name in names if name.strip()]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        for name in value:
            if len(name) > _LONGEST_NAME:
                raise ValidationError(
                    f"“{name[:40]}…” has {len(name)} characters; at most {_LONGEST_NAME} fit."
                )
            if "\x00" in name:
                raise ValidationError("A name holds a NUL character, which cannot be stored.")
            if not any(map(str.isalnum, name)):
                raise ValidationError(f"“{name}” has no letter or digit, so no address can be made of it.")

    def run_validators(self, value: list[str]) -> None:
        """CharField's validators are for one text; `validate` has looked at each name."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != self.to_python(self.prepare_value(initial))
        except ValidationError:
            return True


class PrettyJSONField(forms.Field):
    """JSON as indented text. `fault_in` gets the value and returns what is wrong with it, in one sentence."""

    def __init__(self, *, empty: type, fault_in: Callable[[Any], str], rows: int = 6, **kwargs: Any) -> None:
        self.empty, self.fault_in = empty, fault_in
        widget = AdminTextareaWidget(
            attrs={"rows": rows, "class": "vLargeTextField json", "spellcheck": "false"}
        )
        super().__init__(required=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2) if value else ""

    def to_python(self, value: str) -> Any:
        if not (value or "").strip():
            return self.empty()
        try:
            return json.loads(value, parse_constant=_refuse_constant)
        except json.JSONDecodeError as fault:
            place = f"line {fault.lineno}, character {fault.colno}"
            raise ValidationError(f"This is no JSON: at {place}, {_in_plain_words(fault.msg)}.") from None
        except RecursionError:
            raise ValidationError("This JSON is nested too deeply.") from None
        except ValueError as fault:
            raise ValidationError(f"This JSON cannot be stored: {fault}.") from None

    def validate(self, value: Any) -> None:
        if not _storable(value):
            raise ValidationError(
                "It holds what cannot be stored: NUL, half a character or an infinite number."
            )
        fault = self.fault_in(value)
        if fault:
            raise ValidationError(fault)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (initial or self.empty())
        except ValidationError:
            return True


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""')) if set(name) & set('",') else name


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number that JSON knows")


def _in_plain_words(message: str) -> str:
    return next((words for start, words in _PLAIN_WORDS.items() if message.startswith(start)), message)


def _storable(value: Any) -> bool:
    return all(map(_storable_leaf, _leaves(value)))


def _storable_leaf(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not (isinstance(value, str) and _NOT_STORABLE.search(value))


def _leaves(value: Any) -> Iterator[Any]:
    """Every key and every value that holds no others. Not by recursion: depth is the sender's choice."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        else:
            yield item
