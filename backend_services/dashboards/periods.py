"""Stretches of time around a figure: what it is compared with, its history, its buckets. Pure, in wall-clock time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

from backend_services.datasets.catalogue import Grain, RelativePeriod
from backend_services.datasets.query.errors import CalendarRangeError
from backend_services.datasets.query.periods import floor, resolve, shift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_services.datasets.catalogue import Catalogue

SPARK_POINTS = 12
MONTHS = 12


def bounds(period: RelativePeriod, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return where ``period`` begins and the first instant after it; ``now`` is the reader's wall-clock time."""
    return resolve(period, now=now.replace(tzinfo=UTC), zone=ZoneInfo("UTC"))


def between(start: datetime, end: datetime, grain: Grain) -> RelativePeriod:
    """Return the period from ``start`` up to, not including, ``end``."""
    return RelativePeriod(kind="between", grain=grain, start=_iso(start), end=_iso(end))


def _iso(value: datetime) -> str:
    midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
    return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")


def is_running_period(period: RelativePeriod) -> bool:
    """Return whether ``period`` is not over yet."""
    return period.kind in {"this", "to_date", "trailing"}


def before(period: RelativePeriod, now: datetime) -> RelativePeriod | None:
    """Return what ``period`` is compared with: as long, just before; a running one with that part of the last.

    Nothing lies before an open period, nor before the calendar begins.
    """
    start, end = bounds(period, now)
    if start is None or end is None:
        return None
    try:
        return _before(period, start, end, now)
    except (CalendarRangeError, OverflowError):
        return None


def _before(period: RelativePeriod, start: datetime, end: datetime, now: datetime) -> RelativePeriod:
    match period.kind:
        case "this" | "to_date":
            earlier = shift(start, period.grain, -1)
            return between(earlier, min(earlier + max(now - start, timedelta(minutes=1)), start), period.grain)
        case "trailing":
            return between(start - (end - start), start, period.grain)
        case "last":
            return between(shift(start, period.grain, -period.n), start, period.grain)
        case "previous":
            return between(shift(start, period.grain, -1), start, period.grain)
        case "between":
            return between(_as_long_before(start, end), start, period.grain)
        case _:
            assert_never(period.kind)


def _as_long_before(start: datetime, end: datetime) -> datetime:
    """Return where the stretch before begins: as many days, or as many months where both ends begin one."""
    if start == floor(start, Grain.MONTH) and end == floor(end, Grain.MONTH) and start < end:
        return shift(start, Grain.MONTH, (start.year - end.year) * MONTHS + start.month - end.month)
    return start - (end - start)


def history(period: RelativePeriod, now: datetime) -> RelativePeriod | None:
    """Return the stretch of twelve buckets that ends with ``period``, for a spark line; its grain is theirs.

    There is none where the calendar does not reach so far.
    """
    start, end = bounds(period, now)
    if start is None or end is None:
        return None
    grain = spark_grain(period, now)
    last = floor(min(end, max(now, start + timedelta(microseconds=1))) - timedelta(microseconds=1), grain)
    try:
        return between(shift(last, grain, 1 - SPARK_POINTS), shift(last, grain, 1), grain)
    except CalendarRangeError:
        return None


def spark_grain(period: RelativePeriod, now: datetime) -> Grain:
    """Return the width of a spark line's points: the period's own grain, or what divides it into twelve or fewer."""
    start, end = bounds(period, now)
    if period.kind != "between" or start is None or end is None:
        return period.grain
    for grain in Grain:
        if _reaches(start, grain, end):
            return grain
    return Grain.YEAR


def _reaches(start: datetime, grain: Grain, end: datetime) -> bool:
    try:
        return shift(start, grain, SPARK_POINTS) >= end
    except CalendarRangeError:
        return True


def buckets(first: datetime, last: datetime, grain: Grain, *, most: int) -> Iterator[datetime]:
    """Yield the beginnings of buckets from ``first`` to ``last``, at most ``most`` of them."""
    at = first
    for n in range(1, most + 1):
        if at > last:
            return
        yield at
        try:
            at = shift(first, grain, n)
        except CalendarRangeError:
            return


def is_running(start: datetime, grain: Grain, now: datetime) -> bool:
    """Return whether the bucket that begins at ``start`` is not over yet."""
    return start <= now < shift(start, grain, 1)


def last_moment(end: datetime) -> datetime:
    """Return the last day, or the last minute of a part of a day, before ``end``, for people to read."""
    midnight = (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    return end - timedelta(days=1) if midnight else end.replace(second=0, microsecond=0)


def default_grain(catalogue: Catalogue, field: str) -> Grain:
    """Return the width of a spark line's points where no period says it: months, or the data's own coarser grain."""
    dimension = catalogue.dimension(field)
    finest = None if dimension is None else dimension.grain
    widths = list(Grain)
    return Grain.MONTH if finest is None else max(finest, Grain.MONTH, key=widths.index)
