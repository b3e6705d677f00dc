"""How names and titles become slugs: one rule for deliveries and for editors."""

import re
from itertools import takewhile
from unicodedata import category, normalize

_LONGEST = 200
# Without words for these, C, C++ and C# would be one term.
_SPOKEN = (("+", " plus "), ("#", " sharp "))
_ODD = re.compile(r"[^\w\s-]+")
_BETWEEN_WORDS = re.compile(r"[-\s]+")
_MARKS = ("Mn", "Mc")
# They choose between pictures of one character and are no part of a word.
_VARIATIONS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def slug_of(text: str) -> str:
    """As Django's slugify with `allow_unicode`, but letters keep their marks: without vowel signs words of
    Hindi, Tamil or Thai are others. At most 200 characters; empty where there is no letter or digit."""
    words = normalize("NFKC", text).lower()
    if not words.isascii():
        words = _VARIATIONS.sub("", words)
    return _BETWEEN_WORDS.sub("-", _ODD.sub(_marks_of_letter, words)).strip("-_")[:_LONGEST].strip("-")


def _marks_of_letter(odd: re.Match[str]) -> str:
    before = odd.string[max(0, odd.start() - 1) : odd.start()]
    if odd[0].isascii() or not before.isalnum():
        return ""
    return "".join(takewhile(lambda character: category(character) in _MARKS, odd[0]))


def term_slug(name: str) -> str:
    """Letters of every script stay. Empty for a name without a letter or digit."""
    slug = slug_of(name)
    if slug and ("+" in name or "#" in name):
        for sign, word in _SPOKEN:
            name = name.replace(sign, word)
        slug = slug_of(name)
    return slug
