"""How a mapping file describes a date: `format` and `zone`."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from imports.fields import Kind
from imports.mapping_names import did_you_mean, path_of, shown
from imports.mapping_rules import UNIX_FORMATS, ReadDay, ReadMoment, Step

_PARTS = ("format", "zone")
_YEAR = re.compile("%[YyGcx]")
# After noon, and no two of its parts alike.
_SAMPLE = datetime(2001, 2, 3, 14, 5, 6, tzinfo=UTC)


def faults_of_date(kind: Kind | None, rule: Any) -> list[str]:
    """`kind` is that of the field, None where the field takes anything."""
    if kind not in (Kind.MOMENT, Kind.DAY, None):
        return [f"is {kind.value}; dates are published_at, updated_at, revision.last_reviewed and extras"]
    if type(rule) is not dict or not rule:
        return ['says nothing; write it as in {format = "%d.%m.%Y", zone = "Europe/Zurich"}']
    unknown = [
        f"{shown(part)} is not known here; write format or zone" for part in rule if part not in _PARTS
    ]
    texts = {part: rule[part] for part in _PARTS if type(rule.get(part)) is str}
    wrong = [f"{part} must be a text in quotes" for part in _PARTS if part in rule and part not in texts]
    checked = (_fault_of_format(texts), _fault_of_zone(kind, texts))
    return [*unknown, *wrong, *(fault for fault in checked if fault)]


def date_step(name: str, kind: Kind | None, rule: dict[str, str], *, zone: str) -> Step:
    """For a rule without faults. `zone` is for what tells none and whose rule names none."""
    if kind == Kind.DAY:
        return ReadDay(name, path_of(name), rule.get("format", ""))
    return ReadMoment(name, path_of(name), rule.get("format", ""), ZoneInfo(rule.get("zone", zone)))


def _fault_of_format(rule: dict[str, str]) -> str:
    form = rule.get("format")
    if form is None or form in UNIX_FORMATS:
        return ""
    if not _YEAR.search(form):
        return 'format has no year; write it as in "%d.%m.%Y %H:%M", or "unix" for seconds since 1970'
    if "%Z" in form.replace("%%", ""):
        return "format has %Z, and such letters tell no offset for sure; write them out, and name a zone"
    try:
        read = datetime.strptime(_SAMPLE.strftime(form), form)  # noqa: DTZ007 - only its parts are compared
    except (ValueError, re.error, LookupError) as error:
        return f"format is none that strptime of Python knows ({error}); write it as in %d.%m.%Y %H:%M"
    return _fault_of_parts(read)


def _fault_of_parts(read: datetime) -> str:
    if read.date() != _SAMPLE.date():
        return "format tells no whole date; it needs a day, a month and a year"
    if read.hour not in (0, _SAMPLE.hour):
        return "format has hours up to 12 (%I) but not which half of the day; add %p, or write %H"
    return ""


def _fault_of_zone(kind: Kind | None, rule: dict[str, str]) -> str:
    form, zone = rule.get("format", ""), rule.get("zone")
    if zone is None:
        return ""
    if kind == Kind.DAY:
        return "zone means nothing for a day; take it away"
    if form in UNIX_FORMATS or "%z" in form.replace("%%", ""):
        return "zone means nothing where the format tells the offset itself; take it away"
    try:
        ZoneInfo(zone)
    except (ValueError, LookupError, OSError):
        meant = did_you_mean(zone, sorted(available_timezones()))
        return f"zone {shown(zone)} is not known; {meant or 'name one as IANA does, such as Europe/Zurich'}"
    return ""
