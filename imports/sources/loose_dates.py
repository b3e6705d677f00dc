"""Dates as people write them: every form that Hugo and Jekyll take and that reads in one way only.
`03/04/2015` is two different days, so it is none."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from imports.faults import RecordRejected
from imports.values import quoted

# RFC 5322 section 4.3. Other letters, such as IST, mean different things to different people.
_LETTERS = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?"
)
# Behind an offset Go writes the letters of the zone too.
_OFFSET = (
    rf"(?:(?P<sign>[+-])(?P<hours>\d{{2}}):?(?P<minutes>\d{{2}})?(?: [a-z]{{1,5}})?"
    rf"|(?P<letters>{'|'.join(_LETTERS)}))"
)
# Where `git log` has its year, some write it although they have written it before.
_CLOCK = rf"(?:(?:,? (?:at )?|T){_TIME}(?: (?P=year))?(?: ?{_OFFSET})?)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?"
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_FORMS = tuple(
    re.compile(form + _CLOCK, re.IGNORECASE | re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH}[ -](?P<year>\d{{4}})",
        rf"{_WEEKDAY}{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
    )
)
# `Mon Jan 2 15:04:05 MST 2006` of C, Unix, Ruby and git, which is put in order first.
_YEAR_BEHIND = re.compile(
    r"([a-z]{3,9} \d{1,2}) (\d{1,2}:\d{2}:\d{2}(?: [^ \d]\S*)?) (\d{4})\b", re.IGNORECASE | re.ASCII
)


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """The IANA zone. Raises zoneinfo.ZoneInfoNotFoundError or ValueError."""
    return UTC if name == "UTC" else ZoneInfo(name)


def read_loose_moment(field: str, text: str, *, zone: tzinfo) -> datetime:
    """The moment that `text` names, in `zone` where it tells no offset; of a mere day its midnight.

    Raises RecordRejected with `bad-date`, which names `field`."""
    plain = _YEAR_BEHIND.sub(r"\1 \3 \2", " ".join(text.split()))
    found = next(filter(None, (form.fullmatch(plain) for form in _FORMS)), None)
    if not found:
        raise RecordRejected(
            "bad-date",
            f"{field} is no date that can be read: {quoted(text)}; "
            "write it as in 2015-03-01 or 2015-03-01T08:30:00+01:00",
        )
    try:
        moment = _moment(found.groupdict(), zone)
        # Also near the ends of the calendar it must have a name in every zone that matters.
        moment.astimezone(UTC), moment.astimezone(zone)
    except (ValueError, OverflowError):
        raise RecordRejected("bad-date", f"{field} is no possible date: {quoted(text)}") from None
    return moment


def _moment(parts: dict[str, str | None], zone: tzinfo) -> datetime:
    name = parts.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"] or 0)
    microsecond = int((parts["fraction"] or "").ljust(6, "0")[:6])
    return datetime(
        int(parts["year"] or 0),
        month,
        int(parts["day"] or 0),
        _hour(int(parts["hour"] or 0), parts["half"]),
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        microsecond,
        tzinfo=_zone(parts) or zone,
    )


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("no hour of a half day")
    return hour % 12 + (12 if half in "pP" else 0)


def _zone(parts: dict[str, str | None]) -> tzinfo | None:
    if parts["letters"]:
        return timezone(timedelta(hours=_LETTERS[parts["letters"].upper()]))
    if not parts["sign"]:
        return None
    offset = timedelta(hours=int(parts["hours"] or 0), minutes=int(parts["minutes"] or 0))
    return timezone(-offset if parts["sign"] == "-" else offset)
