"""How an alert would have done: the same evaluation, made at every day of the past on the data as they are today."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.alerts.conditions import Missing, Seen, Verdict, judge
from backend_services.dashboards.alerts.observing import WHOLE, Observation, Observer
from backend_services.dashboards.alerts.schemas import Backtest, BacktestPoint, GroupBacktest
from backend_services.dashboards.alerts.settings import get_alert_settings
from backend_services.dashboards.alerts.standing import Notice, Standing, State, step
from backend_services.datasets import service as datasets
from backend_services.kernel.clock import elapsed_ms, monotonic_s, now
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import PageRequest

if TYPE_CHECKING:
    from backend_services.dashboards.alerts.schemas import AlertChange
    from backend_services.kernel.actor import Actor

AT_ONCE: Final = 4
MOST_GROUPS: Final = 10
_STEP: Final = timedelta(days=1)
_HOUR_S: Final = 3600.0


@dataclass(slots=True)
class _Course:
    """One group through the past."""

    standing: Standing = field(default_factory=Standing)
    fired: int = 0
    recovered: int = 0
    firing: int = 0
    points: list[BacktestPoint] = field(default_factory=list)


async def backtest(actor: Actor, content: AlertChange) -> Backtest:
    """Evaluate ``content`` at each of the last days, as ``actor`` sees the data today.

    Raises:
        DomainError: The actor may not see the figure, or it cannot be asked.
    """
    began_s = monotonic_s()
    days = get_alert_settings().backtest_days
    end = now()
    moments = [end - n * _STEP for n in range(days, -1, -1)]
    observations = await _observations(actor, content, moments)
    courses = _run(content, moments, observations)
    most = max(courses, key=lambda key: (courses[key].fired, courses[key].firing), default=WHOLE)
    ranked = sorted(courses, key=lambda key: (-courses[key].fired, -courses[key].firing, key))
    groups = tuple(
        GroupBacktest(key=key, fired=courses[key].fired, firing_days=float(courses[key].firing))
        for key in ranked[:MOST_GROUPS]
    )
    return Backtest(
        days=days,
        evaluations=len(moments),
        fired=sum(one.fired for one in courses.values()),
        recovered=sum(one.recovered for one in courses.values()),
        sees=any(point.value is not None for one in courses.values() for point in one.points),
        unit=next((one.unit for one in observations if one.unit is not None), None),
        groups=groups,
        points=tuple(courses[most].points) if courses else (),
        took_ms=round(elapsed_ms(began_s), 3),
    )


async def _observations(actor: Actor, content: AlertChange, moments: list[datetime]) -> list[Observation]:
    if isinstance(content.condition, Missing) and content.condition.stale_hours is not None:
        return await _ages(actor, content, moments)
    observer = await Observer.of(actor, content)
    gate = asyncio.Semaphore(AT_ONCE)

    async def look(at: datetime) -> Observation:
        async with gate:
            return await observer.observe(at)

    return list(await asyncio.gather(*(look(at) for at in moments)))


async def _ages(actor: Actor, content: AlertChange, moments: list[datetime]) -> list[Observation]:
    """Return how old the data were, from the dataset's stored versions; before the first there is no figure."""
    observer = await Observer.of(replace(actor, time_zone=content.time_zone), content)
    await observer.observe(moments[-1])  # refuses who may not see the data
    dataset_id = observer.question.query.dataset_id
    async with transaction(actor) as session:
        page = await datasets.list_versions(actor, session, dataset_id, PageRequest(limit=200))
    came = sorted(one.data_as_of for one in page.items)

    def age(at: datetime) -> Observation:
        last = max((one for one in came if one <= at), default=None)
        seen = Seen(None if last is None else (at - last).total_seconds() / _HOUR_S)
        return Observation(seen={WHOLE: seen}, unit=None, dataset_version=0)

    return [age(at) for at in moments]


def _run(content: AlertChange, moments: list[datetime], observations: list[Observation]) -> dict[str, _Course]:
    courses: dict[str, _Course] = {}
    absent = Seen(0.0 if isinstance(content.condition, Missing) else None)
    for at, observation in zip(moments, observations, strict=True):
        gone = () if observation.truncated else [key for key in courses if key not in observation.seen]
        for key, seen in [*observation.seen.items(), *((key, absent) for key in gone)]:
            _advance(courses.setdefault(key, _Course()), content, at, seen)
    return courses


def _advance(course: _Course, content: AlertChange, at: datetime, seen: Seen) -> None:
    verdict: Verdict = judge(content.condition, seen, firing=course.standing.state is State.FIRING)
    taken = step(course.standing, verdict, content.rules, at=at)
    course.standing = taken.standing
    course.fired += taken.notice is Notice.FIRED
    course.recovered += taken.notice is Notice.RECOVERED
    course.firing += taken.standing.state is State.FIRING
    course.points.append(
        BacktestPoint(
            at=at,
            value=seen.value,
            compared=seen.compared,
            threshold=verdict.threshold,
            state=taken.standing.state,
        )
    )
