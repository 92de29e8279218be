"""How the page of a dashboard is looked at: renewed by itself, on a whole screen, one figure large."""

from __future__ import annotations

import reflex as rx

from backend_services.kernel.i18n import text
from backend_services.kernel.permissions import Permission
from state.dashboards.place import FULL, REFRESHES, refresh_of
from state.dashboards.view import DashboardViewState
from state.dashboards.where import place_of
from state.feedback import flash
from state.policy import requires
from state.session import actor_of

READ = Permission.DASHBOARDS_DASHBOARD_READ


class DashboardLookState(rx.State):
    """What the address says of the way of looking, and which figure is shown large."""

    refresh: str = "off"
    refresh_s: int = 0
    full: bool = False
    large: str = ""
    large_title: str = ""

    @rx.event
    @requires(READ)
    async def load(self) -> None:
        """Read the way of looking from the address as the page opens."""
        self.large = ""
        place = place_of(self)
        page = await self.get_state(DashboardViewState)
        self.refresh = refresh_of(place, page._refresh_s)  # noqa: SLF001 - the two states are one page
        self.refresh_s, self.full = REFRESHES[self.refresh], place.view == FULL

    @rx.event
    @requires(READ)
    async def choose_refresh(self, name: str) -> None:
        """Renew the figures so often; the browser has written it into the address without loading anything."""
        if name in REFRESHES:
            self.refresh, self.refresh_s = name, REFRESHES[name]

    @rx.event
    @requires(READ)
    async def show_full(self, full: bool) -> None:  # noqa: FBT001 - an event has positions only
        """Fill the screen with the figures, or show the page around them again; the address says so already."""
        self.full = full

    @rx.event
    @requires(READ)
    async def enlarge(self, tile_id: str) -> None:
        """Show one figure large, with its table and its computation."""
        page = await self.get_state(DashboardViewState)
        tile = next((one for one in page.tiles if one["id"] == tile_id), None)
        if tile is not None:
            self.large, self.large_title = tile_id, tile["title"]

    @rx.event
    @requires(READ)
    async def close(self) -> None:
        """Close the large figure."""
        self.large = ""

    @rx.event
    @requires(READ)
    async def copied(self) -> None:
        """Say that the call was copied and what it needs."""
        await flash(self, text("living.copied", (await actor_of(self)).language))
