"""The field for slugs of every script."""

from typing import Any
from unicodedata import category

from django.core.exceptions import ValidationError
from django.core.validators import validate_unicode_slug
from django.db import models
from django.forms import Field


def validate_slug(value: str) -> None:
    """Takes what articles.term_slugs makes. Django's own validator knows no vowel signs."""
    if not all(char.isalnum() or char in "-_" or category(char) in ("Mn", "Mc") for char in value):
        raise ValidationError("Use letters, digits, hyphens and underscores only.", code="invalid")


class SlugField(models.SlugField):
    """To migrations Django's own: the column is the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = (known for known in self.validators if known is not validate_unicode_slug)
        self.validators = [validate_slug, *others]

    def formfield(self, **kwargs: Any) -> Field:
        return models.CharField.formfield(self, **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.SlugField", args, kwargs
