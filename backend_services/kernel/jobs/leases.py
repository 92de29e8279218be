"""Keeps the leases of this worker's jobs, and stops what it cannot keep."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.db import UNREACHABLE, system_transaction
from backend_services.kernel.jobs import queries
from backend_services.kernel.jobs.runner import Attempt, Runner, Stop

if TYPE_CHECKING:
    from uuid import UUID

CANCEL_GRACE_S = 10.0
MARGIN_S = 1.5

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class LeaseKeeper:
    """Prolongs leases every few seconds.

    A job never runs twice at once: nobody takes it up before its lease ends in PostgreSQL, and a worker that could not
    prolong it stops its handler before that moment.
    """

    runner: Runner

    async def beat(self) -> None:
        """Prolong every lease once and act on what PostgreSQL says."""
        attempts = dict(self.runner.attempts)
        if not attempts:
            return
        asked_s = monotonic_s()
        try:
            async with asyncio.timeout(self.runner.settings.beat_s):
                held = await self._renew(attempts)
        except UNREACHABLE as error:
            log.warning("leases not prolonged", jobs=len(attempts), error=type(error).__name__)
            self._stop_lapsing(attempts)
            return
        for claim_id, attempt in attempts.items():
            self._act(attempt, asked_s, cancelled=held.get(claim_id))

    async def _renew(self, attempts: dict[UUID, Attempt]) -> dict[UUID, bool]:
        async with system_transaction() as session:
            return await queries.renew(session, list(attempts), self.runner.settings.lease_s)

    def _act(self, attempt: Attempt, asked_s: float, *, cancelled: bool | None) -> None:
        if cancelled is None:
            if attempt.task is not None and not attempt.task.done():
                log.warning("lease lost", job_id=str(attempt.job_id))
                attempt.stop_for(Stop.LEASE)
            return
        attempt.good_until_s = asked_s + self.runner.settings.lease_s
        if not cancelled:
            return
        if attempt.context is not None:
            attempt.context.note_cancel()
        attempt.cancel_seen_s = attempt.cancel_seen_s or monotonic_s()
        if monotonic_s() - attempt.cancel_seen_s >= CANCEL_GRACE_S:
            attempt.stop_for(Stop.CANCEL)

    def _stop_lapsing(self, attempts: dict[UUID, Attempt]) -> None:
        for attempt in attempts.values():
            if attempt.good_until_s - monotonic_s() < MARGIN_S:
                attempt.stop_for(Stop.LEASE)
