"""Carries events from the outbox to their listeners: at least once each, in order of writing where nothing fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from backend_services.kernel.db import system_transaction
from backend_services.kernel.events import queries
from backend_services.kernel.events.registry import Listener, listeners_of
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.metrics import EVENTS_HEARD

if TYPE_CHECKING:
    from backend_services.kernel.events.models import OutboxEvent

BATCH = 50
HOLD_S = 30.0
LISTENER_LIMIT_S = 20.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 600.0
MOST_ATTEMPTS = 20

log = structlog.get_logger(__name__)


async def relay_once() -> int:
    """Deliver one batch; return how many events that were."""
    async with system_transaction() as session:
        rows = await queries.take_pending(session, hold_s=HOLD_S, limit=BATCH)
    for row in rows:
        await _deliver(row)
    return len(rows)


async def _deliver(row: OutboxEvent) -> None:
    event = Event(
        id=row.id,
        name=row.name,
        tenant_id=row.tenant_id,
        subject_id=row.subject_id,
        user_id=row.user_id,
        data=row.data,
        created_at=row.created_at,
    )
    heard = list(row.heard)
    problems: list[str] = []
    for label, listener in listeners_of(row.name).items():
        if label in heard:
            continue
        problem = await _tell(listener, event)
        EVENTS_HEARD.labels(event.name, "failed" if problem else "ok").inc()
        if problem:
            problems.append(f"{label}: {problem}")
        else:
            heard.append(label)
    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(row.attempts, 20))
    async with system_transaction() as session:
        await queries.settle(
            session,
            (row.id, row.created_at),
            heard=heard,
            error="; ".join(problems),
            again_in_s=pause if row.attempts + 1 < MOST_ATTEMPTS else None,
        )


async def _tell(listener: Listener, event: Event) -> str:
    """Call the listener; return what went wrong, or an empty text."""
    try:
        async with asyncio.timeout(LISTENER_LIMIT_S):
            await listener(event)
    except Exception as error:
        log.warning("listener failed", event_name=event.name, event_id=str(event.id), exc_info=error)
        return type(error).__name__
    return ""


async def relay_all() -> int:
    """Deliver until nothing is due; return how many events that were."""
    total = 0
    while count := await relay_once():
        total += count
    return total
