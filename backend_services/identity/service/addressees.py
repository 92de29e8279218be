"""Who of a team is meant by people and roles. For what the platform sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select
from sqlmodel import col

from backend_services.identity.models import AccountStatus, Membership, User

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession


async def active_members(
    session: AsyncSession, tenant_id: UUID, *, user_ids: Collection[UUID], roles: Collection[str]
) -> tuple[UUID, ...]:
    """Return the users among ``user_ids`` and of ``roles`` who may act in the tenant now, each once."""
    held: Any = col(Membership.roles)
    rows = await session.scalars(
        select(col(User.id))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(
            col(Membership.tenant_id) == tenant_id,
            col(Membership.status) == AccountStatus.ACTIVE.value,
            col(User.status) == AccountStatus.ACTIVE.value,
            or_(col(User.id).in_(user_ids), held.overlap(list(roles))),
        )
        .order_by(col(User.id))
    )
    return tuple(rows.all())


async def addresses_of(session: AsyncSession, tenant_id: UUID, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the e-mail addresses of those among ``user_ids`` who are or were of the tenant, by user."""
    rows = await session.execute(
        select(col(User.id), col(User.email))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.tenant_id) == tenant_id, col(User.id).in_(user_ids))
    )
    return {user_id: email for user_id, email in rows.all()}  # noqa: C416 - rows are no pairs to the checker
