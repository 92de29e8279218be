"""When something is due: simple schedules and cron expressions in an IANA time zone. Pure.

Daylight saving follows Debian's cron: a time that is left out comes right after the gap, one that is there twice
comes once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal, assert_never
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from pydantic import Field, StringConstraints

from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.schemas import Strict


class ScheduleInvalidError(InvalidInputError):
    """The schedule cannot be followed: no such time zone, no cron expression, never due or too often."""

    code = "schedule_invalid"
    default_message = "This schedule cannot be used. Check the time, the time zone and the cron expression."


LEAST_APART = timedelta(minutes=15)
LOOKED_AT = 60

Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekday = Annotated[int, Field(ge=1, le=7, description="1 is Monday, 7 is Sunday.")]


class Daily(Strict):
    """Every day at a time."""

    kind: Literal["daily"] = "daily"
    at: Clock = "07:00"


class Weekdays(Strict):
    """Monday to Friday at a time."""

    kind: Literal["weekdays"] = "weekdays"
    at: Clock = "07:00"


class Weekly(Strict):
    """On some days of the week at a time."""

    kind: Literal["weekly"] = "weekly"
    at: Clock = "07:00"
    days: tuple[Weekday, ...] = Field(default=(1,), min_length=1, max_length=7)


class Monthly(Strict):
    """On a day of the month at a time; ``day`` 0 is the last one."""

    kind: Literal["monthly"] = "monthly"
    at: Clock = "07:00"
    day: int = Field(default=1, ge=0, le=28)


class Cron(Strict):
    """A cron expression of five fields: minute, hour, day, month, weekday."""

    kind: Literal["cron"] = "cron"
    expression: str = Field(min_length=9, max_length=100)


Schedule = Annotated[Daily | Weekdays | Weekly | Monthly | Cron, Field(discriminator="kind")]


def expression_of(schedule: Schedule) -> str:
    """Return the schedule as a cron expression."""
    if isinstance(schedule, Cron):
        return " ".join(schedule.expression.split())
    hour, minute = (int(part) for part in schedule.at.split(":"))
    match schedule:
        case Daily():
            return f"{minute} {hour} * * *"
        case Weekdays():
            return f"{minute} {hour} * * 1-5"
        case Weekly(days=days):
            return f"{minute} {hour} * * {','.join(str(day) for day in sorted(set(days)))}"
        case Monthly(day=day):
            return f"{minute} {hour} {day or 'L'} * *"
        case _:
            assert_never(schedule)


def _occurrences(schedule: Schedule, time_zone: str, after: datetime) -> CronSim:
    expression = expression_of(schedule)
    if len(expression.split()) != 5:  # noqa: PLR2004 - seconds are not offered
        raise ScheduleInvalidError(fields={"schedule": field_text("fields.cron_fields")})
    try:
        return CronSim(expression, after.astimezone(ZoneInfo(time_zone)))
    except CronSimError as error:
        raise ScheduleInvalidError(fields={"schedule": field_text("fields.cron_unreadable", reason=error)}) from error


def next_after(schedule: Schedule, time_zone: str, after: datetime) -> datetime:
    """Return the first time later than ``after`` at which the schedule is due, in UTC.

    Raises:
        ScheduleInvalidError: It is never due, or it is no schedule.
    """
    try:
        return next(_occurrences(schedule, time_zone, after)).astimezone(UTC)
    except StopIteration:
        raise ScheduleInvalidError(fields={"schedule": field_text("fields.never_due")}) from None


def checked(schedule: Schedule, time_zone: str, *, at: datetime) -> None:
    """Refuse a schedule that cannot be followed.

    Raises:
        ScheduleInvalidError: There is no such time zone, it is never due, or more often than every 15 minutes.
    """
    if time_zone not in available_timezones():
        raise ScheduleInvalidError(fields={"time_zone": field_text("fields.time_zone")})
    next_after(schedule, time_zone, at)
    times = [
        found.astimezone(UTC) for found, _ in zip(_occurrences(schedule, time_zone, at), range(LOOKED_AT), strict=False)
    ]
    if any(later - earlier < LEAST_APART for earlier, later in pairwise(times)):
        raise ScheduleInvalidError(fields={"schedule": field_text("fields.too_often")})
