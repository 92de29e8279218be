"""Write events into the outbox, listen to them, follow them live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit
from backend_services.kernel.events import live
from backend_services.kernel.events.models import OutboxEvent
from backend_services.kernel.events.registry import Listener, listener, listeners_of
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from pydantic import JsonValue
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

__all__ = ["Event", "Listener", "listener", "listeners_of", "live", "record"]


async def record(
    actor: Actor,
    session: AsyncSession,
    *,
    name: str,
    subject_id: UUID | None = None,
    data: Mapping[str, JsonValue] | None = None,
) -> Event:
    """Write an event in the caller's transaction; listeners hear it, and live pages see it, once that is committed."""
    event = Event(
        id=new_id(),
        name=name,
        tenant_id=actor.tenant_id,
        subject_id=subject_id,
        user_id=actor.user_id,
        data=dict(data or {}),
        created_at=now(),
    )
    session.add(
        OutboxEvent(
            id=event.id,
            created_at=event.created_at,
            tenant_id=event.tenant_id,
            name=event.name,
            subject_id=event.subject_id,
            user_id=event.user_id,
            data=dict(event.data),
            run_at=event.created_at,
        )
    )
    await session.flush()

    async def announce() -> None:
        await live.publish(event)
        await live.wake(live.OUTBOX)

    after_commit(session, announce)
    return event
