"""Folders, favourites and the selection of the list of dashboards."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.library_schemas import (
    MAX_AT_ONCE,
    FolderCreate,
    FolderDelete,
    FolderUpdate,
    FolderView,
    MoveRequest,
)
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import plural, text
from backend_services.kernel.permissions import Permission
from state.dashboards.listing import DashboardsState
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.policy import requires
from state.session import actor_of

READ, WRITE = Permission.DASHBOARDS_DASHBOARD_READ, Permission.DASHBOARDS_DASHBOARD_WRITE


class DashboardLibraryState(rx.State):
    """What stands around the list: folders to choose, to make and to change, and what is selected."""

    folders: list[dict[str, str]] = []
    selected: list[str] = []
    selected_text: str = ""
    panel: str = ""
    folder_id: str = ""
    folder_name: str = ""
    folder_parent: str = ""

    @rx.event
    @requires(READ)
    async def load(self) -> None:
        """Read the folders; nothing is selected on a page that opens."""
        self.panel, self.selected, self.selected_text = "", [], ""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            self.folders = [_folder_row(one) for one in await dashboards.list_folders(actor, session)]

    @rx.event
    @requires(READ)
    async def star(self, dashboard_id: str, favourite: bool) -> Any:  # noqa: FBT001 - an event has positions only
        """Mark a favourite, or take the mark away."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await dashboards.set_favourite(actor, session, id_of(dashboard_id), favourite=favourite)
            return DashboardsState.load
        return None

    @rx.event
    @requires(WRITE)
    async def select(self, dashboard_id: str) -> None:
        """Select a dashboard, or let it go."""
        actor = await actor_of(self)
        others = [one for one in self.selected if one != dashboard_id]
        self.selected = others if dashboard_id in self.selected else [*others, dashboard_id][:MAX_AT_ONCE]
        self.selected_text = plural("library.selected", len(self.selected), actor.language)

    @rx.event
    @requires(WRITE)
    async def clear(self) -> None:
        """Select nothing."""
        self.selected, self.selected_text = [], ""

    @rx.event
    @requires(WRITE)
    async def move(self, form: dict[str, Any]) -> Any:
        """Put what is selected into the folder of the form."""
        actor = await actor_of(self)
        if not self.selected:
            return None
        wanted = str(form.get("move-folder", ""))
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                request = MoveRequest(
                    dashboard_ids=tuple(id_of(one) for one in self.selected),
                    folder_id=id_of(wanted) if wanted else None,
                )
                moved = (await dashboards.move_dashboards(actor, session, request)).moved
            await flash(self, plural("library.moved", moved, actor.language))
            return [DashboardLibraryState.load, DashboardsState.load]
        return None

    @rx.event
    @requires(READ)
    async def open_folders(self) -> None:
        """Show the folders."""
        self.panel = "folders"

    @rx.event
    @requires(WRITE)
    async def edit_folder(self, folder_id: str) -> None:
        """Open the form of a folder, or of a new one."""
        found = next((one for one in self.folders if one["value"] == folder_id), None)
        self.folder_id = folder_id if found else ""
        self.folder_name = found["name"] if found else ""
        self.folder_parent = found["parent"] if found else ""
        self.panel = "folder"

    @rx.event
    @requires(WRITE)
    async def save_folder(self, form: dict[str, Any]) -> Any:
        """Make or change the folder of the form."""
        actor = await actor_of(self)
        parent = str(form.get("folder-parent", ""))
        values = {"name": str(form.get("folder-name", "")), "parent_id": id_of(parent) if parent else None}
        try:
            request = FolderUpdate.model_validate(values)
        except ValidationError:
            await flash(self, text("ui.fix", actor.language, name=text("library.folder.name", actor.language)))
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                if self.folder_id:
                    await dashboards.update_folder(actor, session, id_of(self.folder_id), request)
                else:
                    await dashboards.create_folder(actor, session, FolderCreate(**dict(request)))
            said = "library.folder.changed" if self.folder_id else "library.folder.created"
            await flash(self, text(said, actor.language, name=request.name))
            return DashboardLibraryState.load
        return None

    @rx.event
    @requires(WRITE)
    async def ask_delete(self, folder_id: str) -> None:
        """Open the typed confirmation of a folder."""
        found = next((one for one in self.folders if one["value"] == folder_id), None)
        if found is not None:
            self.folder_id, self.folder_name, self.panel = folder_id, found["name"], "delete"

    @rx.event
    @requires(WRITE)
    async def delete_folder(self, form: dict[str, Any]) -> Any:
        """Delete the folder if its name was typed; what is in it moves up."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                request = FolderDelete(confirmation=str(form.get("word", ""))[:80], contents="move_up")
                await dashboards.delete_folder(actor, session, id_of(self.folder_id), request)
            await flash(self, text("library.folder.deleted", actor.language, name=self.folder_name))
            return rx.redirect("/dashboards")
        return None

    @rx.event
    @requires(READ)
    async def close(self) -> None:
        """Close what is open over the list."""
        self.panel = ""


def _folder_row(one: FolderView) -> dict[str, str]:
    return {
        "value": str(one.id),
        "label": " / ".join(one.path),
        "name": one.name,
        "parent": str(one.parent_id or ""),
        "count": str(one.dashboards),
    }
