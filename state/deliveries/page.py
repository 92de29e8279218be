"""Deliveries: the list of subscriptions, their history, sending now, pausing and deleting."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.dashboards.subscriptions import service as subscriptions
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import plural, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.where import path_of
from state.deliveries.wording import delivery_row, subscription_row
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of

PATH = "/deliveries"
SORTABLE = ("title", "created_at", "next_at")
HISTORY = 50
WRITE = Permission.DASHBOARDS_SUBSCRIPTION_WRITE


class DeliveriesState(Listing, rx.State):
    """What the list of subscriptions shows."""

    history: list[dict[str, Any]] = []
    history_title: str = ""
    deleting: dict[str, str] = {}

    @rx.event
    @requires(WRITE)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        request = read_request(self.router.url.query_parameters, sortable=SORTABLE, default_sort="-created_at")
        self.history_title, self.history, self.deleting = "", [], {}
        path = path_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await subscriptions.list_subscriptions(actor, session, request)
            self.rows = [subscription_row(one, actor, before=path.removesuffix(PATH)) for one in page.items]
            show_page(self, page, request, path=path, language=actor.language, sortable=SORTABLE)

    @rx.event
    @requires(WRITE)
    async def find(self, wanted: str) -> Any:
        """Search by title."""
        return rx.redirect(address(path_of(self), {"q": wanted, "sort": self.sort}), replace=True)

    @rx.event
    @requires(WRITE)
    async def send_now(self, subscription_id: str) -> None:
        """Send to all recipients at once, beside the schedule."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                made = await subscriptions.send_now(actor, session, id_of(subscription_id))
            await flash(self, plural("deliveries.sending", made, actor.language))

    @rx.event
    @requires(WRITE)
    async def pause(self, subscription_id: str) -> Any:
        """Stop following a subscription until it is resumed."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await subscriptions.pause(actor, session, id_of(subscription_id))
        return DeliveriesState.load

    @rx.event
    @requires(WRITE)
    async def resume(self, subscription_id: str) -> Any:
        """Follow a subscription again."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await subscriptions.resume(actor, session, id_of(subscription_id))
        return DeliveriesState.load

    @rx.event
    @requires(WRITE)
    async def show_history(self, subscription_id: str) -> None:
        """Show the last deliveries with their state for each recipient."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            one = await subscriptions.get_subscription(actor, session, id_of(subscription_id))
            page = await subscriptions.list_deliveries(actor, session, one.id, PageRequest(limit=HISTORY))
            names = await subscriptions.recipient_names(actor, session, page.items)
            self.history = [delivery_row(each, actor, names) for each in page.items]
            self.history_title = one.title

    @rx.event
    @requires(WRITE)
    async def ask_delete(self, subscription_id: str) -> None:
        """Open the typed confirmation."""
        row = next((row for row in self.rows if row["id"] == subscription_id), None)
        if row is not None:
            self.deleting = {"id": subscription_id, "title": row["title"]}

    @rx.event
    @requires(WRITE)
    async def delete(self, form: dict[str, Any]) -> Any:
        """Delete the subscription if its title was typed."""
        actor = await actor_of(self)
        if str(form.get("word", "")).strip() != self.deleting.get("title"):
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await subscriptions.delete_subscription(actor, session, id_of(self.deleting["id"]))
            await flash(self, text("deliveries.deleted", actor.language, title=self.deleting["title"]))
            return DeliveriesState.load
        return None

    @rx.event
    @requires(WRITE)
    async def close(self) -> None:
        """Close what is open."""
        self.history_title, self.history, self.deleting = "", [], {}
