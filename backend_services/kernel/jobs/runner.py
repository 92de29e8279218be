"""Runs one attempt of a job: claim, handler, outcome. All of a worker's handlers share its event loop."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import structlog
from pydantic_core import to_jsonable_python

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.db import UNREACHABLE, system_transaction
from backend_services.kernel.events import live
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import ledger as ledgers
from backend_services.kernel.jobs import queries, service
from backend_services.kernel.jobs.actors import present
from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.errors import JobTimeLimitError
from backend_services.kernel.jobs.ledger import RowLedger
from backend_services.kernel.jobs.outcome import Cancelled, Failed, Outcome, Released, Succeeded, outcome_of_error
from backend_services.kernel.jobs.registry import DEFAULT_BACKOFF_S, JobHandler, handler_of, handlers
from backend_services.kernel.jobs.schemas import Queue
from backend_services.kernel.jobs.settings import WorkerSettings, get_worker_settings
from backend_services.kernel.metrics import JOB_SECONDS, JOBS_FINISHED, JOBS_RUNNING

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.jobs.models import Job

STOP_GRACE_S = 5.0
OUTCOME_RETRY_S = 1.0
OUTCOME_TRIES = 300

log = structlog.get_logger(__name__)


class Stop(Enum):
    """Why a worker stops a handler from outside."""

    CANCEL = "cancelled"
    LEASE = "lease could not be prolonged"
    SHUTDOWN = "worker stopped"


@dataclass(slots=True)
class Attempt:
    """A claimed job while its handler runs.

    Attributes:
        good_until_s: On the monotonic clock: until then nobody else can have taken the job up.
        cancel_seen_s: When a cancel was first seen; a handler that ignores it is stopped later.
    """

    job_id: UUID
    claim_id: UUID
    queue: Queue
    good_until_s: float
    context: JobContext | None = None
    task: asyncio.Task[Any] | None = None
    stop: Stop | None = None
    cancel_seen_s: float | None = None

    def stop_for(self, reason: Stop) -> None:
        """Stop the handler at its next await."""
        if self.stop is None:
            self.stop = reason
        if self.task is not None:
            self.task.cancel()


@dataclass(slots=True)
class Runner:
    """Does jobs in this process, so many at a time."""

    settings: WorkerSettings = field(default_factory=get_worker_settings)
    attempts: dict[UUID, Attempt] = field(default_factory=dict)
    stopping: bool = False
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Begin idle."""
        self.idle.set()

    def room_for(self, queue: Queue) -> bool:
        """Return whether a job of ``queue`` may start now."""
        if self.stopping or len(self.attempts) >= self.settings.concurrency:
            return False
        heavy = sum(attempt.queue is Queue.HEAVY for attempt in self.attempts.values())
        return queue is not Queue.HEAVY or heavy < self.settings.heavy_slots

    async def run(self, job_id: UUID, queue: Queue = Queue.DEFAULT) -> bool:
        """Do one attempt of the job if it is there to be taken; return whether it was."""
        if not self.room_for(queue):
            await self._hand_back(job_id)
            return False
        attempt = Attempt(
            job_id=job_id,
            claim_id=new_id(),
            queue=queue,
            good_until_s=monotonic_s() + self.settings.lease_s,
        )
        self.attempts[attempt.claim_id] = attempt
        self.idle.clear()
        JOBS_RUNNING.set(len(self.attempts))
        try:
            row = await self._claim(attempt)
            if row is None:
                return False
            await self._work(attempt, row)
        finally:
            del self.attempts[attempt.claim_id]
            JOBS_RUNNING.set(len(self.attempts))
            if not self.attempts:
                self.idle.set()
        await live.wake(live.JOBS)
        return True

    async def _hand_back(self, job_id: UUID) -> None:
        """Say that the job's id is with nobody, so that whoever has room next gets it without a wait."""
        try:
            async with system_transaction() as session:
                await queries.hand_back(session, job_id)
        except UNREACHABLE as error:
            log.warning("job not handed back; it is handed out again later", error=type(error).__name__)

    async def _claim(self, attempt: Attempt) -> Job | None:
        try:
            async with system_transaction() as session:
                return await queries.claim(session, attempt.job_id, attempt.claim_id, self.settings.lease_s)
        except UNREACHABLE as error:
            log.warning("job not claimed; it is handed out again", error=type(error).__name__)
            return None

    async def _work(self, attempt: Attempt, row: Job) -> None:
        started_s = monotonic_s()
        structlog.contextvars.bind_contextvars(job_id=str(row.id), job=row.name)
        await service.announce(service.view_of(row), row.tenant_id)
        handler: JobHandler | None = None
        try:
            handler = handler_of(row.name)
            outcome = await self._handle(attempt, row, handler)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises becomes the job's outcome
            outcome = self._outcome_of(attempt, error)
        seconds = elapsed_ms(started_s) / 1000.0
        if row.name in handlers():
            JOBS_FINISHED.labels(row.name, outcome.label).inc()
            JOB_SECONDS.labels(row.name).observe(seconds)
        log.info("job ended", outcome=outcome.label, attempt=row.attempts, seconds=round(seconds, 3))
        await self._store(attempt, outcome, handler.backoff_s if handler else DEFAULT_BACKOFF_S)

    async def _handle(self, attempt: Attempt, row: Job, handler: JobHandler) -> Outcome:
        """Run the handler until it ends or is stopped from outside."""
        actor = await present(row.actor)
        ledger = RowLedger(actor=actor, job_id=row.id, claim_id=attempt.claim_id, attempt=row.attempts)
        context = JobContext(actor=actor, job_id=row.id, attempt=row.attempts, subject_id=row.subject_id, ledger=ledger)
        payload = handler.payload.model_validate(row.payload)
        attempt.context = context
        attempt.task = asyncio.ensure_future(handler.function(context, payload))
        if attempt.stop is not None:
            attempt.task.cancel()
        await asyncio.wait({attempt.task}, timeout=handler.time_limit_s)
        if not attempt.task.done():
            attempt.task.cancel()
            await asyncio.wait({attempt.task}, timeout=STOP_GRACE_S)
            if not attempt.task.done() or attempt.task.cancelled():
                raise JobTimeLimitError(params={"seconds": round(handler.time_limit_s)})
        if attempt.task.cancelled():
            return self._stopped(attempt)
        error = attempt.task.exception()
        if error is not None:
            return self._outcome_of(attempt, error)
        await context.flush()
        result = attempt.task.result()
        return Succeeded(result=None if result is None else to_jsonable_python(dict(result)))

    def _outcome_of(self, attempt: Attempt, error: BaseException) -> Outcome:
        outcome = outcome_of_error(error)
        if attempt.stop is not None and not isinstance(outcome, Cancelled):
            return self._stopped(attempt)
        if isinstance(outcome, Cancelled) and attempt.stop in {Stop.LEASE, Stop.SHUTDOWN}:
            return self._stopped(attempt)
        if isinstance(outcome, Failed) and outcome.problem["code"] == "job_failed":
            log.error("job handler raised", exc_info=error)
        return outcome

    def _stopped(self, attempt: Attempt) -> Outcome:
        if attempt.stop is None or attempt.stop is Stop.CANCEL:
            return Cancelled()
        return Released(reason=attempt.stop.value)

    async def _store(self, attempt: Attempt, outcome: Outcome, backoff_s: float) -> None:
        """Write the outcome down; while the database is away, again and again, because the work is done."""
        for _ in range(OUTCOME_TRIES):
            try:
                if await ledgers.write_outcome(attempt.claim_id, outcome, backoff_s=backoff_s) is None:
                    log.warning("outcome not stored: somebody else has the job", outcome=outcome.label)
            except UNREACHABLE as error:
                log.warning("outcome not stored yet", outcome=outcome.label, error=type(error).__name__)
                if self.stopping:
                    return
                await asyncio.sleep(OUTCOME_RETRY_S)
            else:
                return

    def stop_all(self, reason: Stop) -> None:
        """Stop every handler."""
        for attempt in self.attempts.values():
            attempt.stop_for(reason)


async def run_waiting(*, limit: int = 100) -> int:
    """Do every job that is due, one after the other, in the calling loop; return how many attempts that were.

    For the command line and for tests of handlers: no broker, no other process.
    """
    runner = Runner()
    done = 0
    while done < limit:
        async with system_transaction() as session:
            due = await queries.next_due(session)
        if due is None or not await asyncio.create_task(runner.run(*due), context=copy_context()):
            return done
        done += 1
    return done
