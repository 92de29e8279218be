"""Datasets that are copies of tables of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.datasets import service as datasets
from backend_services.datasets.connections import queries
from backend_services.datasets.connections.errors import CopyInProgressError, DatasetNotCopiedError
from backend_services.datasets.connections.models import CopiedTable
from backend_services.datasets.connections.ports import ConnectionKind
from backend_services.datasets.connections.schemas import (
    CopiedTableView,
    CopyPayload,
    CopySettings,
    CopyStarted,
    CopyTable,
)
from backend_services.datasets.connections.service.library import require
from backend_services.datasets.models import Dataset
from backend_services.datasets.schemas import DatasetKind, Fault
from backend_services.datasets.service.storage import require_stored
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.schemas import ENDED, JobState
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

COPY = "datasets.copy"
INCREMENTAL_KINDS = frozenset({ConnectionKind.MYSQL, ConnectionKind.POSTGRESQL})
"""Databases that declare types, without which nothing can be gone on from."""


async def list_copies(
    actor: Actor, session: AsyncSession, connection_id: UUID, page: PageRequest
) -> Page[CopiedTableView]:
    """Return a page of the datasets that are copies of a connection's tables."""
    actor.require(Permission.DATASETS_CONNECTION_READ)
    await require(actor, session, connection_id)
    rows, total = await queries.page_of_copies(actor, session, connection_id, page)
    items = tuple(view_of_copy(one) for one in rows)
    return Page[CopiedTableView](items=items, total=total, limit=page.limit, offset=page.offset)


async def get_copy(actor: Actor, session: AsyncSession, dataset_id: UUID) -> CopiedTableView | None:
    """Return of which table a dataset is a copy and how copying it stands; ``None`` for one that is no copy.

    Raises:
        DatasetNotFoundError: There is no such dataset in the actor's tenant.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    found = await queries.whole_copy(actor, session, dataset_id)
    if found is not None:
        return view_of_copy(found)
    await datasets.get_dataset(actor, session, dataset_id)
    return None


def view_of_copy(one: queries.Copy) -> CopiedTableView:
    """Return a copied table as people see it."""
    return CopiedTableView(
        dataset_id=one.dataset.id,
        dataset_name=one.dataset.name,
        connection_id=one.connection.id,
        connection_name=one.connection.name,
        schema_name=one.table.schema_name,
        table_name=one.table.table_name,
        columns=tuple(one.table.columns),
        rows=one.dataset.rows,
        version=one.dataset.version,
        job_id=one.table.job_id,
        job_state=JobState(one.job.state) if one.job is not None else None,
        progress=one.job.progress if one.job is not None else 0.0,
        error=Fault.model_validate(one.job.error) if one.job is not None and one.job.error else None,
        copied_at=one.table.copied_at,
        settings=settings_of(one.table),
        incremental=ConnectionKind(one.connection.kind) in INCREMENTAL_KINDS,
        next_at=one.table.next_at,
        stopped=one.table.schedule is not None and one.table.next_at is None,
    )


def settings_of(row: CopiedTable) -> CopySettings:
    """Return how and when a table is copied again."""
    return CopySettings.model_validate(
        {
            "mode": row.mode,
            "cursor_column": row.cursor_column,
            "overlap": row.overlap,
            "schedule": row.schedule,
            "time_zone": row.time_zone,
        }
    )


async def copy_table(actor: Actor, session: AsyncSession, connection_id: UUID, request: CopyTable) -> CopyStarted:
    """Make a dataset of a table: a row that is loading, and the job that reads the table.

    Raises:
        ConnectionNotFoundError: No such connection in the actor's tenant.
    """
    actor.require(Permission.DATASETS_CONNECTION_READ)
    actor.require(Permission.DATASETS_DATASET_WRITE)
    connection = await require(actor, session, connection_id)
    place = ".".join(one for one in (request.schema_name, request.table_name) if one)
    dataset = Dataset(
        tenant_id=actor.tenant_id,
        name=(request.name.strip() or request.table_name)[:120],
        kind=DatasetKind.CONNECTION.value,
        source=f"{connection.name}: {place}"[:500],
        owner_id=actor.user_id,
    )
    session.add(dataset)
    await session.flush()
    copy = CopiedTable(
        tenant_id=actor.tenant_id,
        dataset_id=dataset.id,
        connection_id=connection.id,
        schema_name=request.schema_name,
        table_name=request.table_name,
        columns=list(dict.fromkeys(request.columns)),
    )
    session.add(copy)
    return await start_copy(actor, session, dataset, copy, action="datasets.dataset.create")


async def copy_again(actor: Actor, session: AsyncSession, dataset_id: UUID) -> CopyStarted:
    """Read the table once more as a new version; the present one is read until the new one is ready.

    Raises:
        DatasetNotCopiedError: The dataset is no copy, or its connection was deleted.
        CopyInProgressError: It is being copied already.
    """
    actor.require(Permission.DATASETS_CONNECTION_READ)
    actor.require(Permission.DATASETS_DATASET_WRITE)
    dataset = await require_stored(actor, session, dataset_id, lock=True)
    copy = await queries.find_copy(actor, session, dataset_id, lock=True)
    if copy is None:
        raise DatasetNotCopiedError
    if copy.job_id is not None:
        job = await jobs.get_job(actor, session, copy.job_id)
        if JobState(job.state) not in ENDED:
            raise CopyInProgressError
    return await start_copy(actor, session, dataset, copy, action="datasets.version.create")


async def start_copy(
    actor: Actor, session: AsyncSession, dataset: Dataset, copy: CopiedTable, *, action: str, scheduled: bool = False
) -> CopyStarted:
    """Ask for the job that reads a table; whoever calls this has checked that the actor may."""
    if dataset.version == 0:
        dataset.state, dataset.error = "loading", None
    job = await jobs.enqueue(
        actor,
        session,
        name=COPY,
        payload=CopyPayload(dataset_id=dataset.id, scheduled=scheduled),
        title=dataset.name,
        subject_id=dataset.id,
    )
    copy.job_id = job.id
    await session.flush()
    await audit.record(
        actor,
        session,
        action=action,
        subject_type="dataset",
        subject_id=dataset.id,
        subject_label=dataset.name,
        details={
            "connection_id": str(copy.connection_id),
            "schema": copy.schema_name,
            "table": copy.table_name,
            "scheduled": scheduled,
        },
    )
    return CopyStarted(job_id=job.id, dataset_id=dataset.id)
