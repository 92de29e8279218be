"""Arranging the figures of a dashboard in its editor: the board with all of them, moves, sizes, copies, undo, redo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import reflex as rx

from backend_services.dashboards import placing
from backend_services.dashboards import service as dashboards
from backend_services.dashboards.placing import Step
from backend_services.dashboards.schemas import TilePreview
from backend_services.dashboards.spec import DashboardSpec, Tile
from backend_services.kernel.actor import Actor
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import error_text, text
from state.dashboards.draft import size_text, step_text
from state.dashboards.edit import WRITE, DashboardEditState
from state.dashboards.filling import AT_ONCE, FIRST_LOOK_S, LAST_LOOK_S
from state.dashboards.shown import failed_tile, loading_tile, shown_tile
from state.dashboards.where import identity
from state.feedback import refusals_as_flash
from state.policy import requires
from state.session import actor_of, signed_in_actor

MOVES = frozenset({Step.EARLIER, Step.LATER, Step.UP, Step.DOWN})
Drawn = Callable[[dict[str, Any]], dict[str, Any]]
Answer = tuple[str, Drawn]


class ArrangeState(DashboardEditState):
    """The board of the editor, on which every figure stands as it will on the page."""

    board: list[dict[str, Any]] = []
    _answered: dict[str, str] = {}

    @rx.event
    @requires(WRITE)
    async def load(self) -> Any:
        """Read the dashboard of the address; open the form of the figure that it names, else the board."""
        self.board, self._answered = [], {}
        if not await self._load():
            return None
        wanted = str(self.router.url.query_parameters.get("figure", ""))
        if any(one["id"] == wanted for one in self.tiles):
            self.view = "form"
            await self._select(wanted)
            return None
        self.view = "board"
        return self._settle((await actor_of(self)).language)

    @rx.event
    @requires(WRITE)
    async def show(self, view: str) -> Any:
        """Show the board with all figures, or the form of one."""
        if view == "board":
            self.view, self.board, self._answered = "board", [], {}
            return self._settle((await actor_of(self)).language)
        self.view = "form"
        await self._select(self._open_or_first())
        return None

    @rx.event
    @requires(WRITE)
    async def edit(self, tile_id: str) -> None:
        """Open the form of a figure from the board."""
        self.view = "form"
        await self._select(tile_id)
        self.jumped = True

    @rx.event
    @requires(WRITE)
    async def arrange(self, form: dict[str, Any]) -> Any:
        """Do what the pointer or a key asked of one figure: put it beside another, size it, or move it a step."""
        return await self._arrange(str(form.get("tile", "")), form)

    @rx.event
    @requires(WRITE)
    async def step(self, tile_id: str, step: str) -> Any:
        """Move or size a figure by one step, from its menu."""
        return await self._arrange(tile_id, {"action": step})

    async def _arrange(self, tile_id: str, form: dict[str, Any]) -> Any:
        async with refusals_as_flash(self):
            changed = asked(self._read(), tile_id, form)
            if changed is not None:
                return await self._arranged(changed, tile_id, is_move=form["action"] in {"drop", *MOVES})
        return None

    async def _arranged(self, spec: DashboardSpec, tile_id: str, *, is_move: bool) -> Any:
        language = (await actor_of(self)).language
        at = placing.index_of(spec, tile_id)
        tile = spec.tiles[at]
        said = size_text(tile, language)
        if is_move:
            said = text("arrange.moved", language, title=tile.title, place=at + 1, count=len(spec.tiles))
        what = step_text("move" if is_move else "size", language, title=tile.title)
        if not self._write(spec, what, language, said=said):
            self.said = text("arrange.no_further", language, title=tile.title)
            return None
        return await self._followed(reopen=tile_id == self.selected and not is_move)

    @rx.event
    @requires(WRITE)
    async def copy_tile(self, tile_id: str) -> Any:
        """Put a copy of a figure behind it."""
        language = (await actor_of(self)).language
        async with refusals_as_flash(self):
            spec, name = placing.duplicated(self._read(), tile_id)
            title = spec.tiles[placing.index_of(spec, name)].title
            said = text("arrange.copied", language, title=title)
            self._write(spec, step_text("copy", language, title=title), language, said=said)
            if self.view == "form":
                await self._select(name)
            return self._settle(language)
        return None

    @rx.event
    @requires(WRITE)
    async def remove_tile(self, tile_id: str) -> Any:
        """Take a figure out; Undo brings it back."""
        language, spec = (await actor_of(self)).language, self._read()
        async with refusals_as_flash(self):
            title = spec.tiles[placing.index_of(spec, tile_id)].title
            said = text("arrange.removed", language, title=title)
            self._write(placing.without(spec, tile_id), step_text("remove", language, title=title), language, said=said)
            return await self._followed()
        return None

    @rx.event
    @requires(WRITE)
    async def undo(self) -> Any:
        """Take the last change back."""
        if not self.undoes:
            return None
        language = (await actor_of(self)).language
        self._turn(self._history.undone(), text("arrange.undone", language, what=self.undoes), language)
        return await self._followed(reopen=True)

    @rx.event
    @requires(WRITE)
    async def redo(self) -> Any:
        """Do again what was taken back last."""
        if not self.redoes:
            return None
        language = (await actor_of(self)).language
        self._turn(self._history.redone(), text("arrange.redone", language, what=self.redoes), language)
        return await self._followed(reopen=True)

    @rx.event
    @requires(WRITE)
    async def toggle(self, tile_id: str) -> None:
        """Show a figure of the board as a table, or as a figure again."""
        self.board = [{**one, "as_table": not one["as_table"]} if one["id"] == tile_id else one for one in self.board]

    async def _followed(self, *, reopen: bool = False) -> Any:
        """Bring what is shown in line with the specification: the open form, or the board."""
        if self.view == "board":
            return self._settle((await actor_of(self)).language)
        wanted = self._open_or_first()
        if reopen or wanted != self.selected:
            await self._select(wanted)
        return None

    def _settle(self, language: str) -> Any:
        if self.view != "board":
            return None
        spec, shown = self._read(), {one["id"]: one for one in self.board}
        self.board = [_framed(tile, shown.get(tile.id)) for tile in spec.tiles]
        stale = any(self._answered.get(tile.id) != question_of(tile, spec, language) for tile in spec.tiles)
        return ArrangeState.fill if stale else None

    @rx.event(background=True)
    @requires(WRITE)
    async def fill(self) -> None:
        """Compute the figures of the board that are not there yet, a few at once."""
        async with self:
            actor, dashboard_id, spec = await actor_of(self), identity(self), self._read()
            wanted = {tile.id: question_of(tile, spec, actor.language) for tile in spec.tiles}
            missing = [tile for tile in spec.tiles if self._answered.get(tile.id) != wanted[tile.id]]
        gate = asyncio.Semaphore(AT_ONCE)

        async def answer(tile: Tile) -> Answer:
            async with gate:
                return await _answer(actor, tile, spec)

        running = {asyncio.ensure_future(answer(tile)) for tile in missing}
        patience_s = FIRST_LOOK_S
        try:
            while running:
                done, running = await asyncio.wait(running, timeout=patience_s)
                patience_s = min(patience_s * 2, LAST_LOOK_S)
                async with self:
                    if identity(self) != dashboard_id or await signed_in_actor(self) is None:
                        return
                    self._place(dict(one.result() for one in done), wanted, actor.language)
        finally:
            for one in running:
                one.cancel()

    def _place(self, answers: dict[str, Drawn], wanted: dict[str, str], language: str) -> None:
        spec = self._read()
        still = {
            one.id for one in spec.tiles if wanted.get(one.id) == question_of(one, spec, language)
        } & answers.keys()
        if still:
            self.board = [answers[one["id"]](one) if one["id"] in still else one for one in self.board]
            self._answered = {**self._answered, **{name: wanted[name] for name in still}}


def asked(spec: DashboardSpec, tile_id: str, form: dict[str, Any]) -> DashboardSpec | None:
    """Return the dashboard as ``form`` asks, or ``None`` where the form asks nothing that there is.

    Raises:
        TileNotFoundError: It names a tile that is not there.
    """
    action = str(form.get("action", ""))
    if action == "drop":
        return placing.placed(spec, tile_id, beside=str(form.get("beside", "")), after=form.get("after") == "yes")
    if action == "size":
        columns, rows = (_whole(str(form.get(name, ""))) for name in ("columns", "rows"))
        return placing.resized(spec, tile_id, columns=columns, rows=rows)
    return placing.stepped(spec, tile_id, Step(action)) if action in set(Step) else None


def _whole(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else None  # noqa: PLR2004


def question_of(tile: Tile, spec: DashboardSpec, language: str) -> str:
    """Return what the figure of a tile is made from; its width changes nothing about it."""
    around = DashboardSpec(title="…", period=spec.period, filters=spec.filters)
    return tile.model_dump_json(exclude={"width"}) + around.model_dump_json() + language


def _framed(tile: Tile, before: dict[str, Any] | None) -> dict[str, Any]:
    """Return a tile of the board: its new frame around the figure that was there, as long as it is of the same kind."""
    waiting = loading_tile(tile)
    if before is None or before["chart"] != tile.chart.value:
        return waiting
    frame = {name: waiting[name] for name in ("id", "title", "chart", "width", "rows_high", "drill", "axis")}
    return {**before, **frame}


async def _answer(actor: Actor, tile: Tile, spec: DashboardSpec) -> Answer:
    request = TilePreview(tile=tile, period=spec.period, filters=spec.filters)
    try:
        result = await dashboards.preview_tile(actor, request)
    except DomainError as error:
        return tile.id, partial(failed_tile, message=error_text(error, actor.language), code=error.code)
    return tile.id, partial(shown_tile, result=result, actor=actor)
