"""How and when copied tables are copied again, the history of that, and which fail."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.datasets.connections import queries
from backend_services.datasets.connections.errors import (
    CopyNotIncrementalError,
    CursorColumnError,
    DatasetNotCopiedError,
)
from backend_services.datasets.connections.models import CopyRun
from backend_services.datasets.connections.ports import ConnectionKind
from backend_services.datasets.connections.schedule import checked, next_after
from backend_services.datasets.connections.schemas import (
    CopiedTableView,
    CopyMode,
    CopyRunView,
    CopySettings,
)
from backend_services.datasets.connections.service.copies import INCREMENTAL_KINDS, view_of_copy
from backend_services.datasets.schemas import Fault
from backend_services.datasets.service.storage import require_stored
from backend_services.kernel.clock import now
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest


async def set_copy_settings(
    actor: Actor, session: AsyncSession, dataset_id: UUID, settings: CopySettings
) -> CopiedTableView:
    """Say how and when a dataset's table is copied again. It is copied by itself with this actor's rights.

    Raises:
        DatasetNotCopiedError: The dataset is no copy, or its connection was deleted.
        CopyNotIncrementalError: Tables of this kind of database are always read whole.
        CursorColumnError: The column is not among those that are copied.
        ScheduleInvalidError: The schedule cannot be followed.
    """
    actor.require(Permission.DATASETS_CONNECTION_READ)
    actor.require(Permission.DATASETS_DATASET_WRITE)
    dataset = await require_stored(actor, session, dataset_id, lock=True)
    found = await queries.whole_copy(actor, session, dataset_id)
    row = await queries.find_copy(actor, session, dataset_id, lock=True)
    if found is None or row is None:
        raise DatasetNotCopiedError
    if settings.mode is CopyMode.INCREMENTAL:
        if ConnectionKind(found.connection.kind) not in INCREMENTAL_KINDS:
            raise CopyNotIncrementalError
        if row.columns and settings.cursor_column not in row.columns:
            raise CursorColumnError(params={"column": settings.cursor_column})
    row.mode, row.cursor_column, row.overlap = settings.mode.value, settings.cursor_column, settings.overlap
    row.time_zone, row.failures, row.schedule, row.next_at = settings.time_zone, 0, None, None
    row.scheduled_by = actor.user_id
    if settings.schedule is not None:
        checked(settings.schedule, settings.time_zone, at=now())
        row.schedule = settings.schedule.model_dump(mode="json")
        row.next_at = next_after(settings.schedule, settings.time_zone, now())
    await session.flush()
    await audit.record(
        actor,
        session,
        action="datasets.copy.schedule",
        subject_type="dataset",
        subject_id=dataset.id,
        subject_label=dataset.name,
        details={"mode": row.mode, "cursor_column": row.cursor_column, "schedule": row.schedule},
    )
    return view_of_copy(queries.Copy(row, found.dataset, found.connection, found.job))


async def list_copy_runs(actor: Actor, session: AsyncSession, dataset_id: UUID, page: PageRequest) -> Page[CopyRunView]:
    """Return a page of a dataset's history of copying, newest first."""
    actor.require(Permission.DATASETS_DATASET_READ)
    await require_stored(actor, session, dataset_id)
    rows, total = await queries.page_of_runs(actor, session, dataset_id, page)
    items = tuple(_run_view(row) for row in rows)
    return Page[CopyRunView](items=items, total=total, limit=page.limit, offset=page.offset)


async def failing_copies(
    actor: Actor, session: AsyncSession, *, since: datetime, limit: int
) -> tuple[CopiedTableView, ...]:
    """Return copies that failed last, since then, and those whose schedule is not followed any more."""
    actor.require(Permission.DATASETS_DATASET_READ)
    return tuple(view_of_copy(one) for one in await queries.failing_copies(actor, session, since=since, limit=limit))


def _run_view(row: CopyRun) -> CopyRunView:
    return CopyRunView.model_validate(
        {
            **row.model_dump(include=set(CopyRunView.model_fields) - {"error"}),
            "error": Fault.model_validate(row.error) if row.error else None,
        }
    )
