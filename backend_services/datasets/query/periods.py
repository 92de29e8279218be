"""Stretches of time: from "last month" to two ends on the actor's calendar. Pure: no I/O.

All times here are wall-clock times of the actor's zone, without an offset; weeks start on Monday (ISO 8601).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend_services.datasets.catalogue import Grain, RelativePeriod
from backend_services.datasets.query.errors import (
    CalendarRangeError,
    NotADateError,
    PeriodReversedError,
    TimeZoneUnknownError,
)

Ends = tuple[datetime | None, datetime | None]


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone called ``name``.

    Raises:
        TimeZoneUnknownError: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TimeZoneUnknownError(name) from error


def floor(at: datetime, grain: Grain) -> datetime:
    """Return the beginning of the bucket that ``at`` lies in."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match grain:
        case Grain.HOUR:
            return at.replace(minute=0, second=0, microsecond=0)
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)
        case _:
            assert_never(grain)


def shift(start: datetime, grain: Grain, n: int) -> datetime:
    """Return the beginning of the bucket ``n`` further (or back) than the one that begins at ``start``.

    Raises:
        CalendarRangeError: The calendar does not reach so far.
    """
    try:
        return _shifted(start, grain, n)
    except (OverflowError, ValueError) as error:
        part = f"{start.date().isoformat()} {n:+d} {grain}"
        raise CalendarRangeError(part) from error


def _shifted(start: datetime, grain: Grain, n: int) -> datetime:
    match grain:
        case Grain.HOUR:
            return start + timedelta(hours=n)
        case Grain.DAY:
            return start + timedelta(days=n)
        case Grain.WEEK:
            return start + timedelta(weeks=n)
        case Grain.MONTH:
            return _shift_months(start, n)
        case Grain.QUARTER:
            return _shift_months(start, 3 * n)
        case Grain.YEAR:
            return _shift_months(start, 12 * n)
        case _:
            assert_never(grain)


def _shift_months(start: datetime, n: int) -> datetime:
    years, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    return start.replace(year=years, month=month + 1, day=1)


def resolve(period: RelativePeriod, *, now: datetime, zone: ZoneInfo) -> Ends:
    """Return the first instant of ``period`` and the first one after it; ``None`` is an open end.

    Raises:
        NotADateError: An end is no date.
        PeriodReversedError: The ends are the wrong way round.
        CalendarRangeError: The calendar does not reach so far.
    """
    local = now.astimezone(zone).replace(tzinfo=None)
    running = floor(local, period.grain)
    try:
        match period.kind:
            case "last":
                return _shifted(running, period.grain, -period.n), running
            case "trailing":
                return _shifted(running, period.grain, 1 - period.n), _soon(local)
            case "this":
                return running, _shifted(running, period.grain, 1)
            case "previous":
                return _shifted(running, period.grain, -1), running
            case "to_date":
                return running, _soon(local)
            case "between":
                return _between(period, zone=zone)
            case _:
                assert_never(period.kind)
    except (OverflowError, ValueError) as error:
        part = f"{period.kind} {period.n} {period.grain}"
        raise CalendarRangeError(part) from error


def _soon(local: datetime) -> datetime:
    """Return the next full minute: what happens now lies before it."""
    return local.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _between(period: RelativePeriod, *, zone: ZoneInfo) -> Ends:
    start, end = (parse_local(text, zone=zone) if text else None for text in (period.start, period.end))
    if start is not None and end is not None and start >= end:
        part = f"{period.start}/{period.end}"
        raise PeriodReversedError(part)
    return start, end


def parse_local(text: str, *, zone: ZoneInfo) -> datetime:
    """Return the wall-clock time in ``zone`` that an ISO 8601 text names; one with an offset is converted.

    Raises:
        NotADateError: It is no date or time.
        CalendarRangeError: Clocks in ``zone`` show one beyond the calendar.
    """
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(zone).replace(tzinfo=None) if at.tzinfo is not None else at
    except ValueError as error:
        raise NotADateError(text) from error
    except OverflowError as error:
        raise CalendarRangeError(text) from error


def is_date(text: str) -> bool:
    """Return whether an ISO text names a whole day rather than a time in it."""
    return len(text.strip()) == len("2026-01-31")


def instant(local: datetime, *, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which clocks in ``zone`` show ``local``.

    Raises:
        CalendarRangeError: It lies beyond the calendar in UTC.
    """
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise CalendarRangeError(local.isoformat()) from error
