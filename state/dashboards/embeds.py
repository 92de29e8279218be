"""Embeds of all dashboards: the list, changing one, a new secret, closing one for good."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards.embeds import service as embeds
from backend_services.dashboards.embeds.schemas import EmbedChange, EmbedView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from state.dashboards.embedding import WRITE, embed_row, frame_code, origins_of
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

PATH = "/embeds"
SORTABLE = ("title", "created_at", "expires_at")
NOTHING: dict[str, str] = {}


class EmbedsState(Listing, rx.State):
    """What the list shows; ``secret`` is there from making one until the dialog is closed."""

    editing: dict[str, str] = NOTHING
    closing: dict[str, str] = NOTHING
    secret: str = ""
    code: str = ""
    problems: list[dict[str, str]] = []
    _version: int = 0

    @rx.event
    @requires(WRITE)
    async def load(self) -> None:
        """Read the page that the address asks for, and open the form if it names an embed."""
        actor = await actor_of(self)
        self._close()
        parameters = self.router.url.query_parameters
        request = read_request(parameters, sortable=SORTABLE, default_sort="-created_at")
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await embeds.list_embeds(actor, session, request)
            self.rows = [embed_row(one, actor) | {"href": f"/dashboards/{one.dashboard_id}"} for one in page.items]
            show_page(self, page, request, path=PATH, language=actor.language, sortable=SORTABLE)
            if wanted := parameters.get("edit", ""):
                await self._edit(actor, session, wanted)

    @rx.event
    @requires(WRITE)
    async def find(self, wanted: str) -> Any:
        """Search by name."""
        return rx.redirect(address(PATH, {"q": wanted, "sort": self.sort}), replace=True)

    @rx.event
    @requires(WRITE)
    async def edit(self, embed_id: str) -> None:
        """Open the form of one embed."""
        actor = await actor_of(self)
        self._close()
        async with refusals_as_flash(self), transaction(actor) as session:
            await self._edit(actor, session, embed_id)

    @rx.event
    @requires(WRITE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Change the embed as the form says; what is open on other sites follows at once."""
        actor = await actor_of(self)
        embed_id = id_of(self.editing.get("id", ""))
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                one = await embeds.get_embed(actor, session, embed_id)
                try:
                    change = changed(one, form, actor)
                except ValidationError as error:
                    self.problems = problems_of(error, actor.language, area="embeds")
                    return None
                await embeds.update_embed(actor, session, embed_id, change, expected_version=self._version)
            await flash(self, text("embeds.saved", actor.language, title=change.title))
            return rx.redirect(address(PATH, {"q": self.search, "sort": self.sort}), replace=True)
        return None

    @rx.event
    @requires(WRITE)
    async def rotate(self, embed_id: str) -> None:
        """Give an embed a new secret and show it this one time; the one before stays good for a day."""
        actor = await actor_of(self)
        self._close()
        async with refusals_as_flash(self), transaction(actor) as session:
            made = await embeds.rotate_secret(actor, session, id_of(embed_id))
            self.secret, self.code = made.secret, frame_code(made)

    @rx.event
    @requires(WRITE)
    async def ask_revoke(self, embed_id: str) -> None:
        """Open the typed confirmation."""
        row = next((row for row in self.rows if row["id"] == embed_id), None)
        if row is not None:
            self.closing = {"id": embed_id, "title": row["title"]}

    @rx.event
    @requires(WRITE)
    async def revoke(self, form: dict[str, Any]) -> Any:
        """Close the embed for good if its name was typed."""
        actor = await actor_of(self)
        if str(form.get("word", "")).strip() != self.closing.get("title"):
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                closed = await embeds.revoke(actor, session, id_of(self.closing["id"]))
            await flash(self, text("embeds.revoked", actor.language, title=closed.title))
            return EmbedsState.load
        return None

    @rx.event
    @requires(WRITE)
    async def forget(self, embed_id: str) -> Any:
        """Take an embed that is closed for good out of the list."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await embeds.delete_embed(actor, session, id_of(embed_id))
        return EmbedsState.load

    @rx.event
    @requires(WRITE)
    async def close(self) -> None:
        """Close what is open and forget the secret."""
        self._close()

    async def _edit(self, actor: Actor, session: AsyncSession, embed_id: str) -> None:
        one = await embeds.get_embed(actor, session, id_of(embed_id))
        self.editing, self._version = form_of(one, actor), one.version

    def _close(self) -> None:
        self.editing, self.closing, self.problems = {}, {}, []
        self.secret, self.code = "", ""


def form_of(one: EmbedView, actor: Actor) -> dict[str, str]:
    """Return what the form shows of an embed."""
    ends = one.expires_at.astimezone(ZoneInfo(actor.time_zone)).date()
    return {
        "id": str(one.id),
        "title": one.title,
        "origins": " ".join(one.origins),
        "until": ends.isoformat(),
        "period_open": _yes(one.period_open),
        "allow_csv": _yes(one.allow_csv),
        "show_title": _yes(one.show_title),
        "theme": one.theme,
        "language": one.language,
    }


def changed(one: EmbedView, form: dict[str, Any], actor: Actor) -> EmbedChange:
    """Return an embed as the form wants it; what the form does not show stays.

    Raises:
        ValidationError: A field of the form does not fit.
    """
    kept = one.model_dump(include=set(EmbedChange.model_fields))
    until = str(form.get("until", ""))
    unchanged = until == form_of(one, actor)["until"]
    return EmbedChange.model_validate(
        kept
        | {
            "title": form.get("embed_title", ""),
            "origins": origins_of(form),
            "expires_at": one.expires_at if unchanged else _end_of(until, actor),
            "period_open": form.get("period_open") == "yes",
            "allow_csv": form.get("allow_csv") == "yes",
            "show_title": form.get("show_title") == "yes",
            "theme": form.get("theme", one.theme),
            "language": form.get("language", one.language),
        }
    )


def _end_of(day: str, actor: Actor) -> datetime | str:
    """Return the last moment of a day where the reader is; what is no day is left to the schema to refuse."""
    try:
        return datetime.combine(date.fromisoformat(day), time.max, tzinfo=ZoneInfo(actor.time_zone))
    except ValueError:
        return day


def _yes(value: bool) -> str:  # noqa: FBT001 - a field's value
    return "yes" if value else "no"
