"""Every statement on jobs. Times of the queue are PostgreSQL's own, so that no two machines disagree about a lease."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, update
from sqlmodel import col

from backend_services.kernel.actor import ActorKind
from backend_services.kernel.jobs.models import Job, JobLog
from backend_services.kernel.jobs.schemas import FAILED, JobFilter, JobState, Queue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

SORTABLE = {
    "attempts": Job.attempts,
    "created_at": Job.created_at,
    "finished_at": Job.finished_at,
    "name": Job.name,
    "progress": Job.progress,
    "queue": Job.queue,
    "started_at": Job.started_at,
    "state": Job.state,
    "title": Job.title,
}


def _listed(actor: Actor, page: PageRequest, wanted: JobFilter) -> Select[Any]:
    statement = select(Job).where(col(Job.tenant_id) == actor.tenant_id)
    if wanted.state is not None:
        statement = statement.where(col(Job.state) == wanted.state.value)
    if wanted.name:
        statement = statement.where(col(Job.name) == wanted.name)
    if wanted.subject_id is not None:
        statement = statement.where(col(Job.subject_id) == wanted.subject_id)
    if not wanted.routine:
        by_somebody = col(Job.actor)["kind"].as_string() != ActorKind.SYSTEM.value
        statement = statement.where(by_somebody | col(Job.state).in_([state.value for state in FAILED]))
    if page.search:
        statement = statement.where(
            col(Job.title).icontains(page.search, autoescape=True)
            | col(Job.name).icontains(page.search, autoescape=True)
        )
    return statement


async def find_jobs(
    actor: Actor, session: AsyncSession, page: PageRequest, wanted: JobFilter
) -> tuple[Sequence[Job], int]:
    """Return a page of jobs, newest first unless asked otherwise, and how many there are.

    Raises:
        InvalidInputError: The list cannot be sorted so.
    """
    page.require(sortable=SORTABLE)
    statement = _listed(actor, page, wanted)
    total = await session.scalar(select(func.count()).select_from(statement.subquery()))
    field = col(SORTABLE.get(page.sort_field, Job.created_at))
    down = page.descending or not page.sort_field
    ordered = statement.order_by(field.desc().nulls_last() if down else field.asc().nulls_last(), col(Job.id).desc())
    rows = await session.scalars(ordered.limit(page.limit).offset(page.offset))
    return rows.all(), total or 0


async def find_job(actor: Actor, session: AsyncSession, job_id: UUID, *, lock: bool = False) -> Job | None:
    """Return a job of the actor's tenant."""
    statement = select(Job).where(col(Job.tenant_id) == actor.tenant_id, col(Job.id) == job_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def find_log(
    actor: Actor, session: AsyncSession, job_id: UUID, page: PageRequest
) -> tuple[Sequence[JobLog], int]:
    """Return a page of a job's log, oldest first unless sorted by ``-created_at``.

    Raises:
        InvalidInputError: The log cannot be sorted so.
    """
    page.require(sortable=("created_at",))
    statement = select(JobLog).where(col(JobLog.tenant_id) == actor.tenant_id, col(JobLog.job_id) == job_id)
    if page.search:
        statement = statement.where(col(JobLog.text).icontains(page.search, autoescape=True))
    total = await session.scalar(select(func.count()).select_from(statement.subquery()))
    order = col(JobLog.id).desc() if page.descending else col(JobLog.id).asc()
    rows = await session.scalars(statement.order_by(order).limit(page.limit).offset(page.offset))
    return rows.all(), total or 0


async def count_of_tenant(actor: Actor, session: AsyncSession, states: Sequence[JobState]) -> dict[str, int]:
    """Return how many jobs of the actor's tenant there are in each of ``states`` that has any.

    Only those asked for are read: the jobs that ended are by far the most.
    """
    rows = await session.execute(
        select(col(Job.state), func.count())
        .where(col(Job.tenant_id) == actor.tenant_id, col(Job.state).in_([one.value for one in states]))
        .group_by(col(Job.state))
    )
    return {str(state): count for state, count in rows.all()}


async def counts_by_state(session: AsyncSession) -> dict[tuple[str, str], int]:
    """Return how many jobs there are by queue and state, over all tenants."""
    rows = await session.execute(
        select(col(Job.queue), col(Job.state), func.count()).group_by(col(Job.queue), col(Job.state))
    )
    return {(queue, state): count for queue, state, count in rows.all()}


async def claim(session: AsyncSession, job_id: UUID, claim_id: UUID, lease_s: float) -> Job | None:
    """Take the job for one attempt, or return ``None`` when it is not there to be taken. Atomic."""
    rows = await session.scalars(
        update(Job)
        .where(col(Job.id) == job_id, col(Job.state) == JobState.QUEUED.value, col(Job.run_at) <= func.now())
        .values(
            state=JobState.RUNNING.value,
            attempts=col(Job.attempts) + 1,
            lease_owner=claim_id,
            lease_until=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lease_s),
            started_at=func.coalesce(col(Job.started_at), func.now()),
            finished_at=None,
            progress=0.0,
            message="",
            counters={},
            error=None,
        )
        .returning(Job),
        execution_options={"synchronize_session": False},
    )
    return rows.first()


async def renew(session: AsyncSession, claims: Sequence[UUID], lease_s: float) -> dict[UUID, bool]:
    """Prolong leases; return those still held, and whether a cancel was asked for."""
    rows = await session.execute(
        update(Job)
        .where(col(Job.lease_owner).in_(claims), col(Job.state) == JobState.RUNNING.value)
        .values(lease_until=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lease_s))
        .returning(col(Job.lease_owner), col(Job.cancel_requested_at)),
        execution_options={"synchronize_session": False},
    )
    return {owner: cancelled is not None for owner, cancelled in rows.all()}


async def write_held(session: AsyncSession, claim_id: UUID, values: dict[str, Any]) -> Job | None:
    """Change a running job if ``claim_id`` still holds it; return it, or ``None`` when somebody else has it."""
    rows = await session.scalars(
        update(Job)
        .where(col(Job.lease_owner) == claim_id, col(Job.state) == JobState.RUNNING.value)
        .values(**values)
        .returning(Job),
        execution_options={"synchronize_session": False},
    )
    return rows.first()


async def find_expired(session: AsyncSession, limit: int) -> Sequence[Job]:
    """Return running jobs whose worker was lost, locked; those that another sweeper has are left out."""
    rows = await session.scalars(
        select(Job)
        .where(col(Job.state) == JobState.RUNNING.value, col(Job.lease_until) < func.now())
        .order_by(col(Job.lease_until))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


async def take_undelivered(
    session: AsyncSession, queues: Sequence[Queue], *, older_than_s: float, limit: int
) -> list[tuple[UUID, Queue]]:
    """Mark queued jobs whose id seems not to be with the broker as dispatched now, and return them."""
    names = [queue.value for queue in queues]
    due = (
        select(col(Job.id))
        .where(
            col(Job.state) == JobState.QUEUED.value,
            col(Job.queue).in_(names),
            col(Job.run_at) <= func.now(),
            col(Job.dispatched_at).is_(None)
            | (col(Job.dispatched_at) < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, older_than_s))
            | (col(Job.dispatched_at) < col(Job.run_at)),
        )
        .order_by(col(Job.run_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(
        update(Job).where(col(Job.id).in_(due)).values(dispatched_at=func.now()).returning(col(Job.id), col(Job.queue)),
        execution_options={"synchronize_session": False},
    )
    return [(job_id, Queue(queue)) for job_id, queue in rows.all()]


async def hand_back(session: AsyncSession, job_id: UUID) -> None:
    """Mark a waiting job as not with the broker."""
    await session.execute(
        update(Job).where(col(Job.id) == job_id, col(Job.state) == JobState.QUEUED.value).values(dispatched_at=None),
        execution_options={"synchronize_session": False},
    )


async def seconds_to_next(session: AsyncSession) -> float | None:
    """Return in how many seconds the next waiting job is due, if one waits."""
    found = await session.scalar(
        text("SELECT extract(epoch FROM min(run_at) - now()) FROM jobs WHERE state = 'queued' AND run_at > now()")
    )
    return None if found is None else float(found)


async def find_held(session: AsyncSession, claim_id: UUID) -> Job | None:
    """Return the running job that ``claim_id`` holds, locked."""
    return await session.scalar(
        select(Job).where(col(Job.lease_owner) == claim_id, col(Job.state) == JobState.RUNNING.value).with_for_update()
    )


async def refreshed(session: AsyncSession, row: Job) -> Job:
    """Return ``row`` with the values that PostgreSQL filled in."""
    await session.refresh(row)
    return row


async def next_due(session: AsyncSession) -> tuple[UUID, Queue] | None:
    """Return the job that has waited longest, if one may start now."""
    row = (
        await session.execute(
            select(col(Job.id), col(Job.queue))
            .where(col(Job.state) == JobState.QUEUED.value, col(Job.run_at) <= func.now())
            .order_by(col(Job.run_at), col(Job.id))
            .limit(1)
        )
    ).first()
    return None if row is None else (row[0], Queue(row[1]))
