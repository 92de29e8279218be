"""What a dashboard is to one person: a favourite, lately looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from backend_services.dashboards.library_errors import PersonNeededError
from backend_services.dashboards.models import DashboardMark
from backend_services.dashboards.service import storage
from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor


async def set_favourite(actor: Actor, session: AsyncSession, dashboard_id: UUID, *, favourite: bool) -> None:
    """Mark a dashboard as the actor's favourite, or take the mark away.

    Raises:
        PersonNeededError: The actor is no person.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    await _mark(actor, session, dashboard_id, favourite=favourite)


async def note_visit(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> None:
    """Remember that the actor looked at a dashboard.

    Raises:
        PersonNeededError: The actor is no person.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    await _mark(actor, session, dashboard_id, viewed_at=now())


async def _mark(
    actor: Actor,
    session: AsyncSession,
    dashboard_id: UUID,
    *,
    favourite: bool | None = None,
    viewed_at: datetime | None = None,
) -> None:
    """Write what is given and leave the rest of the mark as it is; two at once are both kept."""
    if actor.user_id is None:
        raise PersonNeededError
    await storage.load(actor, session, dashboard_id)
    changed: dict[str, object] = {"updated_at": now()}
    if favourite is not None:
        changed["favourite"] = favourite
    if viewed_at is not None:
        changed["viewed_at"] = viewed_at
    first = {
        "id": new_id(),
        "created_at": now(),
        "tenant_id": actor.tenant_id,
        "user_id": actor.user_id,
        "dashboard_id": dashboard_id,
        "favourite": False,
    }
    statement = insert(DashboardMark).values(first | changed)
    await session.execute(statement.on_conflict_do_update(constraint="uq_dashboard_marks_user_dashboard", set_=changed))
