"""Which stretch of time an evaluation looks at, and which one it is compared with. Pure, in wall-clock time."""

from __future__ import annotations

from datetime import MINYEAR, datetime, timedelta
from typing import TYPE_CHECKING, Literal, assert_never

from backend_services.dashboards import periods

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import RelativePeriod

Against = Literal["previous", "week", "year"]
_LEAP_DAY = (2, 29)
_SECOND_YEAR = datetime(MINYEAR + 1, 1, 8)  # noqa: DTZ001 - wall-clock; a week and a year lie before it


def window(period: RelativePeriod, at: datetime) -> RelativePeriod:
    """Return ``period`` as it is at the wall-clock time ``at``, with its two ends; an open end stays open."""
    start, end = periods.bounds(period, at)
    if period.kind == "this" and end is not None:
        end = max(min(end, at + timedelta(minutes=1)), (start or at) + timedelta(minutes=1))
    if start is None or end is None:
        return period
    return periods.between(start, end, period.grain)


def earlier(period: RelativePeriod, at: datetime, against: Against) -> RelativePeriod | None:
    """Return what ``period`` is compared with at ``at``; ``None`` where it has an open end or the calendar begins."""
    if against == "previous":
        return periods.before(period, at)
    start, end = periods.bounds(window(period, at), at)
    if start is None or end is None or start < _SECOND_YEAR:
        return None
    match against:
        case "week":
            return periods.between(start - timedelta(weeks=1), end - timedelta(weeks=1), period.grain)
        case "year":
            return periods.between(_year_before(start), _year_before(end), period.grain)
        case _:
            assert_never(against)


def _year_before(at: datetime) -> datetime:
    day = 28 if (at.month, at.day) == _LEAP_DAY else at.day
    return at.replace(year=at.year - 1, day=day)
