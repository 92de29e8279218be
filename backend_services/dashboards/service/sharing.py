"""Sharing a dashboard with a role or with the whole team; ``people.py`` shares with persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from backend_services.dashboards import queries
from backend_services.dashboards.errors import ShareNotFoundError
from backend_services.dashboards.models import TEAM, DashboardShare
from backend_services.dashboards.schemas import Access, ShareView
from backend_services.dashboards.service import storage
from backend_services.identity.roles import NAMES
from backend_services.kernel.clock import now
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.ids import new_id
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.schemas import ShareRequest
    from backend_services.kernel.actor import Actor


async def list_shares(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> tuple[ShareView, ...]:
    """Return whom a dashboard is shared with; role ``*`` is the whole team."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    await storage.load(actor, session, dashboard_id)
    return await _role_shares(actor, session, dashboard_id)


async def share(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, request: ShareRequest
) -> tuple[ShareView, ...]:
    """Share a dashboard with a role or the whole team, or change the access it has; return all shares.

    Raises:
        DashboardReadOnlyError: Only its owner may.
        InvalidInputError: There is no such role.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_SHARE)
    if request.role not in {TEAM, *NAMES}:
        known = ", ".join((TEAM, *sorted(NAMES)))
        raise InvalidInputError(fields={"role": field_text("fields.one_of", names=known)})
    row, _ = await storage.load(actor, session, dashboard_id, least=Access.OWNER, lock=True)
    statement = insert(DashboardShare).values(
        id=new_id(),
        tenant_id=actor.tenant_id,
        dashboard_id=dashboard_id,
        role=request.role,
        access=request.access,
        shared_by=actor.label,
        created_at=now(),
        updated_at=now(),
    )
    await session.execute(
        statement.on_conflict_do_update(
            constraint="uq_dashboard_shares_role",
            set_={"access": request.access, "shared_by": actor.label, "updated_at": now()},
        )
    )
    await storage.record(actor, session, "shared", row, details={"role": request.role, "access": request.access})
    return await _role_shares(actor, session, dashboard_id)


async def unshare(actor: Actor, session: AsyncSession, dashboard_id: UUID, *, role: str) -> tuple[ShareView, ...]:
    """Take a dashboard back from a role or from the whole team; return what is left.

    Raises:
        ShareNotFoundError: It was not shared with it.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_SHARE)
    row, _ = await storage.load(actor, session, dashboard_id, least=Access.OWNER, lock=True)
    shares = await queries.shares_of(actor, session, dashboard_id)
    gone = next((one for one in shares if one.role == role), None)
    if gone is None:
        raise ShareNotFoundError(params={"role": role})
    await session.delete(gone)
    await session.flush()
    await storage.record(actor, session, "unshared", row, details={"role": role})
    return await _role_shares(actor, session, dashboard_id)


async def _role_shares(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> tuple[ShareView, ...]:
    return tuple(
        ShareView(role=row.role, access=row.access, created_at=row.created_at)
        for row in await queries.shares_of(actor, session, dashboard_id)
        if row.role is not None
    )
