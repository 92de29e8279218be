"""The rows behind a figure, page by page, and as a file."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import RowsRequest
from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.permissions import Permission
from state.dashboards.shown import rows_address
from state.dashboards.view import DashboardViewState
from state.dashboards.where import identity, overrides_of
from state.datasets.presenting import row_texts
from state.feedback import refusals_as_flash
from state.policy import requires
from state.session import actor_of

ROWS_SHOWN = 100


class DrillState(rx.State):
    """What the panel of rows shows."""

    shown: bool = False
    title: str = ""
    columns: list[dict[str, str]] = []
    rows: list[list[str]] = []
    place: str = ""
    first: bool = True
    last: bool = True
    csv_href: str = ""
    _tile_id: str = ""
    _offset: int = 0

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open(self, tile_id: str) -> None:
        """Show the first rows behind a tile, in the period and with the filters of the page."""
        page = await self.get_state(DashboardViewState)
        tile = next((one for one in page.tiles if one["id"] == tile_id), None)
        if tile is not None:
            self._tile_id, self.title = tile_id, tile["title"]
            await self._read(0)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def forward(self) -> None:
        """Show the next rows."""
        if self.shown and not self.last:
            await self._read(self._offset + ROWS_SHOWN)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def back(self) -> None:
        """Show the rows before."""
        if self.shown and not self.first:
            await self._read(max(0, self._offset - ROWS_SHOWN))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def close(self) -> None:
        """Close the panel."""
        self.shown, self.rows, self.columns = False, [], []

    async def _read(self, offset: int) -> None:
        actor = await actor_of(self)
        dashboard_id, overrides = identity(self), overrides_of(self, actor)
        async with refusals_as_flash(self):
            request = RowsRequest(overrides=overrides, limit=ROWS_SHOWN, offset=offset)
            result = await dashboards.tile_rows(actor, dashboard_id, self._tile_id, request)
            self.columns = [
                {"label": column.label, "align": "right" if column.type.is_number else "left"}
                for column in result.columns
            ]
            self.rows = row_texts(result.rows, result.columns, actor.language)
            self._offset, self.first, self.last = offset, offset == 0, not result.truncated
            numbers = (format_number(offset + one, actor.language) for one in (min(1, len(self.rows)), len(self.rows)))
            self.place = text("place.rows", actor.language, **_ends(*numbers))
            self.csv_href = rows_address(dashboard_id, self._tile_id, overrides)
            self.shown = True


def _ends(first: str, last: str) -> dict[str, Any]:
    return {"first": first, "last": last}
