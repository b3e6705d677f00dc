"""How a term's name becomes its slug: one rule for deliveries and for editors."""

from django.utils.text import slugify

_LONGEST = 200
# Without words for these, C, C++ and C# would be one term.
_SPOKEN = (("+", " plus "), ("#", " sharp "))


def term_slug(name: str) -> str:
    """Letters of every script stay. Empty for a name without a letter or digit."""
    slug = slugify(name, allow_unicode=True)
    if slug and ("+" in name or "#" in name):
        for sign, word in _SPOKEN:
            name = name.replace(sign, word)
        slug = slugify(name, allow_unicode=True)
    return slug[:_LONGEST].strip("-")
