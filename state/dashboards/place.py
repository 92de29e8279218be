"""What the address of a dashboard says: the period and the filters of its reader. Pure: no I/O."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from backend_services.datasets.catalogue import FieldType, Filter, Grain, Operator, RelativePeriod
from state.listing import address

PERIODS: Final[dict[str, RelativePeriod]] = {
    "7d": RelativePeriod(kind="last", n=7, grain=Grain.DAY),
    "30d": RelativePeriod(kind="last", n=30, grain=Grain.DAY),
    "12w": RelativePeriod(kind="last", n=12, grain=Grain.WEEK),
    "12m": RelativePeriod(kind="last", n=12, grain=Grain.MONTH),
    "ytd": RelativePeriod(kind="to_date", grain=Grain.YEAR),
    "last_year": RelativePeriod(kind="previous", grain=Grain.YEAR),
}
REFRESHES: Final = {"off": 0, "30s": 30, "1m": 60, "5m": 300, "15m": 900}
"""How often the figures renew themselves, in seconds, by the name in the address."""
FULL: Final = "full"
"""The view of a wall display."""
CHOSEN: Final = "chosen"
"""The choice "from … to …" in the list of periods."""
OPERATORS: Final = (Operator.IN, Operator.NOT_IN, Operator.CONTAINS, Operator.GTE, Operator.LTE)
SIGNS: Final = {
    Operator.IN: ": ",
    Operator.NOT_IN: " \N{NOT EQUAL TO} ",
    Operator.CONTAINS: " ~ ",
    Operator.GTE: " \N{GREATER-THAN OR EQUAL TO} ",
    Operator.LTE: " \N{LESS-THAN OR EQUAL TO} ",
}
MOST_FILTERS, MOST_VALUES = 20, 50
_TO: Final = ".."


@dataclass(frozen=True, slots=True)
class Place:
    """A period, filters and the way of looking as they stand in an address.

    Attributes:
        period: A name of ``PERIODS``, or two days ``2026-01-01..2026-03-31``, both included, either left out; empty
            for the dashboard's own.
        filters: At most one of a field and operator.
        refresh: A name of ``REFRESHES``; empty for the dashboard's own.
        view: ``FULL`` or empty.
    """

    period: str = ""
    filters: tuple[Filter, ...] = ()
    refresh: str = ""
    view: str = ""

    @property
    def relative(self) -> RelativePeriod | None:
        """Return the period as questions take it."""
        return period_of(self.period)

    @property
    def days(self) -> tuple[str, str]:
        """Return the first and the last day of a chosen range, each empty where it is open."""
        start, _, end = self.period.partition(_TO) if _TO in self.period else ("", "", "")
        return start, end

    @property
    def choice(self) -> str:
        """Return which entry of the list of periods holds."""
        return CHOSEN if _TO in self.period else self.period

    def parameters(self) -> dict[str, str]:
        """Return what stands in the address."""
        return {"period": self.period, "f": written(self.filters), "refresh": self.refresh, "view": self.view}

    def address(self, path: str) -> str:
        """Return the address of ``path`` with this period and these filters."""
        return address(path, self.parameters())

    @property
    def narrowed(self) -> bool:
        """Return whether the dashboard is seen otherwise than it is saved."""
        return bool(self.period or self.filters)

    def widened(self) -> Place:
        """Return the same way of looking at the dashboard as it is saved."""
        return replace(self, period="", filters=())

    def within(self, period: str) -> Place:
        """Return the same filters in another period."""
        return replace(self, period=period)

    def with_value(self, one: Filter) -> Place:
        """Return the place with ``one``; values are added to a list, a bound replaces the one before."""
        same = [each for each in self.filters if (each.field, each.operator) == (one.field, one.operator)]
        if same and one.operator in {Operator.IN, Operator.NOT_IN}:
            values = tuple(dict.fromkeys((*same[0].values, *one.values)))
            one = one.model_copy(update={"values": values[:MOST_VALUES]})
        kept = tuple(each for each in self.filters if each not in same)
        return replace(self, filters=(*kept, one)[-MOST_FILTERS:])

    def toggled(self, field: str, value: Any) -> Place:
        """Return the place narrowed to one value of a field, or without that filter where it stands already."""
        one = Filter(field=field, operator=Operator.IN, values=(value,))
        if one in self.filters:
            return replace(self, filters=tuple(each for each in self.filters if each != one))
        kept = tuple(each for each in self.filters if each.field != field)
        return replace(self, filters=(*kept, one)[-MOST_FILTERS:])

    def without(self, index: int) -> Place:
        """Return the place without the filter at ``index``."""
        return replace(self, filters=tuple(one for number, one in enumerate(self.filters) if number != index))


def read(parameters: Mapping[str, str]) -> Place:
    """Return what an address says; what it may not say is left out."""
    period = parameters.get("period", "")
    refresh, view = parameters.get("refresh", ""), parameters.get("view", "")
    return Place(
        period if period_of(period) else "",
        _filters(parameters.get("f", "")),
        refresh if refresh in REFRESHES else "",
        view if view == FULL else "",
    )


def refresh_of(place: Place, own_s: int | None) -> str:
    """Return the name of how often the figures renew themselves: of the address, else of the dashboard."""
    own = next((name for name, seconds in REFRESHES.items() if seconds == own_s), "off")
    return place.refresh or own


def period_of(name: str) -> RelativePeriod | None:
    """Return the period that ``name`` stands for in an address, if it stands for one."""
    if _TO not in name:
        return PERIODS.get(name)
    start, _, end = name.partition(_TO)
    try:
        first = date.fromisoformat(start) if start else None
        last = date.fromisoformat(end) + timedelta(days=1) if end else None
    except (ValueError, OverflowError):
        return None
    if (first is None and last is None) or (first is not None and last is not None and first >= last):
        return None
    return RelativePeriod(
        kind="between", start=first.isoformat() if first else None, end=last.isoformat() if last else None
    )


def range_of(start: str, end: str) -> str:
    """Return how a range of days, both included, stands in an address; days the wrong way round are turned."""
    if start and end and end < start:
        start, end = end, start
    return f"{start}{_TO}{end}" if start or end else ""


def bucket_of(value: str, grain: Grain) -> str:
    """Return the range of days of the time bucket that begins with ``value``; empty where it is none."""
    try:
        first = datetime.fromisoformat(value).date()
    except ValueError:
        return ""
    return range_of(first.isoformat(), _last_day(first, grain).isoformat())


def _last_day(first: date, grain: Grain) -> date:
    match grain:
        case Grain.HOUR | Grain.DAY:
            return first
        case Grain.WEEK:
            return first + timedelta(days=6)
        case _:
            months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain]
            month = first.month - 1 + months
            return date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def written(filters: Iterable[Filter]) -> str:
    """Return filters as text for an address: a JSON list of ``[field, operator, value, …]``."""
    parts = [[one.field, one.operator.value, *one.values] for one in filters]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")) if parts else ""


def _filters(raw: str) -> tuple[Filter, ...]:
    try:
        parts = json.loads(raw) if raw else []
    except (ValueError, RecursionError):
        return ()
    found = [_filter(part) for part in parts] if isinstance(parts, list) else []
    return tuple(one for one in found if one is not None)[:MOST_FILTERS]


def _filter(part: Any) -> Filter | None:
    """Read one filter; ``field:value`` is how addresses of earlier releases said it."""
    if isinstance(part, str):
        field, _, value = part.partition(":")
        part = [field, Operator.IN.value, value] if value else []
    if not isinstance(part, list) or not 3 <= len(part) <= MOST_VALUES + 2 or part[1] not in OPERATORS:  # noqa: PLR2004 - field, operator, a value
        return None
    with contextlib.suppress(ValidationError):
        return Filter(field=part[0], operator=Operator(part[1]), values=tuple(part[2:]))
    return None


def filter_words(one: Filter, label: str) -> str:
    """Return a filter as its chip says it."""
    return f"{label}{SIGNS[one.operator]}{', '.join(map(str, one.values))}"


def ways_of(kind: str) -> tuple[Operator, ...]:
    """Return how a field of a type can be compared in the bar of filters."""
    if kind == FieldType.TEXT:
        return (Operator.IN, Operator.NOT_IN, Operator.CONTAINS)
    return (Operator.IN, Operator.NOT_IN) if kind == FieldType.BOOLEAN else (Operator.IN, *OPERATORS[-2:])


def typed_filter(field: str, operator: str, value: str) -> Filter | None:
    """Return the filter that a person put together, if it is one; a further value of the same field comes later."""
    if not (field.strip() and value.strip()) or operator not in OPERATORS:
        return None
    with contextlib.suppress(ValidationError):
        return Filter(field=field.strip(), operator=Operator(operator), values=(value.strip(),))
    return None
