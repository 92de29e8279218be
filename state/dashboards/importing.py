"""Importing a dashboard from a file: read, matched with the data that is here, saved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import DashboardExport, DashboardImport
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.permissions import Permission
from state.feedback import flash, refusals_as_flash
from state.policy import requires
from state.session import actor_of

WRITE = Permission.DASHBOARDS_DASHBOARD_WRITE
LONGEST = 2_000_000
"""Characters of a file; a dashboard of forty tiles has a tenth of it."""


class DashboardImportState(rx.State):
    """What the dialog of an import shows: the file's datasets, each with what could take its place."""

    shown: bool = False
    title: str = ""
    places: list[dict[str, Any]] = []
    _file: str = ""

    @rx.event
    @requires(WRITE)
    async def open(self) -> None:
        """Ask for a file."""
        self.shown, self.title, self.places, self._file = True, "", [], ""

    @rx.event
    @requires(WRITE)
    async def close(self) -> None:
        """Close the dialog; nothing was written."""
        self.shown, self._file = False, ""

    @rx.event
    @requires(WRITE)
    async def read(self, form: dict[str, Any]) -> None:
        """Read the file and show which data its figures would have here."""
        actor = await actor_of(self)
        raw = str(form.get("import-text", ""))[:LONGEST]
        try:
            file = DashboardExport.model_validate_json(raw)
        except ValidationError:
            await flash(self, text("library.import_wrong", actor.language), tone="error")
            return
        async with refusals_as_flash(self), transaction(actor) as session:
            plan = await dashboards.plan_import(actor, session, file)
            self._file, self.title = raw, plan.title
            self.places = [
                {
                    "field": f"place-{one.id}",
                    "name": text("library.import_map", actor.language, title=one.name),
                    "found": str(one.found or ""),
                    "choices": [{"value": str(choice.id), "label": choice.name} for choice in one.choices],
                }
                for one in plan.datasets
            ]

    @rx.event
    @requires(WRITE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Save the file's dashboard over the chosen data and open it."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            try:
                request = DashboardImport(
                    file=DashboardExport.model_validate_json(self._file), dataset_map=chosen(form)
                )
            except ValidationError:
                await flash(self, text("library.import_wrong", actor.language), tone="error")
                return None
            async with transaction(actor) as session:
                made = await dashboards.import_dashboard(actor, session, request)
            self.shown, self._file = False, ""
            await flash(self, text("library.import_done", actor.language, title=made.title))
            return rx.redirect(f"/dashboards/{made.id}")
        return None


def chosen(form: dict[str, Any]) -> dict[UUID, UUID]:
    """Return the datasets chosen in the form by those of the file; what is no id is left out."""
    found: dict[UUID, UUID] = {}
    for field, value in form.items():
        if field.startswith("place-") and value:
            try:
                found[UUID(field.removeprefix("place-"))] = UUID(str(value))
            except ValueError:
                continue
    return found
