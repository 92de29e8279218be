"""The editor of one dashboard: figures, their forms with a live preview, order, undo, saving."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import DashboardView, TilePreview
from backend_services.dashboards.spec import DashboardSpec, MetricSource, Tile
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Catalogue, Operator
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import ConflictError, DomainError
from backend_services.kernel.i18n import error_text, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.shown import failed_tile, loading_tile, shown_tile
from state.dashboards.tile_form import form_of, new_tile, tile_of, with_filter, without_filter
from state.dashboards.view import identity
from state.feedback import flash, flash_error, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of

UNDO_STEPS = 30
WRITE = Permission.DASHBOARDS_DASHBOARD_WRITE
NOTHING_OPEN = DashboardSpec(title="…").model_dump(mode="json")
"""What a tab holds that calls the editor before it opened a dashboard."""


class DashboardEditState(rx.State):
    """What the editor shows. The specification itself stays on the server until it is saved."""

    loaded: bool = False
    missing: bool = False
    title: str = ""
    description: str = ""
    version: str = ""
    href: str = ""
    tiles: list[dict[str, str]] = []
    selected: str = ""
    form: dict[str, str] = {}
    conditions: list[str] = []
    preview: dict[str, Any] = {}
    problems: list[dict[str, str]] = []
    datasets: list[dict[str, str]] = []
    measures: list[dict[str, str]] = []
    dimensions: list[dict[str, str]] = []
    timed: bool = False
    changed: bool = False
    undoable: bool = False
    conflict: bool = False
    saving: bool = False
    _spec: dict[str, Any] = NOTHING_OPEN
    _version: int = 0
    _past: list[dict[str, Any]] = []

    @rx.event
    @requires(WRITE)
    async def load(self) -> None:
        """Read the dashboard of the address and open its first figure."""
        actor = await actor_of(self)
        self.loaded = self.missing = self.changed = self.undoable = self.conflict = False
        self._past = []
        view: DashboardView | None = None
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, identity(self))
            found = await datasets.list_datasets(actor, session, PageRequest(limit=200, sort="name"))
            self.datasets = [{"value": str(one.id), "label": one.name} for one in found.items if one.version]
        if view is None or view.access == "read":
            self.missing = True
            return
        self._show(view, actor)
        await self._select(self.tiles[0]["id"] if self.tiles else "")

    def _show(self, view: DashboardView, actor: Actor) -> None:
        self._spec, self._version = view.spec.model_dump(mode="json"), view.version
        self.href = f"/dashboards/{view.id}"
        self.version = text("dashboards.version", actor.language, n=view.version)
        self.selected, self.form, self.preview, self.conditions = "", {}, {}, []
        self._list(actor.language)
        self.loaded = True

    def _list(self, language: str) -> None:
        spec = self._read()
        self.title, self.description = spec.title, spec.description
        self.tiles = [
            {
                "id": tile.id,
                "title": tile.title,
                "chart": tile.chart.value,
                "chart_text": text(f"dashboards.chart.{tile.chart.value}", language),
                "width": str(tile.width),
            }
            for tile in spec.tiles
        ]

    def _read(self) -> DashboardSpec:
        return DashboardSpec.model_validate(self._spec)

    def _write(self, spec: DashboardSpec, language: str) -> None:
        self._past = [*self._past[-(UNDO_STEPS - 1) :], self._spec]
        self._spec = spec.model_dump(mode="json")
        self.changed = self.undoable = True
        self._list(language)

    def _tile(self) -> Tile | None:
        return next((one for one in self._read().tiles if one.id == self.selected), None)

    def _replace(self, tile: Tile, language: str) -> None:
        spec = self._read()
        tiles = tuple(tile if one.id == tile.id else one for one in spec.tiles)
        self._write(spec.model_copy(update={"tiles": tiles}), language)

    @rx.event
    @requires(WRITE)
    async def select(self, tile_id: str) -> None:
        """Open the form of a figure."""
        await self._select(tile_id)

    async def _select(self, tile_id: str) -> None:
        self.selected, self.problems = tile_id, []
        tile = self._tile()
        if tile is None:
            self.selected, self.form, self.preview = "", {}, {}
            return
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            await self._open(actor, tile)

    async def _open(self, actor: Actor, tile: Tile) -> None:
        self.form = form_of(tile)
        catalogue = await _catalogue(actor, tile.source.query.dataset_id)
        self._offer(catalogue, actor.language)
        labels = {one["value"]: one["label"] for one in self.dimensions}
        filters = tile.source.query.filters if isinstance(tile.source, MetricSource) else ()
        self.conditions = [
            " ".join(
                (
                    labels.get(one.field, one.field),
                    text(f"dashboards.operator.{one.operator.value}", actor.language),
                    ", ".join(map(str, one.values)),
                )
            ).strip()
            for one in filters
        ]
        await self._preview(actor, tile)

    def _offer(self, catalogue: Catalogue, language: str) -> None:
        self.measures = [
            {"value": one.id, "label": one.label.in_language(language)} for one in catalogue.measures if not one.hidden
        ]
        self.dimensions = [
            {"value": one.id, "label": one.label.in_language(language)}
            for one in catalogue.dimensions
            if not one.hidden
        ]
        times = {one.id for one in catalogue.dimensions if one.type.is_time}
        self.timed = self.form.get("dimension", "") in times

    async def _preview(self, actor: Actor, tile: Tile) -> None:
        """Compute the figure as it will be, with the dashboard's own period and filters."""
        spec = self._read()
        waiting = loading_tile(tile)
        try:
            result = await dashboards.preview_tile(
                actor, TilePreview(tile=tile, period=spec.period, filters=spec.filters)
            )
        except DomainError as error:
            self.preview = failed_tile(waiting, message=error_text(error, actor.language), code=error.code)
            return
        self.preview = shown_tile(waiting, result, actor=actor)

    @rx.event
    @requires(WRITE)
    async def change(self, name: str, value: str) -> None:
        """Change one field of the open figure and show what comes of it."""
        tile = self._tile()
        if tile is None or name not in self.form or self.form[name] == value:
            return
        actor = await actor_of(self)
        self.problems = []
        form = {**self.form, name: value}
        async with refusals_as_flash(self):
            catalogue = await _catalogue(actor, id_of(form["dataset"]))
            if name == "dataset":
                fresh = new_tile(tile.id, form["title"], id_of(value), catalogue)
                form = {**form_of(fresh), "width": form["width"], "title": form["title"]}
            try:
                changed = tile_of(form, tile, catalogue)
            except ValidationError as error:
                self.problems = problems_of(error, actor.language, area="dashboards")
                return
            self.form = form
            self._replace(changed, actor.language)
            await self._open(actor, changed)

    @rx.event
    @requires(WRITE)
    async def toggle_table(self) -> None:
        """Show the preview as a table, or as a figure again."""
        self.preview = {**self.preview, "as_table": not self.preview.get("as_table", False)}

    @rx.event
    @requires(WRITE)
    async def add_condition(self, form: dict[str, Any]) -> None:
        """Narrow the open figure by one condition."""
        tile, actor = self._tile(), await actor_of(self)
        field, operator = str(form.get("condition-field", "")), str(form.get("condition-operator", ""))
        if tile is None or not field or operator not in {one.value for one in Operator}:
            return
        async with refusals_as_flash(self):
            changed = with_filter(tile, field, operator, str(form.get("condition-value", "")))
            self._replace(changed, actor.language)
            await self._open(actor, changed)

    @rx.event
    @requires(WRITE)
    async def remove_condition(self, place: int) -> None:
        """Take a condition away."""
        tile, actor = self._tile(), await actor_of(self)
        if tile is None:
            return
        async with refusals_as_flash(self):
            changed = without_filter(tile, place)
            self._replace(changed, actor.language)
            await self._open(actor, changed)

    @rx.event
    @requires(WRITE)
    async def add_tile(self, dataset_id: str = "") -> None:
        """Add a figure of a dataset, or of the one used last, and open it."""
        actor, spec = await actor_of(self), self._read()
        wanted = dataset_id or self.form.get("dataset", "") or next((one["value"] for one in self.datasets), "")
        if not wanted:
            await flash(self, text("dashboards.no_dataset", actor.language), tone="error")
            return
        async with refusals_as_flash(self):
            catalogue = await _catalogue(actor, id_of(wanted))
            name = _free_id({one.id for one in spec.tiles})
            tile = new_tile(name, text("dashboards.new_tile", actor.language), id_of(wanted), catalogue)
            self._write(spec.model_copy(update={"tiles": (*spec.tiles, tile)}), actor.language)
            await self._select(name)

    @rx.event
    @requires(WRITE)
    async def move(self, tile_id: str, steps: int) -> None:
        """Move a figure towards the start (negative) or the end."""
        spec = self._read()
        tiles = list(spec.tiles)
        place = next((index for index, one in enumerate(tiles) if one.id == tile_id), None)
        if place is None or not 0 <= place + steps < len(tiles):
            return
        tiles.insert(place + steps, tiles.pop(place))
        self._write(spec.model_copy(update={"tiles": tuple(tiles)}), (await actor_of(self)).language)

    @rx.event
    @requires(WRITE)
    async def copy_tile(self, tile_id: str) -> None:
        """Put a copy of a figure behind it."""
        spec = self._read()
        found = next((index for index, one in enumerate(spec.tiles) if one.id == tile_id), None)
        if found is None:
            return
        name = _free_id({one.id for one in spec.tiles})
        copy = spec.tiles[found].model_copy(update={"id": name})
        tiles = (*spec.tiles[: found + 1], copy, *spec.tiles[found + 1 :])
        self._write(spec.model_copy(update={"tiles": tiles}), (await actor_of(self)).language)
        await self._select(name)

    @rx.event
    @requires(WRITE)
    async def remove_tile(self, tile_id: str) -> None:
        """Take a figure out; Undo brings it back."""
        spec = self._read()
        tiles = tuple(one for one in spec.tiles if one.id != tile_id)
        self._write(spec.model_copy(update={"tiles": tiles}), (await actor_of(self)).language)
        if self.selected == tile_id:
            await self._select(tiles[0].id if tiles else "")

    @rx.event
    @requires(WRITE)
    async def rename(self, name: str, value: str) -> None:
        """Change the title or the description of the dashboard."""
        spec = self._read()
        cleaned = value.strip()
        if name not in {"title", "description"} or getattr(spec, name) == cleaned or (name == "title" and not cleaned):
            return
        limit = 120 if name == "title" else 1000
        self._write(spec.model_copy(update={name: cleaned[:limit]}), (await actor_of(self)).language)

    @rx.event
    @requires(WRITE)
    async def undo(self) -> None:
        """Take the last change back."""
        if not self._past:
            return
        *self._past, self._spec = self._past
        self.undoable = bool(self._past)
        self.changed = self.undoable
        self._list((await actor_of(self)).language)
        kept = self.selected if any(one["id"] == self.selected for one in self.tiles) else ""
        await self._select(kept or (self.tiles[0]["id"] if self.tiles else ""))

    @rx.event
    @requires(WRITE)
    async def save(self) -> Any:
        """Save as a new version; what somebody else saved meanwhile is never overwritten."""
        actor, spec = await actor_of(self), self._read()
        self.saving = True
        try:
            async with transaction(actor) as session:
                view = await dashboards.update_dashboard(
                    actor, session, identity(self), spec=spec, expected_version=self._version
                )
        except ConflictError:
            self.conflict = True
            return None
        except DomainError as error:
            await flash_error(self, error)
            return None
        finally:
            self.saving = False
        self.changed, self._version = False, view.version
        await flash(self, text("dashboards.saved", actor.language, title=view.title))
        return rx.redirect(self.href)

    @rx.event
    @requires(WRITE)
    async def save_as_copy(self) -> Any:
        """Keep one's own changes as a dashboard of their own."""
        actor, spec = await actor_of(self), self._read()
        title = text("dashboards.copy_of", actor.language, title=spec.title)[:120]
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                view = await dashboards.create_dashboard(actor, session, spec.model_copy(update={"title": title}))
            self.conflict = self.changed = False
            return rx.redirect(f"/dashboards/{view.id}")
        return None

    @rx.event
    @requires(WRITE)
    async def close_conflict(self) -> None:
        """Go on editing."""
        self.conflict = False


async def _catalogue(actor: Actor, dataset_id: UUID) -> Catalogue:
    async with transaction(actor) as session:
        return await datasets.get_catalogue(actor, session, dataset_id)


def _free_id(taken: set[str]) -> str:
    return next(name for name in (f"tile-{number}" for number in range(1, len(taken) + 2)) if name not in taken)
