"""Which questions a tile puts to the query engine, and their answers. No transaction is open meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.dashboards import periods, pivot
from backend_services.dashboards.presentation import Answers, wall_clock
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import GroupBy, MetricQuery, RelativePeriod, Sort, SqlQuery
from backend_services.datasets.query import service as engine
from backend_services.datasets.query.bins import nice_width
from backend_services.datasets.query.execution import Views
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from backend_services.dashboards.spec import Tile
    from backend_services.dashboards.surroundings import Question
    from backend_services.datasets.catalogue import Catalogue, QueryResult


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and what the request already knows of the datasets; every question of a tile goes through it."""

    reader: Actor
    views: Views

    async def run(self, query: MetricQuery) -> QueryResult:
        """Answer a question in catalogue terms."""
        return await engine.run_metric(self.reader, query, views=self.views)

    async def maybe(self, query: MetricQuery | None) -> QueryResult | None:
        """Answer a question, if there is one."""
        return None if query is None else await self.run(query)


COMPARED = frozenset({ChartKind.AREA, ChartKind.BAR, ChartKind.LINE})
MOST_BINS = 1000


async def ask(asker: Asker, tile: Tile, question: Question, catalogue: Catalogue) -> Answers:
    """Return the answers that ``tile`` is drawn from."""
    query = question.query
    if isinstance(query, SqlQuery):
        return Answers(result=await engine.run_sql(asker.reader, query, views=asker.views))
    match tile.chart:
        case ChartKind.NUMBER:
            return await _number(asker, query, question, catalogue)
        case ChartKind.HISTOGRAM:
            return Answers(result=await asker.run(await binned(asker, query, bins=tile.bins)))
        case ChartKind.PIVOT:
            return await _pivot(asker, tile, query)
        case _ if tile.compare and tile.chart in COMPARED:
            return await _compared(asker, query, question)
        case _:
            return Answers(result=await asker.run(query))


async def binned(asker: Asker, query: MetricQuery, *, bins: int) -> MetricQuery:
    """Return the question of a histogram with bins of a round width, known from the ends of its numbers."""
    if len(query.dimensions) != 1 or query.dimensions[0].width is not None:
        return query
    field = query.dimensions[0].field
    edges = query.model_copy(
        update={"measures": (f"{field}__min", f"{field}__max"), "derived": (), "dimensions": (), "having": (),
                "sort": ()}
    )  # fmt: skip
    rows = (await asker.run(edges)).rows
    low, high = rows[0] if rows else (None, None)
    width = 1.0 if low is None or high is None else nice_width(float(low), float(high), bins=bins)
    return query.model_copy(
        update={"dimensions": (GroupBy(field=field, width=width),), "sort": (Sort(field=field),), "limit": MOST_BINS}
    )


async def _pivot(asker: Asker, tile: Tile, query: MetricQuery) -> Answers:
    asked = pivot.questions(tile, query)
    cells, down, across, whole = await asyncio.gather(*(asker.run(one) for one in asked))
    totals = pivot.Totals(down=down, across=across, whole=whole)
    if cells.truncated:
        cells = await asker.run(pivot.narrowed(asked[0], tile, totals))
    return Answers(result=cells, totals=totals)


async def _compared(asker: Asker, query: MetricQuery, question: Question) -> Answers:
    at = wall_clock(now(), asker.reader.time_zone)
    earlier = None if question.period is None else periods.before(question.period, at)
    result, previous = await asyncio.gather(
        asker.run(query),
        asker.maybe(None if earlier is None else query.model_copy(update={"period": earlier})),
    )
    return Answers(result=result, previous=previous, earlier=earlier)


async def _number(asker: Asker, query: MetricQuery, question: Question, catalogue: Catalogue) -> Answers:
    at = wall_clock(now(), asker.reader.time_zone)
    earlier = None if question.period is None else periods.before(question.period, at)
    course = _course(query, question.period, catalogue, at)
    result, previous, points = await asyncio.gather(
        asker.run(query),
        asker.maybe(None if earlier is None else query.model_copy(update={"period": earlier})),
        asker.maybe(course),
    )
    return Answers(result=result, previous=previous, course=points)


def _course(
    query: MetricQuery, period: RelativePeriod | None, catalogue: Catalogue, at: datetime
) -> MetricQuery | None:
    """Return the question for the spark line: the same measure over the last twelve buckets of time."""
    field = query.time_field or catalogue.default_time
    if field is None:
        return None
    span = None if period is None else periods.history(period, at)
    if period is not None and span is None:
        return None
    grain = periods.default_grain(catalogue, field) if span is None else span.grain
    return query.model_copy(
        update={
            "dimensions": (GroupBy(field=field, grain=grain),),
            "sort": (Sort(field=field, descending=True),),
            "limit": periods.SPARK_POINTS,
            "period": span,
        }
    )
