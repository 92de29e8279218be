"""Runs a plan: dry run first, then the query; every tile says which checks it passed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.dashboards.builder import wording
from backend_services.dashboards.builder.schemas import BuiltColumn, BuiltTile, Understood
from backend_services.dashboards.service import asking
from backend_services.dashboards.spec import BINS, ChartKind, MetricSource, Tile
from backend_services.datasets.query import service as query_service
from backend_services.datasets.query.execution import Views
from backend_services.kernel.i18n import stored_text

if TYPE_CHECKING:
    from backend_services.dashboards.builder.plan import PlannedTile
    from backend_services.dashboards.builder.sources import Source
    from backend_services.datasets.catalogue import Catalogue, QueryResult
    from backend_services.kernel.actor import Actor

_WIDTHS = {ChartKind.NUMBER: 4, ChartKind.TABLE: 12}


@dataclass(frozen=True, slots=True)
class Executed:
    """A tile with its answer, or what forbids it."""

    planned: PlannedTile
    result: QueryResult | None
    problem: str = ""


async def run_all(
    actor: Actor, tiles: list[PlannedTile], catalogue: Catalogue, *, language: str
) -> tuple[Executed, ...]:
    """Check and run every tile at once; ``catalogue`` names the fields of what is refused."""
    return tuple(await asyncio.gather(*(_run(actor, tile, catalogue, language) for tile in tiles)))


async def _run(actor: Actor, tile: PlannedTile, catalogue: Catalogue, language: str) -> Executed:
    trial = await query_service.dry_run(actor, tile.query)
    if not trial.ok:
        said = (
            stored_text(
                one.code, wording.detail_texts(one.params, catalogue, language), language, otherwise=one.message
            )
            for one in trial.problems
        )
        return Executed(tile, None, "; ".join(said))
    asked, views = tile.query, Views(actor)
    if tile.chart is ChartKind.HISTOGRAM:
        asked = await asking.binned(asking.Asker(actor, views), asked, bins=BINS)
    return Executed(tile, await query_service.run_metric(actor, asked, views=views))


def built(one: Executed, source: Source, *, number: int, language: str) -> BuiltTile:
    """Return an executed tile as the answer shows it."""
    assert one.result is not None  # noqa: S101 - callers refuse before
    planned, result = one.planned, one.result
    query, draft = planned.query, planned.draft
    catalogue = source.index.catalogue
    passed = ["schema", "rights", "dry_run"]
    if result.rows:
        passed.append("rows")
    if not result.truncated:
        passed.append("cardinality")
    understood = Understood(
        dataset_id=source.dataset_id,
        dataset_name=source.name,
        measures=query.measures,
        dimensions=query.dimensions,
        derived=query.derived,
        filters=query.filters,
        having=query.having,
        part=query.part,
        period=query.period,
        sort=query.sort,
        limit=draft.limit,
        chart=planned.chart,
        share=draft.share,
        confidence=draft.confidence,
        chips=wording.chips(planned, catalogue, dataset_name=source.name, language=language),
    )
    return BuiltTile(
        id=f"tile-{number}",
        title=wording.tile_title(planned, catalogue, language),
        chart=planned.chart,
        columns=tuple(
            BuiltColumn(name=column.name, label=column.label, type=column.type, role=column.role, unit=column.unit)
            for column in result.columns
        ),
        rows=result.rows,
        sql=result.sql,
        understood=understood,
        truncated=result.truncated,
        freshness=result.freshness,
        checks=tuple(passed),
    )


def as_spec(tile: BuiltTile, planned: PlannedTile, *, alone: bool) -> Tile:
    """Return the tile as a dashboard stores it."""
    return Tile(
        id=tile.id,
        title=tile.title,
        chart=planned.chart,
        source=MetricSource(query=planned.query),
        width=12 if alone and planned.chart is not ChartKind.NUMBER else _WIDTHS.get(planned.chart, 6),
        series=planned.series,
    )
