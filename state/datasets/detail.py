"""One dataset: overview, rows, catalogue, versions, rejects; its ingestion while it runs; renaming and deletion."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any
from uuid import UUID

import reflex as rx

from backend_services.datasets import service as datasets
from backend_services.datasets.connections import service as connections
from backend_services.datasets.schemas import DatasetKind, DatasetState, DatasetView, DeleteDataset, IngestionView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import format_percent, plural, text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.datasets.catalogue_edit import CatalogueEditState, show_catalogue
from state.datasets.copy_schedule import CopyScheduleState
from state.datasets.copying import DatasetCopyState, copy_card, read_copy
from state.datasets.presenting import profile_rows, row_texts, version_rows
from state.datasets.rules import DatasetRulesState, read_rules
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.live import job_changes
from state.policy import requires
from state.session import actor_of, signed_in_actor
from state.wording import DASH, ago, code_text, count, size, when

TABS = ("overview", "rows", "catalogue", "versions", "rejects", "rules")
ROWS_SHOWN = 50


class DatasetDetailState(rx.State):
    """What the page of one dataset shows."""

    loaded: bool = False
    missing: bool = False
    tab: str = "overview"
    base: str = ""
    name: str = ""
    title: str = ""
    description: str = ""
    kind: str = ""
    state: str = ""
    error: str = ""
    facts: dict[str, str] = {}
    source: str = ""
    profile: list[dict[str, Any]] = []
    columns: list[dict[str, str]] = []
    rows: list[list[str]] = []
    rows_text: str = ""
    next_rows: str = ""
    previous_rows: str = ""
    versions: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    rejects_text: str = ""
    job: dict[str, Any] = {}
    asking_delete: bool = False
    delete_text: str = ""

    @rx.event
    @requires(Permission.DATASETS_DATASET_READ)
    async def load(self) -> Any:
        """Read the dataset of the address and the tab that is open."""
        actor = await actor_of(self)
        self.loaded, self.missing, self.asking_delete, self.job = False, False, False, {}
        dialogs: CopyScheduleState = await self.get_state(CopyScheduleState)
        dialogs.opened, dialogs.history_opened = False, False
        self.tab = self.router.url.query_parameters.get("tab", "overview")
        self.tab = self.tab if self.tab in TABS else "overview"
        async with refusals_as_flash(self):
            await self._read(actor)
        self.missing = not self.loaded
        if self.state == DatasetState.LOADING or self.job:
            return DatasetDetailState.follow
        return None

    async def _read(self, actor: Actor) -> None:
        dataset_id = _identity(self)
        async with transaction(actor) as session:
            one = await datasets.get_dataset(actor, session, dataset_id)
            self._describe(one, actor)
            copying: DatasetCopyState = await self.get_state(DatasetCopyState)
            copying.copied = False
            if one.kind is DatasetKind.CONNECTION:
                self.job = copy_card(await read_copy(copying, actor, session, dataset_id), actor)
            if one.state is not DatasetState.READY:
                self.loaded = True
                return
            match self.tab:
                case "overview":
                    profile = await datasets.get_profile(actor, session, dataset_id)
                    self.profile = profile_rows(profile, actor.language)
                    await self._tell_rejected(actor, session, dataset_id)
                case "catalogue":
                    catalogue = await datasets.get_catalogue(actor, session, dataset_id)
                    editor: CatalogueEditState = await self.get_state(CatalogueEditState)
                    show_catalogue(editor, dataset_id, catalogue, actor, editable=not one.live)
                case "rules":
                    rules: DatasetRulesState = await self.get_state(DatasetRulesState)
                    await read_rules(rules, actor, session, dataset_id)
                case "versions" if one.version:
                    page = await datasets.list_versions(actor, session, dataset_id, PageRequest())
                    self.versions = version_rows(page, actor)
                case "rejects" if one.version:
                    await self._read_rejects(actor, session, dataset_id)
                case _:
                    pass
        if self.tab == "rows":
            await self._read_rows(actor, dataset_id)
        self.loaded = True

    async def _read_rows(self, actor: Actor, dataset_id: UUID) -> None:
        offset_text = self.router.url.query_parameters.get("offset", "0")
        offset = int(offset_text) if offset_text.isdecimal() else 0
        page = await datasets.read_rows(actor, dataset_id, PageRequest(limit=ROWS_SHOWN, offset=min(offset, 1_000_000)))
        async with transaction(actor) as session:
            catalogue = await datasets.get_catalogue(actor, session, dataset_id)
        heads = {one.id: one.column for one in catalogue.dimensions}
        self.columns = [
            {"label": heads.get(column.name, column.name), "align": "right" if column.type.is_number else "left"}
            for column in page.columns
        ]
        self.rows = row_texts(page.rows, page.columns, actor.language)
        last = page.offset + len(page.rows)
        language = actor.language
        self.rows_text = text(
            "ui.range",
            language,
            first=count(page.offset + 1 if page.rows else 0, language),
            last=count(last, language),
            total=count(page.total, language),
        )
        self.next_rows = f"{self.base}?tab=rows&offset={last}" if last < page.total else ""
        self.previous_rows = f"{self.base}?tab=rows&offset={max(0, page.offset - ROWS_SHOWN)}" if page.offset else ""

    async def _tell_rejected(self, actor: Actor, session: Any, dataset_id: UUID) -> None:
        newest = (await datasets.list_versions(actor, session, dataset_id, PageRequest(limit=1))).items
        if newest and newest[0].rejected:
            self.facts["rejected"] = plural("datasets.rejected", newest[0].rejected, actor.language)

    async def _read_rejects(self, actor: Actor, session: Any, dataset_id: UUID) -> None:
        page = await datasets.list_rejects(actor, session, dataset_id, PageRequest(limit=100))
        self.rejects = [
            {
                "id": str(index),
                "row": count(reject.row, actor.language),
                "reason": code_text("datasets.reject", reject.reason, actor.language),
                "column": reject.column,
                "content": reject.content,
            }
            for index, reject in enumerate(page.items)
        ]
        self.rejects_text = plural("datasets.rejected", page.total, actor.language)

    def _describe(self, one: DatasetView, actor: Actor) -> None:
        language = actor.language
        self.base = f"/datasets/{one.id}"
        self.name, self.title = one.name, one.title.in_language(language) or one.name
        self.description, self.kind, self.state = one.description, one.kind.value, one.state.value
        self.error = "" if one.error is None else code_text("errors", one.error.code, language, **one.error.params)
        rows_text = DASH if one.rows is None else plural("datasets.rows_counted", one.rows, language)
        self.source = ", ".join(part for part in (one.source, rows_text, when(one.data_as_of, actor)) if part != DASH)
        self.facts = {
            "rows": count(one.rows, language) if not one.live else text("tile.live", language),
            "columns": count(one.columns, language),
            "fresh": text("tile.live", language) if one.live else ago(one.data_as_of, actor),
            "size": size(one.size_bytes, language) if one.size_bytes else DASH,
            "version": count(one.version, language) if one.version else DASH,
            "rejected": "",
            "license": one.license,
        }

    @rx.event(background=True)
    @requires(Permission.DATASETS_DATASET_READ)
    async def follow(self) -> None:
        """Show the ingestion's progress until it ends, then the dataset."""
        async with self:
            actor, dataset_id = await actor_of(self), _identity(self)
        async with aclosing(job_changes(actor.tenant_id)) as changes:
            async for _ in changes:
                async with transaction(actor) as session:
                    card = await _arriving(actor, session, dataset_id)
                async with self:
                    reader = await signed_in_actor(self)
                    if reader is None or f"/{dataset_id}" not in self.router.url.path:
                        return
                    actor = reader
                    self.job = card
                    if not card:
                        async with refusals_as_flash(self):
                            await self._read(actor)
                        return

    @rx.event
    @requires(Permission.KERNEL_JOB_CANCEL)
    async def cancel_ingestion(self, job_id: str) -> None:
        """Stop the running ingestion; nothing of it stays."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await jobs.cancel_job(actor, session, id_of(job_id))

    @rx.event
    @requires(Permission.DATASETS_DATASET_DELETE)
    async def ask_delete(self) -> None:
        """Open the typed confirmation and say what is lost."""
        actor = await actor_of(self)
        self.delete_text = text("datasets.delete_loses", actor.language, rows=self.facts.get("rows", DASH))
        self.asking_delete = True

    @rx.event
    @requires(Permission.DATASETS_DATASET_READ)
    async def keep(self) -> None:
        """Close the confirmation; everything stays."""
        self.asking_delete = False

    @rx.event
    @requires(Permission.DATASETS_DATASET_DELETE)
    async def delete(self, form: dict[str, Any]) -> Any:
        """Delete the dataset if its name was typed."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await datasets.delete_dataset(
                actor, session, _identity(self), DeleteDataset(name=str(form.get("word", "")))
            )
            self.asking_delete = False
            await flash(self, text("datasets.deleted", actor.language, name=self.title))
            return rx.redirect("/datasets")
        return None


def _identity(state: rx.State) -> UUID:
    """Return the dataset id of the address; an id that is none is nobody's."""
    raw = str(state.router.url.path).rstrip("/").split("/")[2]
    return id_of(raw)


async def _arriving(actor: Actor, session: Any, dataset_id: UUID) -> dict[str, Any]:
    """Return the card of what brings a new version just now: the copying of a table, or reading what has come."""
    card = copy_card(await connections.get_copy(actor, session, dataset_id), actor)
    view = None if card else await datasets.latest_ingestion(actor, session, dataset_id)
    if view is not None:
        card = ingestion_card(view, actor)
    return card if card.get("open") else {}


def ingestion_card(view: IngestionView, actor: Actor) -> dict[str, Any]:
    """Return an ingestion as the job card shows it."""
    language = actor.language
    parts = [code_text("jobs.message", view.message, language) if view.message else ""]
    if view.error is not None:
        parts.append(code_text("errors", view.error.code, language, **view.error.params))
    if view.rows:
        parts.append(plural("datasets.rows_read", view.rows, language))
    if view.rejected:
        parts.append(plural("datasets.rejected", view.rejected, language))
    return {
        "id": str(view.job_id),
        "title": text("datasets.reading", language, file=view.file_name),
        "state": view.status.value,
        "open": view.status in {"queued", "running"},
        "retryable": view.can_retry,
        "percent": round(view.progress * 100),
        "percent_text": format_percent(view.progress, language, decimals=0),
        "detail": " · ".join(part for part in parts if part),
    }
