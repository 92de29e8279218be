"""Writes to the row of a claimed job, only while the claim holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

import structlog
from sqlalchemy import func

from backend_services.kernel.db import UNREACHABLE, system_transaction, transaction
from backend_services.kernel.jobs import queries, service
from backend_services.kernel.jobs.models import Job, JobLog
from backend_services.kernel.jobs.outcome import Cancelled, Failed, Outcome, Released, Succeeded, pause_s
from backend_services.kernel.jobs.schemas import JobState, JobView

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.actor import Actor

MAX_LOG_TEXT = 4_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RowLedger:
    """The row of one claim."""

    actor: Actor
    job_id: UUID
    claim_id: UUID
    attempt: int

    async def write_progress(self, fraction: float, message: str, counters: dict[str, int | float]) -> bool:
        """Store the progress and show it to open pages; return whether the handler should stop.

        While the database is away nothing is stored; the next report is.
        """
        values = {"progress": fraction, "message": message, "counters": counters}
        try:
            async with transaction(self.actor) as session:
                row = await queries.write_held(session, self.claim_id, values)
        except UNREACHABLE as error:
            log.warning("progress not stored", job_id=str(self.job_id), error=type(error).__name__)
            return False
        if row is None:
            return True
        await service.announce(service.view_of(row), row.tenant_id)
        return row.cancel_requested_at is not None

    async def write_log(self, text: str, level: str) -> None:
        """Append a line to the job's log."""
        async with transaction(self.actor) as session:
            session.add(
                JobLog(
                    tenant_id=self.actor.tenant_id,
                    job_id=self.job_id,
                    attempt=self.attempt,
                    level=level,
                    text=text[:MAX_LOG_TEXT],
                )
            )

    async def cancel_requested(self) -> bool:
        """Return whether the handler should stop: a cancel was asked for, or the claim is lost."""
        try:
            async with transaction(self.actor) as session:
                row = await queries.find_job(self.actor, session, self.job_id)
        except UNREACHABLE as error:
            log.warning("cancel not looked up", job_id=str(self.job_id), error=type(error).__name__)
            return False
        return row is None or row.lease_owner != self.claim_id or row.cancel_requested_at is not None


async def write_outcome(claim_id: UUID, outcome: Outcome, *, backoff_s: float) -> JobView | None:
    """Store how the attempt ended, and what follows; return the job, or ``None`` when the claim no longer holds."""
    async with system_transaction() as session:
        row = await queries.find_held(session, claim_id)
        if row is None:
            return None
        text, level = _apply(row, outcome, backoff_s)
        row.lease_owner = None
        row.lease_until = None
        session.add(JobLog(tenant_id=row.tenant_id, job_id=row.id, attempt=row.attempts, level=level, text=text))
        if isinstance(outcome, Released):
            row.attempts -= 1
        await session.flush()
        tenant_id, view = row.tenant_id, service.view_of(await queries.refreshed(session, row))
    await service.announce(view, tenant_id)
    return view


def _apply(row: Job, outcome: Outcome, backoff_s: float) -> tuple[str, str]:
    """Change ``row`` for ``outcome``; return the line for its log and that line's level."""
    match outcome:
        case Succeeded():
            row.state = JobState.SUCCEEDED.value
            row.progress = 1.0
            row.result = outcome.result
            row.finished_at = func.now()  # type: ignore[assignment]  # filled in by PostgreSQL
            return "finished", "info"
        case Cancelled():
            return _cancelled(row)
        case Released():
            if row.cancel_requested_at is not None:
                return _cancelled(row)
            _requeue(row, 0.0)
            return f"given back: {outcome.reason}", "warning"
        case Failed():
            return _failed(row, outcome, backoff_s)
        case _:
            assert_never(outcome)


def _cancelled(row: Job) -> tuple[str, str]:
    row.state = JobState.CANCELLED.value
    row.finished_at = func.now()  # type: ignore[assignment]
    return "stopped because it was cancelled", "info"


def _failed(row: Job, outcome: Failed, backoff_s: float) -> tuple[str, str]:
    row.error = outcome.problem
    code = outcome.problem["code"]
    if row.cancel_requested_at is not None:
        return _cancelled(row)
    if outcome.passing and row.attempts < row.max_attempts:
        pause = pause_s(row.id, row.attempts, first_s=backoff_s, least_s=outcome.retry_after_s)
        _requeue(row, pause)
        return f"attempt {row.attempts} of {row.max_attempts} failed ({code}); again in {pause:.0f} s", "warning"
    row.state = (JobState.DEAD if outcome.passing else JobState.FAILED).value
    row.finished_at = func.now()  # type: ignore[assignment]
    return f"attempt {row.attempts} of {row.max_attempts} failed ({code}); no more attempts", "error"


def _requeue(row: Job, pause: float) -> None:
    row.state = JobState.QUEUED.value
    row.run_at = func.now() + timedelta(seconds=pause)  # type: ignore[assignment]
    row.dispatched_at = None
