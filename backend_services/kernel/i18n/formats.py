"""Numbers, money and dates as each language writes them (CLDR by Babel; English is British English)."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from backend_services.kernel.clock import now

LOCALES: dict[str, str] = {"en": "en_GB", "sl": "sl"}
THOUSAND = 1000
SHORT_FROM = 10_000
MILLION = 1_000_000
MINUTE_S = 60
MOST_DIGITS = 5000
"""More than any number has that comes in: Babel rounds with as many as the context allows, and refuses others."""
_TYPED = re.compile(r"[-+]?\d[\d.,]*(?:[eE][-+]?\d{1,2})?")
_MARKS = re.compile(r"[.,]")


def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def _pattern(decimals: int | None, *, most: int = 3) -> str:
    if decimals is None:
        return f"#,##0.{'#' * most}"
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def format_number(value: float | Decimal, language: str, *, decimals: int | None = None) -> str:
    """Return ``1,284,503.5`` or ``1.284.503,5``; with ``decimals`` exactly so many places."""
    with localcontext(prec=MOST_DIGITS):
        return numbers.format_decimal(value, format=_pattern(decimals), locale=_locale(language))


def format_percent(fraction: float | Decimal, language: str, *, decimals: int | None = 1) -> str:
    """Return ``0.325`` as ``32.5%`` or, with a no-break space, ``32,5 %``."""
    space = "" if language == "en" else "\N{NO-BREAK SPACE}"
    pattern = f"{_pattern(decimals)}{space}%"
    with localcontext(prec=MOST_DIGITS):
        return numbers.format_percent(fraction, format=pattern, locale=_locale(language))


def format_money(amount_minor: int, currency: str, language: str) -> str:
    """Return an amount in minor units as ``€1,234.50`` or ``1.234,50 €``."""
    digits = numbers.get_currency_precision(currency)
    return numbers.format_currency(Decimal(amount_minor).scaleb(-digits), currency, locale=_locale(language))


def format_typed(value: float, language: str) -> str:
    """Return a number as it stands in a field: ``1284503.5`` or ``1284503,5``; :func:`read_number` reads it back."""
    return f"{value:.12g}".replace(".", numbers.get_decimal_symbol(_locale(language)))


def read_number(typed: str, language: str) -> float | None:
    """Return the number that a person typed, with or without thousands, or ``None`` where it is none.

    It is read as the language writes it (``1.000`` is a thousand in Slovenian and one in English), and as the other
    one does where it can be nothing else.
    """
    text = "".join(typed.split()).replace("\N{MINUS SIGN}", "-")
    if not _TYPED.fullmatch(text):
        return None
    try:
        found = float(numbers.parse_decimal(text, locale=_locale(language), strict=True))
    except numbers.NumberFormatError:
        if len(_MARKS.findall(text)) > 1:
            return None
        found = float(text.replace(",", "."))
    return found if math.isfinite(found) else None


def format_short(value: float | Decimal, language: str, *, currency: str = "") -> str:
    """Return a number for a tile: ``208.4k``, ``1.28M``, ``€208.4k``; ``208,4 tis. €``, ``1,28 mio.``."""
    with localcontext(prec=MOST_DIGITS):
        return _short(value, language, currency=currency)


def _short(value: float | Decimal, language: str, *, currency: str) -> str:
    size = abs(Decimal(value))
    digits = 2 if size >= MILLION else 1
    if currency:
        digits = digits if size >= SHORT_FROM else numbers.get_currency_precision(currency)
        if size < SHORT_FROM:
            return numbers.format_currency(value, currency, locale=_locale(language))
        money = numbers.format_compact_currency(value, currency, fraction_digits=digits, locale=_locale(language))
        return _small_k(money, language)
    if size < SHORT_FROM:
        return format_number(value, language, decimals=None if size < THOUSAND else 0)
    return _small_k(numbers.format_compact_decimal(value, fraction_digits=digits, locale=_locale(language)), language)


def _small_k(number: str, language: str) -> str:
    """Return ``208.4K`` as ``208.4k``, the sign of the unit prefix."""
    return number.replace("K", "k") if language == "en" else number


def _local(value: datetime, time_zone: str) -> datetime:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(time_zone))


def format_date(
    value: date | datetime, language: str, *, style: Literal["table", "text"] = "table", time_zone: str = "UTC"
) -> str:
    """Return ``30 Nov 2026`` or ``30. 11. 2026`` in a table, ``30 November 2026`` or ``30. november 2026`` in text."""
    day = _local(value, time_zone).date() if isinstance(value, datetime) else value
    if style == "text":
        return dates.format_date(day, "long", locale=_locale(language))
    return dates.format_date(day, "d MMM y" if language == "en" else "d. M. y", locale=_locale(language))


def format_time(value: datetime, language: str, *, time_zone: str = "UTC", seconds: bool = False) -> str:
    """Return ``14:02`` on a 24-hour clock in the reader's time zone."""
    pattern = "HH:mm:ss" if seconds else "HH:mm"
    return dates.format_time(_local(value, time_zone), pattern, locale=_locale(language))


def format_datetime(
    value: datetime,
    language: str,
    *,
    style: Literal["table", "text"] = "table",
    time_zone: str = "UTC",
    zone: bool = False,
) -> str:
    """Return date and time; with ``zone`` the zone's name as well, where it matters (audit, deadlines)."""
    day = format_date(value, language, style=style, time_zone=time_zone)
    name = f" {_local(value, time_zone).tzname()}" if zone else ""
    return f"{day}, {format_time(value, language, time_zone=time_zone)}{name}"


def format_relative(value: datetime, language: str) -> str:
    """Return ``3 hours ago`` or ``pred 3 urami``."""
    gone = value.astimezone(UTC) - now()
    if abs(gone.total_seconds()) < MINUTE_S:
        return dates.format_timedelta(gone, granularity="second", add_direction=True, locale=_locale(language))
    return dates.format_timedelta(gone, threshold=1, add_direction=True, locale=_locale(language))
