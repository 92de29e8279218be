"""Starts copies that are due, of every tenant, once, however many workers look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from backend_services.datasets.connections import queries
from backend_services.datasets.connections.schedule import next_after
from backend_services.datasets.connections.service.copies import settings_of, start_copy
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.jobs.schemas import ENDED, JobState
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.connections.models import CopiedTable
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.jobs.models import Job

BATCH: Final = 50
MOST_FAILURES: Final = 5
"""Scheduled copies in a row that may fail before the schedule stops: a wrong password must not lock a login out."""

log = structlog.get_logger(__name__)


async def plan_copies() -> None:
    """Start what is due now. What was missed while no worker ran comes once, not as often as it was missed."""
    at = now()
    async with system_transaction() as session:
        for copy in await queries.due_copies(session, at=at, limit=BATCH):
            await _plan(session, copy, at=at)


async def _plan(session: AsyncSession, copy: queries.Copy, *, at: datetime) -> None:
    row, settings = copy.table, settings_of(copy.table)
    row.next_at = None if settings.schedule is None else next_after(settings.schedule, settings.time_zone, at)
    if copy.job is not None and JobState(copy.job.state) not in ENDED:
        await session.flush()  # it is still being copied: this time is left out
        return
    row.failures = row.failures + 1 if _failed(copy.job) else 0
    actor = await _actor_of(row)
    if actor is None or row.failures >= MOST_FAILURES:
        row.next_at = None
        log.warning("copying stopped", dataset_id=str(row.dataset_id), failures=row.failures, may=actor is not None)
        await session.flush()
        return
    await start_copy(actor, session, copy.dataset, row, action="datasets.version.create", scheduled=True)


def _failed(job: Job | None) -> bool:
    return job is not None and JobState(job.state) in {JobState.FAILED, JobState.DEAD}


async def _actor_of(row: CopiedTable) -> Actor | None:
    """Return whoever set the schedule, with the rights held now; nobody if those are not enough any more."""
    if row.scheduled_by is None:
        return None
    actor = await identity.load_actor(row.tenant_id, row.scheduled_by)
    needed = (Permission.DATASETS_CONNECTION_READ, Permission.DATASETS_DATASET_WRITE)
    return actor if actor is not None and all(actor.can(one) for one in needed) else None
