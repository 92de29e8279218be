"""Use cases of jobs: ask for one, look at them, cancel, repeat."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel

from backend_services.kernel import journal
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit, transaction
from backend_services.kernel.events import live
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import queries
from backend_services.kernel.jobs.actors import snapshot_of
from backend_services.kernel.jobs.errors import JobNotCancellableError, JobNotFoundError, JobNotRetryableError
from backend_services.kernel.jobs.models import Job, JobLog
from backend_services.kernel.jobs.registry import handler_of, handlers
from backend_services.kernel.jobs.schemas import (
    ENDED,
    REPEATABLE,
    JobFilter,
    JobLogView,
    JobProblem,
    JobState,
    JobView,
    Queue,
)
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.tabular import safe_cell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

__all__ = [
    "CHANGED",
    "JobFilter",
    "JobLogView",
    "JobProblem",
    "JobState",
    "JobView",
    "Queue",
    "announce",
    "cancel_job",
    "count_jobs",
    "enqueue",
    "export_jobs",
    "get_job",
    "job_names",
    "list_jobs",
    "read_log",
    "retry_job",
    "view_of",
]

CHANGED = "kernel.job_changed"
EXPORT_PAGE = 200
EXPORT_COLUMNS = (
    "id",
    "name",
    "title",
    "queue",
    "state",
    "progress",
    "message",
    "attempts",
    "max_attempts",
    "created_at",
    "started_at",
    "finished_at",
)


def view_of(row: Job) -> JobView:
    """Return the job as people see it."""
    waits = row.state == JobState.QUEUED.value and row.run_at > now()
    return JobView(
        id=row.id,
        name=row.name,
        title=row.title,
        queue=Queue(row.queue),
        state=JobState(row.state),
        progress=row.progress,
        message=row.message,
        counters=row.counters,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        error=JobProblem.model_validate(row.error) if row.error else None,
        result=row.result,
        subject_id=row.subject_id,
        user_id=row.user_id,
        cancel_requested=row.cancel_requested_at is not None,
        next_attempt_at=row.run_at if waits else None,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def told_to(actor: Actor, row: Job) -> JobView:
    """Return the job as ``actor`` may see it.

    It ran with the rights of one person, so what it found and counted is for that person, and for those who may give
    themselves any rows.
    """
    view = view_of(row)
    if _is_own(actor, row) or actor.can(Permission.DATASETS_RULE_WRITE):
        return view
    return view.model_copy(update={"result": None, "counters": {}})


def _is_own(actor: Actor, row: Job) -> bool:
    if actor.user_id is not None:
        return row.user_id == actor.user_id
    return actor.api_key_id is not None and row.actor.get("api_key_id") == str(actor.api_key_id)


async def announce(job: JobView, tenant_id: UUID) -> None:
    """Tell open pages of the tenant how the job stands."""
    data = job.model_dump(mode="json", include={"state", "progress", "message", "name", "title"})
    await live.publish(
        Event(
            id=new_id(),
            name=CHANGED,
            tenant_id=tenant_id,
            subject_id=job.id,
            user_id=job.user_id,
            data=data,
            created_at=now(),
        )
    )


async def enqueue(
    actor: Actor,
    session: AsyncSession,
    *,
    name: str,
    payload: BaseModel,
    title: str,
    subject_id: UUID | None = None,
    queue: Queue | None = None,
    max_attempts: int | None = None,
) -> JobView:
    """Ask for a job in the caller's transaction; it is handed out once that is committed.

    Whoever calls this has checked that the actor may. Queue and number of attempts are the handler's unless given.

    Raises:
        JobUnknownError: No handler of that name is registered.
    """
    handler = handler_of(name)
    if not isinstance(payload, handler.payload):
        msg = f"the job {name} takes {handler.payload.__name__}"
        raise TypeError(msg)
    row = Job(
        tenant_id=actor.tenant_id,
        name=name,
        title=title,
        queue=(queue or handler.queue).value,
        payload=payload.model_dump(mode="json"),
        actor=snapshot_of(actor),
        subject_id=subject_id,
        user_id=actor.user_id,
        max_attempts=max_attempts or handler.max_attempts,
    )
    session.add(row)
    await session.flush()
    return _hand_out(session, row)


def _hand_out(session: AsyncSession, row: Job) -> JobView:
    job = view_of(row)
    tenant_id = row.tenant_id

    async def dispatch() -> None:
        await live.wake(live.JOBS)
        await announce(job, tenant_id)

    after_commit(session, dispatch)
    return job


async def list_jobs(
    actor: Actor, session: AsyncSession, page: PageRequest, wanted: JobFilter | None = None
) -> Page[JobView]:
    """Return a page of the tenant's jobs, newest first unless sorted otherwise."""
    actor.require(Permission.KERNEL_JOB_READ)
    rows, total = await queries.find_jobs(actor, session, page, wanted or JobFilter())
    return Page(items=tuple(told_to(actor, row) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def count_jobs(actor: Actor, session: AsyncSession, *states: JobState) -> dict[JobState, int]:
    """Return how many jobs of the tenant are in each of ``states``."""
    actor.require(Permission.KERNEL_JOB_READ)
    found = await queries.count_of_tenant(actor, session, states)
    return {state: found.get(state.value, 0) for state in states}


async def get_job(actor: Actor, session: AsyncSession, job_id: UUID) -> JobView:
    """Return one job.

    Raises:
        JobNotFoundError: No such job in the actor's tenant.
    """
    actor.require(Permission.KERNEL_JOB_READ)
    row = await queries.find_job(actor, session, job_id)
    if row is None:
        raise JobNotFoundError
    return told_to(actor, row)


async def read_log(actor: Actor, session: AsyncSession, job_id: UUID, page: PageRequest) -> Page[JobLogView]:
    """Return a page of what the job wrote about itself, oldest first.

    Raises:
        JobNotFoundError: No such job in the actor's tenant.
    """
    await get_job(actor, session, job_id)
    rows, total = await queries.find_log(actor, session, job_id, page)
    lines = tuple(
        JobLogView(id=row.id, level=row.level, text=row.text, attempt=row.attempt, created_at=row.created_at)
        for row in rows
    )
    return Page(items=lines, total=total, limit=page.limit, offset=page.offset)


async def cancel_job(actor: Actor, session: AsyncSession, job_id: UUID) -> JobView:
    """Cancel a waiting job at once, or ask a running one to stop at its next step.

    Raises:
        JobNotFoundError: No such job in the actor's tenant.
        JobNotCancellableError: It has ended.
    """
    actor.require(Permission.KERNEL_JOB_CANCEL)
    row = await queries.find_job(actor, session, job_id, lock=True)
    if row is None:
        raise JobNotFoundError
    if JobState(row.state) in ENDED:
        raise JobNotCancellableError
    row.cancel_requested_at = row.cancel_requested_at or now()
    if row.state == JobState.QUEUED.value:
        row.state = JobState.CANCELLED.value
        row.finished_at = now()
    _write_log(session, row, f"cancelled by {actor.label or actor.kind.value}")
    await session.flush()
    await _note(actor, session, row, "kernel.job.cancel")
    return _hand_out(session, row)


async def retry_job(actor: Actor, session: AsyncSession, job_id: UUID) -> JobView:
    """Put a job that ended without success back into its queue, with all its attempts.

    Raises:
        JobNotFoundError: No such job in the actor's tenant.
        JobNotRetryableError: It waits, runs or has succeeded.
    """
    actor.require(Permission.KERNEL_JOB_RETRY)
    row = await queries.find_job(actor, session, job_id, lock=True)
    if row is None:
        raise JobNotFoundError
    if JobState(row.state) not in REPEATABLE:
        raise JobNotRetryableError
    row.state = JobState.QUEUED.value
    row.attempts = 0
    row.progress = 0.0
    row.message = ""
    row.counters = {}
    row.error = None
    row.result = None
    row.run_at = now()
    row.dispatched_at = None
    row.lease_owner = None
    row.lease_until = None
    row.cancel_requested_at = None
    row.started_at = None
    row.finished_at = None
    _write_log(session, row, f"put back into the queue by {actor.label or actor.kind.value}")
    await session.flush()
    await _note(actor, session, row, "kernel.job.retry")
    return _hand_out(session, row)


def _write_log(session: AsyncSession, row: Job, text: str) -> None:
    session.add(JobLog(tenant_id=row.tenant_id, job_id=row.id, attempt=row.attempts, text=text))


async def _note(actor: Actor, session: AsyncSession, row: Job, action: str) -> None:
    await journal.note(actor, session, action=action, subject_type="job", subject_id=row.id, subject_label=row.title)


def job_names() -> tuple[str, ...]:
    """Return the names of every kind of job this version knows, for filters."""
    return tuple(sorted(handlers()))


def export_jobs(actor: Actor, page: PageRequest, wanted: JobFilter | None = None) -> AsyncIterator[bytes]:
    """Return every job that the filter lets through as CSV in pieces (UTF-8, formulas made harmless).

    Raises:
        InvalidInputError: The list cannot be sorted so. Raised here, before the first piece.
    """
    actor.require(Permission.KERNEL_JOB_READ)
    page.require(sortable=queries.SORTABLE)
    return _exported(actor, page, wanted)


async def _exported(actor: Actor, page: PageRequest, wanted: JobFilter | None) -> AsyncIterator[bytes]:
    yield _csv_line(EXPORT_COLUMNS)
    offset = 0
    while True:
        part = page.model_copy(update={"limit": EXPORT_PAGE, "offset": offset})
        async with transaction(actor) as session:
            jobs = await list_jobs(actor, session, part, wanted)
        for job in jobs.items:
            row = job.model_dump(mode="json")
            yield _csv_line(tuple(row[column] for column in EXPORT_COLUMNS))
        offset += EXPORT_PAGE
        if offset >= jobs.total:
            return


def _csv_line(cells: tuple[object, ...]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue().encode()
