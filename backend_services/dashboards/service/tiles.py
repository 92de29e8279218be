"""What tiles show: questions go to the query engine, answers become figures. No transaction is open meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from backend_services.dashboards import metrics, presentation, surroundings
from backend_services.dashboards.errors import (
    DashboardInvalidError,
    TileDataGoneError,
    TileHasNoDataError,
    TileHasNoRowsError,
    TileNotFoundError,
)
from backend_services.dashboards.schemas import Overrides, RowsRequest, TilePreview, TileProblem, TileResult
from backend_services.dashboards.service import asking, storage
from backend_services.dashboards.spec import ChartKind, DashboardSpec, SqlSource, TextSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import MetricQuery, SqlQuery
from backend_services.datasets.query import service as engine
from backend_services.datasets.query.execution import Views
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError, NotFoundError
from backend_services.kernel.i18n import error_text, text
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from backend_services.dashboards.arrangement import Reading
    from backend_services.dashboards.surroundings import Question
    from backend_services.datasets.catalogue import Catalogue, Filter, QueryResult
    from backend_services.datasets.query.schemas import ExportFormat
    from backend_services.kernel.actor import Actor

log = structlog.get_logger(__name__)

AT_ONCE = 4
RESHAPED = frozenset({ChartKind.HISTOGRAM, ChartKind.PIVOT})
"""Kinds whose file is what is shown, not the answer to the question as it stands."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A dashboard as its reader sees it: the catalogues it needs, its period and filters."""

    reader: Actor
    spec: DashboardSpec
    catalogues: dict[UUID, Catalogue]
    overrides: Overrides
    views: Views

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
            TileHasNoDataError: The tile is a text.
        """
        if tile.dataset_id is None:
            raise TileHasNoDataError(params={"tile": tile.title})
        found = self.catalogues.get(tile.dataset_id)
        if found is None:
            raise TileDataGoneError(params={"tile": tile.title})
        return found

    def reading(self, tile: Tile) -> Reading:
        """Return how the tile's answer is read, at this moment of the reader's clock."""
        at = presentation.wall_clock(now(), self.reader.time_zone)
        return surroundings.reading_of(tile, self.catalogue(tile), language=self.reader.language, now=at)


async def tile_result(actor: Actor, dashboard_id: UUID, tile_id: str, overrides: Overrides | None = None) -> TileResult:
    """Return what one tile shows.

    Raises:
        DashboardNotFoundError: There is no such dashboard, or it is not shared with the actor.
        TileNotFoundError: It has no such tile.
        TileDataGoneError: The tile's dataset is not here any more.
    """
    place = await _open(actor, dashboard_id, overrides or Overrides(), tile_id=tile_id)
    return await _answer(place, _tile(place.spec, tile_id))


async def tile_results(
    actor: Actor,
    dashboard_id: UUID,
    overrides: Overrides | None = None,
    *,
    tile_id: str | None = None,
    locked: tuple[Filter, ...] = (),
) -> tuple[TileResult, ...]:
    """Return what all tiles show, or the one with ``tile_id``, a few asked at once.

    One that fails says so and leaves the others alone. ``locked`` conditions narrow the data below every question.
    """
    place = await _open(actor, dashboard_id, overrides or Overrides(), tile_id=tile_id, locked=locked)
    tiles = place.spec.tiles if tile_id is None else (_tile(place.spec, tile_id),)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(tile: Tile) -> TileResult:
        async with gate:
            return await _answer_or_problem(place, tile)

    return tuple(await asyncio.gather(*(one(tile) for tile in tiles)))


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
    catalogues: dict[UUID, Catalogue] = {}
    if request.tile.dataset_id is not None:
        async with transaction(actor) as session:
            catalogue = await datasets.get_catalogue(actor, session, request.tile.dataset_id)
        catalogues = {request.tile.dataset_id: catalogue}
    if isinstance(request.tile.source, SqlSource):
        actor.require(Permission.DATASETS_SQL_RUN)
    problems = problems_of(spec, catalogues)
    if problems:
        fields = {problem.path: problem.message(reader.language) for problem in problems}
        raise DashboardInvalidError(fields=fields, params={"problems": len(problems)})
    return await _answer(_Place(reader, spec, catalogues, overrides, Views(reader)), request.tile)


async def tile_rows(actor: Actor, dashboard_id: UUID, tile_id: str, request: RowsRequest) -> QueryResult:
    """Return the rows that a tile, or one cell of its answer, was computed from.

    Raises:
        TileHasNoDataError: The tile is a text.
        TileHasNoRowsError: The tile is free SQL.
    """
    reader, query = await _asked_of_rows(actor, dashboard_id, tile_id, request.overrides, cell=bool(request.cell))
    return await engine.rows_behind(reader, query, cell=dict(request.cell), limit=request.limit, offset=request.offset)


async def _asked_of_rows(
    actor: Actor, dashboard_id: UUID, tile_id: str, overrides: Overrides, *, cell: bool
) -> tuple[Actor, MetricQuery]:
    place = await _open(actor, dashboard_id, overrides, tile_id=tile_id)
    tile = _tile(place.spec, tile_id)
    query = place.question(tile).query
    if isinstance(query, SqlQuery):
        raise TileHasNoRowsError(params={"tile": tile.title})
    if tile.chart is ChartKind.HISTOGRAM and cell:
        query = await asking.binned(asking.Asker(place.reader, place.views), query, bins=tile.bins)
    return place.reader, query


async def export_tile_rows(
    actor: Actor, dashboard_id: UUID, tile_id: str, request: RowsRequest, *, export_format: ExportFormat
) -> AsyncIterator[bytes]:
    """Return all rows behind a tile, or behind one cell of its answer, as a file, in pieces.

    Raises:
        TileHasNoDataError: The tile is a text.
        TileHasNoRowsError: The tile is free SQL.
    """
    reader, query = await _asked_of_rows(actor, dashboard_id, tile_id, request.overrides, cell=bool(request.cell))
    return await engine.export_rows_behind(reader, query, cell=dict(request.cell), export_format=export_format)


async def export_tile(
    actor: Actor,
    dashboard_id: UUID,
    tile_id: str,
    *,
    export_format: ExportFormat,
    overrides: Overrides | None = None,
    locked: tuple[Filter, ...] = (),
) -> AsyncIterator[bytes]:
    """Return a tile's answer as a file, in pieces; refusals are raised before the first piece.

    Raises:
        TileHasNoDataError: The tile is a text.
    """
    place = await _open(actor, dashboard_id, overrides or Overrides(), tile_id=tile_id, locked=locked)
    tile = _tile(place.spec, tile_id)
    catalogue, question = place.catalogue(tile), place.question(tile)
    asker = asking.Asker(_asking(place.reader, tile), place.views)
    if not isinstance(question.query, MetricQuery) or not (tile.chart in RESHAPED or tile.compare):
        return await engine.export(asker.reader, question.query, export_format=export_format, views=place.views)
    answers = await asking.ask(asker, tile, question, catalogue)
    shown = presentation.file_of(tile, question, answers, place.reading(tile))
    return await engine.export_answer(asker.reader, shown, export_format=export_format)


def _tile(spec: DashboardSpec, tile_id: str) -> Tile:
    tile = spec.tile(tile_id)
    if tile is None:
        raise TileNotFoundError(params={"tile": tile_id})
    return tile


def _in_language(actor: Actor, overrides: Overrides) -> Actor:
    return actor if overrides.language is None else replace(actor, language=overrides.language)


async def _open(
    actor: Actor,
    dashboard_id: UUID,
    overrides: Overrides,
    *,
    tile_id: str | None = None,
    locked: tuple[Filter, ...] = (),
) -> _Place:
    """Read the dashboard and the catalogues it needs in one short transaction."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    catalogues: dict[UUID, Catalogue] = {}
    async with transaction(actor) as session:
        _, view = await storage.load(actor, session, dashboard_id)
        tiles = view.spec.tiles if tile_id is None else (_tile(view.spec, tile_id),)
        wanted = dict.fromkeys(one for tile in tiles if (one := tile.dataset_id) is not None)
        for dataset_id in wanted:
            try:
                catalogues[dataset_id] = await datasets.get_catalogue(actor, session, dataset_id)
            except NotFoundError:
                log.info("tile_dataset_gone", dashboard_id=str(dashboard_id), dataset_id=str(dataset_id))
    reader = _in_language(actor, overrides)
    return _Place(reader, view.spec, catalogues, overrides, Views(reader, locked=locked))


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
    if isinstance(tile.source, TextSource):
        metrics.TILES.labels(chart=tile.chart.value, outcome="ready").inc()
        return presentation.prose_of(tile, tile.source)
    catalogue, question = place.catalogue(tile), place.question(tile)
    reader = place.reader
    answers = await asking.ask(asking.Asker(_asking(reader, tile), place.views), tile, question, catalogue)
    shown = presentation.present(tile, question, answers, catalogue, place.reading(tile), time_zone=reader.time_zone)
    metrics.TILES.labels(chart=tile.chart.value, outcome=shown.state).inc()
    return shown
