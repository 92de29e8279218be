"""When an alert is evaluated: every few minutes, or as subscriptions are sent. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from backend_services.dashboards.subscriptions import schedule as calendar
from backend_services.kernel.schemas import Strict

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Every(Strict):
    """Every so many minutes."""

    kind: Literal["every"] = "every"
    minutes: int = Field(default=60, ge=5, le=10_080)


Schedule = Annotated[
    Every | calendar.Daily | calendar.Weekdays | calendar.Weekly | calendar.Monthly | calendar.Cron,
    Field(discriminator="kind"),
]


def next_after(schedule: Schedule, time_zone: str, after: datetime) -> datetime:
    """Return the first time later than ``after`` at which the schedule is due, in UTC.

    Raises:
        ScheduleInvalidError: It is never due, or it is no schedule.
    """
    if not isinstance(schedule, Every):
        return calendar.next_after(schedule, time_zone, after)
    width = timedelta(minutes=schedule.minutes)
    return _EPOCH + ((after - _EPOCH) // width + 1) * width


def checked(schedule: Schedule, time_zone: str, *, at: datetime) -> None:
    """Refuse a schedule that cannot be followed.

    Raises:
        ScheduleInvalidError: There is no such time zone, it is never due, or too often.
    """
    calendar.checked(calendar.Daily() if isinstance(schedule, Every) else schedule, time_zone, at=at)
