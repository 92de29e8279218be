"""Every SELECT of identity. Those without an actor serve the steps before one is known and run as the system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import SQLModel, col

from backend_services.identity.errors import IdentitySortError
from backend_services.identity.models import (
    AccountStatus,
    ApiKey,
    BrowserSession,
    Membership,
    RefreshFamily,
    RefreshToken,
    SetupToken,
    Tenant,
    TenantStatus,
    User,
)
from backend_services.kernel.i18n import field_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest


@dataclass(frozen=True, slots=True)
class Standing:
    """A user in a tenant, all of it in use."""

    user: User
    membership: Membership
    tenant: Tenant


_ACTIVE = (
    col(User.status) == AccountStatus.ACTIVE.value,
    col(Membership.status) == AccountStatus.ACTIVE.value,
    col(Tenant.status) == TenantStatus.ACTIVE.value,
)


def _standing() -> Select[User, Membership, Tenant]:
    return (
        select(User, Membership, Tenant)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Tenant, col(Tenant.id) == col(Membership.tenant_id))
        .where(*_ACTIVE)
    )


async def standing(session: AsyncSession, *, tenant_id: UUID, user_id: UUID) -> Standing | None:
    """Return the user's standing in the tenant, if there is one."""
    found = (
        await session.execute(_standing().where(col(User.id) == user_id, col(Tenant.id) == tenant_id))
    ).one_or_none()
    return Standing(*found) if found else None


async def first_standing(session: AsyncSession, *, email: str) -> Standing | None:
    """Return the oldest standing of the account with this address."""
    statement = _standing().where(col(User.email) == email).order_by(col(Membership.id)).limit(1)
    found = (await session.execute(statement)).one_or_none()
    return Standing(*found) if found else None


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """Return the account with this address."""
    return (await session.scalars(select(User).where(col(User.email) == email))).one_or_none()


async def session_by_token(session: AsyncSession, token_hash: str) -> tuple[BrowserSession, Standing] | None:
    """Return the browser session with this token, and who it is of."""
    statement = (
        select(BrowserSession, User, Membership, Tenant)
        .join(User, col(User.id) == col(BrowserSession.user_id))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Tenant, col(Tenant.id) == col(Membership.tenant_id))
        .where(*_ACTIVE, col(BrowserSession.token_hash) == token_hash, col(Tenant.id) == col(BrowserSession.tenant_id))
    )
    found = (await session.execute(statement)).one_or_none()
    return (found[0], Standing(*found[1:])) if found else None


async def key_by_hash(session: AsyncSession, key_hash: str) -> tuple[ApiKey, Standing] | None:
    """Return the API key with this hash, and who made it."""
    statement = (
        select(ApiKey, User, Membership, Tenant)
        .join(User, col(User.id) == col(ApiKey.created_by))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Tenant, col(Tenant.id) == col(Membership.tenant_id))
        .where(*_ACTIVE, col(ApiKey.key_hash) == key_hash, col(Tenant.id) == col(ApiKey.tenant_id))
    )
    found = (await session.execute(statement)).one_or_none()
    return (found[0], Standing(*found[1:])) if found else None


async def family(session: AsyncSession, family_id: UUID, *, lock: bool = False) -> RefreshFamily | None:
    """Return a family of refresh tokens."""
    statement = select(RefreshFamily).where(col(RefreshFamily.id) == family_id)
    return (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()


async def refresh_token(session: AsyncSession, token_hash: str) -> RefreshToken | None:
    """Return a refresh token, locked, with what was committed last."""
    statement = select(RefreshToken).where(col(RefreshToken.token_hash) == token_hash).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def setup_token(session: AsyncSession, token_hash: str) -> SetupToken | None:
    """Return a set-up token, locked."""
    statement = select(SetupToken).where(col(SetupToken.token_hash) == token_hash).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def operator_exists(session: AsyncSession) -> bool:
    """Return whether the install has been set up."""
    return bool(await session.scalar(select(func.count()).select_from(Tenant).where(col(Tenant.kind) == "operator")))


async def tenant_by_slug(session: AsyncSession, slug: str) -> Tenant | None:
    """Return the tenant with this short name."""
    return (await session.scalars(select(Tenant).where(col(Tenant.slug) == slug))).one_or_none()


async def owners(actor: Actor, session: AsyncSession) -> Sequence[Membership]:
    """Return the active owners of the actor's tenant, locked, so that two cannot step down at once."""
    statement = (
        select(Membership)
        .where(
            col(Membership.tenant_id) == actor.tenant_id,
            col(Membership.status) == AccountStatus.ACTIVE.value,
            col(Membership.roles).contains(["owner"]),
        )
        .order_by(col(Membership.id))
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def owned(actor: Actor, session: AsyncSession, model: type[SQLModel], row_id: UUID) -> Any | None:
    """Return a row of the actor's tenant, locked for change, or nothing."""
    columns: Any = model
    statement = select(model).where(columns.id == row_id, columns.tenant_id == actor.tenant_id).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def page_of(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    page: PageRequest,
    *,
    sortable: Mapping[str, Any],
    tie: Any,
    searched: Sequence[Any] = (),
) -> tuple[Sequence[Any], int]:
    """Return a part of the statement's rows, sorted and searched, and how many there are.

    ``tie`` decides among equals, so that no row is on two pages or on none.

    Raises:
        IdentitySortError: The list is not sortable by that field. The first of ``sortable`` is the default.
    """
    name = page.sort_field or next(iter(sortable))
    if name not in sortable:
        raise IdentitySortError(
            params={"sort": name}, fields={"sort": field_text("fields.sort", names=", ".join(sortable))}
        )
    if page.search and searched:
        statement = statement.where(or_(*(column.icontains(page.search, autoescape=True) for column in searched)))
    total = await session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    column = sortable[name]
    ordered = statement.order_by(*((column.desc(), tie.desc()) if page.descending else (column.asc(), tie.asc())))
    rows = await session.execute(ordered.limit(page.limit).offset(page.offset))
    return rows.all(), total or 0
