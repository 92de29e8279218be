"""Counts calls: doors report each one here, a sink stores them in batches.

The kernel knows no tables of usage; ``omni_app.wiring`` sets the sink (``metering.service.store_calls``). Reporting
never waits and never fails a request: the buffer is bounded, and ``omni_usage_dropped_total`` counts what did not fit.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id
from backend_services.kernel.metrics import USAGE_DROPPED

FLUSH_EVERY_S = 1.0
BUFFER_SIZE = 20_000
BATCH_SIZE = 1_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the API.

    Attributes:
        route: The route's template, such as ``/api/v1/jobs/{job_id}``; never the path with its ids.
    """

    tenant_id: UUID
    method: str
    route: str
    status: int
    latency_ms: float
    api_key_id: UUID | None = None
    user_id: UUID | None = None
    id: UUID = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)


Sink = Callable[[Sequence[Call]], Awaitable[None]]


class Recorder:
    """A bounded buffer in front of a sink."""

    def __init__(self, *, size: int = BUFFER_SIZE) -> None:
        self._calls: deque[Call] = deque()
        self._size = size

    def record(self, call: Call) -> None:
        """Keep the call for the next flush, or count it as dropped when the buffer is full."""
        if len(self._calls) >= self._size:
            USAGE_DROPPED.inc()
            return
        self._calls.append(call)

    async def flush(self, sink: Sink) -> int:
        """Give everything kept to ``sink``; return how many calls that was. What it fails to take stays."""
        stored = 0
        while self._calls:
            batch = [self._calls.popleft() for _ in range(min(BATCH_SIZE, len(self._calls)))]
            try:
                await sink(batch)
            except BaseException:
                self._calls.extendleft(reversed(batch))
                raise
            stored += len(batch)
        return stored

    async def run(self, sink: Sink) -> None:
        """Flush every second until cancelled, then once more."""
        try:
            while True:
                await asyncio.sleep(FLUSH_EVERY_S)
                await self._try(sink)
        finally:
            await self._try(sink)

    async def _try(self, sink: Sink) -> None:
        try:
            await self.flush(sink)
        except Exception as error:  # noqa: BLE001 - the database is away; the calls wait in the buffer
            log.warning("usage not stored yet", waiting=len(self._calls), error=type(error).__name__)


_recorder = Recorder()


def record(
    *,
    tenant_id: UUID,
    method: str,
    route: str,
    status: int,
    latency_ms: float,
    api_key_id: UUID | None = None,
    user_id: UUID | None = None,
) -> None:
    """Report one call. Returns at once."""
    _recorder.record(
        Call(
            tenant_id=tenant_id,
            method=method,
            route=route,
            status=status,
            latency_ms=latency_ms,
            api_key_id=api_key_id,
            user_id=user_id,
        )
    )


async def run(sink: Sink) -> None:
    """Store this process's calls through ``sink`` until cancelled."""
    await _recorder.run(sink)


async def flush(sink: Sink) -> int:
    """Store this process's calls now; return how many there were."""
    return await _recorder.flush(sink)
