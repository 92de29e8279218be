"""How dates are spelled, in English, Slovenian and German. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.ingestion.reading import Reading, sql_list

_ISO = re.compile(
    r"^\s*\d{4}-\d{1,2}-\d{1,2}(?P<time>[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?\s*$"  # noqa: E501 - one line an entry
)
_NUMERIC = re.compile(r"\s*\d{1,4}[./-]\s*\d")
_DOTTED_SPACES = re.compile(r"(?<=\d)\.\s+(?=\d)")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %H.%M", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S")
MIN_SHARE = 0.9

MONTHS = (
    r"(?:januarja|januar|january|jänner|jan\.?)",
    r"(?:februarja|februar|february|feb\.?)",
    r"(?:marca|marec|march|märz|mrz\.?|mar\.?)",
    r"(?:aprila|april|apr\.?)",
    r"(?:maja|maj|may|mai)",
    r"(?:junija|junij|june|juni|jun\.?)",
    r"(?:julija|julij|july|juli|jul\.?)",
    r"(?:avgusta|avgust|august|avg\.?|aug\.?)",
    r"(?:septembra|september|sept\.?|sep\.?)",
    r"(?:oktobra|oktober|october|okt\.?|oct\.?)",
    r"(?:novembra|november|nov\.?)",
    r"(?:decembra|december|dezember|dec\.?|dez\.?)",
)
MONTH_NAME = re.compile("|".join(MONTHS), re.IGNORECASE)


_WEEKDAY = (
    r"^\s*(?:mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"pon|tor|sre|čet|pet|sob|ned|ponedeljek|torek|sreda|četrtek|petek|sobota|nedelja)\b[.,\s]*"
)
_ZONE = r"\s(?:gmt|utc)\s*$"
_JOINED = r"\s+ob\s+"
"""Slovenian "at" between a date and a time."""


@dataclass(frozen=True, slots=True)
class DateFamily:
    """Spellings that differ only in whether and how the time of day follows.

    Attributes:
        date: ``strptime`` format of the date alone.
        named: Names of months are replaced by numbers after an ``@`` first, so that ``Feb 1`` cannot be 2 January.
        month_only: The day is missing; the first is meant.
    """

    date: str
    named: bool = False
    month_only: bool = False

    @property
    def shown(self) -> str:
        """Return the format as people know it."""
        return self.date.replace("@", "")

    @property
    def formats(self) -> tuple[str, ...]:
        """Return every format of the family."""
        return (self.date,) if self.month_only else tuple(self.date + time for time in _TIMES)


FAMILIES = (
    DateFamily("%d.%m.%Y"),
    DateFamily("%d.%m.%y"),
    DateFamily("%d/%m/%Y"),
    DateFamily("%m/%d/%Y"),
    DateFamily("%d/%m/%y"),
    DateFamily("%m/%d/%y"),
    DateFamily("%d-%m-%Y"),
    DateFamily("%m-%d-%Y"),
    DateFamily("%Y/%m/%d"),
    DateFamily("%Y.%m.%d"),
    DateFamily("%d @%m %Y", named=True),
    DateFamily("@%m %d %Y", named=True),
    DateFamily("%d @%m %y", named=True),
    DateFamily("%Y @%m %d", named=True),
    DateFamily("%Y-%m", month_only=True),
    DateFamily("%m.%Y", month_only=True),
    DateFamily("%m/%Y", month_only=True),
    DateFamily("@%m %Y", named=True, month_only=True),
)
_MONTH_FIRST = {"%d/%m/%Y": "%m/%d/%Y", "%d/%m/%y": "%m/%d/%y", "%d-%m-%Y": "%m-%d-%Y"}


def _named_to_numbers(text: str) -> str:
    """Return ``3. april 2024`` or ``Apr 3, 2024`` as numbers parted by single spaces, the month's after an ``@``."""
    lowered = re.sub(_ZONE, "", re.sub(_WEEKDAY, "", re.sub(_JOINED, " ", text.lower())))
    for number, pattern in enumerate(MONTHS, start=1):
        lowered, found = re.subn(rf"\b{pattern}(?=\W|$)", f" @{number} ", lowered)
        if found:
            break
    return re.sub(r"[\s.,-]+", " ", lowered).strip()


def named_sql() -> str:
    """Return SQL that does the same to ``{v}``."""
    sql = f"regexp_replace(lower({{v}}), '{_JOINED}', ' ')"
    sql = f"regexp_replace(regexp_replace({sql}, '{_WEEKDAY}', ''), '{_ZONE}', '')"
    for number, pattern in enumerate(MONTHS, start=1):
        sql = f"regexp_replace({sql}, '\\b{pattern}(\\W|$)', ' @{number} \\1')"
    return f"trim(regexp_replace({sql}, '[\\s.,-]+', ' ', 'g'))"


def _normal(text: str, *, named: bool) -> str:
    return _named_to_numbers(text) if named else re.sub(_JOINED, " ", _DOTTED_SPACES.sub(".", text.strip()))


def _parses(text: str, formats: tuple[str, ...]) -> str | None:
    for one in formats:
        try:
            moment = datetime.strptime(text, one)  # noqa: DTZ007 - a wall-clock time, as in the file
        except ValueError:
            continue
        return one if moment.year > 999 else None  # noqa: PLR2004 - a year of four digits
    return None


def _fitting(values: list[str], family: DateFamily) -> list[str]:
    """Return the formats that values fit, or nothing as soon as too many of them fit none."""
    may_miss = len(values) * (1 - MIN_SHARE)
    found: list[str] = []
    for place, value in enumerate(values, start=1):
        fitted = _parses(_normal(value, named=family.named), family.formats)
        if fitted is not None:
            found.append(fitted)
        elif place - len(found) > may_miss:
            return []
    return found


def _family_reading(family: DateFamily, *, with_time: bool) -> Reading:
    source = (
        named_sql()
        if family.named
        else f"regexp_replace(regexp_replace(trim({{v}}), '\\.\\s+', '.', 'g'), '{_JOINED}', ' ')"
    )
    if not family.named and "." not in family.date:
        source = "trim({v})"
    if with_time:
        template = f"try_strptime({source}, [{sql_list(family.formats)}])"
        return Reading(type=FieldType.DATETIME, template=template, stored_as="TIMESTAMP", format=family.shown)
    template = f"CAST(try_strptime({source}, {sql_list((family.date,))}) AS DATE)"
    ladder = () if family.month_only else (_family_reading(family, with_time=True),)
    return Reading(type=FieldType.DATE, template=template, stored_as="DATE", format=family.shown, ladder=ladder)


def _iso_reading(values: list[str]) -> Reading | None:
    matches = [_ISO.match(value) for value in values]
    found = [match for match in matches if match]
    if len(found) < len(values) * MIN_SHARE:
        return None
    zoned = Reading(
        type=FieldType.DATETIME,
        template="(TRY_CAST({v} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')",
        stored_as="TIMESTAMP",
        format="ISO 8601",
    )
    moment = Reading(type=FieldType.DATETIME, template="TRY_CAST({v} AS TIMESTAMP)", stored_as="TIMESTAMP")
    if any(match["zone"] for match in found):
        return zoned
    if any(match["time"] for match in found):
        return moment
    return Reading(
        type=FieldType.DATE,
        template="CASE WHEN length({v}) <= 12 THEN TRY_CAST({v} AS DATE) END",
        stored_as="DATE",
        ladder=(moment,),
    )


def calendar_reading(values: list[str], *, day_first: bool) -> Reading | None:
    """Return how ``values`` read as dates or times, or ``None`` when they do not.

    ``day_first`` decides for ``3/4/2024`` only while every value of the column would fit both ways.
    """
    iso = _iso_reading(values)
    if iso is not None or not values:
        return iso
    named = sum(bool(MONTH_NAME.search(value)) for value in values) >= len(values) * MIN_SHARE
    if not named and sum(bool(_NUMERIC.match(value)) for value in values) < len(values) * MIN_SHARE:
        return None
    best: tuple[float, DateFamily, bool] | None = None
    for family in FAMILIES:
        if family.named != named:
            continue
        fits = _fitting(values, family)
        share = len(fits) / len(values)
        if share >= MIN_SHARE and (best is None or share > best[0]):
            best = (share, family, any(one != family.date for one in fits))
    if best is None:
        return None
    _, family, with_time = best
    reading = _family_reading(family, with_time=with_time)
    swapped = _MONTH_FIRST.get(family.date)
    if swapped is None:
        return reading
    rival = _family_reading(DateFamily(swapped), with_time=with_time)
    first, second = (reading, rival) if day_first else (rival, reading)
    return Reading(
        type=first.type,
        template=first.template,
        stored_as=first.stored_as,
        format=first.format,
        rivals=(second,),
        ladder=first.ladder,
    )


def compact_date_reading(values: list[str]) -> Reading | None:
    """Return how ``values`` such as ``20240131`` read as dates, or ``None`` when some do not."""
    if not values or not all(re.fullmatch(r"(?:19|20|21)\d{6}", value.strip()) for value in values):
        return None
    if any(_parses(value.strip(), ("%Y%m%d",)) is None for value in values):
        return None
    return Reading(
        type=FieldType.DATE,
        template="CAST(try_strptime(trim({v}), '%Y%m%d') AS DATE)",
        stored_as="DATE",
        format="%Y%m%d",
    )
