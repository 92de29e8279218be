"""Every SELECT of connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from backend_services.datasets.connections.models import Connection, CopiedTable, CopyRun
from backend_services.datasets.models import Dataset
from backend_services.kernel.jobs.models import Job

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

SORTABLE: dict[str, Any] = {
    "checked_at": col(Connection.checked_at),
    "created_at": col(Connection.created_at),
    "kind": col(Connection.kind),
    "name": func.lower(col(Connection.name)),
    "state": col(Connection.state),
}


async def page_of(actor: Actor, session: AsyncSession, page: PageRequest) -> tuple[list[Connection], int]:
    """Return a page of connections, by name unless sorted otherwise, and how many there are."""
    page.require(sortable=SORTABLE)
    wanted = [col(Connection.tenant_id) == actor.tenant_id]
    if page.search:
        wanted.append(col(Connection.name).icontains(page.search, autoescape=True))
    order = SORTABLE[page.sort_field or "name"]
    total = (await session.execute(select(func.count()).select_from(Connection).where(*wanted))).scalar_one()
    rows = await session.execute(
        select(Connection)
        .where(*wanted)
        .order_by(order.desc().nulls_last() if page.descending else order.asc().nulls_last(), col(Connection.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return list(rows.scalars().all()), total


async def find(actor: Actor, session: AsyncSession, connection_id: UUID, *, lock: bool = False) -> Connection | None:
    """Return a connection, locked until the transaction ends when ``lock`` says so."""
    statement = select(Connection).where(
        col(Connection.tenant_id) == actor.tenant_id, col(Connection.id) == connection_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def named(actor: Actor, session: AsyncSession, name: str) -> UUID | None:
    """Return the connection of this name, if there is one."""
    statement = select(col(Connection.id)).where(
        col(Connection.tenant_id) == actor.tenant_id, col(Connection.name) == name
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def copies(actor: Actor, session: AsyncSession, connection_ids: list[UUID]) -> dict[UUID, int]:
    """Return how many datasets are copies of each connection's tables."""
    rows = await session.execute(
        select(col(CopiedTable.connection_id), func.count())
        .where(col(CopiedTable.tenant_id) == actor.tenant_id, col(CopiedTable.connection_id).in_(connection_ids))
        .group_by(col(CopiedTable.connection_id))
    )
    return {connection_id: count for connection_id, count in rows.all()}  # noqa: C416 - rows are no pairs to mypy


@dataclass(frozen=True, slots=True)
class Copy:
    """A copied table with its dataset, its connection, and the job that reads it or read it last."""

    table: CopiedTable
    dataset: Dataset
    connection: Connection
    job: Job | None


def _whole_copies() -> Any:
    return (
        select(CopiedTable, Dataset, Connection, Job)
        .join(Dataset, col(Dataset.id) == col(CopiedTable.dataset_id))
        .join(Connection, col(Connection.id) == col(CopiedTable.connection_id))
        .join(Job, col(Job.id) == col(CopiedTable.job_id), isouter=True)
    )


async def whole_copy(actor: Actor, session: AsyncSession, dataset_id: UUID) -> Copy | None:
    """Return of what a dataset is a copy, if it is one."""
    found = await session.execute(
        _whole_copies().where(col(CopiedTable.tenant_id) == actor.tenant_id, col(CopiedTable.dataset_id) == dataset_id)
    )
    row = found.first()
    return Copy(*row) if row is not None else None


async def page_of_copies(
    actor: Actor, session: AsyncSession, connection_id: UUID, page: PageRequest
) -> tuple[list[Copy], int]:
    """Return a page of the datasets that are copies of a connection's tables, by name."""
    page.require(sortable=("name",), searched=False)
    wanted = (col(CopiedTable.tenant_id) == actor.tenant_id, col(CopiedTable.connection_id) == connection_id)
    total = (await session.execute(select(func.count()).select_from(CopiedTable).where(*wanted))).scalar_one()
    order = func.lower(col(Dataset.name))
    rows = await session.execute(
        _whole_copies()
        .where(*wanted)
        .order_by(order.desc() if page.descending else order.asc(), col(Dataset.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return [Copy(*row) for row in rows.all()], total


async def find_copy(actor: Actor, session: AsyncSession, dataset_id: UUID, *, lock: bool = False) -> CopiedTable | None:
    """Return of which table a dataset is a copy."""
    statement = select(CopiedTable).where(
        col(CopiedTable.tenant_id) == actor.tenant_id, col(CopiedTable.dataset_id) == dataset_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def run_of_job(actor: Actor, session: AsyncSession, job_id: UUID) -> CopyRun | None:
    """Return the line of history that a job writes."""
    statement = select(CopyRun).where(col(CopyRun.tenant_id) == actor.tenant_id, col(CopyRun.job_id) == job_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def run_of_version(actor: Actor, session: AsyncSession, dataset_id: UUID, number: int) -> CopyRun | None:
    """Return the copying that made a version, if it was one."""
    statement = (
        select(CopyRun)
        .where(
            col(CopyRun.tenant_id) == actor.tenant_id,
            col(CopyRun.dataset_id) == dataset_id,
            col(CopyRun.number) == number,
            col(CopyRun.state) == "succeeded",
        )
        .order_by(col(CopyRun.started_at).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def page_of_runs(
    actor: Actor, session: AsyncSession, dataset_id: UUID, page: PageRequest
) -> tuple[list[CopyRun], int]:
    """Return a page of a dataset's history of copying, newest first."""
    page.require(sortable=(), searched=False)
    wanted = (col(CopyRun.tenant_id) == actor.tenant_id, col(CopyRun.dataset_id) == dataset_id)
    total = (await session.execute(select(func.count()).select_from(CopyRun).where(*wanted))).scalar_one()
    rows = await session.execute(
        select(CopyRun)
        .where(*wanted)
        .order_by(col(CopyRun.started_at).desc(), col(CopyRun.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return list(rows.scalars().all()), total


async def failing_copies(actor: Actor, session: AsyncSession, *, since: datetime, limit: int) -> list[Copy]:
    """Return copies whose last job failed since then, and those whose schedule stopped; the newest first."""
    stopped = col(CopiedTable.schedule).is_not(None) & col(CopiedTable.next_at).is_(None)
    failed = col(Job.state).in_(("failed", "dead")) & (col(Job.finished_at) >= since)
    rows = await session.execute(
        _whole_copies()
        .where(col(CopiedTable.tenant_id) == actor.tenant_id, stopped | failed)
        .order_by(col(Job.finished_at).desc().nulls_last(), col(CopiedTable.id))
        .limit(limit)
    )
    return [Copy(*row) for row in rows.all()]


async def due_copies(session: AsyncSession, *, at: datetime, limit: int) -> list[Copy]:
    """Return copies of every tenant that are due, locked; what another planner holds is left to it."""
    rows = await session.execute(
        _whole_copies()
        .where(col(CopiedTable.next_at) <= at)
        .order_by(col(CopiedTable.next_at))
        .limit(limit)
        .with_for_update(of=CopiedTable, skip_locked=True)
    )
    return [Copy(*row) for row in rows.all()]
