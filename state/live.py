"""When an open page reads again: something of its kind changed, or changes may have been missed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from backend_services.kernel.events import live
from backend_services.kernel.jobs.service import CHANGED

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from uuid import UUID

    from backend_services.kernel.events.schemas import Event

AT_MOST_EVERY_S = 1.0
AT_LEAST_EVERY_S = 5.0
"""Events are hints that may be lost, and whoever listens must notice that its page was left."""


async def job_changes(tenant_id: UUID, job_id: UUID | None = None) -> AsyncGenerator[None]:
    """Yield at once and then whenever jobs of the tenant (or the one job) change.

    Once a second at most, every five seconds at least. Use it within ``contextlib.aclosing``.
    """
    changed = asyncio.Event()

    async def listen() -> None:
        async for event in live.subscribe(tenant_id):
            if _concerns(event, job_id):
                changed.set()

    listening = asyncio.create_task(listen(), name="job changes")
    try:
        while True:
            yield None
            await asyncio.sleep(AT_MOST_EVERY_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(AT_LEAST_EVERY_S - AT_MOST_EVERY_S):
                    await changed.wait()
            changed.clear()
    finally:
        listening.cancel()


def _concerns(event: Event, job_id: UUID | None) -> bool:
    if event.name == live.RESUMED:
        return True
    return event.name == CHANGED and (job_id is None or event.subject_id == job_id)
