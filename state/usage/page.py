"""What a customer used: its calls by day, by status and by route, from the platform's record of calls."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import TilePreview
from backend_services.dashboards.spec import ChartKind, DashboardSpec, Tile
from backend_services.dashboards.types import TYPES, spec_of
from backend_services.datasets import service as datasets
from backend_services.datasets.platform import TABLES
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import error_text
from backend_services.kernel.permissions import Permission
from state.dashboards.shown import failed_tile, loading_tile, shown_tile
from state.policy import requires
from state.session import actor_of, signed_in_actor

CALLS = "api_calls"
TYPE = "api-usage-dashboard"
AT_HOME = ("calls", "refused", "broken", "latency", "calls-by-day")


class UsageState(rx.State):
    """The figures of what was used; home shows the first of them."""

    tiles: list[dict[str, Any]] = []

    @rx.event(background=True)
    @requires(Permission.DATASETS_PLATFORM_READ)
    async def load(self) -> None:
        """Show the figures as they come."""
        async with self:
            actor = await actor_of(self)
            at_home = str(self.router.url.path).rstrip("/") == "/portal"
        spec = await usage_spec(actor)
        wanted = [_whole_row(tile) for tile in spec.tiles if tile.id in AT_HOME] if at_home else list(spec.tiles)
        async with self:
            if await signed_in_actor(self) is None:
                return
            self.tiles = [loading_tile(tile) for tile in wanted]
        await asyncio.gather(*(self._answer(actor, tile) for tile in wanted))

    async def _answer(self, actor: Actor, tile: Tile) -> None:
        language: Any = actor.language
        shown = loading_tile(tile)
        try:
            result = await dashboards.preview_tile(actor, TilePreview(tile=tile, language=language))
            shown = {**shown_tile(shown, result, actor=actor), "source_href": ""}
        except DomainError as error:
            shown = failed_tile(shown, message=error_text(error, actor.language), code=error.code)
        async with self:
            if await signed_in_actor(self) is not None:
                self.tiles = [shown if one["id"] == tile.id else one for one in self.tiles]

    @rx.event
    @requires(Permission.DATASETS_PLATFORM_READ)
    async def toggle_table(self, tile_id: str) -> None:
        """Show a figure as a table, or as a figure again."""
        self.tiles = [{**one, "as_table": not one["as_table"]} if one["id"] == tile_id else one for one in self.tiles]


def _whole_row(tile: Tile) -> Tile:
    """Return a chart of home as wide as the page: nothing stands beside it there."""
    return tile if tile.chart is ChartKind.NUMBER else tile.model_copy(update={"width": 12})


async def usage_spec(actor: Actor) -> DashboardSpec:
    """Return the figures of the built-in dashboard of calls, without keeping one."""
    kind = next(one for one in TYPES if one.id == TYPE)
    dataset_id = next(table.id for table in TABLES.values() if table.key == CALLS)
    async with transaction(actor) as session:
        catalogue = await datasets.get_catalogue(actor, session, dataset_id)
    return spec_of(kind, actor.language, {CALLS: dataset_id}, {CALLS: catalogue})
