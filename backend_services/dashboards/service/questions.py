"""The question behind a tile, for what watches it. No transaction is open while it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards import surroundings
from backend_services.dashboards.errors import TileNotFoundError
from backend_services.dashboards.service import storage
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import MetricQuery
from backend_services.kernel.db import transaction
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.actor import Actor


async def number_question(actor: Actor, dashboard_id: UUID, tile_id: str) -> MetricQuery | None:
    """Return what a tile that shows one number asks, with its dashboard's period and filters in it.

    ``None`` for a tile that shows something else, or free SQL.

    Raises:
        DashboardNotFoundError: There is no such dashboard, or it is not shared with the actor.
        TileNotFoundError: It has no such tile.
        DatasetNotFoundError: The tile's dataset is not here any more.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    async with transaction(actor) as session:
        _, view = await storage.load(actor, session, dashboard_id)
        tile = view.spec.tile(tile_id)
        if tile is None:
            raise TileNotFoundError(params={"tile": tile_id})
        if tile.chart is not ChartKind.NUMBER or tile.dataset_id is None:
            return None
        catalogue = await datasets.get_catalogue(actor, session, tile.dataset_id)
    asked = surroundings.question_of(tile, catalogue, period=view.spec.period, filters=view.spec.filters).query
    return asked if isinstance(asked, MetricQuery) and not asked.dimensions else None
