"""What a running job may do: report progress, write to its log, notice that it was cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.jobs.errors import JobCancelledError

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.actor import Actor

WRITE_EVERY_S = 0.4
LOOK_EVERY_S = 1.0


class Ledger(Protocol):
    """Where a context writes; the runner gives it one bound to the job's claim."""

    async def write_progress(self, fraction: float, message: str, counters: dict[str, int | float]) -> bool:
        """Store the progress; return whether a cancel was asked for."""

    async def write_log(self, text: str, level: str) -> None:
        """Append a line to the job's log."""

    async def cancel_requested(self) -> bool:
        """Return whether a cancel was asked for."""


class JobContext:
    """Handed to every handler.

    Attributes:
        actor: Who asked for the job, with the rights held now.
        job_id: Of this job.
        attempt: 1 for the first start.
        subject_id: What the job is about, if its caller said so.
    """

    def __init__(self, *, actor: Actor, job_id: UUID, attempt: int, subject_id: UUID | None, ledger: Ledger) -> None:
        self.actor = actor
        self.job_id = job_id
        self.attempt = attempt
        self.subject_id = subject_id
        self._ledger = ledger
        self._fraction = 0.0
        self._message = ""
        self._counters: dict[str, int | float] = {}
        self._cancelled = False
        self._unwritten = False
        self._wrote_s = float("-inf")
        self._looked_s = float("-inf")

    async def progress(self, fraction: float, message: str = "", **counters: float) -> None:
        """Report how far the job is (0 to 1); written at most every 0.4 s, so call it as often as you like."""
        self._fraction = min(1.0, max(0.0, fraction))
        self._message = message or self._message
        self._counters.update(counters)
        self._unwritten = True
        if monotonic_s() - self._wrote_s >= WRITE_EVERY_S or self._fraction >= 1.0:
            await self.flush()

    async def log(self, text: str, *, level: str = "info") -> None:
        """Append a line to the job's log, which people read."""
        await self._ledger.write_log(text, level)

    async def raise_if_cancelled(self) -> None:
        """Stop here when somebody cancelled the job. Call it between steps.

        Raises:
            JobCancelledError: Somebody did; let it leave the handler.
        """
        if not self._cancelled and monotonic_s() - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = monotonic_s()
            self._cancelled = await self._ledger.cancel_requested()
        if self._cancelled:
            raise JobCancelledError

    async def flush(self) -> None:
        """Write the progress reported so far, if it is not written yet."""
        if not self._unwritten:
            return
        self._wrote_s = monotonic_s()
        self._unwritten = False
        if await self._ledger.write_progress(self._fraction, self._message, dict(self._counters)):
            self._cancelled = True

    def note_cancel(self) -> None:
        """Remember that a cancel was asked for; the lease keeper calls this."""
        self._cancelled = True
