"""When subscriptions are sent: the calendar schedules that the whole platform shares."""

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

__all__ = [
    "Cron",
    "Daily",
    "Monthly",
    "Schedule",
    "ScheduleInvalidError",
    "Weekdays",
    "Weekly",
    "checked",
    "next_after",
]
