"""The list of connections."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.datasets.connections import service
from backend_services.kernel.db import transaction
from backend_services.kernel.permissions import Permission
from state.connections.form import ConnectionFormState
from state.connections.wording import PATH, connection_row
from state.feedback import refusals_as_flash
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of

SORTABLE = ("name", "kind", "state", "checked_at")


class ConnectionsState(Listing, rx.State):
    """What the list of connections shows."""

    @rx.event
    @requires(Permission.DATASETS_CONNECTION_READ)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        form: ConnectionFormState = await self.get_state(ConnectionFormState)
        form.opened = False
        request = read_request(self.router.url.query_parameters, sortable=SORTABLE, default_sort="name")
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await service.list_connections(actor, session, request)
            self.rows = [connection_row(one, actor) for one in page.items]
            show_page(self, page, request, path=PATH, language=actor.language, sortable=SORTABLE)

    @rx.event
    @requires(Permission.DATASETS_CONNECTION_READ)
    async def find(self, wanted: str) -> Any:
        """Search by name."""
        return rx.redirect(address(PATH, {"q": wanted, "sort": self.sort}), replace=True)
