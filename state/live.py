"""When an open page reads again: something of its kind changed, or changes may have been missed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from backend_services.kernel.events import live
from backend_services.kernel.jobs.service import CHANGED

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from uuid import UUID

    from backend_services.kernel.events.schemas import Event

AT_MOST_EVERY_S = 1.0
AT_LEAST_EVERY_S = 5.0
"""Events are hints that may be lost, and whoever listens must notice that its page was left."""
_askers: list[Callable[[str], bool]] = []


def job_changes(tenant_id: UUID, job_id: UUID | None = None) -> AsyncGenerator[None]:
    """Yield at once and then whenever jobs of the tenant (or the one job) change; see :func:`changes`."""
    return changes(tenant_id, lambda event: event.name == CHANGED and (job_id is None or event.subject_id == job_id))


async def changes(tenant_id: UUID, concerns: Callable[[Event], bool]) -> AsyncGenerator[None]:
    """Yield at once and then whenever an event of the tenant ``concerns`` the page.

    Once a second at most, every five seconds at least. Use it within ``contextlib.aclosing``.
    """
    async with aclosing(hints(tenant_id, concerns, at_least_every_s=AT_LEAST_EVERY_S)) as seen:
        async for _ in seen:
            yield None


async def hints(tenant_id: UUID, concerns: Callable[[Event], bool], *, at_least_every_s: float) -> AsyncGenerator[bool]:
    """Yield whether an event of the tenant ``concerns`` the page: at once, as one comes, and when none came for a time.

    ``True`` once a second at most. Use it within ``contextlib.aclosing``.
    """
    changed = asyncio.Event()

    async def listen() -> None:
        async for event in live.subscribe(tenant_id):
            if event.name == live.RESUMED or concerns(event):
                changed.set()

    listening = asyncio.create_task(listen(), name="changes of a page")
    try:
        while True:
            came = changed.is_set()
            changed.clear()
            yield came
            await asyncio.sleep(AT_MOST_EVERY_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(at_least_every_s - AT_MOST_EVERY_S):
                    await changed.wait()
    finally:
        listening.cancel()


def has_page(token: str) -> bool:
    """Return whether a page with this token is connected to this process, as far as the process can say."""
    return all(ask(token) for ask in _askers)


def ask_for_pages(ask: Callable[[str], bool]) -> None:
    """Let :func:`has_page` ask ``ask``, which the application knows."""
    _askers.append(ask)
