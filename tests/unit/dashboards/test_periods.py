"""What a period is compared with, and its history."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards import periods
from backend_services.datasets.catalogue import Grain, RelativePeriod

NOW = datetime(2026, 11, 22, 14, 2)  # noqa: DTZ001 - the reader's wall-clock time


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (RelativePeriod(kind="last", n=3, grain=Grain.MONTH), "2026-05-01", "2026-08-01"),
        (RelativePeriod(kind="previous", grain=Grain.YEAR), "2024-01-01", "2025-01-01"),
        (RelativePeriod(kind="this", grain=Grain.MONTH), "2026-10-01", "2026-10-22T14:02:00"),
        (RelativePeriod(kind="to_date", grain=Grain.DAY), "2026-11-21", "2026-11-21T14:02:00"),
        (RelativePeriod(kind="between", start="2026-11-08", end="2026-11-15"), "2026-11-01", "2026-11-08"),
    ],
)
def test_the_stretch_before_is_as_long_and_like_for_like(period: RelativePeriod, start: str, end: str) -> None:
    before = periods.before(period, NOW)
    assert before is not None
    assert (before.start, before.end) == (start, end)


def test_a_running_month_longer_than_the_one_before_stops_at_its_end() -> None:
    late = datetime(2026, 3, 31, 23, 0)  # noqa: DTZ001
    before = periods.before(RelativePeriod(kind="this", grain=Grain.MONTH), late)
    assert before is not None
    assert (before.start, before.end) == ("2026-02-01", "2026-03-01")


def test_an_open_period_has_nothing_before_it() -> None:
    assert periods.before(RelativePeriod(kind="between", start="2026-01-01"), NOW) is None


def test_the_history_of_a_month_is_twelve_months_with_the_month_at_the_end() -> None:
    history = periods.history(RelativePeriod(kind="last", n=1, grain=Grain.MONTH), NOW)
    assert history is not None
    assert (history.start, history.end, history.grain) == ("2025-11-01", "2026-11-01", Grain.MONTH)


@given(
    st.sampled_from(["last", "this", "previous", "to_date"]),
    st.sampled_from(list(Grain)),
    st.integers(1, 40),
    st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 - wall-clock
)
def test_before_ends_where_the_period_begins_or_earlier(kind: str, grain: Grain, n: int, now: datetime) -> None:
    period = RelativePeriod.model_validate({"kind": kind, "grain": grain, "n": n})
    start, _ = periods.bounds(period, now)
    before = periods.before(period, now)
    assert start is not None
    assert before is not None
    first, last = periods.bounds(before, now)
    assert first is not None
    assert last is not None
    assert first < last <= start


@pytest.mark.parametrize(
    "period",
    [
        RelativePeriod(kind="between", start="0001-01-01", end="9999-12-31"),
        RelativePeriod(kind="between", start="0001-01-01", end="0001-02-01"),
        RelativePeriod(kind="between", start="1000-01-01", end="3000-01-01", grain=Grain.YEAR),
    ],
)
def test_before_the_calendar_begins_there_is_nothing_to_compare_with(period: RelativePeriod) -> None:
    assert periods.before(period, NOW) is None


@pytest.mark.parametrize(
    ("start", "end", "history"),
    [
        ("0001-01-01", "0001-01-02", None),
        ("9999-12-30", "9999-12-31", ("9999-12-19", "9999-12-31")),
        ("0001-01-01", "9999-12-31", ("2015-01-01", "2027-01-01")),
    ],
)
def test_a_history_ends_with_the_calendar(start: str, end: str, history: tuple[str, str] | None) -> None:
    found = periods.history(RelativePeriod(kind="between", start=start, end=end), NOW)
    assert (None if found is None else (found.start, found.end)) == history


def test_buckets_stop_where_the_calendar_does() -> None:
    first, last = datetime(9999, 11, 1), datetime(9999, 12, 31)  # noqa: DTZ001 - wall-clock
    found = list(periods.buckets(first, last, Grain.MONTH, most=10))
    assert found == [first, datetime(9999, 12, 1)]  # noqa: DTZ001
