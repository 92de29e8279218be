"""The editor of one dashboard: figures, their forms with a live preview, saving."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import placing
from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import DashboardView, TilePreview
from backend_services.dashboards.spec import MetricSource, Tile
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import ROW_COUNT, Catalogue, Operator
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import ConflictError, DomainError
from backend_services.kernel.i18n import error_text, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.chart_fit import charts_for, fitted, numbers
from state.dashboards.draft import DraftState, step_text
from state.dashboards.place import REFRESHES
from state.dashboards.shown import failed_tile, loading_tile, shown_tile
from state.dashboards.tile_form import form_of, new_tile, tile_of, with_filter, without_filter
from state.dashboards.where import identity
from state.feedback import flash, flash_error, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of

WRITE = Permission.DASHBOARDS_DASHBOARD_WRITE


class DashboardEditState(DraftState):
    """What the editor shows.

    Attributes:
        view: ``form`` for one figure with its form, ``board`` for all of them.
        jumped: The form was opened from the board, so the focus goes there.
    """

    loaded: bool = False
    missing: bool = False
    view: str = "form"
    jumped: bool = False
    version: str = ""
    href: str = ""
    selected: str = ""
    form: dict[str, str] = {}
    conditions: list[str] = []
    preview: dict[str, Any] = {}
    problems: list[dict[str, str]] = []
    datasets: list[dict[str, str]] = []
    measures: list[dict[str, str]] = []
    dimensions: list[dict[str, str]] = []
    numbers: list[dict[str, str]] = []
    charts: list[dict[str, str]] = []
    timed: bool = False
    conflict: bool = False
    saving: bool = False
    _version: int = 0

    async def _load(self) -> bool:
        """Read the dashboard of the address, and return whether it may be edited."""
        actor = await actor_of(self)
        self.loaded = self.missing = self.changed = self.conflict = False
        view: DashboardView | None = None
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, identity(self))
            found = await datasets.list_datasets(actor, session, PageRequest(limit=200, sort="name"))
            self.datasets = [{"value": str(one.id), "label": one.name} for one in found.items if one.version]
        if view is None or view.access == "read":
            self.missing = True
            return False
        self._show(view, actor)
        return True

    def _show(self, view: DashboardView, actor: Actor) -> None:
        self._version = view.version
        self.href = f"/dashboards/{view.id}"
        self.version = text("dashboards.version", actor.language, n=view.version)
        self.selected, self.form, self.preview, self.conditions = "", {}, {}, []
        self._begin(view.spec, actor.language)
        self.loaded = True

    def _tile(self) -> Tile | None:
        return next((one for one in self._read().tiles if one.id == self.selected), None)

    def _open_or_first(self) -> str:
        ids = [one["id"] for one in self.tiles]
        return self.selected if self.selected in ids else next(iter(ids), "")

    def _replace(self, tile: Tile, language: str) -> None:
        spec = self._read()
        tiles = tuple(tile if one.id == tile.id else one for one in spec.tiles)
        what = step_text("change", language, title=tile.title)
        self._write(spec.model_copy(update={"tiles": tiles}), what, language)

    @rx.event
    @requires(WRITE)
    async def select(self, tile_id: str) -> None:
        """Open the form of a figure."""
        await self._select(tile_id)

    async def _select(self, tile_id: str) -> None:
        self.selected, self.problems, self.jumped = tile_id, [], False
        tile = self._tile()
        if tile is None:
            self.selected, self.form, self.preview = "", {}, {}
            return
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            await self._open(actor, tile)

    async def _open(self, actor: Actor, tile: Tile) -> None:
        self.form = form_of(tile)
        catalogue = Catalogue() if tile.dataset_id is None else await _catalogue(actor, tile.dataset_id)
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
        rows = catalogue.measure(ROW_COUNT)
        if rows is not None and self.measures:
            self.measures.append({"value": rows.id, "label": rows.label.in_language(language)})
        self.numbers = [
            {"value": name, "label": slovenian if language == "sl" else english}
            for name, english, slovenian in numbers(catalogue)
        ]
        if self.form.get("kind") != "text":
            self.charts = charts_for(catalogue, language)
        times = {one.id for one in catalogue.dimensions if one.type.is_time}
        self.timed = not times.isdisjoint({self.form.get("dimension", ""), self.form.get("split", "")})

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
            if form["chart"] != "text" and not form["dataset"]:
                form["dataset"] = next((one["value"] for one in self.datasets), "")
            catalogue = Catalogue() if not form["dataset"] else await _catalogue(actor, id_of(form["dataset"]))
            if name == "chart":
                form = fitted(form, catalogue)
            if name == "dataset":
                fresh = new_tile(tile.id, form["title"], id_of(value), catalogue)
                form = {**form_of(fresh), **{kept: form[kept] for kept in ("title", "width", "height")}}
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
            title = text("dashboards.new_tile", actor.language)
            tile = new_tile(placing.free_id(spec), title, id_of(wanted), catalogue)
            what = step_text("add", actor.language, title=title)
            said = text("arrange.added", actor.language, title=title)
            self._write(placing.added(spec, tile), what, actor.language, said=said)
            self.view = "form"
            await self._select(tile.id)

    @rx.event
    @requires(WRITE)
    async def rename(self, name: str, value: str) -> None:
        """Change the title or the description of the dashboard."""
        spec = self._read()
        cleaned = value.strip()
        if name not in {"title", "description"} or getattr(spec, name) == cleaned or (name == "title" and not cleaned):
            return
        limit = 120 if name == "title" else 1000
        language = (await actor_of(self)).language
        self._write(spec.model_copy(update={name: cleaned[:limit]}), step_text("rename", language), language)

    @rx.event
    @requires(WRITE)
    async def renew_every(self, name: str) -> None:
        """Choose how often the dashboard renews its figures on open pages, unless their readers choose otherwise."""
        if name in REFRESHES:
            language = (await actor_of(self)).language
            changed = self._read().model_copy(update={"refresh_s": REFRESHES[name] or None})
            self._write(changed, step_text("renew", language), language)

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
        self._version = view.version
        self._begin(spec, actor.language)
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
