"""The inbox: files that subscriptions delivered to the reader."""

from __future__ import annotations

import reflex as rx

from backend_services.dashboards.subscriptions import service as subscriptions
from backend_services.kernel.db import transaction
from backend_services.kernel.permissions import Permission
from state.deliveries.wording import inbox_row
from state.feedback import refusals_as_flash
from state.listing import Listing, read_request, show_page
from state.policy import requires
from state.session import actor_of


class InboxState(Listing, rx.State):
    """What the inbox shows, in the console and in the portal."""

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        path = str(self.router.url.path).rstrip("/")
        request = read_request(self.router.url.query_parameters, sortable=("",))
        request = request.model_copy(update={"search": ""})
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await subscriptions.list_inbox(actor, session, request)
            self.rows = [inbox_row(one, actor) for one in page.items]
            show_page(self, page, request, path=path, language=actor.language, sortable=())
