"""Webhooks: the list, adding and changing one, a new secret, a test, and the log with redelivery."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import ValidationError

from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.webhooks import service as webhooks
from backend_services.kernel.webhooks.schemas import (
    WebhookChange,
    WebhookDeliveryView,
    WebhookEvent,
    WebhookRotate,
    WebhookView,
)
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of
from state.wording import DASH, when

PATH = "/webhooks"
SORTABLE = ("name", "created_at")
LOG = 50
READ, WRITE = Permission.KERNEL_WEBHOOK_READ, Permission.KERNEL_WEBHOOK_WRITE


class WebhooksState(Listing, rx.State):
    """What the page of webhooks shows."""

    form: dict[str, str] = {}
    problems: list[dict[str, str]] = []
    shown_secret: str = ""
    shown_name: str = ""
    deleting: dict[str, str] = {}
    log: list[dict[str, Any]] = []
    log_of: dict[str, str] = {}

    @rx.event
    @requires(READ)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        request = read_request(self.router.url.query_parameters, sortable=SORTABLE, default_sort="-created_at")
        self._shut()
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await webhooks.list_webhooks(actor, session, request)
            self.rows = [webhook_row(one, actor) for one in page.items]
            show_page(self, page, request, path=PATH, language=actor.language, sortable=SORTABLE)

    def _shut(self) -> None:
        self.form, self.problems, self.shown_secret, self.deleting = {}, [], "", {}
        self.log, self.log_of = [], {}

    @rx.event
    @requires(READ)
    async def find(self, wanted: str) -> Any:
        """Search by name."""
        return rx.redirect(address(PATH, {"q": wanted, "sort": self.sort}), replace=True)

    @rx.event
    @requires(READ)
    async def close(self) -> Any:
        """Close what is open; a secret is gone then."""
        self._shut()
        return WebhooksState.load

    @rx.event
    @requires(WRITE)
    async def open_form(self, webhook_id: str) -> None:
        """Open the form: of a webhook, or of a new one where there is no id."""
        actor = await actor_of(self)
        self.problems, self.form = [], {"id": "", "name": "", "url": "", "event": "", "enabled": "yes", "version": "0"}
        if not webhook_id:
            return
        async with refusals_as_flash(self), transaction(actor) as session:
            one = await webhooks.get_webhook(actor, session, id_of(webhook_id))
            self.form = {
                "id": webhook_id,
                "name": one.name,
                "url": one.url,
                "event": one.events[0].value if len(one.events) == 1 else "",
                "enabled": "yes" if one.state.value == "active" else "",
                "version": str(one.version),
            }

    @rx.event
    @requires(WRITE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Add or change the webhook; a new one's secret is shown this once."""
        actor = await actor_of(self)
        if not self.form:  # sent twice, and the first time shut it
            return None
        chosen = {name: form.get(name) or "" for name in ("name", "url")}
        event = form.get("event") or ""
        try:
            change = WebhookChange.model_validate(
                {**chosen, "events": (event,) if event else (), "enabled": (form.get("enabled") or "") == "yes"}
            )
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="webhooks")
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                secret, name = await self._write(actor, session, change)
            self._shut()
            if secret:
                self.shown_secret, self.shown_name = secret, name
                return None
            await flash(self, text("webhooks.saved", actor.language, name=name))
            return WebhooksState.load
        return None

    async def _write(self, actor: Actor, session: Any, change: WebhookChange) -> tuple[str, str]:
        """Return the secret, where there is a new one, and the name."""
        if not self.form.get("id"):
            made = await webhooks.create_webhook(actor, session, change)
            return made.secret, made.webhook.name
        view = await webhooks.update_webhook(
            actor, session, id_of(self.form["id"]), change, expected_version=int(self.form["version"])
        )
        return "", view.name

    @rx.event
    @requires(WRITE)
    async def rotate(self, webhook_id: str) -> None:
        """Make a new secret; the one before signs too for a while."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                made = await webhooks.rotate_secret(actor, session, id_of(webhook_id), WebhookRotate())
            self.shown_secret, self.shown_name = made.secret, made.webhook.name

    @rx.event
    @requires(WRITE)
    async def send_test(self, webhook_id: str) -> None:
        """Send a message that says nothing but that it is a test."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await webhooks.send_test(actor, session, id_of(webhook_id))
            await flash(self, text("webhooks.test_sent", actor.language))

    @rx.event
    @requires(READ)
    async def show_log(self, webhook_id: str) -> None:
        """Show the last messages with what the server answered."""
        async with refusals_as_flash(self):
            await self._read_log(webhook_id)

    async def _read_log(self, webhook_id: str) -> None:
        actor = await actor_of(self)
        async with transaction(actor) as session:
            one = await webhooks.get_webhook(actor, session, id_of(webhook_id))
            page = await webhooks.list_deliveries(actor, session, one.id, PageRequest(limit=LOG))
            self.log = [delivery_row(each, actor) for each in page.items]
            self.log_of = {"id": webhook_id, "name": one.name}

    @rx.event
    @requires(WRITE)
    async def redeliver(self, delivery_id: str) -> None:
        """Send a message again."""
        actor, webhook_id = await actor_of(self), self.log_of.get("id", "")
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await webhooks.redeliver(actor, session, id_of(webhook_id), id_of(delivery_id))
            await flash(self, text("webhooks.sent_again", actor.language))
            await self._read_log(webhook_id)

    @rx.event
    @requires(WRITE)
    async def ask_delete(self, webhook_id: str) -> None:
        """Open the typed confirmation."""
        row = next((row for row in self.rows if row["id"] == webhook_id), None)
        if row is not None:
            self.deleting = {"id": webhook_id, "name": row["name"]}

    @rx.event
    @requires(WRITE)
    async def delete(self, form: dict[str, Any]) -> Any:
        """Delete the webhook if its name was typed."""
        actor = await actor_of(self)
        if str(form.get("word", "")).strip() != self.deleting.get("name"):
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await webhooks.delete_webhook(actor, session, id_of(self.deleting["id"]))
            await flash(self, text("webhooks.deleted", actor.language, name=self.deleting["name"]))
            return WebhooksState.load
        return None


def webhook_row(one: WebhookView, actor: Actor) -> dict[str, Any]:
    """Return a webhook as a row of the list: never its secret."""
    words = ", ".join(text(f"webhooks.event.{each.value}", actor.language) for each in one.events)
    return {
        "id": str(one.id),
        "name": one.name,
        "url": one.url,
        "events": words or text("webhooks.all_events", actor.language),
        "state": "failing" if one.failing_since and one.state.value == "active" else one.state.value,
        "last": when(one.last_at, actor),
    }


def delivery_row(one: WebhookDeliveryView, actor: Actor) -> dict[str, Any]:
    """Return a message as a row of the log."""
    language = actor.language
    reason = text(f"webhooks.reason.{one.reason}", language) if one.reason else ""
    return {
        "id": str(one.id),
        "at": when(one.created_at, actor),
        "event": text(f"webhooks.event.{WebhookEvent(one.event).value}", language),
        "state": one.state.value,
        "attempts": str(one.attempts),
        "answer": str(one.status) if one.status is not None else reason or DASH,
    }
