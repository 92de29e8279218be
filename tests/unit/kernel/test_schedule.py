"""Schedules: when they are due, also at both changes of summer time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend_services.kernel.schedule import (
    Cron,
    Daily,
    Monthly,
    Schedule,
    ScheduleInvalidError,
    Weekdays,
    Weekly,
    checked,
    next_after,
)

LJUBLJANA = "Europe/Ljubljana"


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def _three(schedule: Schedule, after: datetime) -> list[datetime]:
    found = [after]
    for _ in range(3):
        found.append(next_after(schedule, LJUBLJANA, found[-1]))
    return found[1:]


def test_the_time_on_the_clock_stays_when_summer_time_begins_and_ends() -> None:
    assert _three(Daily(at="07:00"), _at(3, 27, 12)) == [_at(3, 28, 6), _at(3, 29, 5), _at(3, 30, 5)]
    assert _three(Daily(at="07:00"), _at(10, 23, 12)) == [_at(10, 24, 5), _at(10, 25, 6), _at(10, 26, 6)]


def test_a_time_that_summer_time_leaves_out_comes_right_after_the_gap() -> None:
    assert _three(Daily(at="02:30"), _at(3, 28, 12)) == [_at(3, 29, 1), _at(3, 30, 0, 30), _at(3, 31, 0, 30)]


def test_a_time_that_is_there_twice_comes_once() -> None:
    assert _three(Daily(at="02:30"), _at(10, 24, 12)) == [_at(10, 25, 0, 30), _at(10, 26, 1, 30), _at(10, 27, 1, 30)]


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        (Weekdays(at="07:00"), [_at(11, 30, 6), _at(12, 1, 6), _at(12, 2, 6)]),
        (Weekly(at="07:00", days=(7, 3)), [_at(11, 29, 6), _at(12, 2, 6), _at(12, 6, 6)]),
        (Monthly(at="07:00", day=0), [_at(11, 30, 6), _at(12, 31, 6), datetime(2027, 1, 31, 6, tzinfo=UTC)]),
        (Cron(expression="*/30 8 * * 1"), [_at(11, 30, 7), _at(11, 30, 7, 30), _at(12, 7, 7)]),
    ],
)
def test_simple_schedules_and_cron_are_due_when_they_say(schedule: Schedule, due: list[datetime]) -> None:
    assert _three(schedule, _at(11, 28, 12)) == due


@pytest.mark.parametrize(
    ("schedule", "time_zone"),
    [
        (Daily(), "Europe/Nowhere"),
        (Cron(expression="61 * * * *"), "UTC"),
        (Cron(expression="0 0 30 2 *"), "UTC"),
        (Cron(expression="*/5 * * * *"), "UTC"),
        (Cron(expression="* * * * * *"), "UTC"),
    ],
)
def test_what_cannot_be_followed_is_refused(schedule: Schedule, time_zone: str) -> None:
    with pytest.raises(ScheduleInvalidError):
        checked(schedule, time_zone, at=_at(11, 28, 12))
