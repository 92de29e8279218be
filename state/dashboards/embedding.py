"""The dialog that shows the dashboard on other sites: its embeds, making one, a new secret, revoking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.embeds import service as embeds
from backend_services.dashboards.embeds.schemas import EmbedCreate, EmbedMode, EmbedSecret, EmbedView
from backend_services.dashboards.spec import DashboardSpec
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import FieldType
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.place import SIGNS
from state.dashboards.where import identity, place_of
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of
from state.wording import when

WRITE = Permission.DASHBOARDS_EMBED_WRITE
LISTED = PageRequest(limit=50)
WHOLE = ""


class EmbeddingState(rx.State):
    """What the dialog shows; ``secret`` is there from making or rotating until the dialog is closed."""

    opened: bool = False
    making: bool = False
    title: str = ""
    mode: str = "link"
    language: str = "en"
    locked: str = ""
    tiles: list[dict[str, str]] = []
    fields: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    revoking: str = ""
    secret: str = ""
    code: str = ""
    problems: list[dict[str, str]] = []

    @rx.event
    @requires(WRITE)
    async def open(self) -> None:
        """Show the embeds of the dashboard of the address."""
        self._forget()
        async with refusals_as_flash(self):
            await self._read()
            self.opened, self.making = True, not self.rows

    @rx.event
    @requires(WRITE)
    async def begin(self) -> None:
        """Show the form."""
        self._forget()
        self.making = True

    @rx.event
    @requires(WRITE)
    async def close(self) -> None:
        """Close the dialog and forget the secret."""
        self._forget()
        self.opened, self.making = False, False

    @rx.event
    @requires(WRITE)
    async def choose_mode(self, mode: str) -> None:
        """Show the fields that this way needs."""
        self.mode = "signed" if mode == "signed" else "link"

    @rx.event
    @requires(WRITE)
    async def create(self, form: dict[str, Any]) -> None:
        """Make an embed as the form says and show its secret this one time."""
        actor = await actor_of(self)
        place = place_of(self)
        chosen = chosen_of(form) | {
            "dashboard_id": identity(self),
            "locked_filters": place.filters,
            "period": place.relative,
        }
        try:
            request = EmbedCreate.model_validate(chosen)
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="embeds")
            return
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                made = await embeds.create_embed(actor, session, request)
            await self._read()
            self._tell(made)

    @rx.event
    @requires(WRITE)
    async def rotate(self, embed_id: str) -> None:
        """Give an embed a new secret; the one before stays good for a day."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                made = await embeds.rotate_secret(actor, session, id_of(embed_id))
            await self._read()
            self._tell(made)

    @rx.event
    @requires(WRITE)
    async def ask_revoke(self, embed_id: str) -> None:
        """Ask whether to close an embed for good; asked again, the question goes away."""
        self.revoking = "" if self.revoking == embed_id else embed_id

    @rx.event
    @requires(WRITE)
    async def revoke(self) -> None:
        """Close the embed at once and for good."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                closed = await embeds.revoke(actor, session, id_of(self.revoking))
            self._forget()
            await self._read()
            await flash(self, text("embeds.revoked", actor.language, title=closed.title))

    def _forget(self) -> None:
        self.secret, self.code, self.revoking, self.problems = "", "", "", []

    def _tell(self, made: EmbedSecret) -> None:
        self._forget()
        self.making, self.secret, self.code = False, made.secret, frame_code(made)

    async def _read(self) -> None:
        actor = await actor_of(self)
        dashboard_id = identity(self)
        async with transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, dashboard_id)
            page = await embeds.list_embeds(actor, session, LISTED, dashboard_id=dashboard_id)
            words = {}
            for dataset_id in view.spec.dataset_ids:
                catalogue = await datasets.get_catalogue(actor, session, dataset_id)
                for one in catalogue.dimensions:
                    if not one.hidden and one.type is FieldType.TEXT:
                        words[one.id] = one.label.in_language(actor.language)
        self.rows = [embed_row(one, actor) for one in page.items]
        self.title, self.mode, self.language = view.title, "link", actor.language
        self.tiles = _tiles(view.spec, actor.language)
        nothing = {"value": "", "label": text("embeds.no_field", actor.language)}
        self.fields = [nothing, *({"value": name, "label": label} for name, label in words.items())]
        self.locked = "; ".join(
            f"{words.get(one.field, one.field)}{SIGNS[one.operator]}{', '.join(map(str, one.values))}"
            for one in place_of(self).filters
        )


def _tiles(spec: DashboardSpec, language: str) -> list[dict[str, str]]:
    whole = {"value": WHOLE, "label": text("deliveries.whole", language)}
    return [whole, *({"value": one.id, "label": one.title} for one in spec.tiles)]


def origins_of(form: dict[str, Any]) -> tuple[str, ...]:
    """Return the sites that were written, however they were separated."""
    written = str(form.get("origins") or "").replace(",", " ").replace(";", " ").split()
    return tuple(one.rstrip("/").lower() for one in written)


def frame_code(made: EmbedSecret) -> str:
    """Return what to put into a page; for tokens with a place where the server writes the token."""
    address = made.link or f"{made.embed.address}#token=TOKEN"
    return f'<iframe src="{address}" width="100%" height="640" loading="lazy" style="border:0"></iframe>'


def embed_row(one: EmbedView, actor: Actor) -> dict[str, str]:
    """Return an embed in the reader's words."""
    return {
        "id": str(one.id),
        "title": one.title,
        "mode": text(f"embeds.mode.{one.mode.value}", actor.language),
        "state": one.state.value,
        "uses": format_number(one.uses, actor.language),
        "last": when(one.last_used_at, actor),
        "until": when(one.expires_at, actor),
        "revoked": "yes" if one.state.value == "revoked" else "",
    }


def chosen_of(form: dict[str, Any]) -> dict[str, Any]:
    """Return the form as an embed takes it; fields that are not shown come as ``None`` or not at all."""
    form = {name: value for name, value in form.items() if value is not None}
    mode = EmbedMode.SIGNED if form.get("mode") == "signed" else EmbedMode.LINK
    signed = str(form.get("signed_field", "")) if mode is EmbedMode.SIGNED else ""
    opened = str(form.get("open_field", ""))
    days = str(form.get("days", "90"))
    return {
        "title": form.get("embed_title", ""),
        "mode": mode,
        "tile_id": form.get("embed_tile") or None,
        "signed_fields": (signed,) if signed else (),
        "open_fields": (opened,) if opened else (),
        "expires_at": now() + timedelta(days=int(days) if days.isdigit() else 90),
        "origins": origins_of(form),
        "theme": form.get("theme", "auto"),
        "language": form.get("language", "en"),
        "period_open": form.get("period_open") == "yes",
        "show_title": form.get("show_title", "yes") == "yes",
        "allow_csv": form.get("allow_csv") == "yes",
    }
