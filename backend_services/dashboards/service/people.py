"""Sharing a dashboard with people of one's own team, and why somebody sees one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from backend_services.dashboards import queries
from backend_services.dashboards.errors import ShareNotFoundError
from backend_services.dashboards.library_errors import ColleagueNotFoundError
from backend_services.dashboards.library_schemas import (
    Person,
    PersonShareView,
    Reason,
    RoleShareView,
    SharingView,
)
from backend_services.dashboards.models import TEAM, Dashboard, DashboardShare
from backend_services.dashboards.schemas import Access
from backend_services.dashboards.service import storage
from backend_services.identity import service as identity
from backend_services.identity.roles import permissions_of
from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.library_schemas import PersonShare
    from backend_services.identity.schemas import Colleague
    from backend_services.kernel.actor import Actor

FOUND_AT_ONCE = 20


async def get_sharing(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> SharingView:
    """Return with whom a dashboard is shared and why the actor sees it."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    row, _ = await storage.load(actor, session, dashboard_id)
    return await _sharing(actor, session, row)


async def share_with_person(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, request: PersonShare
) -> SharingView:
    """Share a dashboard with a person of the actor's team, or change the access the person has.

    Raises:
        ColleagueNotFoundError: Nobody active in the team has the address.
        DashboardReadOnlyError: Only its owner may.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_SHARE)
    row, _ = await storage.load(actor, session, dashboard_id, least=Access.OWNER, lock=True)
    person = await identity.colleague_by_email(actor, session, request.email)
    if person is None:
        raise ColleagueNotFoundError(params={"email": request.email})
    statement = insert(DashboardShare).values(
        id=new_id(),
        tenant_id=actor.tenant_id,
        dashboard_id=dashboard_id,
        user_id=person.user_id,
        access=request.access,
        shared_by=actor.label,
        created_at=now(),
        updated_at=now(),
    )
    changed = {"access": request.access, "shared_by": actor.label, "updated_at": now()}
    await session.execute(statement.on_conflict_do_update(constraint="uq_dashboard_shares_user", set_=changed))
    await storage.record(actor, session, "shared", row, details={"person": person.email, "access": request.access})
    return await _sharing(actor, session, row)


async def unshare_with_person(actor: Actor, session: AsyncSession, dashboard_id: UUID, *, user_id: UUID) -> SharingView:
    """Take a dashboard back from a person.

    Raises:
        ShareNotFoundError: It was not shared with the person.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_SHARE)
    row, _ = await storage.load(actor, session, dashboard_id, least=Access.OWNER, lock=True)
    shares = await queries.shares_of(actor, session, dashboard_id)
    gone = next((one for one in shares if one.user_id == user_id), None)
    if gone is None:
        raise ShareNotFoundError(params={"role": str(user_id)})
    people = await identity.colleagues_by_id(actor, session, [user_id])
    await session.delete(gone)
    await session.flush()
    name = people[user_id].email if user_id in people else str(user_id)
    await storage.record(actor, session, "unshared", row, details={"person": name})
    return await _sharing(actor, session, row)


async def find_colleagues(actor: Actor, session: AsyncSession, *, search: str = "") -> tuple[Person, ...]:
    """Return people of the actor's team to share with, the first twenty by name."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_SHARE)
    found = await identity.colleagues(actor, session, search=search, limit=FOUND_AT_ONCE)
    return tuple(person_of(one) for one in found if one.user_id != actor.user_id)


async def readers(actor: Actor, session: AsyncSession, row: Dashboard) -> tuple[Colleague, ...]:
    """Return the active people who may open a dashboard."""
    shares = await queries.shares_of(actor, session, row.id)
    found = await identity.colleagues(actor, session)
    return tuple(one for one in found if _may_open(one, row, shares))


def person_of(one: Colleague) -> Person:
    """Return a colleague as others see one."""
    return Person(user_id=one.user_id, name=one.name, email=one.email)


def _may_open(one: Colleague, row: Dashboard, shares: Sequence[DashboardShare]) -> bool:
    if Permission.DASHBOARDS_DASHBOARD_READ not in permissions_of(one.roles):
        return False
    if row.owner_id is None or row.owner_id == one.user_id:
        return True
    return any(share.user_id == one.user_id or share.role in {TEAM, *one.roles} for share in shares)


async def _sharing(actor: Actor, session: AsyncSession, row: Dashboard) -> SharingView:
    shares = await queries.shares_of(actor, session, row.id)
    named = {share.user_id for share in shares if share.user_id is not None}
    wanted = named | ({row.owner_id} if row.owner_id else set())
    people = await identity.colleagues_by_id(actor, session, wanted)
    owner = people.get(row.owner_id) if row.owner_id else None
    return SharingView(
        owner=None if owner is None else person_of(owner),
        roles=tuple(
            RoleShareView(role=one.role, access=one.access, shared_by=one.shared_by, created_at=one.created_at)
            for one in shares
            if one.role is not None
        ),
        people=tuple(
            PersonShareView(
                **dict(person_of(people[one.user_id])),
                access=one.access,
                active=people[one.user_id].active,
                shared_by=one.shared_by,
                created_at=one.created_at,
            )
            for one in shares
            if one.user_id in people
        ),
        because=tuple(_reasons(actor, row, shares)),
    )


def _reasons(actor: Actor, row: Dashboard, shares: Sequence[DashboardShare]) -> list[Reason]:
    if row.owner_id is None:
        return [Reason(kind="team")]
    if row.owner_id == actor.user_id:
        return [Reason(kind="owner")]
    found: list[Reason] = []
    for share in shares:
        if share.user_id is not None:
            found.extend([Reason(kind="person")] if share.user_id == actor.user_id else [])
        elif share.role == TEAM:
            found.append(Reason(kind="everybody"))
        elif share.role in actor.roles:
            found.append(Reason(kind="role", role=share.role))
    return found
