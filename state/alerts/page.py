"""The list of alerts, and what alerts told the reader."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.alerts.schemas import Acknowledgement
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.alerts.wording import alert_row, notice_row, received_row
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of
from state.shell import count_alerts

PATH = "/alerts"
SORTABLE = ("title", "created_at", "last_at", "since")
LATEST = 20
READ, WRITE = Permission.DASHBOARDS_ALERT_READ, Permission.DASHBOARDS_ALERT_WRITE


class AlertsState(Listing, rx.State):
    """What the list of alerts shows."""

    @rx.event
    @requires(WRITE)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        request = read_request(self.router.url.query_parameters, sortable=SORTABLE, default_sort="-created_at")
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await alerts.list_alerts(actor, session, request)
            self.rows = [alert_row(one, actor) for one in page.items]
            show_page(self, page, request, path=PATH, language=actor.language, sortable=SORTABLE)

    @rx.event
    @requires(WRITE)
    async def find(self, wanted: str) -> Any:
        """Search by title."""
        return rx.redirect(address(PATH, {"q": wanted, "sort": self.sort}), replace=True)


class ReceivedAlertsState(rx.State):
    """What alerts told the reader, in the console and in the portal."""

    loaded: bool = False
    alerts: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []

    @rx.event
    @requires(READ)
    async def load(self) -> None:
        """Read the alerts that tell the reader, and their last messages."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            received = await alerts.list_received(actor, session, PageRequest(limit=LATEST, sort="-since"))
            notices = await alerts.list_my_notices(actor, session, PageRequest(limit=LATEST))
            self.alerts = [received_row(one, actor) for one in received.items]
            self.notices = [notice_row(one, actor) for one in notices.items]
            await count_alerts(self, actor, session)
            self.loaded = True

    @rx.event
    @requires(READ)
    async def read(self, notice_id: str) -> Any:
        """Remember that a message was read."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await alerts.read_notice(actor, session, id_of(notice_id))
        return ReceivedAlertsState.load

    @rx.event
    @requires(READ)
    async def acknowledge(self, alert_id: str) -> Any:
        """Say that the reader looks after an alert."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await alerts.acknowledge(actor, session, id_of(alert_id), Acknowledgement())
            await flash(self, text("alerts.acknowledged", actor.language))
        return ReceivedAlertsState.load
