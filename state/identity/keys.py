"""API keys: list, create (shown once), rotate, revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import reflex as rx
from pydantic import ValidationError

from backend_services.identity import service as identity
from backend_services.identity.schemas import ApiKeyCreate, ApiKeyRotate, ApiKeyView
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.permissions import Permission
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of
from state.wording import DASH, ago, when

SORTABLE = ("name", "created_at", "last_used_at", "expires_at")
OVERLAP_S = 24 * 3600


class KeysState(Listing, rx.State):
    """What the page of keys shows, in the console and in the portal."""

    adding: bool = False
    problems: list[dict[str, str]] = []
    shown_key: str = ""
    shown_name: str = ""
    revoking: dict[str, str] = {}

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_READ)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        path = str(self.router.url.path).rstrip("/")
        request = read_request(parameters, sortable=SORTABLE, default_sort="-created_at")
        self.shown_key, self.adding, self.revoking = "", False, {}
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await identity.list_api_keys(actor, session, request)
            self.rows = [key_row(one, actor) for one in page.items]
            show_page(self, page, request, path=path, language=actor.language, sortable=SORTABLE)

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_READ)
    async def find(self, wanted: str) -> Any:
        """Search by name."""
        path = str(self.router.url.path).rstrip("/")
        return rx.redirect(address(path, {"q": wanted, "sort": self.sort}), replace=True)

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_WRITE)
    async def open_add(self) -> None:
        """Open the form of a new key."""
        self.adding, self.problems = True, []

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_READ)
    async def close(self) -> Any:
        """Close what is open; the text of a key is gone then."""
        self.adding, self.shown_key, self.revoking, self.problems = False, "", {}, []
        return KeysState.load

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_WRITE)
    async def create(self, form: dict[str, Any]) -> None:
        """Make a key and show its text this once."""
        actor = await actor_of(self)
        days = str(form.get("days", ""))
        try:
            request = ApiKeyCreate(
                name=form.get("name", ""),
                environment=form.get("environment", "prod"),
                tier=form.get("tier", "free"),
                expires_at=now() + timedelta(days=int(days)) if days.isdecimal() and int(days) else None,
            )
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="keys")
            return
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                created = await identity.create_api_key(actor, session, request)
            self.adding, self.shown_key, self.shown_name = False, created.key, created.api_key.name

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_WRITE)
    async def rotate(self, key_id: str) -> None:
        """Make a new text for a key; the old one works for another day."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                created = await identity.rotate_api_key(
                    actor, session, id_of(key_id), ApiKeyRotate(overlap_s=OVERLAP_S)
                )
            self.shown_key, self.shown_name = created.key, created.api_key.name

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_WRITE)
    async def ask_revoke(self, key_id: str) -> None:
        """Open the typed confirmation."""
        row = next((row for row in self.rows if row["id"] == key_id), None)
        if row is not None:
            self.revoking = {"id": key_id, "name": row["name"]}

    @rx.event
    @requires(Permission.IDENTITY_API_KEY_WRITE)
    async def revoke(self, form: dict[str, Any]) -> Any:
        """Revoke the key if its name was typed."""
        actor = await actor_of(self)
        if str(form.get("word", "")).strip() != self.revoking.get("name"):
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await identity.revoke_api_key(actor, session, id_of(self.revoking["id"]))
            await flash(self, text("keys.revoked", actor.language, name=self.revoking["name"]))
            self.revoking = {}
            return KeysState.load
        return None


def key_row(one: ApiKeyView, actor: Actor) -> dict[str, Any]:
    """Return a key as a row of the list: never its text."""
    return {
        "id": str(one.id),
        "name": one.name,
        "text": f"{one.prefix}…{one.last4}",
        "tier": one.tier,
        "state": one.state,
        "scopes": str(len(one.scopes)) if one.scopes else DASH,
        "created": when(one.created_at, actor),
        "expires": when(one.expires_at, actor),
        "used": ago(one.last_used_at, actor),
    }
