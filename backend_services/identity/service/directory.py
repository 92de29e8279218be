"""The names of one's own team, for sharing with people and for mentioning them.

These functions ask for no permission: the use case that shows names asks for its own before it calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlmodel import col

from backend_services.identity.models import AccountStatus, Membership, User
from backend_services.identity.schemas import Colleague

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

MOST_COLLEAGUES = 1000


async def colleagues(
    actor: Actor, session: AsyncSession, *, search: str = "", limit: int = MOST_COLLEAGUES
) -> tuple[Colleague, ...]:
    """Return the active people of the actor's tenant by name; ``search`` looks in name and address."""
    active = AccountStatus.ACTIVE.value
    wanted = [
        col(Membership.tenant_id) == actor.tenant_id,
        col(Membership.status) == active,
        col(User.status) == active,
    ]
    if search:
        columns = (col(User.name), col(User.email))
        wanted.append(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    rows = await session.execute(
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(*wanted)
        .order_by(func.lower(col(User.name)), col(User.id))
        .limit(min(limit, MOST_COLLEAGUES))
    )
    return tuple(_view(membership, user) for membership, user in rows.all())


async def colleague_by_email(actor: Actor, session: AsyncSession, email: str) -> Colleague | None:
    """Return the active person of the actor's tenant with this address, if there is one."""
    found = await colleagues(actor, session, search=email.strip())
    return next((one for one in found if one.email.casefold() == email.strip().casefold()), None)


async def colleagues_by_id(actor: Actor, session: AsyncSession, user_ids: Iterable[UUID]) -> dict[UUID, Colleague]:
    """Return the people of the actor's tenant with these ids, whether active or not."""
    rows = await session.execute(
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(Membership.tenant_id) == actor.tenant_id, col(Membership.user_id).in_(list(user_ids)))
    )
    return {user.id: _view(membership, user) for membership, user in rows.all()}


def _view(membership: Membership, user: User) -> Colleague:
    active = AccountStatus.ACTIVE.value
    return Colleague(
        user_id=user.id,
        name=user.name,
        email=user.email,
        roles=tuple(membership.roles),
        language=user.language,
        active=membership.status == active and user.status == active,
    )
