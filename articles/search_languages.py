"""Which PostgreSQL text search configuration serves which language."""

from collections.abc import Iterable

# The stemmers that come with PostgreSQL, by the first part of a BCP 47 tag.
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# For every other language: words as they are, without stemming.
PLAIN = "simple"


def configurations(languages: Iterable[str]) -> dict[str, str]:
    """The text search configuration of each of `languages` that PostgreSQL can stem."""
    return {language: STEMMERS[language] for language in languages if language in STEMMERS}
