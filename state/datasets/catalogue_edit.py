"""The catalogue of one dataset, which people edit: names, other words, unit, how rows fold, defaults."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Catalogue, Dimension, Measure
from backend_services.datasets.errors import CatalogueChangedError, CatalogueInvalidError
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.permissions import Permission
from state.datasets.catalogue_form import aggregations_for, changed, form_of
from state.datasets.presenting import catalogue_rows
from state.feedback import flash, refusals_as_flash
from state.forms import problems_of
from state.policy import requires
from state.session import actor_of

READ, WRITE = Permission.DATASETS_DATASET_READ, Permission.DATASETS_CATALOGUE_WRITE


class CatalogueEditState(rx.State):
    """What the catalogue's tab shows, and the field that is open."""

    measures: list[dict[str, str]] = []
    dimensions: list[dict[str, str]] = []
    measure_options: list[dict[str, str]] = []
    time_options: list[dict[str, str]] = []
    default_measure: str = ""
    default_time: str = ""
    editable: bool = False
    opened: str = ""
    opened_title: str = ""
    form: dict[str, str] = {}
    aggregations: list[dict[str, str]] = []
    problems: list[dict[str, str]] = []
    conflict: bool = False
    _catalogue: dict[str, Any] = {}
    _dataset: str = ""
    _entered: dict[str, Any] = {}

    def _show(self, dataset_id: UUID, catalogue: Catalogue, actor: Actor, *, editable: bool) -> None:
        """Take the catalogue that is in force."""
        language = actor.language
        self._catalogue, self._dataset = catalogue.model_dump(mode="json"), str(dataset_id)
        self.measures, self.dimensions = catalogue_rows(catalogue, language)
        self.measure_options = [_option(one, language) for one in catalogue.measures if not one.hidden]
        self.time_options = [
            _option(one, language) for one in catalogue.dimensions if one.type.is_time and not one.hidden
        ]
        self.default_measure, self.default_time = catalogue.default_measure or "", catalogue.default_time or ""
        self.editable = editable and actor.can(WRITE)
        self.opened, self.problems, self.conflict = "", [], False

    def _read(self) -> Catalogue:
        return Catalogue.model_validate(self._catalogue)

    @rx.event
    @requires(WRITE)
    async def open_field(self, field_id: str) -> None:
        """Open the form of a measure or a dimension."""
        actor, catalogue = await actor_of(self), self._read()
        found = _named(catalogue, field_id)
        if found is None:
            return
        self.form, self.problems, self.conflict = form_of(found), [], False
        self.aggregations = [
            {"value": one.value, "label": text(f"datasets.aggregation.{one.value}", actor.language)}
            for one in (aggregations_for(found) if isinstance(found, Measure) else ())
        ]
        self.opened, self.opened_title = field_id, found.label.in_language(actor.language)

    @rx.event
    @requires(READ)
    async def close_field(self) -> None:
        """Close the form; nothing changes."""
        self.opened, self.conflict, self.problems = "", False, []

    @rx.event
    @requires(WRITE)
    async def save_field(self, form: dict[str, Any]) -> None:
        """Save one field; what somebody else saved meanwhile is never overwritten unseen."""
        self._entered = form
        await self._save(await actor_of(self))

    @rx.event
    @requires(WRITE)
    async def save_over(self) -> None:
        """Put what was entered into the newest catalogue: only this field changes in it."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                newest = await datasets.get_catalogue(actor, session, UUID(self._dataset))
            self._catalogue = newest.model_dump(mode="json")
            await self._save(actor)

    @rx.event
    @requires(WRITE)
    async def load_newest(self) -> None:
        """Drop what was entered and show what is in force."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            dataset_id = UUID(self._dataset)
            self._show(dataset_id, await datasets.get_catalogue(actor, session, dataset_id), actor, editable=True)

    async def _save(self, actor: Actor) -> None:
        self.problems, self.conflict = [], False
        try:
            wanted = changed(self._read(), self.opened, self._entered)
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="catalogue")
            return
        if not str(self._entered.get("label_en") or "").strip():
            self.problems = [{"field": "label_en", "text": text("catalogue.fix.label_en", actor.language)}]
            return
        await self._store(wanted, actor)

    async def _store(self, wanted: Catalogue, actor: Actor) -> None:
        dataset_id = UUID(self._dataset)
        async with refusals_as_flash(self):
            try:
                async with transaction(actor) as session:
                    saved = await datasets.update_catalogue(
                        actor, session, dataset_id, wanted, expected_version=wanted.version
                    )
            except CatalogueChangedError:
                if not self.opened:
                    raise
                self.conflict = True
                return
            except CatalogueInvalidError as error:
                if not self.opened:
                    raise
                self.problems = [{"field": path, "text": said} for path, said in error.fields.items()]
                return
            self._show(dataset_id, saved, actor, editable=True)
            await flash(self, text("catalogue.saved", actor.language))

    @rx.event
    @requires(WRITE)
    async def choose_default(self, name: str, value: str) -> None:
        """Say what "how many" or "last month" mean when a question names no measure or no date."""
        catalogue, actor = self._read(), await actor_of(self)
        match name:
            case "measure" if not value or _named(catalogue, value) in catalogue.measures:
                wanted = catalogue.model_copy(update={"default_measure": value or None})
            case "time" if not value or _named(catalogue, value) in catalogue.dimensions:
                wanted = catalogue.model_copy(update={"default_time": value or None})
            case _:
                return
        self.opened = ""
        await self._store(wanted, actor)


def _option(one: Measure | Dimension, language: str) -> dict[str, str]:
    return {"value": one.id, "label": one.label.in_language(language)}


def _named(catalogue: Catalogue, field_id: str) -> Measure | Dimension | None:
    every: tuple[Measure | Dimension, ...] = (*catalogue.measures, *catalogue.dimensions)
    return next((one for one in every if one.id == field_id), None)


def show_catalogue(
    state: CatalogueEditState, dataset_id: UUID, catalogue: Catalogue, actor: Actor, *, editable: bool
) -> None:
    """Put the catalogue that is in force into the editor, while the page loads."""
    state._show(dataset_id, catalogue, actor, editable=editable)  # noqa: SLF001 - a public method would be an event
