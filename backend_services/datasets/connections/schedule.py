"""When a table is copied by itself: every few hours, or as the platform's calendar schedules say. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from backend_services.kernel import schedule as calendar
from backend_services.kernel.schemas import Strict


class EveryHours(Strict):
    """Every so many hours, counted from when it was last due."""

    kind: Literal["every"] = "every"
    hours: int = Field(default=6, ge=1, le=168)


CopySchedule = Annotated[
    EveryHours | calendar.Daily | calendar.Weekdays | calendar.Weekly | calendar.Monthly | calendar.Cron,
    Field(discriminator="kind"),
]


def next_after(schedule: CopySchedule, time_zone: str, after: datetime) -> datetime:
    """Return the first time later than ``after`` at which a copy is due, in UTC.

    Raises:
        ScheduleInvalidError: It is never due, or it is no schedule.
    """
    if isinstance(schedule, EveryHours):
        return after + timedelta(hours=schedule.hours)
    return calendar.next_after(schedule, time_zone, after)


def checked(schedule: CopySchedule, time_zone: str, *, at: datetime) -> None:
    """Refuse a schedule that cannot be followed.

    Raises:
        ScheduleInvalidError: There is no such time zone, it is never due, or more often than every 15 minutes.
    """
    calendar.checked(calendar.Daily() if isinstance(schedule, EveryHours) else schedule, time_zone, at=at)
