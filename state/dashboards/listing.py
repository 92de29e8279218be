"""The list of dashboards, the ready-made types, and a new or deleted dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.library_schemas import Choice, LibraryFilter
from backend_services.dashboards.schemas import Access, DashboardSummary
from backend_services.dashboards.spec import DashboardSpec
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import format_number, plural, text
from backend_services.kernel.permissions import Permission
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of
from state.wording import ago

SORTABLE = ("title", "updated_at", "created_at")


class DashboardsState(Listing, rx.State):
    """What the list of dashboards shows, in the console and in the portal."""

    tab: str = "mine"
    types: list[dict[str, Any]] = []
    deleting: str = ""
    deleting_title: str = ""
    choice: str = "all"
    folder: str = ""

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def load(self) -> None:
        """Read the list or the types, whichever tab is open."""
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        self.deleting = ""
        self.tab = "types" if parameters.get("tab") == "types" else "mine"
        async with refusals_as_flash(self):
            if self.tab == "types":
                self.types = await type_rows(actor)
                self.loaded = True
                return
            path = str(self.router.url.path).rstrip("/")
            request = read_request(parameters, sortable=SORTABLE)
            narrowed = read_narrowing(parameters)
            async with transaction(actor) as session:
                page = await dashboards.list_dashboards(actor, session, request, narrowed=narrowed)
            self.rows = [dashboard_row(one, actor) for one in page.items]
            self.choice, self.folder = narrowed.choice.value, str(narrowed.folder or "")
            kept = narrowing_address(self.choice, self.folder)
            show_page(self, page, request, path=path, language=actor.language, sortable=SORTABLE, keep=kept)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def find(self, wanted: str) -> Any:
        """Search by title."""
        path = str(self.router.url.path).rstrip("/")
        kept = narrowing_address(self.choice, self.folder)
        return rx.redirect(address(path, {**kept, "q": wanted, "sort": self.sort}), replace=True)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def choose(self, choice: str) -> Any:
        """Show all dashboards, one's own, shared ones, favourites or lately viewed ones."""
        return self._narrowed_to(choice, self.folder)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def choose_folder(self, folder: str) -> Any:
        """Show what lies in one folder."""
        return self._narrowed_to(self.choice, folder)

    def _narrowed_to(self, choice: str, folder: str) -> Any:
        path = str(self.router.url.path).rstrip("/")
        kept = {**narrowing_address(choice, folder), "q": self.search, "sort": self.sort}
        return rx.redirect(address(path, kept))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_WRITE)
    async def create(self, form: dict[str, Any]) -> Any:
        """Make an empty dashboard with the title of the form and open its editor."""
        actor = await actor_of(self)
        title = str(form.get("title", "")).strip() or text("dashboards.untitled", actor.language)
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.create_dashboard(actor, session, DashboardSpec(title=title[:120]))
            return rx.redirect(f"/dashboards/{view.id}/edit")
        return None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_WRITE)
    async def create_from_type(self, type_id: str) -> Any:
        """Make the dashboard of a ready-made type and open it."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            view = await dashboards.build_type(actor, type_id)
            return rx.redirect(f"/dashboards/{view.id}")
        return None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_WRITE)
    async def duplicate(self, dashboard_id: str) -> Any:
        """Copy a dashboard and open the copy."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.duplicate(actor, session, id_of(dashboard_id))
            return rx.redirect(f"/dashboards/{view.id}")
        return None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_DELETE)
    async def ask_delete(self, dashboard_id: str, title: str) -> None:
        """Open the typed confirmation."""
        self.deleting, self.deleting_title = dashboard_id, title

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def keep(self) -> None:
        """Close the confirmation; everything stays."""
        self.deleting = ""

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_DELETE)
    async def delete(self, form: dict[str, Any]) -> Any:
        """Delete the dashboard if its title was typed."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await dashboards.delete_dashboard(
                    actor, session, id_of(self.deleting), confirmation=str(form.get("word", ""))
                )
            self.deleting = ""
            await flash(self, text("dashboards.deleted", actor.language, title=self.deleting_title))
            return DashboardsState.load
        return None


def read_narrowing(parameters: Mapping[str, str]) -> LibraryFilter:
    """Return which dashboards the address asks for; what is none falls back to all."""
    wanted, folder = parameters.get("show", ""), parameters.get("folder", "")
    choice = Choice(wanted) if wanted in set(Choice) else Choice.ALL
    place: Any = None if not folder else folder if folder == "root" else id_of(folder)
    return LibraryFilter(choice=choice, folder=place)


def narrowing_address(choice: str, folder: str) -> dict[str, str]:
    """Return the parameters of the address that keep a choice and a folder."""
    return {"show": "" if choice == Choice.ALL else choice, "folder": folder}


def dashboard_row(one: DashboardSummary, actor: Actor) -> dict[str, Any]:
    """Return a dashboard as a row of the list."""
    return {
        "id": str(one.id),
        "href": f"/dashboards/{one.id}",
        "title": one.title,
        "description": one.description,
        "tiles": format_number(one.tile_count, actor.language),
        "tiles_text": plural("dashboards.tiles", one.tile_count, actor.language),
        "origin": text(f"dashboards.origin.{one.origin}", actor.language),
        "shared": one.shared,
        "favourite": one.favourite,
        "mine": one.access is Access.OWNER,
        "editable": one.access is not Access.READ and actor.can(Permission.DASHBOARDS_DASHBOARD_WRITE),
        "updated": ago(one.updated_at, actor),
    }


async def type_rows(actor: Actor) -> list[dict[str, Any]]:
    """Return the ready-made types with their state."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "text": one.description,
            "ready": one.state == "ready",
            "missing": ", ".join(one.missing),
            "href": f"/dashboards/{one.dashboard_id}" if one.dashboard_id else "",
        }
        for one in await dashboards.list_types(actor)
    ]
