"""Every statement on the outbox. Times are PostgreSQL's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlmodel import col

from backend_services.kernel.events.models import OutboxEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession


async def take_pending(session: AsyncSession, *, hold_s: float, limit: int) -> Sequence[OutboxEvent]:
    """Claim events for ``hold_s`` seconds, oldest first; those that another relay has are left out."""
    due = (
        select(col(OutboxEvent.id), col(OutboxEvent.created_at))
        .where(col(OutboxEvent.delivered_at).is_(None), col(OutboxEvent.run_at) <= func.now())
        .order_by(col(OutboxEvent.created_at), col(OutboxEvent.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    keys = [(row[0], row[1]) for row in (await session.execute(due)).all()]
    if not keys:
        return []
    rows = await session.scalars(
        update(OutboxEvent)
        .where(tuple_(col(OutboxEvent.id), col(OutboxEvent.created_at)).in_(keys))
        .values(run_at=func.now() + timedelta(seconds=hold_s))
        .returning(OutboxEvent),
        execution_options={"synchronize_session": False},
    )
    return sorted(rows.all(), key=lambda row: (row.created_at, row.id))


async def settle(
    session: AsyncSession,
    key: tuple[UUID, datetime],
    *,
    heard: list[str],
    error: str,
    again_in_s: float | None,
) -> None:
    """Store who has heard the event; without ``error`` it is delivered, else due again, or parked for good."""
    values: dict[str, object] = {"heard": heard, "error": error}
    if not error:
        values |= {"delivered_at": func.now()}
    else:
        again = None if again_in_s is None else func.now() + timedelta(seconds=again_in_s)
        values |= {"attempts": col(OutboxEvent.attempts) + 1, "run_at": again}
    await session.execute(
        update(OutboxEvent).where(col(OutboxEvent.id) == key[0], col(OutboxEvent.created_at) == key[1]).values(**values)
    )


async def count_pending(session: AsyncSession) -> tuple[int, int]:
    """Return how many events wait for their listeners, and how many are parked after too many failures."""
    row = (
        await session.execute(
            select(
                func.count().filter(col(OutboxEvent.run_at).is_not(None)),
                func.count().filter(col(OutboxEvent.run_at).is_(None)),
            ).where(col(OutboxEvent.delivered_at).is_(None))
        )
    ).one()
    return int(row[0]), int(row[1])
