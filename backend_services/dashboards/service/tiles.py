"""What tiles show: questions go to the query engine, answers become figures. No transaction is open meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from backend_services.dashboards import metrics, periods, presentation, surroundings
from backend_services.dashboards.errors import (
    DashboardInvalidError,
    TileDataGoneError,
    TileHasNoRowsError,
    TileNotFoundError,
)
from backend_services.dashboards.schemas import Overrides, RowsRequest, TilePreview, TileProblem, TileResult
from backend_services.dashboards.service import storage
from backend_services.dashboards.spec import ChartKind, DashboardSpec, SqlSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import GroupBy, MetricQuery, RelativePeriod, Sort, SqlQuery
from backend_services.datasets.query import service as engine
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError, NotFoundError
from backend_services.kernel.i18n import error_text, text
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from uuid import UUID

    from backend_services.dashboards.surroundings import Question
    from backend_services.datasets.catalogue import Catalogue, QueryResult
    from backend_services.datasets.query.schemas import ExportFormat
    from backend_services.kernel.actor import Actor

log = structlog.get_logger(__name__)

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """A dashboard as its reader sees it: the catalogues it needs, its period and filters."""

    reader: Actor
    spec: DashboardSpec
    catalogues: dict[UUID, Catalogue]
    overrides: Overrides

    def question(self, tile: Tile) -> Question:
        """Return what ``tile`` asks here."""
        return surroundings.question_of(
            tile,
            self.catalogue(tile),
            period=self.overrides.period or self.spec.period,
            filters=surroundings.merged(self.spec.filters, self.overrides.filters),
        )

    def catalogue(self, tile: Tile) -> Catalogue:
        """Return the catalogue of the tile's dataset.

        Raises:
            TileDataGoneError: The dataset was deleted, or the reader may not see it.
        """
        found = self.catalogues.get(tile.dataset_id)
        if found is None:
            raise TileDataGoneError(params={"tile": tile.title})
        return found


async def tile_result(actor: Actor, dashboard_id: UUID, tile_id: str, overrides: Overrides | None = None) -> TileResult:
    """Return what one tile shows.

    Raises:
        DashboardNotFoundError: There is no such dashboard, or it is not shared with the actor.
        TileNotFoundError: It has no such tile.
        TileDataGoneError: The tile's dataset is not here any more.
    """
    place = await _open(actor, dashboard_id, overrides or Overrides(), tile_id=tile_id)
    return await _answer(place, _tile(place.spec, tile_id))


async def tile_results(actor: Actor, dashboard_id: UUID, overrides: Overrides | None = None) -> tuple[TileResult, ...]:
    """Return what all tiles show, a few asked at once; one that fails says so and leaves the others alone."""
    place = await _open(actor, dashboard_id, overrides or Overrides())
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(tile: Tile) -> TileResult:
        async with gate:
            return await _answer_or_problem(place, tile)

    return tuple(await asyncio.gather(*(one(tile) for tile in place.spec.tiles)))


async def preview_tile(actor: Actor, request: TilePreview) -> TileResult:
    """Return what a tile that is not saved yet would show; SQL in it needs the right to run SQL.

    Raises:
        DashboardInvalidError: The tile does not fit its data.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    spec = DashboardSpec(
        title=request.tile.title, tiles=(request.tile,), period=request.period, filters=request.filters
    )
    overrides = Overrides(language=request.language)
    reader = _in_language(actor, overrides)
    async with transaction(actor) as session:
        catalogue = await datasets.get_catalogue(actor, session, request.tile.dataset_id)
    if isinstance(request.tile.source, SqlSource):
        actor.require(Permission.DATASETS_SQL_RUN)
    catalogues = {request.tile.dataset_id: catalogue}
    problems = problems_of(spec, catalogues)
    if problems:
        fields = {problem.path: problem.message(reader.language) for problem in problems}
        raise DashboardInvalidError(fields=fields, params={"problems": len(problems)})
    return await _answer(_Place(reader, spec, catalogues, overrides), request.tile)


async def tile_rows(actor: Actor, dashboard_id: UUID, tile_id: str, request: RowsRequest) -> QueryResult:
    """Return the rows that a tile, or one cell of its answer, was computed from.

    Raises:
        TileHasNoRowsError: The tile is free SQL.
    """
    place = await _open(actor, dashboard_id, request.overrides, tile_id=tile_id)
    tile = _tile(place.spec, tile_id)
    query = place.question(tile).query
    if isinstance(query, SqlQuery):
        raise TileHasNoRowsError(params={"tile": tile.title})
    return await engine.rows_behind(
        place.reader, query, cell=dict(request.cell), limit=request.limit, offset=request.offset
    )


async def export_tile(
    actor: Actor, dashboard_id: UUID, tile_id: str, *, export_format: ExportFormat, overrides: Overrides | None = None
) -> AsyncIterator[bytes]:
    """Return a tile's answer as a file, in pieces; refusals are raised before the first piece."""
    place = await _open(actor, dashboard_id, overrides or Overrides(), tile_id=tile_id)
    tile = _tile(place.spec, tile_id)
    return await engine.export(_asking(place.reader, tile), place.question(tile).query, export_format=export_format)


def _tile(spec: DashboardSpec, tile_id: str) -> Tile:
    tile = spec.tile(tile_id)
    if tile is None:
        raise TileNotFoundError(params={"tile": tile_id})
    return tile


def _in_language(actor: Actor, overrides: Overrides) -> Actor:
    return actor if overrides.language is None else replace(actor, language=overrides.language)


async def _open(actor: Actor, dashboard_id: UUID, overrides: Overrides, *, tile_id: str | None = None) -> _Place:
    """Read the dashboard and the catalogues it needs in one short transaction."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    catalogues: dict[UUID, Catalogue] = {}
    async with transaction(actor) as session:
        _, view = await storage.load(actor, session, dashboard_id)
        wanted = view.spec.dataset_ids if tile_id is None else (_tile(view.spec, tile_id).dataset_id,)
        for dataset_id in wanted:
            try:
                catalogues[dataset_id] = await datasets.get_catalogue(actor, session, dataset_id)
            except NotFoundError:
                log.info("tile_dataset_gone", dashboard_id=str(dashboard_id), dataset_id=str(dataset_id))
    return _Place(_in_language(actor, overrides), view.spec, catalogues, overrides)


def _asking(reader: Actor, tile: Tile) -> Actor:
    """Return who asks: SQL, checked when its author saved it, may be read by all who see the dashboard.

    Row-level rules go by the reader's tenant, user and roles, which stay as they are.
    """
    if not isinstance(tile.source, SqlSource):
        return reader
    return replace(reader, permissions=reader.permissions | {Permission.DATASETS_SQL_RUN})


async def _answer_or_problem(place: _Place, tile: Tile) -> TileResult:
    try:
        return await _answer(place, tile)
    except DomainError as error:
        metrics.TILES.labels(chart=tile.chart.value, outcome="refused").inc()
        problem = TileProblem(code=error.code, message=error_text(error, place.reader.language), kind=error.kind.value)
    except Exception:
        log.exception("tile_failed", tile_id=tile.id, dataset_id=str(tile.dataset_id))
        metrics.TILES.labels(chart=tile.chart.value, outcome="failed").inc()
        said = text("dashboards.tile_failed", place.reader.language)
        problem = TileProblem(code="internal_error", message=said, kind="internal")
    return TileResult(tile_id=tile.id, title=tile.title, chart=tile.chart, state="failed", problem=problem)


async def _answer(place: _Place, tile: Tile) -> TileResult:
    catalogue, question = place.catalogue(tile), place.question(tile)
    reader, at = place.reader, presentation.wall_clock(now(), place.reader.time_zone)
    answers = await _ask(_asking(reader, tile), tile, question, catalogue)
    reading = surroundings.reading_of(tile, catalogue, language=reader.language, now=at)
    shown = presentation.present(tile, question, answers, catalogue, reading, time_zone=reader.time_zone)
    metrics.TILES.labels(chart=tile.chart.value, outcome=shown.state).inc()
    return shown


async def _ask(reader: Actor, tile: Tile, question: Question, catalogue: Catalogue) -> presentation.Answers:
    query = question.query
    if isinstance(query, SqlQuery):
        return presentation.Answers(result=await engine.run_sql(reader, query))
    if tile.chart is not ChartKind.NUMBER:
        return presentation.Answers(result=await engine.run_metric(reader, query))
    at = presentation.wall_clock(now(), reader.time_zone)
    earlier = None if question.period is None else periods.before(question.period, at)
    course = _course(query, question.period, catalogue, at)
    result, previous, points = await asyncio.gather(
        engine.run_metric(reader, query),
        _maybe(reader, None if earlier is None else query.model_copy(update={"period": earlier})),
        _maybe(reader, course),
    )
    return presentation.Answers(result=result, previous=previous, course=points)


async def _maybe(reader: Actor, query: MetricQuery | None) -> QueryResult | None:
    return None if query is None else await engine.run_metric(reader, query)


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
