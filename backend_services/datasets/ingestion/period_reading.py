"""Spans of time that stand for their first day: ISO weeks, quarters, months; and moments counted from 1970. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.ingestion.calendar_reading import MIN_SHARE, MONTH_NAME, named_sql
from backend_services.datasets.ingestion.reading import Reading

_MONTH_WORDS = frozenset({"month", "mesec", "period", "obdobje", "date", "datum", "ym", "yyyymm", "yearmonth", "monat"})
_MOMENT_WORDS = frozenset({"timestamp", "epoch", "ts", "unix", "unixtime", "created", "updated", "modified", "time",
                           "at", "date", "datetime", "cas", "datum", "ustvarjeno"})  # fmt: skip
_COMPACT_MONTH = re.compile(r"(?:19|20|21)\d{2}(?:0[1-9]|1[0-2])")
_FIRST_MOMENT_S, _LAST_MOMENT_S = 631_152_000, 4_102_444_800
"""1990 and 2100; integers outside are hardly seconds since 1970."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A way to write a span of time.

    Attributes:
        pattern: Regular expression of the whole value; the same in Python and in RE2.
        template: SQL of its first day, with ``{v}`` for the value; its pattern is checked before.
        named: It holds the name of a month.
    """

    pattern: str
    template: str
    format: str
    named: bool = False


_UPPER = "upper(trim({v}))"
_SPELLINGS = (
    _Spelling(
        pattern=r"[0-9]{4}[-/ ]?W(?:0?[1-9]|[1-4][0-9]|5[0-3])",
        template="CAST(try_strptime(regexp_replace(upper(trim({v})), '^([0-9]{4})[-/ ]?W0?([0-9]+)$', '\\1 \\2 1'), "
        "'%G %V %u') AS DATE)",
        format="%G-W%V",
    ),
    _Spelling(
        pattern=r"[0-9]{4}[-/. ]?[QK] ?[1-4]",
        template="make_date(CAST(left(trim({v}), 4) AS INTEGER), 3 * CAST(right(trim({v}), 1) AS INTEGER) - 2, 1)",
        format="2024-Q1",
    ),
    _Spelling(
        pattern=r"(?:[QK] ?[1-4]|[1-4]\. ?(?:ČETRTLETJE|KVARTAL|QUARTAL))[-/. ]*[0-9]{4}",
        template="make_date(CAST(right(trim({v}), 4) AS INTEGER), "
        "3 * CAST(regexp_extract({v}, '[1-4]') AS INTEGER) - 2, 1)",
        format="Q1 2024",
    ),
    _Spelling(
        pattern=r"[0-9]{4}M(?:0[1-9]|1[0-2])",
        template="CAST(try_strptime(upper(trim({v})), '%YM%m') AS DATE)",
        format="%YM%m",
    ),
    _Spelling(
        pattern=r"[^-/'’0-9]+[-/'’] ?[0-9]{2}",
        template=f"CAST(try_strptime(regexp_replace({named_sql()}, '[/’'']', ' '), '@%m %y') AS DATE)",
        format="%b-%y",
        named=True,
    ),
)


def _reading(spelling: _Spelling) -> Reading:
    guard = f"regexp_full_match({_UPPER}, '{spelling.pattern.replace(chr(39), chr(39) * 2)}')"
    return Reading(
        type=FieldType.DATE,
        template=f"CASE WHEN {guard} THEN {spelling.template} END",
        stored_as="DATE",
        format=spelling.format,
    )


def _most_fit(values: list[str], spelling: _Spelling) -> bool:
    pattern = re.compile(spelling.pattern)
    may_miss = len(values) * (1 - MIN_SHARE)
    missed = 0
    for value in values:
        text = value.strip()
        if not pattern.fullmatch(text.upper()) or (spelling.named and not MONTH_NAME.match(text)):
            missed += 1
            if missed > may_miss:
                return False
    return True


def period_reading(values: list[str]) -> Reading | None:
    """Return how ``values`` such as ``2024-W05``, ``Q1 2024`` or ``Jan-24`` read as dates, or ``None``."""
    for spelling in _SPELLINGS:
        if values and _most_fit(values, spelling):
            return _reading(spelling)
    return None


def compact_month_reading(words: set[str], values: list[str]) -> Reading | None:
    """Return how ``202401`` reads in a column named after months or periods, or ``None`` when a value is none."""
    if not words & _MONTH_WORDS or not all(_COMPACT_MONTH.fullmatch(value.strip()) for value in values):
        return None
    template = "CAST(try_strptime(trim({v}), '%Y%m') AS DATE)"
    return Reading(type=FieldType.DATE, template=template, stored_as="DATE", format="%Y%m")


def epoch_reading(words: set[str], values: list[str]) -> Reading | None:
    """Return how seconds or milliseconds since 1970 read in a column named after a moment, or ``None``."""
    if not words & _MOMENT_WORDS or not all(re.fullmatch(r"\s*\d{9,13}\s*", value) for value in values):
        return None
    for unit, factor in (("s", 1), ("ms", 1000)):
        if all(_FIRST_MOMENT_S * factor <= int(value) < _LAST_MOMENT_S * factor for value in values):
            return Reading(
                type=FieldType.DATETIME,
                template=f"make_timestamp(TRY_CAST({{v}} AS BIGINT) * {1_000_000 // factor})",
                stored_as="TIMESTAMP",
                format=f"epoch ({unit})",
            )
    return None
