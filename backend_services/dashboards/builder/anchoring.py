"""Stretches of time that are counted from today, on data that end long before today.

"Last month" of a table that ends in 2013 is no month of an empty figure: it is counted from where the data end, and
the answer says so. So is a month whose year was not said, and whatever is asked "of the data".
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from backend_services.dashboards.builder.draft import Note
from backend_services.datasets.catalogue import (
    Aggregation,
    Filter,
    Grain,
    GroupBy,
    MetricQuery,
    Operator,
    RelativePeriod,
    Sort,
)
from backend_services.datasets.query import service as query_service
from backend_services.datasets.query.errors import CalendarRangeError, QueryError
from backend_services.datasets.query.periods import floor, resolve, shift

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_services.dashboards.builder.plan import Plan, PlannedTile
    from backend_services.dashboards.builder.sources import Source
    from backend_services.kernel.actor import Actor

_OF_THE_DATA: Final = re.compile(
    r"\b(?:(?:of|in|from) (?:the |this |these )?(?:data|dataset|table|records?)|available|on record"
    r"|v (?:podatkih|tabeli)|iz podatkov|v naboru|razpoložljiv\w*)\b",
    re.IGNORECASE,
)
_YEAR_ASSUMED: Final = "year_assumed"


async def anchored(actor: Actor, source: Source, plan: Plan, question: str, *, today: date) -> Plan:
    """Return the plan with its stretches of time counted from where the data end, if they end before those begin."""
    asked = [tile.query.period for tile in plan.tiles if tile.query.period is not None]
    is_assumed = any(note.code == _YEAR_ASSUMED for note in plan.notes)
    if not asked or not (is_assumed or any(one.kind != "between" for one in asked)):
        return plan
    try:
        last = await _last_day(actor, source)
    except QueryError:
        return plan  # the question itself meets the same, and says so
    if last is None:
        return plan
    zone = ZoneInfo(actor.time_zone)
    wanted = _OF_THE_DATA.search(question) is not None

    def moved(period: RelativePeriod) -> RelativePeriod:
        return _moved(period, last, today=today, zone=zone, is_assumed=is_assumed, wanted=wanted)

    try:
        return _with_periods(plan, moved, last)
    except (CalendarRangeError, OverflowError, ValueError):
        return plan  # the calendar ends there: data "valid until 9999-12-31" are asked as they are


def _moved(
    period: RelativePeriod, last: date, *, today: date, zone: ZoneInfo, is_assumed: bool, wanted: bool
) -> RelativePeriod:
    if period.kind == "between":
        return _in_the_data(period, last) if is_assumed else period
    start, _ = resolve(period, now=_noon(today, zone), zone=zone)
    if start is None or (start.date() <= last and not wanted):
        return period
    # counted from the day after the data end; of the data, from after the stretch that they end in
    ended = datetime.combine(last, time())
    after = shift(floor(ended, period.grain), period.grain, 1) if wanted else ended + timedelta(days=1)
    counted = period if period.kind in {"last", "previous"} else period.model_copy(update={"kind": "this"})
    at = after.date() if counted is period else last
    first, end = resolve(counted, now=_noon(at, zone), zone=zone)
    return RelativePeriod(kind="between", start=_iso(first), end=_iso(end), grain=period.grain)


def _in_the_data(period: RelativePeriod, last: date) -> RelativePeriod:
    """Return a stretch whose year was not said in the last year in which the data have begun it."""
    ends = [one[:10] if one else None for one in (period.start, period.end)]
    first = next((date.fromisoformat(one) for one in ends if one), last)
    years = 0
    while _years_back(first, years) > last:
        years += 1
    start, end = (_years_back(date.fromisoformat(one), years).isoformat() if one else None for one in ends)
    return period.model_copy(update={"start": start, "end": end}) if years else period


def _years_back(day: date, years: int) -> date:
    """Return the same day of an earlier year; the 29th of February is the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(12), tzinfo=zone)


def _iso(at: datetime | None) -> str | None:
    return at.date().isoformat() if at is not None else None


def _with_periods(plan: Plan, moved: Callable[[RelativePeriod], RelativePeriod], last: date) -> Plan:
    tiles: list[PlannedTile] = []
    for tile in plan.tiles:
        period = tile.query.period
        query = tile.query if period is None else tile.query.model_copy(update={"period": moved(period)})
        tiles.append(replace(tile, query=query))
    if [one.query for one in tiles] == [one.query for one in plan.tiles]:
        return plan
    kept = [note for note in plan.notes if note.code != _YEAR_ASSUMED]
    said = Note("counted_from_data", (("start", last.isoformat()),))
    return replace(plan, tiles=tiles, notes=[*kept, said])


async def _last_day(actor: Actor, source: Source) -> date | None:
    """Return the last day that the actor sees in the data."""
    catalogue = source.index.catalogue
    field = catalogue.default_time
    counts = [one for one in catalogue.measures if one.aggregation is Aggregation.COUNT and one.column is None]
    if field is None or not counts:
        return None
    query = MetricQuery(
        dataset_id=source.dataset_id,
        measures=(counts[0].id,),
        dimensions=(GroupBy(field=field, grain=Grain.DAY),),
        filters=(Filter(field=field, operator=Operator.NOT_NULL),),
        sort=(Sort(field=field, descending=True),),
        limit=1,
    )
    rows = (await query_service.run_metric(actor, query)).rows
    try:
        return date.fromisoformat(str(rows[0][0])[:10]) if rows else None
    except ValueError:
        return None  # before the year 1 or after 9999, which engines know and calendars do not
