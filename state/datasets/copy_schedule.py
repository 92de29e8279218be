"""When a copied dataset is copied again, whether whole or what is new, and how it went before."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import ValidationError

from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections import service as connections
from backend_services.datasets.connections.schemas import CopiedTableView, CopyRunView, CopySettings
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.connections.wording import fault_text, took_text
from state.datasets.copying import DatasetCopyState, read_copy
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of
from state.wording import code_text, count, when

READ, WRITE = Permission.DATASETS_DATASET_READ, Permission.DATASETS_DATASET_WRITE
TELLING = frozenset({FieldType.INTEGER, FieldType.DATE, FieldType.DATETIME})
UNITS_S = {"days": 86_400, "hours": 3_600, "units": 1}
HISTORY = 50


class CopyScheduleState(rx.State):
    """What the dialogs of a copied dataset show."""

    opened: bool = False
    mode: str = "full"
    cursors: list[dict[str, str]] = []
    cursor: str = ""
    cursor_kinds: dict[str, str] = {}
    overlap: str = "0"
    overlap_unit: str = "days"
    kind: str = "manual"
    values: dict[str, str] = {}
    can_add: bool = True
    problems: list[dict[str, str]] = []
    history_opened: bool = False
    history: list[dict[str, Any]] = []
    _dataset: str = ""

    @rx.event
    @requires(WRITE)
    async def open(self, dataset_id: str) -> None:
        """Open the form with what is set now."""
        actor = await actor_of(self)
        identity = id_of(dataset_id)
        async with refusals_as_flash(self), transaction(actor) as session:
            copy = await connections.get_copy(actor, session, identity)
            profile = await datasets.get_profile(actor, session, identity)
            if copy is None:
                return
            telling = [one for one in profile.columns if one.type in TELLING]
            self.cursors = [{"value": one.name, "label": one.name} for one in telling]
            self.cursor_kinds = {one.name: one.type.value for one in telling}
            self._show(copy, actor)
            self._dataset, self.opened = dataset_id, True

    def _show(self, copy: CopiedTableView, actor: Actor) -> None:
        settings = copy.settings
        self.can_add = copy.incremental and bool(self.cursors)
        self.mode = settings.mode.value if self.can_add else "full"
        self.cursor = settings.cursor_column or (self.cursors[0]["value"] if self.cursors else "")
        self.overlap, self.overlap_unit = _spread(settings.overlap, self.cursor_kinds.get(self.cursor, ""))
        schedule = settings.schedule.model_dump(mode="json") if settings.schedule is not None else {}
        self.kind = str(schedule.get("kind", "manual"))
        self.values = {
            "hours": str(schedule.get("hours", 6)),
            "at": str(schedule.get("at", "05:00")),
            "day_of_week": str((schedule.get("days") or [1])[0]),
            "day_of_month": str(schedule.get("day", 1)),
            "expression": str(schedule.get("expression", "0 5 * * 1-5")),
            "time_zone": settings.time_zone if settings.schedule is not None else actor.time_zone,
        }
        self.problems = []

    @rx.event
    @requires(WRITE)
    async def choose_mode(self, mode: str) -> None:
        """Show the fields of this way of copying."""
        self.mode = mode

    @rx.event
    @requires(WRITE)
    async def choose_cursor(self, cursor: str) -> None:
        """Show the unit that fits this column."""
        self.cursor = cursor
        self.overlap, self.overlap_unit = "0", _spread(0, self.cursor_kinds.get(cursor, ""))[1]

    @rx.event
    @requires(WRITE)
    async def choose_kind(self, kind: str) -> None:
        """Show the fields of this kind of schedule."""
        self.kind = kind

    @rx.event
    @requires(READ)
    async def close(self) -> None:
        """Close what is open; everything stays."""
        self.opened, self.history_opened, self.problems = False, False, []

    @rx.event
    @requires(WRITE)
    async def save(self, form: dict[str, Any]) -> None:
        """Keep how and when the table is copied again."""
        actor = await actor_of(self)
        unit_s = UNITS_S.get(str(form.get("overlap_unit") or self.overlap_unit), 1)
        try:
            wanted = CopySettings.model_validate(chosen_of(form, mode=self.mode, kind=self.kind, unit_s=unit_s))
        except (ValidationError, ValueError) as error:
            found = problems_of(error, actor.language, area="copies") if isinstance(error, ValidationError) else []
            fallback = [{"field": "overlap", "text": text("copies.fix.overlap", actor.language)}]
            self.problems = found or fallback
            return
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                identity = id_of(self._dataset)
                saved = await connections.set_copy_settings(actor, session, identity, wanted)
                shown: DatasetCopyState = await self.get_state(DatasetCopyState)
                await read_copy(shown, actor, session, identity)
            self.opened, self.problems = False, []
            key = "copies.saved" if saved.next_at is None else "copies.saved_next"
            await flash(self, text(key, actor.language, time=when(saved.next_at, actor)))

    @rx.event
    @requires(READ)
    async def show_history(self, dataset_id: str) -> None:
        """Show when the table was copied and how that went."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await connections.list_copy_runs(actor, session, id_of(dataset_id), PageRequest(limit=HISTORY))
            self.history = [run_row(one, actor) for one in page.items]
            self.history_opened = True


def _spread(overlap: int, kind: str) -> tuple[str, str]:
    """Return an overlap as a number and its unit: units for numbers, whole days where they fit, else hours."""
    if kind == FieldType.INTEGER.value:
        return str(overlap), "units"
    if overlap % UNITS_S["days"] == 0:
        return str(overlap // UNITS_S["days"]), "days"
    return str(-(-overlap // UNITS_S["hours"])), "hours"


def chosen_of(form: dict[str, Any], *, mode: str, kind: str, unit_s: int) -> dict[str, Any]:
    """Return the form as the service takes it.

    Raises:
        ValueError: A number is none.
    """
    chosen: dict[str, Any] = {"mode": mode, "time_zone": str(form.get("time_zone") or "UTC")}
    if mode == "incremental":
        chosen["cursor_column"] = str(form.get("cursor") or "")
        chosen["overlap"] = int(str(form.get("overlap") or 0)) * unit_s
    match kind:
        case "manual":
            chosen["schedule"] = None
        case "every":
            chosen["schedule"] = {"kind": kind, "hours": int(str(form.get("hours") or 0))}
        case "cron":
            chosen["schedule"] = {"kind": kind, "expression": str(form.get("expression") or "")}
        case _:
            schedule: dict[str, Any] = {"kind": kind, "at": str(form.get("at") or "")[:5]}
            if kind == "weekly":
                schedule["days"] = (int(str(form.get("day_of_week") or 1)),)
            if kind == "monthly":
                schedule["day"] = int(str(form.get("day_of_month") or 1))
            chosen["schedule"] = schedule
    return chosen


def run_row(one: CopyRunView, actor: Actor) -> dict[str, Any]:
    """Return one copying as a row of the history."""
    language = actor.language
    how = text(f"copies.mode.{one.mode.value}", language)
    why = code_text("copies.reason", one.reason, language) if one.reason else ""
    return {
        "id": str(one.id),
        "started": when(one.started_at, actor),
        "took": took_text(one.started_at, one.finished_at, language),
        "by": text("copies.by_schedule" if one.scheduled else "copies.by_hand", language),
        "how": f"{how}: {why}" if why else how,
        "read": count(one.read_rows, language),
        "rows": count(one.rows, language),
        "state": one.state,
        "problem": fault_text(one.error, language),
    }
