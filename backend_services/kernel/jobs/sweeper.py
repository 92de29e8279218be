"""Finds jobs that nobody works on: never handed to the broker, lost by it, due again, or left by a dead worker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import func

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.db import UNREACHABLE, system_transaction
from backend_services.kernel.jobs import queries, service
from backend_services.kernel.jobs.broker import Broker
from backend_services.kernel.jobs.errors import BrokerAwayError, JobInterruptedError
from backend_services.kernel.jobs.models import Job, JobLog
from backend_services.kernel.jobs.outcome import problem_of
from backend_services.kernel.jobs.runner import Runner
from backend_services.kernel.jobs.schemas import JobState, JobView, Queue

if TYPE_CHECKING:
    from uuid import UUID

BATCH = 100
LOST_AFTER_S = 2.0
STUCK_AFTER_S = 60.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Sweeper:
    """Looks every few seconds, and whenever somebody says that there is work. Any number may run."""

    runner: Runner
    broker: Broker
    _patient_until_s: float = field(default=0.0)
    _swept_s: float = field(default_factory=monotonic_s)

    async def sweep(self) -> None:
        """Take back what dead workers left, then hand out what waits."""
        settings = self.runner.settings
        late_s = monotonic_s() - self._swept_s - settings.sweep_s
        self._swept_s = monotonic_s()
        if late_s > settings.beat_s:  # this process was held up: others' beats, and its own, come first
            self._patient_until_s = monotonic_s() + 2 * settings.beat_s
        try:
            if monotonic_s() >= self._patient_until_s:
                await self._reclaim()
            await self._hand_out()
        except UNREACHABLE as error:
            # leases could not be prolonged meanwhile; when the database is back, their owners get to it first
            self._patient_until_s = monotonic_s() + 2 * settings.beat_s
            log.warning("not swept", error=type(error).__name__)

    async def _reclaim(self) -> None:
        async with system_transaction() as session:
            rows = await queries.find_expired(session, BATCH)
            changed: list[tuple[JobView, UUID]] = []
            for row in rows:
                text, level = _take_back(row)
                session.add(
                    JobLog(tenant_id=row.tenant_id, job_id=row.id, attempt=row.attempts, level=level, text=text)
                )
                await session.flush()
                changed.append((service.view_of(await queries.refreshed(session, row)), row.tenant_id))
        for view, tenant_id in changed:
            log.warning("job taken back from a lost worker", job_id=str(view.id), state=view.state.value)
            await service.announce(view, tenant_id)

    async def _hand_out(self) -> None:
        try:
            depths = await self.broker.depths()
        except BrokerAwayError as error:
            log.warning("broker does not answer; jobs wait in the database", error=str(error))
            return
        for queue in self.runner.settings.served:
            limit = BATCH
            if queue is Queue.HEAVY and not self.runner.room_for(queue):
                continue
            if queue is Queue.HEAVY:
                limit = self.runner.settings.heavy_slots
            lost_s = STUCK_AFTER_S if depths.get(queue, 0) else LOST_AFTER_S
            async with system_transaction() as session:
                waiting = await queries.take_undelivered(session, [queue], older_than_s=lost_s, limit=limit)
            if not waiting:
                continue
            try:
                await asyncio.to_thread(self.broker.send, waiting)
            except BrokerAwayError as error:
                log.warning("jobs not handed out; they are again when the broker is back", error=str(error))
                return


def _take_back(row: Job) -> tuple[str, str]:
    """Change the row of a job whose worker was lost; return the line for its log and that line's level."""
    row.lease_owner = None
    row.lease_until = None
    if row.cancel_requested_at is not None:
        row.state = JobState.CANCELLED.value
        row.finished_at = func.now()  # type: ignore[assignment]  # filled in by PostgreSQL
        return "its worker was lost after it was cancelled", "warning"
    if row.attempts >= row.max_attempts:
        row.state = JobState.DEAD.value
        row.error = problem_of(JobInterruptedError())
        row.finished_at = func.now()  # type: ignore[assignment]
        return f"its worker was lost in attempt {row.attempts} of {row.max_attempts}; no more attempts", "error"
    row.state = JobState.QUEUED.value
    row.run_at = func.now()  # type: ignore[assignment]
    row.dispatched_at = None
    return f"its worker was lost in attempt {row.attempts} of {row.max_attempts}; taken up again", "warning"
