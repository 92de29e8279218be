"""One dashboard: its tiles, period and filters from the address, rows behind a figure, how it was computed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import DashboardView, Overrides, RowsRequest
from backend_services.dashboards.spec import DashboardSpec
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Filter, Grain, Operator, RelativePeriod
from backend_services.datasets.query import service as query
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import ConflictError, DomainError, NotFoundError
from backend_services.kernel.i18n import error_text, format_number, text
from backend_services.kernel.permissions import Permission
from state.dashboards.shown import csv_address, failed_tile, loading_tile, shown_tile
from state.datasets.presenting import row_texts
from state.feedback import refusals_as_flash
from state.forms import id_of
from state.listing import address
from state.policy import requires
from state.session import actor_of, signed_in_actor

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

PERIODS: dict[str, RelativePeriod] = {
    "7d": RelativePeriod(kind="last", n=7, grain=Grain.DAY),
    "30d": RelativePeriod(kind="last", n=30, grain=Grain.DAY),
    "12w": RelativePeriod(kind="last", n=12, grain=Grain.WEEK),
    "12m": RelativePeriod(kind="last", n=12, grain=Grain.MONTH),
    "ytd": RelativePeriod(kind="to_date", grain=Grain.YEAR),
    "last_year": RelativePeriod(kind="previous", grain=Grain.YEAR),
}
AT_ONCE = 4
VALUES_SHOWN = 50
FIRST_LOOK_S, LAST_LOOK_S = 0.05, 0.8
TileChange = Callable[[dict[str, Any]], dict[str, Any]]


class DashboardViewState(rx.State):
    """What the page of one dashboard shows."""

    loaded: bool = False
    missing: bool = False
    title: str = ""
    description: str = ""
    version: str = ""
    href: str = ""
    edit_href: str = ""
    editable: bool = False
    period: str = ""
    own_period: str = ""
    filters: list[dict[str, str]] = []
    fields: list[dict[str, str]] = []
    tiles: list[dict[str, Any]] = []
    panel: str = ""
    panel_title: str = ""
    values: list[dict[str, str]] = []
    values_field: str = ""
    _sources: dict[str, str] = {}
    how: dict[str, Any] = {"facts": [], "sql": ""}
    behind_columns: list[dict[str, str]] = []
    behind_rows: list[list[str]] = []
    refreshing: bool = False

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def load(self) -> Any:
        """Read the dashboard of the address, then its tiles one after the other as they come."""
        actor = await actor_of(self)
        self.panel, self.loaded, self.missing = "", False, False
        view: DashboardView | None = None
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, identity(self))
            self.fields, self._sources = await offered_fields(actor, session, view.spec)
        if view is None:
            self.missing = True
            return None
        self._describe(view, actor)
        return DashboardViewState.fill

    def _describe(self, view: DashboardView, actor: Actor) -> None:
        parameters = self.router.url.query_parameters
        self.title, self.description = view.spec.title, view.spec.description
        self.version = text("dashboards.version", actor.language, n=view.version)
        self.href, self.edit_href = f"/dashboards/{view.id}", f"/dashboards/{view.id}/edit"
        self.editable = view.access != "read" and actor.can(Permission.DASHBOARDS_DASHBOARD_WRITE)
        period = parameters.get("period", "")
        self.period = period if period in PERIODS else ""
        self.filters = [
            {"field": one.field, "text": f"{self._label(one.field)}: {', '.join(map(str, one.values))}", "raw": raw}
            for raw, one in read_filters(parameters.get("f", ""))
        ]
        self.tiles = [loading_tile(tile) for tile in view.spec.tiles]
        self.loaded = True

    def _label(self, field: str) -> str:
        return next((one["label"] for one in self.fields if one["value"] == field), field)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def offer_values(self, field: str) -> None:
        """Offer the most frequent values of a field."""
        self.values, self.values_field = [], field
        if field in self._sources:
            async with refusals_as_flash(self):
                self.values = await self._values_of(await actor_of(self), field)

    async def _values_of(self, actor: Actor, field: str) -> list[dict[str, str]]:
        found = await query.field_values(actor, UUID(self._sources[field]), field=field, limit=VALUES_SHOWN)
        return [
            {"value": str(one.value), "rows": format_number(one.rows, actor.language)}
            for one in found
            if one.value is not None
        ]

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open_values(self, tile_id: str) -> None:
        """Offer the values that a figure shows, to filter the dashboard by one of them."""
        tile = next((one for one in self.tiles if one["id"] == tile_id and one["drill"]), None)
        if tile is None or tile["drill"] not in self._sources:
            return
        actor, field = await actor_of(self), tile["drill"]
        async with refusals_as_flash(self):
            self.values, self.values_field = await self._values_of(actor, field), field
            self.panel_title = text("dashboards.choose_value", actor.language, field=self._label(field))
            self.panel = "values"

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def pick(self, tile_id: str, points: list[dict[str, Any]]) -> Any:
        """Filter by the bar or point that was clicked; where it stands for no single value, offer the values."""
        tile = next((one for one in self.tiles if one["id"] == tile_id and one["drill"]), None)
        if tile is None or tile["drill"] not in self._sources:
            return None
        actor, field = await actor_of(self), tile["drill"]
        async with refusals_as_flash(self):
            known = {one["value"] for one in await self._values_of(actor, field)}
            words = (str(point.get(axis)) for point in points for axis in ("x", "y"))
            chosen = next((word for word in words if word in known), None)
            if chosen is None:
                return DashboardViewState.open_values(tile_id)  # type: ignore[operator] # the class gives the event
            return self._narrowed(field, chosen)
        return None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def choose_value(self, value: str) -> Any:
        """Filter by one of the values offered."""
        self.panel = ""
        return self._narrowed(self.values_field, value)

    def _narrowed(self, field: str, value: str) -> Any:
        kept = [one["raw"] for one in self.filters if one["field"] != field]
        if field and value:
            kept.append(f"{field}:{value}")
        return rx.redirect(address(self.href, {"period": self.period, "f": json.dumps(kept) if kept else ""}))

    @rx.event(background=True)
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def fill(self) -> None:
        """Compute every tile, a few at once, and show what is there, more at a time the longer it takes.

        All tiles travel whenever one changes, so showing them one by one would send a large dashboard many times.
        """
        async with self:
            actor = await actor_of(self)
            dashboard_id, overrides = identity(self), self._overrides(actor)
            wanted = [tile["id"] for tile in self.tiles]
            self.refreshing = True
        gate = asyncio.Semaphore(AT_ONCE)

        async def compute(tile_id: str) -> tuple[str, TileChange]:
            async with gate:
                try:
                    result = await dashboards.tile_result(actor, dashboard_id, tile_id, overrides)
                except DomainError as error:
                    return tile_id, partial(failed_tile, message=error_text(error, actor.language), code=error.code)
                href = csv_address(dashboard_id, tile_id, overrides)
                return tile_id, partial(shown_tile, result=result, actor=actor, csv_href=href)

        running = {asyncio.ensure_future(compute(tile_id)) for tile_id in wanted}
        patience_s = FIRST_LOOK_S
        try:
            while running:
                done, running = await asyncio.wait(running, timeout=patience_s)
                patience_s = min(patience_s * 2, LAST_LOOK_S)
                await self._place(dashboard_id, dict(one.result() for one in done))
        finally:
            for one in running:
                one.cancel()
            async with self:
                self.refreshing = False

    async def _place(self, dashboard_id: UUID, changes: Mapping[str, TileChange]) -> None:
        if not changes:
            return
        async with self:
            if identity(self) == dashboard_id and await signed_in_actor(self) is not None:
                self.tiles = [changes[one["id"]](one) if one["id"] in changes else one for one in self.tiles]

    def _overrides(self, actor: Actor) -> Overrides:
        filters = tuple(one for _, one in read_filters(self.router.url.query_parameters.get("f", "")))
        language: Any = actor.language
        return Overrides(period=PERIODS.get(self.period), filters=filters, language=language)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def refresh(self) -> Any:
        """Compute the tiles again; what is shown stays until the new answer is there."""
        return DashboardViewState.fill

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def choose_period(self, period: str) -> Any:
        """Show every tile for another period; it stands in the address."""
        raw = self.router.url.query_parameters.get("f", "")
        return rx.redirect(address(self.href, {"period": period if period in PERIODS else "", "f": raw}))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def add_filter(self, form: dict[str, Any]) -> Any:
        """Narrow every tile that has the field to one value."""
        return self._narrowed(str(form.get("field", "")).strip(), str(form.get("value", "")).strip())

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def remove_filter(self, raw: str) -> Any:
        """Take a filter away."""
        kept = [one["raw"] for one in self.filters if one["raw"] != raw]
        return rx.redirect(address(self.href, {"period": self.period, "f": json.dumps(kept) if kept else ""}))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def toggle_table(self, tile_id: str) -> None:
        """Show a tile as a table, or as a figure again."""
        self.tiles = [{**one, "as_table": not one["as_table"]} if one["id"] == tile_id else one for one in self.tiles]

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open_how(self, tile_id: str) -> None:
        """Say how a tile was computed."""
        tile = next((one for one in self.tiles if one["id"] == tile_id), None)
        if tile is not None:
            self.how, self.panel_title, self.panel = tile["how"], tile["title"], "how"

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open_rows(self, tile_id: str) -> None:
        """Show the rows behind a tile."""
        actor = await actor_of(self)
        tile = next((one for one in self.tiles if one["id"] == tile_id), None)
        if tile is None:
            return
        async with refusals_as_flash(self):
            result = await dashboards.tile_rows(
                actor, identity(self), tile_id, RowsRequest(overrides=self._overrides(actor))
            )
            self.behind_columns = [
                {"label": column.label, "align": "right" if column.type.is_number else "left"}
                for column in result.columns
            ]
            self.behind_rows = row_texts(result.rows, result.columns, actor.language)
            self.panel_title, self.panel = tile["title"], "rows"

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def close_panel(self) -> None:
        """Close what was opened over the dashboard."""
        self.panel = ""


async def offered_fields(
    actor: Actor, session: AsyncSession, spec: DashboardSpec
) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the fields that the dashboard can be filtered by, and the dataset that each is asked of.

    A dataset that the reader may not see, or that is gone, has none to offer; its figures say so themselves.
    """
    labels: dict[str, str] = {}
    sources: dict[str, str] = {}
    for dataset_id in spec.dataset_ids:
        try:
            catalogue = await datasets.get_catalogue(actor, session, dataset_id)
        except (NotFoundError, ConflictError):
            continue
        for one in catalogue.dimensions:
            if not one.hidden and not one.type.is_time and one.id not in sources:
                labels[one.id], sources[one.id] = one.label.in_language(actor.language), str(dataset_id)
    return [{"value": name, "label": label} for name, label in labels.items()], sources


def identity(state: Any) -> UUID:
    """Return the dashboard id of the address; an id that is none is nobody's."""
    parts = str(state.router.url.path).rstrip("/").split("/")
    raw = next((part for before, part in pairwise(parts) if before == "dashboards"), "")
    return id_of(raw)


def read_filters(raw: str) -> list[tuple[str, Filter]]:
    """Return the filters of the address, each with its own text; what is none is left out."""
    try:
        parts = json.loads(raw) if raw else []
    except (ValueError, RecursionError):
        return []
    found = []
    for part in parts if isinstance(parts, list) else []:
        field, _, value = str(part).partition(":")
        if value:
            with contextlib.suppress(ValidationError):
                found.append((str(part), Filter(field=field, operator=Operator.EQ, values=(value,))))
    return found[:20]
