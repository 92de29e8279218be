"""Of which table of which connection a dataset is a copy, and reading that table once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx

from backend_services.datasets.connections import service as connections
from backend_services.datasets.connections.schemas import CopiedTableView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import format_percent, text
from backend_services.kernel.permissions import Permission
from state.connections.wording import fault_text, place_of_table, schedule_text
from state.feedback import refusals_as_flash
from state.forms import id_of
from state.policy import requires
from state.session import actor_of
from state.wording import ago, when

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession


class DatasetCopyState(rx.State):
    """What the page of a dataset says about its copy."""

    copied: bool = False
    table: str = ""
    connection: str = ""
    connection_href: str = ""
    copied_at: str = ""
    problem: str = ""
    schedule: str = ""
    next_at: str = ""
    stopped: bool = False
    dataset_id: str = ""
    running: bool = False

    async def _read(self, actor: Actor, session: AsyncSession, dataset_id: UUID) -> CopiedTableView | None:
        """Read the copy, if the dataset is one."""
        found = await connections.get_copy(actor, session, dataset_id)
        self.dataset_id, self.copied = str(dataset_id), found is not None
        if found is not None:
            self.table = place_of_table(found.schema_name, found.table_name)
            self.connection, self.connection_href = found.connection_name, f"/connections/{found.connection_id}"
            self.copied_at = ago(found.copied_at, actor)
            self.running = _is_open(found)
            settings = found.settings
            self.schedule = schedule_text(settings.schedule, settings.time_zone, actor.language)
            self.next_at, self.stopped = when(found.next_at, actor), found.stopped
            self.problem = "" if self.running else fault_text(found.error, actor.language)
        return found

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def copy_again(self) -> Any:
        """Read the table once more as a new version, and show how it goes."""
        from state.datasets.detail import DatasetDetailState  # noqa: PLC0415 - the page's state shows this one

        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await connections.copy_again(actor, session, id_of(self.dataset_id))
        return DatasetDetailState.follow


def _is_open(copy: CopiedTableView) -> bool:
    return copy.job_state is not None and copy.job_state.value in {"queued", "running"}


async def read_copy(
    state: DatasetCopyState, actor: Actor, session: AsyncSession, dataset_id: UUID
) -> CopiedTableView | None:
    """Read of what a dataset is a copy into ``state``, and return it."""
    return await state._read(actor, session, dataset_id)  # noqa: SLF001 - the module's own class


def copy_card(copy: CopiedTableView | None, actor: Actor) -> dict[str, Any]:
    """Return the copying that runs as the job card shows it; nothing while none does."""
    if copy is None or not _is_open(copy) or copy.job_state is None:
        return {}
    table = place_of_table(copy.schema_name, copy.table_name)
    return {
        "id": str(copy.job_id),
        "title": text("connections.copying_table", actor.language, table=table, name=copy.connection_name),
        "state": copy.job_state.value,
        "open": True,
        "retryable": False,
        "percent": round(copy.progress * 100),
        "percent_text": format_percent(copy.progress, actor.language, decimals=0),
        "detail": "",
    }
