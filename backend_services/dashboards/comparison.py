"""The course of the period before, laid beside that of a period, bucket by bucket. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from backend_services.dashboards import formats, periods
from backend_services.dashboards.arrangement import MAX_BUCKETS, Arrangement, Axis, Series
from backend_services.dashboards.columns import amount, dimension_columns, drawn_columns
from backend_services.datasets.catalogue import Grain
from backend_services.datasets.query.periods import floor, shift
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend_services.dashboards.arrangement import Reading
    from backend_services.dashboards.spec import Tile
    from backend_services.datasets.catalogue import QueryResult, RelativePeriod, ResultColumn, Scalar

BEFORE: Final = "__before"
BY_CALENDAR: Final = frozenset({Grain.DAY, Grain.HOUR})
"""Grains of which two years have different numbers of buckets though the days have names."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The figures of the period before, by the bucket of the period shown that they lie beside, as they were told."""

    column: ResultColumn
    cells: Mapping[datetime, Scalar | None]

    def along(self, times: Sequence[datetime]) -> Series:
        """Return them as a series beside buckets that begin at ``times``."""
        values = tuple(amount(self.cells.get(one)) for one in times)
        return Series(name=self.column.label, values=values, unit=self.column.unit, slot=0)

    def in_table(self, result: QueryResult, arranged: Arrangement) -> QueryResult:
        """Return ``result`` with them as one more column; buckets that only the period before fills get a row."""
        place = [one.name for one in result.columns].index(arranged.column.name)
        rows = [(*row, self.cells.get(at) if (at := _moment(row[place])) else None) for row in result.rows]
        present = {_moment(row[place]) for row in result.rows}
        for key, at in zip(arranged.keys, arranged.times, strict=True):
            if at not in present and self.cells.get(at) is not None:
                bare = tuple(key if index == place else None for index in range(len(result.columns)))
                rows.append((*bare, self.cells[at]))
        rows.sort(key=lambda row: _moment(row[place]) or datetime.max)  # noqa: DTZ901 - wall-clock times, as all here
        return result.model_copy(update={"columns": (*result.columns, self.column), "rows": tuple(rows)})


def beside_earlier(
    tile: Tile,
    arranged: Arrangement,
    previous: QueryResult,
    both: tuple[RelativePeriod, RelativePeriod],
    reading: Reading,
) -> Earlier | None:
    """Return the figures of the earlier period at the buckets of ``arranged``.

    Whole years apart, a day lies beside the same day of the calendar; else the first bucket lies beside the first.
    ``both`` are the period shown and the one before it. ``None`` where there are several series, no buckets of time,
    or nothing before.
    """
    grain, groups, measures = arranged.grain, dimension_columns(previous), drawn_columns(tile, previous)
    if arranged.axis is not Axis.TIME or grain is None or len(arranged.series) != 1 or not groups or not measures:
        return None
    at = {column.name: index for index, column in enumerate(previous.columns)}
    measure = measures[0]
    known = {when: row[at[measure.name]] for row in previous.rows if (when := _moment(row[at[groups[0].name]]))}
    places = _places(both, grain, reading.now)
    cells = {one: known.get(places[one]) for one in arranged.times if one in places}
    if all(amount(value) is None for value in cells.values()):
        return None
    label = text("dashboards.period_before", reading.language)
    return Earlier(measure.model_copy(update={"name": f"{measure.name}{BEFORE}", "label": label}), cells)


def _moment(value: Scalar | None) -> datetime | None:
    return None if value is None else formats.moment(value)


def _places(both: tuple[RelativePeriod, RelativePeriod], grain: Grain, now: datetime) -> dict[datetime, datetime]:
    """Return which bucket of the earlier period lies beside which of the period shown."""
    here, before = (_buckets(period, grain, now) for period in both)
    (start, _), (earlier, _) = (periods.bounds(period, now) for period in both)
    if start is None or earlier is None:
        return {}
    years = start.year - earlier.year
    if grain not in BY_CALENDAR or years < 1 or shift(start, Grain.YEAR, -years) != earlier:
        return dict(zip(here, before, strict=False))
    known = set(before)
    return {one: then for one in here if (then := _years_before(one, years)) in known}


def _years_before(at: datetime, years: int) -> datetime | None:
    """Return the same moment of the calendar ``years`` before; 29 February is in leap years only."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return None


def _buckets(period: RelativePeriod, grain: Grain, now: datetime) -> list[datetime]:
    start, end = periods.bounds(period, now)
    if start is None or end is None:
        return []
    return [one for one in periods.buckets(floor(start, grain), end, grain, most=MAX_BUCKETS) if one < end]
