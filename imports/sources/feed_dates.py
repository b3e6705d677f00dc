"""Dates of feeds: RFC 3339, RFC 822, and what is written in their place."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from imports.sources.loose_dates import read_loose_moment

# Beside those of RFC 822, which email.utils knows. The likeliest meaning where letters have several; what
# has none that is likely, such as IST, is read in the source's own zone.
_HOURS = {
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
# German, French, Spanish, Italian, Portuguese and Dutch, where their first letters differ from English.
_MONTHS = {
    "Jan": ("janv", "ene", "gen"),
    "Feb": ("févr", "fév", "fev"),
    "Mar": ("mär", "märz", "mrz", "mars", "maart", "mrt"),
    "Apr": ("avr", "avril", "abr"),
    "May": ("mai", "mag", "mei"),
    "Jun": ("juin", "giu"),
    "Jul": ("juil", "juillet", "lug"),
    "Aug": ("août", "aout", "ago"),
    "Sep": ("set", "sett"),
    "Oct": ("okt", "ott", "out"),
    "Dec": ("dez", "déc", "dic"),
}
_ENGLISH = {word: month for month, words in _MONTHS.items() for word in words}
_WORD = re.compile(r"[^\W\d_]+\.?")
_COMMENT = re.compile(r"\s*\([^()]*\)\Z")
_OFFSET = re.compile(r"\s*(?:GMT|UTC|UT)?\s*([+-]\d\d):?(\d\d)\Z", re.IGNORECASE)
_LONGEST = 100


def read_feed_moment(name: str, text: str, *, zone: tzinfo) -> str | None:
    """ISO 8601 with an offset; None for no text. `zone` is that of dates that tell none.

    Raises RecordRejected with `bad-date`, which names `name`."""
    plain = " ".join(text.split())
    if not plain:
        return None
    for read in (_iso, _rfc_822):
        try:
            return read(plain[:_LONGEST], zone).isoformat()
        except (ValueError, OverflowError, TypeError, IndexError):
            # email.utils has raised each of these for some broken date.
            continue
    return read_loose_moment(name, text, zone=zone).isoformat()


def _iso(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text.upper())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _rfc_822(text: str, zone: tzinfo) -> datetime:
    plain = _OFFSET.sub(r" \1\2", _COMMENT.sub("", text))
    moment = parsedate_to_datetime(_WORD.sub(_in_english, plain))
    if moment.tzinfo:
        return moment
    return moment.replace(tzinfo=_zone_of(plain.rpartition(" ")[2].upper(), zone))


def _in_english(word: re.Match[str]) -> str:
    return _ENGLISH.get(word[0].rstrip(".").lower(), word[0])


def _zone_of(letters: str, zone: tzinfo) -> tzinfo:
    if letters == "-0000":
        # RFC 5322 section 3.3: the time is UTC, of a place that is not told.
        return UTC
    return timezone(timedelta(hours=_HOURS[letters])) if letters in _HOURS else zone
