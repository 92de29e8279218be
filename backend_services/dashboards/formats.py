"""Values as people read them: numbers with units, short numbers, times by grain. CLDR through Babel. Pure."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.numbers import get_currency_precision

from backend_services.datasets.catalogue import FieldType, Grain, Unit, UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backend_services.datasets.catalogue import ResultColumn, Scalar

NO_BREAK = "\u00a0"
MISSING = "\N{EN DASH}"
TO = " \N{EN DASH} "
PLAIN = Unit()
BEYOND_WORDS = 1e15
STORED_DECIMALS, STORED_LEAST = 6, 1e-6
PERCENT_DECIMALS = 2
ALIGNED_DECIMALS = 4
_WHOLE = re.compile(r"-?\d{1,400}")
_STEPS = (
    (1e12, {"en": "tn", "sl": f"{NO_BREAK}bil."}),
    (1e9, {"en": "bn", "sl": f"{NO_BREAK}mrd."}),
    (1e6, {"en": "M", "sl": f"{NO_BREAK}mio."}),
    (1e3, {"en": "k", "sl": f"{NO_BREAK}tis."}),
)
_SLOVENIAN_MARKS = str.maketrans(",.", ".,")
_BYTES = ((2**40, "TB"), (2**30, "GB"), (2**20, "MB"), (2**10, "kB"))
_UNIT_WORDS = {
    "sl": {"days": "dni", "hours": "ur", "minutes": "min", "months": "mesecev", "weeks": "tednov", "years": "let"}
}
"""Units that catalogues name by an English word; symbols are the same everywhere."""
_SECONDS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


@lru_cache(maxsize=8)
def locale_of(language: str) -> Locale:
    """Return the locale in which ``language`` is written here: British English or Slovenian."""
    return Locale("sl") if language == "sl" else Locale("en", "GB")


def separators(language: str) -> str:
    """Return Plotly's ``separators``: decimal mark, then group mark."""
    return ",." if language == "sl" else ".,"


def _grouped(value: float, decimals: int, language: str, *, trim: bool) -> str:
    """Return a number with group marks; the pattern engine of Babel is too slow for a thousand points of a line."""
    text = f"{abs(value):,}" if isinstance(value, int) and not decimals else f"{abs(value):,.{decimals}f}"
    if trim and decimals:
        text = text.rstrip("0").rstrip(".")
    sign = "-" if value < 0 and text.strip("0.,") else ""
    return sign + (text.translate(_SLOVENIAN_MARKS) if language == "sl" else text)


def number(value: float, language: str, *, decimals: int | None = None) -> str:
    """Return a plain number with as many decimals as its size deserves, or exactly ``decimals``."""
    if abs(value) >= BEYOND_WORDS:
        power = f"{value:.3e}".replace("e+", "e")
        return power.replace(".", ",") if language == "sl" else power
    if decimals is not None:
        return _grouped(value, decimals, language, trim=False)
    return _grouped(value, _decimals(value), language, trim=True)


def stored(value: float, language: str, *, grouped: bool = True) -> str:
    """Return a number as it lies in a table: up to six decimals, without the noise of floating point.

    An integer has all of its digits, however many there are.
    """
    if value and not isinstance(value, int) and not STORED_LEAST <= abs(value) < BEYOND_WORDS:
        text = f"{value:.6g}"
        return text.replace(".", ",") if language == "sl" else text
    whole = isinstance(value, int) or value.is_integer()
    text = _grouped(value, 0 if whole else STORED_DECIMALS, language, trim=True)
    text = text if grouped else text.replace("." if language == "sl" else ",", "")
    return text.replace("-", "\N{MINUS SIGN}", 1)


def _decimals(value: float, *, most: int = 2) -> int:
    """Return how many decimals a number deserves; a small one has two digits that say something."""
    size = abs(value)
    if float(value).is_integer() or size >= 1000:  # noqa: PLR2004 - four digits say enough
        return 0
    if size < 10.0**-most:
        return min(12, 1 - math.floor(math.log10(size)))
    return min(most, 1 if size >= 100 else 2)  # noqa: PLR2004 - four digits say enough


def percent(value: float, language: str, *, signed: bool = False) -> str:
    """Return a fraction as a percentage, with one decimal where that says something."""
    gap = NO_BREAK if language == "sl" else ""
    if abs(value) >= BEYOND_WORDS:
        return f"{number(value * 100, language)}{gap}%"
    text = _grouped(value * 100, _decimals(value * 100, most=1), language, trim=True)
    return f"{'+' if signed and value > 0 else ''}{text}{gap}%"


def full(value: float | None, unit: Unit | None, language: str) -> str:
    """Return a value in full, with its unit."""
    if value is None:
        return MISSING
    unit = unit or PLAIN
    match unit.kind:
        case UnitKind.CURRENCY:
            return _money(value, unit.code or "EUR", language)
        case UnitKind.PERCENT:
            return percent(value, language)
        case UnitKind.BYTES:
            return _bytes(value, language)
        case UnitKind.DURATION:
            return _duration(value, unit.code, language)
        case UnitKind.COUNT | UnitKind.NUMBER:
            return number(value, language) + (f"{NO_BREAK}{unit_word(unit.code, language)}" if unit.code else "")


def exact(value: float, unit: Unit | None, language: str, *, decimals: int | None = None) -> str:
    """Return a value with its unit and every digit that says something, so that it can be added up and compared.

    ``decimals`` are those of its column, where they are the same all the way down; see :func:`shared_decimals`.
    """
    unit = unit or PLAIN
    match unit.kind:
        case UnitKind.PERCENT if abs(value) < BEYOND_WORDS:
            gap = NO_BREAK if language == "sl" else ""
            places = PERCENT_DECIMALS if decimals is None else decimals
            return f"{_grouped(value * 100, places, language, trim=decimals is None)}{gap}%"
        case UnitKind.COUNT | UnitKind.NUMBER:
            said = _plain(value, language, decimals)
            return said + (f"{NO_BREAK}{unit_word(unit.code, language)}" if unit.code else "")
        case _:
            return full(float(value), unit, language)


def _plain(value: float, language: str, decimals: int | None) -> str:
    if decimals is None or abs(value) >= BEYOND_WORDS:
        return stored(_told(value), language)
    return _grouped(float(value), decimals, language, trim=False).replace("-", "\N{MINUS SIGN}", 1)


def shared_decimals(values: Iterable[float], unit: Unit | None) -> int | None:
    """Return how many decimals each of a column's ``values`` has, so that they can be compared down the column.

    ``None`` where each has its own: the unit says how many, or zeros behind the others would only be noise.
    """
    kind = (unit or PLAIN).kind
    known = [value for value in values if value and abs(value) < BEYOND_WORDS]
    if kind is UnitKind.PERCENT:
        return max((_places(round(value * 100, PERCENT_DECIMALS)) for value in known), default=0)
    if kind not in {UnitKind.COUNT, UnitKind.NUMBER}:
        return None
    most = max((_places(_told(value)) for value in known), default=0)
    return most if 0 < most <= ALIGNED_DECIMALS else None


def _places(value: float) -> int:
    return len(f"{value:.12f}".rstrip("0").partition(".")[2])


def _told(value: float) -> float:
    """Return a computed number without the digits behind its point that say nothing: 60.064903 years are 60.06."""
    if isinstance(value, int) or not 0 < abs(value) < BEYOND_WORDS:
        return value
    return round(value, max(2, 3 - math.floor(math.log10(abs(value)))))


def unit_word(code: str, language: str) -> str:
    """Return a unit as the reader writes it."""
    return _UNIT_WORDS.get(language, {}).get(code, code)


def _money(value: float, code: str, language: str) -> str:
    if abs(value) >= BEYOND_WORDS:
        return _with_currency(number(value, language), code, language)
    return _with_currency(_grouped(value, get_currency_precision(code), language, trim=False), code, language)


def short(value: float | None, unit: Unit | None, language: str) -> str:
    """Return a value for a tile or an axis: three or four digits and a word for the size; zero has no unit."""
    if value is None:
        return MISSING
    unit = unit or PLAIN
    if value == 0:
        return "0"
    if unit.kind in {UnitKind.PERCENT, UnitKind.BYTES, UnitKind.DURATION}:
        return full(value, unit, language)
    text = _short_number(value, language)
    if unit.kind is UnitKind.CURRENCY:
        return _with_currency(text, unit.code or "EUR", language)
    return f"{text}{NO_BREAK}{unit_word(unit.code, language)}" if unit.code else text


def _short_number(value: float, language: str) -> str:
    size = abs(value)
    for step, words in _STEPS if size < BEYOND_WORDS else ():
        if round(size / step, 4) >= 1:
            scaled = size / step
            decimals = 0 if scaled.is_integer() else 2 if scaled < 10 else 1  # noqa: PLR2004
            text = number(round(scaled, decimals), language) + words[language]
            break
    else:
        text = number(size, language)
    return f"-{text}" if value < 0 else text


@lru_cache(maxsize=256)
def _symbol(code: str, language: str) -> str:
    return str(locale_of(language).currency_symbols.get(code, code))


def _with_currency(text: str, code: str, language: str) -> str:
    symbol = _symbol(code, language)
    if language == "sl":
        return f"{text}{NO_BREAK}{symbol}"
    sign, rest = ("-", text[1:]) if text.startswith("-") else ("", text)
    gap = NO_BREAK if len(symbol) > 1 and symbol.isalpha() else ""
    return f"{sign}{symbol}{gap}{rest}"


def _bytes(value: float, language: str) -> str:
    for step, name in _BYTES:
        if abs(value) >= step:
            return f"{number(value / step, language, decimals=1)}{NO_BREAK}{name}"
    return f"{number(value, language)}{NO_BREAK}B"


def _duration(value: float, code: str, language: str) -> str:
    seconds = value / 1000.0 if code == "ms" else value
    for step, name in _SECONDS:
        if abs(seconds) >= step:
            return f"{number(seconds / step, language)}{NO_BREAK}{name}"
    if abs(seconds) < 1 and seconds:
        return f"{number(seconds * 1000.0, language)}{NO_BREAK}ms"
    return f"{number(seconds, language)}{NO_BREAK}s"


def moment(value: Scalar | None) -> datetime | None:
    """Return the wall-clock time that an ISO text names, or ``None`` where it is no time."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def day(value: date, language: str) -> str:
    """Return a date for tables: ``30 Nov 2026``, ``30. 11. 2026``."""
    if language == "sl":
        return f"{value.day}. {value.month}. {value.year}"
    return babel_date(value, format="d MMM y", locale=locale_of(language))


@lru_cache(maxsize=16_384)
def bucket(value: datetime, grain: Grain | None, language: str, *, long: bool = False) -> str:
    """Return the name of the time bucket that begins at ``value``; ``long`` for sentences."""
    match grain:
        case Grain.YEAR:
            return str(value.year)
        case Grain.QUARTER:
            return _quarter(value, language, long=long)
        case Grain.MONTH:
            return format_skeleton("yMMMM" if long else "yMMM", value, locale=locale_of(language))
        case Grain.WEEK if long:
            start = day(value.date(), language)
            return f"teden od {start}" if language == "sl" else f"week of {start}"
        case Grain.DAY | Grain.WEEK:
            return day(value.date(), language)
        case Grain.HOUR | None:
            midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
            name = day(value.date(), language)
            return name if grain is None and midnight else f"{name} {value:%H:%M}"


def _quarter(value: datetime, language: str, *, long: bool) -> str:
    quarter = (value.month + 2) // 3
    if language == "sl":
        return f"{quarter}. {'četrtletje' if long else 'čet.'} {value.year}"
    return f"Q{quarter} {value.year}"


def cell(value: Scalar | None, column: ResultColumn, language: str, *, decimals: int | None = None) -> str:
    """Return a cell of a table as text; ``decimals`` as in :func:`exact`."""
    if value is None:
        return MISSING
    if column.type.is_time:
        at = moment(value)
        return str(value) if at is None else bucket(at, column.grain, language)
    if column.type is FieldType.BOOLEAN:
        yes, no = ("da", "ne") if language == "sl" else ("yes", "no")
        return yes if value else no
    if column.type.is_number and isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)  # it came as text because JSON readers would cut it
    if column.type.is_number and isinstance(value, int | float) and not isinstance(value, bool):
        return _figure(value, column, language, decimals)
    return str(value)


def _figure(value: float, column: ResultColumn, language: str, decimals: int | None) -> str:
    if column.width is not None:
        return TO.join(edges((value, upper_edge(value, column.width)), column.unit, language))
    if column.role == "dimension" or (column.role == "plain" and column.unit is None):
        return stored(value, language, grouped=column.role != "dimension")
    return exact(value, column.unit, language, decimals=decimals).replace("-", "\N{MINUS SIGN}", 1)


def column_texts(values: Sequence[Scalar | None], column: ResultColumn, language: str) -> list[str]:
    """Return a column of a table as texts: its figures with as many decimals each, bins from edge to edge."""
    figures = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    if column.width is not None:
        every = sorted({*figures, *(upper_edge(one, column.width) for one in figures)})
        said = dict(zip(every, edges(every, column.unit, language), strict=True))
        return [
            TO.join((said[one], said[upper_edge(one, column.width)]))
            if isinstance(one, int | float)
            else cell(one, column, language)
            for one in values
        ]
    decimals = shared_decimals(figures, column.unit) if column.role == "measure" else None
    return [cell(value, column, language, decimals=decimals) for value in values]


def upper_edge(lower: float, width: float) -> float:
    """Return where the bin that begins at ``lower`` ends, without the noise of floating point."""
    return float(f"{lower + width:.12g}")


def edges(values: Sequence[float], unit: Unit | None, language: str) -> list[str]:
    """Return the edges of bins as short as they can be told apart."""
    told = [float(f"{value:.12g}") for value in values]
    said = [short(value, unit, language) for value in told]
    if len(set(said)) < len(set(told)):
        said = [exact(value, unit, language) for value in told]
    return [one.replace("-", "\N{MINUS SIGN}", 1) for one in said]
