"""The people of a team and what they are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from backend_services.audit import service as audit
from backend_services.identity import passwords, queries
from backend_services.identity.cache import CACHE
from backend_services.identity.errors import (
    EmailTakenError,
    LastOwnerError,
    MemberNotFoundError,
    RoleTooHighError,
    TimeZoneUnknownError,
)
from backend_services.identity.models import AccountStatus, Membership, Tenant, User
from backend_services.identity.roles import PERMISSIONS, Role, parse_roles, permissions_of
from backend_services.identity.schemas import MemberCreate, MemberUpdate, MemberView, RoleView
from backend_services.identity.service.sessions import revoke_all_of
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit
from backend_services.kernel.i18n import field_text
from backend_services.kernel.ids import new_id
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest


def list_roles(actor: Actor) -> tuple[RoleView, ...]:
    """Return the built-in roles and what each allows."""
    actor.require(Permission.IDENTITY_MEMBER_READ)
    return tuple(RoleView(name=role.value, permissions=tuple(sorted(PERMISSIONS[role]))) for role in Role)


async def list_members(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[MemberView]:
    """Return the people of the actor's team, by name unless sorted otherwise."""
    actor.require(Permission.IDENTITY_MEMBER_READ)
    rows, total = await queries.page_of(
        session,
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(Membership.tenant_id) == actor.tenant_id),
        page,
        sortable={
            "name": func.lower(col(User.name)),
            "email": col(User.email),
            "created_at": col(Membership.created_at),
            "last_sign_in_at": col(User.last_sign_in_at),
            "status": col(Membership.status),
        },
        tie=col(Membership.id),
        searched=(col(User.name), col(User.email)),
    )
    items = tuple(_view(membership, user) for membership, user in rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def get_member(actor: Actor, session: AsyncSession, member_id: UUID) -> MemberView:
    """Return one person of the team.

    Raises:
        MemberNotFoundError: No such member in the actor's tenant.
    """
    actor.require(Permission.IDENTITY_MEMBER_READ)
    return _view(*await _member(actor, session, member_id))


async def add_member(actor: Actor, session: AsyncSession, request: MemberCreate) -> MemberView:
    """Add a person with a first password.

    Raises:
        EmailTakenError: There is an account with the address.
        RoleTooHighError: A role allows more than the actor may.
        RoleUnknownError: No such role.
        WeakPasswordError: The password would be guessed.
    """
    actor.require(Permission.IDENTITY_MEMBER_WRITE)
    roles = parse_roles(request.roles)
    _require_grantable(actor, roles)
    tenant = await session.get_one(Tenant, actor.tenant_id)
    await passwords.require_strong(request.password, about=(request.email, request.name, tenant.name))
    user = User(
        id=new_id(),
        email=request.email,
        name=request.name,
        password_hash=await passwords.hash_password(request.password),
        password_changed_at=now(),
        language=request.language or tenant.language,
        time_zone=tenant.time_zone,
    )
    membership = Membership(tenant_id=actor.tenant_id, user_id=user.id, roles=[role.value for role in roles])
    await store_account(session, user, membership)
    await _audit(actor, session, "identity.member.add", membership, user)
    return _view(membership, user)


async def store_account(session: AsyncSession, user: User, membership: Membership) -> None:
    """Store a new account with its standing.

    Raises:
        EmailTakenError: There is an account with the address.
    """
    try:
        async with session.begin_nested():
            session.add(user)
            await session.flush()
            session.add(membership)
            await session.flush()
    except IntegrityError as error:
        if "users_email_key" in str(error.orig):
            raise EmailTakenError from None
        raise


async def update_member(actor: Actor, session: AsyncSession, member_id: UUID, request: MemberUpdate) -> MemberView:
    """Change what a person is in the team, or whether he may come in. Takes effect within seconds.

    Raises:
        MemberNotFoundError: No such member in the actor's tenant.
        LastOwnerError: The team would have no owner left.
        RoleTooHighError: A role given or taken allows more than the actor may.
        RoleUnknownError: No such role.
    """
    actor.require(Permission.IDENTITY_MEMBER_WRITE)
    owners = await queries.owners(actor, session)
    membership, user = await _member(actor, session, member_id)
    before: dict[str, object] = {"roles": list(membership.roles), "status": membership.status}
    if request.roles is not None:
        roles = parse_roles(request.roles)
        changed = set(membership.roles) ^ {role.value for role in roles}
        _require_grantable(actor, [role for role in Role if role.value in changed])
        membership.roles = [role.value for role in roles]
    if request.status is not None and request.status != membership.status:
        _require_grantable(actor, [role for role in Role if role.value in membership.roles])
        membership.status = request.status
    _require_owner_left(membership, owners)
    await session.flush()
    if membership.status != AccountStatus.ACTIVE.value:
        await revoke_all_of(actor, session, user.id)
    _forget(session, user.id)
    await _audit(actor, session, "identity.member.update", membership, user, before=before)
    return _view(membership, user)


async def reset_password(actor: Actor, session: AsyncSession, member_id: UUID, new_password: str) -> MemberView:
    """Give a member who forgot it a new password; every session of the person ends.

    Raises:
        MemberNotFoundError: No such member in the actor's tenant.
        RoleTooHighError: The member holds a role that allows more than the actor may.
        WeakPasswordError: The password would be guessed.
    """
    actor.require(Permission.IDENTITY_MEMBER_WRITE)
    membership, user = await _member(actor, session, member_id)
    _require_grantable(actor, [role for role in Role if role.value in membership.roles])
    await passwords.require_strong(new_password, about=(user.email, user.name))
    user.password_hash = await passwords.hash_password(new_password)
    user.password_changed_at = now()
    await session.flush()
    await revoke_all_of(actor, session, user.id)
    _forget(session, user.id)
    await _audit(actor, session, "identity.password.reset", membership, user)
    return _view(membership, user)


def _require_owner_left(membership: Membership, owners: Sequence[Membership]) -> None:
    was_owner = any(owner.id == membership.id for owner in owners)
    is_owner = Role.OWNER.value in membership.roles and membership.status == AccountStatus.ACTIVE.value
    if was_owner and not is_owner and len(owners) == 1:
        raise LastOwnerError


def _require_grantable(actor: Actor, roles: Sequence[Role]) -> None:
    beyond = permissions_of(role.value for role in roles) - actor.permissions
    if beyond or (Role.OWNER in roles and Role.OWNER.value not in actor.roles):
        raise RoleTooHighError(params={"roles": ", ".join(role.value for role in roles)})


async def _member(actor: Actor, session: AsyncSession, member_id: UUID) -> tuple[Membership, User]:
    membership = await queries.owned(actor, session, Membership, member_id)
    if membership is None:
        raise MemberNotFoundError
    return membership, await session.get_one(User, membership.user_id)


def _forget(session: AsyncSession, user_id: UUID) -> None:
    async def forget() -> None:
        CACHE.forget(user_id)

    after_commit(session, forget)


async def _audit(
    actor: Actor,
    session: AsyncSession,
    action: str,
    membership: Membership,
    user: User,
    *,
    before: dict[str, object] | None = None,
) -> None:
    after: dict[str, object] = {"roles": list(membership.roles), "status": membership.status}
    await audit.record(
        actor,
        session,
        action=action,
        subject_type="member",
        subject_id=membership.id,
        subject_label=user.email,
        details={"before": before, "after": after} if before else {"after": after},
    )


def require_time_zone(name: str | None) -> None:
    """Refuse a time zone that does not exist.

    Raises:
        TimeZoneUnknownError: No such IANA name.
    """
    if name is not None and name not in available_timezones():
        raise TimeZoneUnknownError(params={"time_zone": name}, fields={"time_zone": field_text("fields.time_zone")})


def _view(membership: Membership, user: User) -> MemberView:
    return MemberView.model_validate(
        {
            "id": membership.id,
            "user_id": user.id,
            "email": user.email,
            "name": user.name,
            "roles": tuple(membership.roles),
            "status": membership.status,
            "last_sign_in_at": user.last_sign_in_at,
            "created_at": membership.created_at,
        }
    )
