"""Which reading fits the values of a column, judged by a sample of them. The whole column confirms it later. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from backend_services.datasets.ingestion.calendar_reading import calendar_reading, compact_date_reading
from backend_services.datasets.ingestion.period_reading import compact_month_reading, epoch_reading, period_reading
from backend_services.datasets.ingestion.reading import (
    EMPTY_SPELLINGS,
    NumberStyle,
    Reading,
    boolean_reading,
    decimal_reading,
    integer_reading,
    styled_reading,
    text_reading,
)
from backend_services.datasets.naming import words_of

MIN_SHARE = 0.9
_EMPTY = frozenset(EMPTY_SPELLINGS)
_INTEGER = re.compile(r"[-+]?\d+")
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LEADING_ZERO = re.compile(r"[-+]?0\d")
_AFFIXED = re.compile(
    r"(?P<before>[^\d\s.,+−-]{0,4})\s*(?P<sign>[-+−]?)\s*(?P<number>\d[\d.,'’ \u00a0\u202f\u2009]*)(?P<after>[^\d]{0,6})"  # noqa: E501 - one line an entry
)
_SIGN_FIRST = re.compile(r"(?P<sign>[-−])(?P<before>[^\d\s.,+−-]{1,4})(?P<rest>\d.*)")
_LATE_SIGN = re.compile(r"\((?P<inside>[^()−-]*\d[^()−-]*)\)|(?P<before>[^()−-]*\d[^()−-]*)[-−]")
"""How bookkeepers write negative numbers: ``(1,200.00)`` and ``1.200,00-``."""
_PHONE = re.compile(r"\+\d{7,}")
_GROUPED = {
    mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?:[.,]\d+)?") for mark in (".", ",", "'", "’", " ")
}
_DECIMAL_COMMA = re.compile(r"[-+]?[\d.\s]*\d,\d+")
_DECIMAL_POINT = re.compile(r"[-+]?[\d,\s]*\d\.\d+")
_COMMA_GROUPS = re.compile(r"\d{1,3}(,\d{3})+")
_POINT_GROUPS = re.compile(r"\d{1,3}(\.\d{3})+")
_HALF_OF_DAY = re.compile(r"\d\s*[AaPp][Mm]\b")
_SPACE = re.compile(r"[\u00a0\u202f\u2009]")
CURRENCIES = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "kn": "HRK",
    "US$": "USD",
} | {code: code for code in ("EUR", "USD", "GBP", "CHF", "JPY", "PLN", "CZK", "HUF", "SEK", "NOK", "DKK", "RSD", "SIT")}
UNITS = frozenset({"%", "°C", "°F", "°", "kg", "g", "t", "km", "m", "cm", "mm", "m²", "m2", "l", "kWh", "MWh", "W", "kW",  # noqa: E501 - one line an entry
                   "h", "min", "s", "ms", "B", "KB", "kB", "MB", "GB", "TB", "km/h", "m/s", "hPa", "pcs", "kos"})  # fmt: skip  # noqa: E501 - one line an entry
_BOOLEANS = (
    ("true", "false"),
    ("yes", "no"),
    ("da", "ne"),
    ("ja", "nein"),
    ("y", "n"),
    ("t", "f"),
    ("oui", "non"),
    ("resnica", "neresnica"),
    ("wahr", "falsch"),
)
CODE_WORDS = frozenset({"zip", "zipcode", "postal", "postcode", "postna", "postne", "plz", "phone", "telephone", "telefon",  # noqa: E501 - one line an entry
                        "tel", "gsm", "fax", "iban", "ean", "gtin", "isbn", "emso", "maticna", "trr", "ssn"})  # fmt: skip  # noqa: E501 - one line an entry
_DATE_WORDS = frozenset({"date", "day", "datum", "dan", "tag", "dt"})


@dataclass(frozen=True, slots=True)
class Locale:
    """What the rest of the file tells about its spelling.

    Attributes:
        decimal_comma: Numbers have a decimal comma.
        day_first: ``3/4/2024`` is the third of April.
    """

    decimal_comma: bool = False
    day_first: bool = True


def filled(values: list[str]) -> list[str]:
    """Return the values that hold something."""
    return [value for value in values if value.strip() not in _EMPTY]


def _share(values: list[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(value)) for value in values) / len(values)


def _boolean(values: list[str]) -> Reading | None:
    words = {value.strip().lower() for value in values}
    for yes, no in _BOOLEANS:
        both = words == {yes, no}
        if both or (yes == "true" and words <= {yes, no}):
            return boolean_reading(yes, no)
    return None


def _parts(value: str) -> tuple[str, str] | None:
    """Return affix and digits of a number written with a currency or unit."""
    negative = _LATE_SIGN.fullmatch(value)
    plain = (negative["inside"] or negative["before"]).strip() if negative else value
    swapped = _SIGN_FIRST.fullmatch(plain)
    text = f"{swapped['before']}{swapped['rest']}" if swapped else plain
    match = _AFFIXED.fullmatch(text)
    if match is None:
        return None
    before, after = match["before"].strip(), match["after"].strip()
    if before and after:
        return None
    affix = before or after
    if affix and affix not in CURRENCIES and affix not in UNITS:
        return None
    return affix, match["number"].strip()


def _thousands(numbers: list[str], locale: Locale) -> tuple[str, str] | None:
    """Return decimal and thousands separators of ``numbers``, or ``None`` when they do not fit together."""
    joined = [_SPACE.sub(" ", number) for number in numbers]
    for mark in (" ", "'", "’"):
        if any(mark in number for number in joined):
            grouped = [number for number in joined if mark in number]
            if not all(_GROUPED[mark].fullmatch(number) for number in grouped):
                return None
            return ("," if any("," in number for number in joined) else "."), mark
    dots, commas = any("." in number for number in joined), any("," in number for number in joined)
    if dots and commas:
        last_is_comma = [n.rfind(",") > n.rfind(".") for n in joined if "," in n and "." in n]
        comma = all(last_is_comma) if last_is_comma else locale.decimal_comma
        return (",", ".") if comma else (".", ",")
    if not dots and not commas:
        return ".", ""
    mark = "." if dots else ","
    marked = [number for number in joined if mark in number]
    only_groups = all(_GROUPED[mark].fullmatch(number) and not number.startswith("0") for number in marked)
    repeated = any(number.count(mark) > 1 for number in marked)
    comma_is_decimal = locale.decimal_comma
    is_thousands = only_groups and (repeated or (comma_is_decimal if mark == "." else not comma_is_decimal))
    if is_thousands:
        return ("," if mark == "." else "."), mark
    return mark, ("" if mark == "." else ".")


def _styled(values: list[str], locale: Locale) -> Reading | None:
    parts = [_parts(value.strip()) for value in values]
    fitting = [part for part in parts if part is not None]
    if len(fitting) < len(values) * MIN_SHARE:
        return None
    affixes = {affix for affix, _ in fitting if affix}
    if len(affixes) > 1:
        return None
    numbers = [number for _, number in fitting]
    if any(_LEADING_ZERO.match(number) for number in numbers):
        return None
    marks = _thousands(numbers, locale)
    if marks is None:
        return None
    style = NumberStyle(decimal=marks[0], thousands=marks[1], affix=next(iter(affixes), ""))
    spelled = sum(bool(re.fullmatch(style.pattern, _SPACE.sub("", number).replace(" ", ""))) for number in numbers)
    if spelled < len(values) * MIN_SHARE:
        return None  # dates such as 3.4.2024, versions, addresses
    late = replace(style, late_sign=True)
    is_late = any(_LATE_SIGN.fullmatch(value.strip()) for value in values)
    return styled_reading(late) if is_late else replace(styled_reading(style), ladder=(styled_reading(late),))


def _wider(locale: Locale) -> Reading:
    """Return how plain numbers are read once some of them turn out to be grouped, or negative in brackets."""
    decimal, thousands = (",", ".") if locale.decimal_comma else (".", ",")
    return styled_reading(NumberStyle(decimal=decimal, thousands=thousands, late_sign=True))


def _number(values: list[str], locale: Locale) -> Reading | None:
    stripped = [value.strip() for value in values]
    if any(_LEADING_ZERO.fullmatch(value[:3]) or _PHONE.fullmatch(value) for value in stripped):
        whole = [value for value in stripped if _INTEGER.fullmatch(value)]
        if len(whole) >= len(stripped) * MIN_SHARE:
            return None
    if _share(stripped, _INTEGER) >= MIN_SHARE:
        return integer_reading(wider=_wider(locale))
    dotted = [value.lstrip("+-") for value in stripped if "." in value]
    grouped = locale.decimal_comma and dotted and all(_GROUPED["."].fullmatch(value) for value in dotted)
    if _share(stripped, _PLAIN) >= MIN_SHARE and not grouped:
        return decimal_reading(wider=_wider(locale))
    return _styled(values, locale)


def infer(name: str, values: list[str], locale: Locale) -> Reading:
    """Return how a column called ``name`` with these sample values should be read."""
    present = filled(values)
    words = set(words_of(name))
    text = text_reading(keep_na=bool(present) and all(len(value.strip()) <= 2 for value in present))  # noqa: PLR2004 - country codes
    if not present or words & CODE_WORDS:
        return text
    boolean = _boolean(present)
    if boolean is not None:
        return boolean
    compact = compact_date_reading(present) if words & _DATE_WORDS else None
    counted = compact or compact_month_reading(words, present) or epoch_reading(words, present)
    reading = counted or _majority(present, locale)
    return reading or text


def _majority(values: list[str], locale: Locale) -> Reading | None:
    """Return the reading that most values fit; up to a tenth (or one of four) may be bad."""
    reading = _number(values, locale) or _calendar(values, locale)
    if reading is not None or len(values) < 4 or len(values) >= 10:  # noqa: PLR2004 - a tenth is one of ten
        return reading
    for place in range(len(values)):
        rest = values[:place] + values[place + 1 :]
        reading = _number(rest, locale) or _calendar(rest, locale)
        if reading is not None:
            return reading
    return None


def _calendar(values: list[str], locale: Locale) -> Reading | None:
    return period_reading(values) or calendar_reading(values, day_first=locale.day_first)


def guess_locale(columns: list[list[str]], *, delimiter: str) -> Locale:
    """Return what the values of all columns together tell about the file's spelling."""
    commas = points = month_first = 0
    for values in columns:
        for value in filled(values):
            text = value.strip()
            if "," in text:
                commas += bool(_DECIMAL_COMMA.fullmatch(text)) and not _COMMA_GROUPS.fullmatch(text)
            if "." in text:
                points += bool(_DECIMAL_POINT.fullmatch(text)) and not _POINT_GROUPS.fullmatch(text)
            month_first += bool(_HALF_OF_DAY.search(text))
    comma = commas > points or (commas == points and delimiter == ";")
    english = not comma and delimiter == "," and points > 0
    return Locale(decimal_comma=comma, day_first=not (english or month_first))
