"""Forms that know which version of an article they were opened with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from articles.revisions import Change, changes_since, values_at

_LOST_VERSION = (
    "This form has lost the version of the article that it was opened with: open the article again."
)
_STALE = (
    "Somebody else saved this article while you had it open. Nothing of yours is saved yet; it stands below."
)
# Fields of the form that are none of the article.
_NOT_CONTENT = ("version", "over_version", "change_reason")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What others saved while the form was open, the newest first; what stands now in the fields that they
    changed; and the version that this is."""

    changes: list[Change]
    now: Mapping[str, Any]
    version: int


class VersionedForm(forms.ModelForm):
    """A form of an article that knows the version it was opened with.

    When that is no longer the article's, the form is not valid and `conflict` tells why. The editor may
    then send it again with `over_version`, which names the version that the conflict told of."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    over_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    conflict: Conflict | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    def is_multipart(self) -> bool:
        # The other encoding makes three bytes of each byte of a text that is not English.
        return True

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in _NOT_CONTENT]

    @property
    def opened_version(self) -> int:
        """0 where the form does not tell it."""
        if not self.is_bound:
            return self.instance.version
        text = self.data.get("version", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0

    @property
    def expected_version(self) -> int:
        """The version that a valid form may replace."""
        return self.cleaned_data.get("over_version") or self.opened_version

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.instance.pk:
            self._compare_versions()
        return self.cleaned_data

    def _compare_versions(self) -> None:
        current = self.instance.version
        if not 0 < self.opened_version <= current:
            self.add_error(None, _LOST_VERSION)
        elif self.expected_version != current:
            self.conflict = self._conflict()
            self.add_error(None, _STALE)

    def _conflict(self) -> Conflict:
        changes = changes_since(self.instance.pk, self.opened_version)
        current = values_at(self.instance, self.instance.version)
        names = {name for change in changes for name in change.before}
        return Conflict(changes, {name: current[name] for name in names}, self.instance.version)
