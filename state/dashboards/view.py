"""One dashboard: its tiles, period and filters from the address, rows behind a figure, how it was computed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import DashboardView
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import format_time, plural, text
from backend_services.kernel.permissions import Permission
from state.dashboards.concerns import Concerns
from state.dashboards.filling import Round, TileChange, answers
from state.dashboards.picking import picked
from state.dashboards.place import CHOSEN, PERIODS, Place, bucket_of, filter_words, period_of, range_of, typed_filter
from state.dashboards.shown import kept_tile, loading_tile
from state.dashboards.where import (
    frequent_values,
    identity,
    offered_fields,
    offered_ways,
    overrides_of,
    path_of,
    place_of,
)
from state.feedback import flash, refusals_as_flash
from state.live import has_page, hints
from state.policy import requires
from state.session import actor_of, signed_in_actor

LOOK_EVERY_S = 30.0
MISSED_LOOKS = 2
"""After so many looks without a connection the page counts as closed; a page that comes back asks to be followed."""
FOLLOWED: set[tuple[str, UUID]] = set()
"""Pages of this process, by token and dashboard, whose figures renew themselves."""


class DashboardViewState(rx.State):
    """What the page of one dashboard shows."""

    loaded: bool = False
    missing: bool = False
    title: str = ""
    description: str = ""
    version: str = ""
    href: str = ""
    edit_href: str = ""
    shown_id: str = ""
    editable: bool = False
    period: str = ""
    period_start: str = ""
    period_end: str = ""
    narrowed: bool = False
    filters: list[dict[str, Any]] = []
    operators: list[dict[str, str]] = []
    fields: list[dict[str, str]] = []
    tiles: list[dict[str, Any]] = []
    panel: str = ""
    panel_title: str = ""
    values: list[dict[str, str]] = []
    values_field: str = ""
    _sources: dict[str, str] = {}
    how: dict[str, Any] = {"facts": [], "sql": ""}
    refreshing: bool = False
    updated: str = ""
    stale: str = ""
    _refresh_s: int = 0
    _datasets: list[str] = []
    _round: int = 0
    _again: bool = False

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def load(self) -> Any:
        """Read the dashboard of the address, then its tiles one after the other as they come."""
        actor = await actor_of(self)
        self.panel, self.loaded, self.missing = "", False, False
        self.refreshing, self.stale, self._round, self._again = False, "", self._round + 1, False
        view: DashboardView | None = None
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, identity(self))
            self.fields, self._sources = await offered_fields(actor, session, view.spec)
        if view is None:
            self.missing = True
            return None
        self._describe(view, actor)
        self._show_place()
        self.tiles = [loading_tile(tile) for tile in view.spec.tiles]
        return [DashboardViewState.fill, DashboardViewState.follow]

    def _describe(self, view: DashboardView, actor: Actor) -> None:
        self.title, self.description = view.spec.title, view.spec.description
        self.version = text("dashboards.version", actor.language, n=view.version)
        self.shown_id = str(view.id)
        self.href, self.edit_href = path_of(self), f"/dashboards/{view.id}/edit"
        self.editable = view.access != "read" and actor.can(Permission.DASHBOARDS_DASHBOARD_WRITE)
        self.loaded, self._refresh_s = True, view.spec.refresh_s or 0
        self._datasets = [str(one) for one in view.spec.dataset_ids]

    def _show_place(self) -> None:
        place = place_of(self)
        self.period, (self.period_start, self.period_end) = place.choice, place.days
        self.narrowed = place.narrowed
        self.filters = [
            {"index": index, "text": filter_words(one, self._label(one.field))}
            for index, one in enumerate(place.filters)
        ]

    def _label(self, field: str) -> str:
        return next((one["label"] for one in self.fields if one["value"] == field), field)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def offer_values(self, field: str) -> None:
        """Offer the most frequent values of a field, and the ways to compare it."""
        self.values, self.values_field = [], field
        actor = await actor_of(self)
        kind = next((one["kind"] for one in self.fields if one["value"] == field), "text")
        self.operators = offered_ways(kind, actor.language)
        if field in self._sources:
            async with refusals_as_flash(self):
                self.values = await frequent_values(actor, self._sources[field], field)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open_values(self, tile_id: str) -> None:
        """Offer the values that a figure shows, to filter the dashboard by one of them."""
        tile = next((one for one in self.tiles if one["id"] == tile_id and one["drill"]), None)
        if tile is None or tile["drill"] not in self._sources:
            return
        actor, field = await actor_of(self), tile["drill"]
        async with refusals_as_flash(self):
            self.values = await frequent_values(actor, self._sources[field], field)
            self.values_field = field
            self.panel_title = text("dashboards.choose_value", actor.language, field=self._label(field))
            self.panel = "values"

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def pick(self, tile_id: str, points: list[dict[str, Any]]) -> Any:
        """Narrow the dashboard to the value or the time that was clicked, or widen it again; else offer the values."""
        tile = next((one for one in self.tiles if one["id"] == tile_id), None)
        chosen = None if tile is None else picked(tile, points)
        if tile is None or chosen is None:
            return DashboardViewState.open_values(tile_id)  # type: ignore[operator] # the class gives the event
        place = place_of(self)
        if chosen.grain is not None:
            bucket = bucket_of(str(chosen.value), chosen.grain)
            return self._go(place.within("" if place.period == bucket else bucket)) if bucket else None
        return self._go(place.toggled(chosen.field, chosen.value)) if chosen.field in self._sources else None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def choose_value(self, value: str) -> Any:
        """Filter by one of the values offered, or not any more."""
        self.panel = ""
        return self._go(place_of(self).toggled(self.values_field, value)) if self.values_field and value else None

    def _go(self, place: Place) -> Any:
        return rx.redirect(place.address(self.href))

    @rx.event(background=True)
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def fill(self) -> None:
        """Compute every tile and show what is there; asked while that goes on, compute them once more after it."""
        await self._fill()

    async def _fill(self) -> None:
        async with self:
            asked = None if self.refreshing else self._next_round(await actor_of(self))
            self._again = asked is None
        while asked is not None:
            async with aclosing(answers(asked)) as coming:
                async for changes in coming:
                    if not await self._place(asked, changes):
                        return
            async with self:
                asked = self._ended(asked)

    def _next_round(self, actor: Actor) -> Round:
        self._round, self.refreshing = self._round + 1, True
        return Round(
            number=self._round,
            actor=actor,
            dashboard_id=identity(self),
            overrides=overrides_of(self, actor),
            tile_ids=tuple(tile["id"] for tile in self.tiles),
        )

    async def _place(self, asked: Round, changes: Mapping[str, TileChange]) -> bool:
        """Show what is there; return ``False`` when nobody waits for this round any more."""
        async with self:
            current = self._round == asked.number and identity(self) == asked.dashboard_id
            if not current or await signed_in_actor(self) is None:
                self.refreshing = self.refreshing and self._round != asked.number
                return False
            self.tiles = [changes[one["id"]](one) if one["id"] in changes else one for one in self.tiles]
            return True

    def _ended(self, asked: Round) -> Round | None:
        """Say when the figures were computed, or that they were not; return the round that was asked for meanwhile."""
        if self._round != asked.number:
            return None
        language, again = asked.actor.language, self._again
        time = format_time(now(), language, time_zone=asked.actor.time_zone, seconds=True)
        kept = sum(bool(one["stale"]) for one in self.tiles)
        self.stale = plural("living.stale", kept, language, time=time) if kept else ""
        if kept < len(self.tiles) or not self.tiles:
            self.updated = time
        self._again, self.refreshing = False, False
        return self._next_round(asked.actor) if again else None

    @rx.event(background=True)
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def follow(self) -> None:
        """Renew the figures when their data, or the dashboard itself, changed; the database is read only then."""
        async with self:
            actor, mine, token = await actor_of(self), identity(self), self.router.session.client_token
            concerns = Concerns(mine, {UUID(one) for one in self._datasets})
        if (token, mine) in FOLLOWED:
            return
        FOLLOWED.add((token, mine))
        missed = 0
        try:
            async with aclosing(hints(actor.tenant_id, concerns, at_least_every_s=LOOK_EVERY_S)) as seen:
                async for changed in seen:
                    missed = 0 if has_page(token) else missed + 1
                    if missed > MISSED_LOOKS or not await self._renewed(mine, concerns, changed=changed):
                        return
        finally:
            FOLLOWED.discard((token, mine))

    async def _renewed(self, mine: UUID, concerns: Concerns, *, changed: bool) -> bool:
        """Read anew what ``changed``; return whether the page still shows the dashboard."""
        async with self:
            if identity(self) != mine or self.missing:
                return False
            concerns.datasets = {UUID(one) for one in self._datasets}
            if not changed:
                return True
            if await signed_in_actor(self) is None or not await self._read_again(await actor_of(self)):
                return False
            concerns.datasets = {UUID(one) for one in self._datasets}
        await self._fill()
        return True

    async def _read_again(self, actor: Actor) -> bool:
        try:
            async with transaction(actor) as session:
                view = await dashboards.get_dashboard(actor, session, identity(self))
                self.fields, self._sources = await offered_fields(actor, session, view.spec)
        except DomainError:
            self.missing, self.tiles = True, []
            return False
        before = {one["id"]: one for one in self.tiles}
        self._describe(view, actor)
        self.tiles = [kept_tile(tile, before) for tile in view.spec.tiles]
        return True

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def refresh(self) -> Any:
        """Compute the tiles again; what is shown stays until the new answer is there."""
        return [DashboardViewState.fill, DashboardViewState.follow]

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def choose_period(self, period: str) -> Any:
        """Show every tile for another period, which stands in the address, or ask for the days."""
        if period == CHOSEN:
            self.period = CHOSEN
            return None
        return self._go(place_of(self).within(period if period in PERIODS else ""))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def choose_days(self, form: dict[str, Any]) -> Any:
        """Show every tile from one day to another, both included; either may be left open."""
        period = range_of(str(form.get("start", "")).strip(), str(form.get("end", "")).strip())
        if period and period_of(period) is None:
            await flash(self, text("place.no_days", (await actor_of(self)).language), tone="error")
            return None
        return self._go(place_of(self).within(period))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def add_filter(self, form: dict[str, Any]) -> Any:
        """Narrow every tile that has the field; a further value of the same field is added to the ones before."""
        one = typed_filter(*(str(form.get(name) or "") for name in ("field", "operator", "value")))
        return self._go(place_of(self).with_value(one)) if one and one.field in self._sources else None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def remove_filter(self, index: int) -> Any:
        """Take a filter away."""
        return self._go(place_of(self).without(index))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def widen(self) -> Any:
        """Show the dashboard as it is saved."""
        return self._go(place_of(self).widened())

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
    async def close_panel(self) -> None:
        """Close what was opened over the dashboard."""
        self.panel = ""
