"""What an alert's figure is at a moment, seen with the rights of one actor. No transaction is open meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.alerts.conditions import Change, Missing, Seen
from backend_services.dashboards.alerts.errors import TileNotWatchableError
from backend_services.dashboards.alerts.schemas import MetricWatched
from backend_services.dashboards.alerts.settings import get_alert_settings
from backend_services.dashboards.alerts.windows import earlier, window
from backend_services.dashboards.columns import amount
from backend_services.dashboards.presentation import wall_clock
from backend_services.datasets.catalogue import ROW_COUNT, GroupBy, MetricQuery, Sort
from backend_services.datasets.query import service as engine
from backend_services.datasets.query.execution import Views

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from backend_services.dashboards.alerts.schemas import AlertChange
    from backend_services.datasets.catalogue import QueryResult, RelativePeriod, Scalar, Unit
    from backend_services.kernel.actor import Actor

WHOLE = ""
EMPTY = "∅"
"""The name of the group whose dimension has no value."""
_KEY_LENGTH = 300
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Question:
    """What an alert asks, before it is known when.

    Attributes:
        query: Without a period and without the group.
    """

    query: MetricQuery
    period: RelativePeriod | None
    group: str | None


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen: a figure for each group, or one for the whole under the empty key.

    Attributes:
        truncated: There are more groups than are watched.
    """

    seen: dict[str, Seen]
    unit: Unit | None
    dataset_version: int
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Observer:
    """Who looks at an alert's figure, in the alert's time zone."""

    actor: Actor
    views: Views
    content: AlertChange
    question: Question

    @classmethod
    async def of(cls, actor: Actor, content: AlertChange) -> Observer:
        """Return an observer; raises what the actor may not see."""
        here = replace(actor, time_zone=content.time_zone)
        return cls(actor=here, views=Views(here), content=content, question=await question_of(here, content))

    async def observe(self, at: datetime, *, known: Iterable[str] = ()) -> Observation:
        """Return what is seen at ``at`` of every group, those ``known`` from before among them.

        Raises:
            DomainError: The actor may not see it, or it cannot be asked.
        """
        condition = self.content.condition
        if isinstance(condition, Missing) and condition.stale_hours is not None:
            return await self._age(at)
        local = wall_clock(at, self.content.time_zone)
        period = self.question.period
        before = None
        if isinstance(condition, Change) and period is not None:
            before = earlier(period, local, condition.against)
        asked = self._query(None if period is None else window(period, local))
        result, compared = await asyncio.gather(
            self._ask(asked), self._maybe(None if before is None else self._query(before))
        )
        return await self._observation(result, compared, known=known)

    def _query(self, period: RelativePeriod | None) -> MetricQuery:
        query, group = self.question.query, self.question.group
        if group is None:
            return query.model_copy(update={"period": period})
        return query.model_copy(
            update={
                "period": period,
                "dimensions": (GroupBy(field=group),),
                "measures": tuple(dict.fromkeys((*query.measures, ROW_COUNT))),
                "sort": (Sort(field=ROW_COUNT, descending=True), Sort(field=group)),
                "limit": get_alert_settings().most_groups,
            }
        )

    async def _ask(self, query: MetricQuery) -> QueryResult:
        return await engine.run_metric(self.actor, query, views=self.views)

    async def _maybe(self, query: MetricQuery | None) -> QueryResult | None:
        return None if query is None else await self._ask(query)

    async def _age(self, at: datetime) -> Observation:
        """Return the hours since the data came; live data come all the time."""
        view = await self.views.of(self.actor, self.question.query.dataset_id)
        age = 0.0 if view.source.live else max(0.0, (at - view.source.data_as_of).total_seconds() / _HOUR_S)
        return Observation(seen={WHOLE: Seen(age)}, unit=None, dataset_version=view.source.version)

    async def _observation(
        self, result: QueryResult, compared: QueryResult | None, *, known: Iterable[str]
    ) -> Observation:
        measure = self.question.query.measures[0]
        figures, before = _figures(result, measure), {} if compared is None else _figures(compared, measure)
        unit = next((one.unit for one in result.columns if one.name == measure), None)
        version = result.freshness.dataset_version
        if self.question.group is None:
            seen = {WHOLE: Seen(figures.get(WHOLE), before.get(WHOLE))}
            return Observation(seen=seen, unit=unit, dataset_version=version)
        nothing = 0.0 if isinstance(self.content.condition, Missing) else None
        absent = [] if result.truncated else [*known, *await self._expected()]
        seen = {key: Seen(value, before.get(key)) for key, value in figures.items()}
        seen.update({key: Seen(nothing, before.get(key)) for key in absent if key and key not in seen})
        return Observation(seen=seen, unit=unit, dataset_version=version, truncated=result.truncated)

    async def _expected(self) -> list[str]:
        """Return the groups that the data know at any time, where their absence is what is watched."""
        if self.question.group is None or not isinstance(self.content.condition, Missing):
            return []
        most = get_alert_settings().most_groups
        dataset_id, group = self.question.query.dataset_id, self.question.group
        values = await engine.field_values(self.actor, dataset_id, field=group, limit=most, views=self.views)
        return [key_of(one.value) for one in values]


async def question_of(actor: Actor, content: AlertChange) -> Question:
    """Return what the alert asks.

    Raises:
        TileNotWatchableError: The tile does not show one number of the catalogue.
        NotFoundError: Dashboard, tile or data are not there for the actor.
    """
    watched = content.watched
    if isinstance(watched, MetricWatched):
        measure = ROW_COUNT if isinstance(content.condition, Missing) else watched.measure
        query = MetricQuery(
            dataset_id=watched.dataset_id, measures=(measure,), filters=watched.filters, time_field=watched.time_field
        )
        return Question(query=query, period=watched.period, group=watched.group)
    found = await dashboards.number_question(actor, watched.dashboard_id, watched.tile_id)
    if found is None or not found.measures:
        raise TileNotWatchableError
    query = found.model_copy(update={"period": None, "measures": found.measures[:1], "derived": (), "sort": ()})
    return Question(query=query, period=found.period, group=None)


def _figures(result: QueryResult, measure: str) -> dict[str, float | None]:
    names = [one.name for one in result.columns]
    at = names.index(measure)
    group = next((index for index, one in enumerate(result.columns) if one.role == "dimension"), None)
    return {WHOLE if group is None else key_of(row[group]): amount(row[at]) for row in result.rows}


def key_of(value: Scalar | None) -> str:
    """Return the key of the group that has ``value``."""
    return (EMPTY if value is None else str(value))[:_KEY_LENGTH] or EMPTY
