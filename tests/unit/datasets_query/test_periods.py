"""Stretches of time on the actor's calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.datasets.catalogue import Grain, RelativePeriod
from backend_services.datasets.query import periods
from backend_services.datasets.query.errors import (
    CalendarRangeError,
    NotADateError,
    PeriodReversedError,
    TimeZoneUnknownError,
)

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already Monday the 23rd in Ljubljana
HERE = ZoneInfo("Europe/Ljubljana")


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (RelativePeriod(kind="this", grain=Grain.DAY), "2026-11-23", "2026-11-24"),
        (RelativePeriod(kind="this", grain=Grain.WEEK), "2026-11-23", "2026-11-30"),
        (RelativePeriod(kind="previous", grain=Grain.WEEK), "2026-11-16", "2026-11-23"),
        (RelativePeriod(kind="last", n=3, grain=Grain.MONTH), "2026-08-01", "2026-11-01"),
        (RelativePeriod(kind="last", n=2, grain=Grain.QUARTER), "2026-04-01", "2026-10-01"),
        (RelativePeriod(kind="this", grain=Grain.YEAR), "2026-01-01", "2027-01-01"),
        (RelativePeriod(kind="to_date", grain=Grain.MONTH), "2026-11-01", "2026-11-23T00:31"),
        (RelativePeriod(kind="trailing", n=30, grain=Grain.DAY), "2026-10-25", "2026-11-23T00:31"),
        (RelativePeriod(kind="last", n=1, grain=Grain.HOUR), "2026-11-22T23:00", "2026-11-23T00:00"),
        (RelativePeriod(kind="between", start="2026-01-31", end="2026-02-01"), "2026-01-31", "2026-02-01"),
        (RelativePeriod(kind="between", start="2026-01-31T23:30:00Z"), "2026-02-01T00:30", None),
    ],
)
def test_resolved(period: RelativePeriod, start: str, end: str | None) -> None:
    expected = tuple(datetime.fromisoformat(text) if text else None for text in (start, end))
    assert periods.resolve(period, now=NOW, zone=HERE) == expected


@pytest.mark.parametrize(
    ("period", "error"),
    [
        ({"kind": "between", "start": "2026-02-01", "end": "2026-01-01"}, PeriodReversedError),
        ({"kind": "between", "start": "2026-02-30"}, NotADateError),
        ({"kind": "last", "n": 1000, "grain": "year"}, None),
    ],
)
def test_refused(period: dict[str, Any], error: type[Exception] | None) -> None:
    asked = RelativePeriod.model_validate(period)
    if error is None:
        assert periods.resolve(asked, now=NOW, zone=HERE)[0] == datetime(1026, 1, 1)  # noqa: DTZ001 - wall clock
        return
    with pytest.raises(error):
        periods.resolve(asked, now=NOW, zone=HERE)


def test_the_calendar_ends() -> None:
    with pytest.raises(CalendarRangeError):
        periods.resolve(
            RelativePeriod(kind="last", n=1000, grain=Grain.YEAR), now=datetime(900, 1, 1, tzinfo=UTC), zone=HERE
        )


def test_unknown_zone() -> None:
    with pytest.raises(TimeZoneUnknownError):
        periods.zone_of("Mars/Olympus")


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - wall clock
    st.sampled_from(Grain),
)
def test_every_time_lies_in_its_bucket(at: datetime, grain: Grain) -> None:
    start = periods.floor(at, grain)
    end = periods.shift(start, grain, 1)
    assert start <= at < end
    assert periods.floor(start, grain) == start
    assert periods.shift(end, grain, -1) == start


@pytest.mark.parametrize(
    ("start", "grain", "n"),
    [
        (datetime(9999, 12, 31, 23), Grain.HOUR, 1),  # noqa: DTZ001 - wall clock
        (datetime(9999, 12, 31), Grain.DAY, 1),  # noqa: DTZ001
        (datetime(1, 1, 1), Grain.WEEK, -1),  # noqa: DTZ001
        (datetime(1, 1, 1), Grain.MONTH, -1),  # noqa: DTZ001
        (datetime(9999, 1, 1), Grain.YEAR, 1),  # noqa: DTZ001
    ],
)
def test_no_bucket_lies_beyond_the_calendar(start: datetime, grain: Grain, n: int) -> None:
    with pytest.raises(CalendarRangeError):
        periods.shift(start, grain, n)


def test_an_instant_beyond_the_calendar_is_refused_with_what_was_written() -> None:
    with pytest.raises(CalendarRangeError, match="0001-01-01"):
        periods.instant(datetime(1, 1, 1), zone=HERE)  # noqa: DTZ001 - wall clock
    with pytest.raises(CalendarRangeError, match="9999-12-31T23:59:59-12:00"):
        periods.parse_local("9999-12-31T23:59:59-12:00", zone=HERE)
