"""The builder: a question, what was understood, a preview, the SQL, and saving it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.builder import service as builder
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildRequest, BuiltTile
from backend_services.dashboards.builder.watching import Step
from backend_services.dashboards.builder.wording import by_groups
from backend_services.dashboards.schemas import TilePreview, TileResult
from backend_services.dashboards.spec import DashboardSpec, Tile
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Aggregation, Catalogue, Grain, GroupBy
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.builder.chips import CHANGEABLE, changed_tile, chips_of
from state.builder.watching import PageWatcher
from state.dashboards.shown import loading_tile, shown_tile
from state.feedback import flash, flash_error, refusals_as_flash
from state.forms import id_of
from state.policy import requires
from state.session import actor_of, signed_in_actor

LONGEST_QUESTION = 1000
LONGEST_CHOICE = 600
EXAMPLES = 4


class BuilderState(rx.State):
    """What the builder shows: the question asked last and its answer."""

    datasets: list[dict[str, str]] = []
    dataset_id: str = ""
    examples: list[str] = []
    question: str = ""
    busy: bool = False
    steps: list[dict[str, str]] = []
    status: str = ""
    chips: list[dict[str, str]] = []
    changeable: list[dict[str, Any]] = []
    tile_id: str = ""
    tile_names: list[dict[str, str]] = []
    clarify: str = ""
    options: list[dict[str, str]] = []
    refusal: str = ""
    nearest: list[dict[str, str]] = []
    notes: list[str] = []
    tiles: list[dict[str, Any]] = []
    title: str = ""
    sql: str = ""
    checks: list[str] = []
    made_by: str = ""
    _run: int = 0
    _spec: dict[str, Any] = {}
    _told: dict[str, dict[str, Any]] = {}

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def load(self) -> Any:
        """Offer the readable datasets and example questions; ask at once if the address carries a question."""
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        wanted = parameters.get("dataset", "")
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await datasets.list_datasets(actor, session, PageRequest(limit=200, sort="name"))
            ready = [one for one in page.items if one.state == "ready"]
            every = {"value": "", "label": text("builder.every_dataset", actor.language)}
            self.datasets = [
                every,
                *({"value": str(one.id), "label": one.title.in_language(actor.language) or one.name} for one in ready),
            ]
            self.dataset_id = wanted if any(one["value"] == wanted for one in self.datasets) else ""
            chosen = [one for one in ready if str(one.id) == self.dataset_id]
            subject = next(iter([*chosen, *sorted(ready, key=lambda one: one.live)]), None)
            self.examples = []
            if subject is not None:
                catalogue = await datasets.get_catalogue(actor, session, subject.id)
                self.examples = examples_for(catalogue, actor.language)
        question = parameters.get("q", "").strip()
        if question and question != self.question:
            self.question = question[:LONGEST_QUESTION]
            return BuilderState.ask_again("")  # type: ignore[misc] # the class gives the event
        return None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def choose_dataset(self, dataset_id: str) -> Any:
        """Look only in this dataset, or in all."""
        self.dataset_id = dataset_id
        return rx.redirect(f"/builder?dataset={dataset_id}" if dataset_id else "/builder", replace=True)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def ask(self, form: dict[str, Any]) -> Any:
        """Ask what the form says."""
        question = str(form.get("question", "")).strip()
        if not question:
            return None
        self.question = question[:LONGEST_QUESTION]
        return BuilderState.ask_again("")  # type: ignore[misc] # the class gives the event

    @rx.event(background=True)
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def ask_again(self, choice: str) -> None:
        """Build the answer to the question; ``choice`` is the reading chosen in a clarification."""
        async with self:
            actor = await actor_of(self)
            if not self.question:
                return
            self._clear()
            self.busy, run = True, self._run
            chosen = id_of(self.dataset_id) if self.dataset_id else None
            request = BuildRequest(
                question=self.question,
                dataset_id=chosen,
                language=_language(actor),
                choice=choice[:LONGEST_CHOICE] or None,
            )

        async def on_step(name: Step) -> None:
            async with self:
                if self._run == run:
                    self._begin(text(f"builder.step.{name}", actor.language))

        async def on_first(answer: BuildAnswer) -> None:
            await self._present(answer, actor, run)

        try:
            answer = await builder.build(actor, request, watcher=PageWatcher(on_step, on_first))
            await self._present(answer, actor, run)
        except DomainError as error:
            async with self:
                if self._run == run:
                    await flash_error(self, error)
        finally:
            async with self:
                if self._run == run:
                    self.busy, self.steps = False, []

    def _begin(self, label: str) -> None:
        """Show a step as the one that is on; those before it are done."""
        before = [{**one, "state": "done"} for one in self.steps]
        self.steps = [*before, {"id": str(len(before)), "label": label, "state": "now"}]

    async def _present(self, answer: BuildAnswer, actor: Actor, run: int) -> None:
        """Show an answer with its figures, unless something newer was asked or changed meanwhile.

        The answer of the rules that is shown already is not computed again when a model only named it.
        """
        async with self:
            if self._run != run or await signed_in_actor(self) is None:
                return
            known = DashboardSpec.model_validate(self._spec) if self._spec else None
            figures = self.tiles
            self._show(answer, actor)
            if answer.spec is None:
                return
            shown_already = known is not None and known.tiles == answer.spec.tiles
            if shown_already:
                self.tiles = figures
        await self._offer(answer.spec.tiles[0], actor)
        if not shown_already:
            await self._preview(answer.spec, actor)

    async def _offer(self, tile: Tile, actor: Actor) -> None:
        if tile.dataset_id is None:
            return
        catalogue = await builder.visible_catalogue(actor, tile.dataset_id)
        async with self:
            if await signed_in_actor(self) is not None:
                self._take_chips(tile, catalogue, actor.language)

    def _take_chips(self, tile: Tile, catalogue: Catalogue, language: str) -> None:
        self.changeable = chips_of(tile, catalogue, language, datasets=self.datasets)
        if self.changeable:
            slots = {one["slot"] for one in self.changeable}
            closed = CHANGEABLE if "dataset" in slots else CHANGEABLE - {"dataset"}
            self.chips = [one for one in self.chips if one["slot"] not in closed]

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def pick_tile(self, tile_id: str) -> None:
        """Show what was understood of one figure, with its chips."""
        actor = await actor_of(self)
        tile = next((one for one in self._tiles() if one.id == tile_id), None)
        if tile is None or tile.dataset_id is None:
            return
        async with refusals_as_flash(self):
            catalogue = await builder.visible_catalogue(actor, tile.dataset_id)
            self._tell(tile_id)
            self._take_chips(tile, catalogue, actor.language)

    def _tiles(self) -> tuple[Tile, ...]:
        return DashboardSpec.model_validate(self._spec).tiles if self._spec else ()

    def _tell(self, tile_id: str) -> None:
        told = self._told.get(tile_id, {})
        self.tile_id = tile_id
        self.sql, self.checks = told.get("sql", ""), told.get("checks", [])
        self.chips, self.made_by = told.get("chips", []), told.get("made_by", "")

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def change_chip(self, slot: str, value: str) -> Any:
        """Change one thing that was understood, check it again and keep the rest."""
        offered: list[dict[str, str]] = next((one["options"] for one in self.changeable if one["slot"] == slot), [])
        if not self._spec or not any(one["value"] == value for one in offered):
            return None
        if slot == "dataset":
            self.dataset_id = value
            return BuilderState.ask_again("")  # type: ignore[misc] # the class gives the event
        actor, spec = await actor_of(self), DashboardSpec.model_validate(self._spec)
        language = actor.language
        before = next((one for one in spec.tiles if one.id == self.tile_id), spec.tiles[0])
        if before.dataset_id is None:
            return None
        self._run, self.busy, self.steps = self._run + 1, False, []
        async with refusals_as_flash(self):
            catalogue = await builder.visible_catalogue(actor, before.dataset_id)
            tile = changed_tile(before, catalogue, slot=slot, value=value, language=language)
            result = await dashboards.preview_tile(
                actor, TilePreview(tile=tile, period=spec.period, filters=spec.filters, language=_language(actor))
            )
            title = tile.title if spec.title == before.title or len(spec.tiles) == 1 else spec.title
            tiles = tuple(tile if one.id == tile.id else one for one in spec.tiles)
            changed = spec.model_copy(update={"tiles": tiles, "title": title})
            self._spec, self.title = changed.model_dump(mode="json"), title
            shown = shown_tile(loading_tile(tile), result, actor=actor)
            self.tiles = [shown if one["id"] == tile.id else one for one in self.tiles]
            self.tile_names = _names(changed)
            self._checked(tile.id, result, language)
            self._take_chips(tile, catalogue, language)
        return None

    def _checked(self, tile_id: str, result: TileResult, language: str) -> None:
        """Show what was checked while the changed figure was computed."""
        passed = ["schema", "rights", "dry_run"] if result.state == "ready" else []
        if result.table is not None and result.table.rows:
            passed.append("rows")
        self._told[tile_id] = {
            "sql": result.how.sql if result.how is not None else "",
            "checks": [text(f"builder.check.{name}", language) for name in passed],
            "chips": self._told.get(tile_id, {}).get("chips", []),
            "made_by": text("builder.changed_by_hand", language),
        }
        self._tell(tile_id)

    async def _preview(self, spec: DashboardSpec, actor: Actor) -> None:
        for tile in spec.tiles:
            result = await dashboards.preview_tile(
                actor, TilePreview(tile=tile, period=spec.period, filters=spec.filters, language=_language(actor))
            )
            async with self:
                if await signed_in_actor(self) is None:
                    return
                self.tiles = [
                    shown_tile(one, result, actor=actor) if one["id"] == tile.id else one for one in self.tiles
                ]

    def _clear(self) -> None:
        self._run, self.busy, self.steps = self._run + 1, False, []
        self.status, self.clarify, self.refusal, self.title, self.sql, self.made_by = "", "", "", "", "", ""
        self.chips, self.options, self.nearest, self.notes, self.tiles, self.checks = [], [], [], [], [], []
        self.changeable, self.tile_names, self.tile_id = [], [], ""
        self._spec, self._told = {}, {}

    def _show(self, answer: BuildAnswer, actor: Actor) -> None:
        language = actor.language
        self.clarify, self.options = "", []
        self.status, self.notes = answer.status, list(answer.notes)
        if answer.clarification is not None:
            self.clarify = answer.clarification.question
            self.options = [
                {"id": one.id, "label": one.label, "text": one.description} for one in answer.clarification.options
            ]
        if answer.refusal is not None:
            self.refusal = answer.refusal.reason
            self.nearest = [
                {"id": one.id, "label": one.label, "kind": text(f"builder.kind.{one.kind}", language)}
                for one in answer.refusal.nearest
            ]
        self.made_by = text(
            f"builder.made_by.{answer.planner}",
            language,
            model=answer.model or "",
            ms=format_number(answer.took_ms, language, decimals=0),
        )
        if answer.spec is not None:
            self._spec = answer.spec.model_dump(mode="json")
            self.tiles = [loading_tile(tile) for tile in answer.spec.tiles]
            self.tile_names = _names(answer.spec)
        if answer.dashboard is not None:
            self.title = answer.dashboard.title
            for tile in answer.dashboard.tiles:
                self._understand(tile, language)
            self._tell(answer.dashboard.tiles[0].id)

    def _understand(self, tile: BuiltTile, language: str) -> None:
        self._told[tile.id] = {
            "sql": tile.sql,
            "checks": [text(f"builder.check.{name}", language) for name in tile.checks],
            "chips": [{"name": chip.label, "value": chip.text, "slot": chip.slot} for chip in tile.understood.chips],
            "made_by": self.made_by,
        }

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def discard(self) -> None:
        """Begin anew."""
        self._clear()
        self.question = ""

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def toggle_table(self, tile_id: str) -> None:
        """Show a tile as a table, or as a figure again."""
        self.tiles = [{**one, "as_table": not one["as_table"]} if one["id"] == tile_id else one for one in self.tiles]

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_WRITE)
    async def save(self) -> Any:
        """Keep the answer as a dashboard and open it."""
        return await self._save("")

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_WRITE)
    async def open_in_editor(self) -> Any:
        """Keep the answer as a dashboard and go on changing it in the editor."""
        tiles = self._spec["tiles"] if self._spec else []
        return await self._save(f"/edit?figure={tiles[0]['id']}" if len(tiles) == 1 else "/edit")

    async def _save(self, then: str) -> Any:
        if not self._spec:
            return None
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                spec = DashboardSpec.model_validate(self._spec)
                view = await dashboards.create_dashboard(actor, session, spec, origin="builder")
            await flash(self, text("dashboards.saved", actor.language, title=view.title))
            return rx.redirect(f"/dashboards/{view.id}{then}")
        return None


def _names(spec: DashboardSpec) -> list[dict[str, str]]:
    """Return the figures to choose between; one alone needs no choice."""
    return [{"id": one.id, "label": one.title} for one in spec.tiles] if len(spec.tiles) > 1 else []


def _language(actor: Actor) -> Any:
    return "sl" if actor.language == "sl" else "en"


def examples_for(catalogue: Any, language: str) -> list[str]:
    """Return questions that this catalogue can answer, in its own words."""
    measures = [one for one in catalogue.measures if not one.hidden]
    dimensions = [one for one in catalogue.dimensions if not one.hidden and not one.type.is_time and one.distinct <= 60]  # noqa: PLR2004
    time = catalogue.dimension(catalogue.default_time) if catalogue.default_time else None
    preferred = catalogue.measure(catalogue.default_measure) if catalogue.default_measure else None
    measure = preferred or (measures[0] if measures else None)
    if measure is None:
        return []
    name = measure.label.in_language(language)
    found = [text("builder.example.total", language, measure=name)] if measure.aggregation is Aggregation.SUM else []
    if time is not None:
        step = Grain.YEAR if time.grain is Grain.YEAR else Grain.MONTH
        found.append(text(f"builder.example.{step.value}", language, measure=name))
    found += [by_groups(name, (GroupBy(field=one.id),), catalogue, language) for one in dimensions[:2]]
    return found[:EXAMPLES]
