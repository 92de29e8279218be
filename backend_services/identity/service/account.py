"""A person's own account: who I am, my name and language, my password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.identity import attempts, passwords, queries
from backend_services.identity.cache import CACHE
from backend_services.identity.errors import SignInFailedError
from backend_services.identity.models import Tenant, User
from backend_services.identity.schemas import AccountView, PasswordChange, ProfileUpdate
from backend_services.identity.service.credentials import Caller
from backend_services.identity.service.members import require_time_zone
from backend_services.identity.service.sessions import revoke_all_of
from backend_services.identity.service.tenants import tenant_view
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit
from backend_services.kernel.errors import PermissionDeniedError, UnauthenticatedError
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession


async def me(actor: Actor, session: AsyncSession) -> AccountView:
    """Return who the actor is and what he may do."""
    user = await _user(actor, session)
    tenant = await session.get_one(Tenant, actor.tenant_id)
    return AccountView(
        user_id=user.id,
        email=user.email,
        name=user.name,
        language=user.language,
        time_zone=user.time_zone,
        tenant=tenant_view(tenant),
        roles=tuple(sorted(actor.roles)),
        permissions=tuple(sorted(actor.permissions)),
        credential=actor.kind.value,
    )


async def update_profile(actor: Actor, session: AsyncSession, request: ProfileUpdate) -> AccountView:
    """Change the actor's own name, language or time zone.

    Raises:
        TimeZoneUnknownError: No such time zone.
    """
    actor.require(Permission.SELF_ACCOUNT_WRITE)
    require_time_zone(request.time_zone)
    user = await _user(actor, session)
    changed = request.model_dump(exclude_none=True)
    for name, value in changed.items():
        setattr(user, name, value)
    await session.flush()
    _forget(session, actor)
    await audit.record(
        actor,
        session,
        action="identity.account.update",
        subject_type="user",
        subject_id=user.id,
        subject_label=user.email,
        details={"changed": sorted(changed)},
    )
    return await me(actor, session)


async def change_password(actor: Actor, session: AsyncSession, request: PasswordChange) -> None:
    """Set a new password; every other session of the person ends.

    Raises:
        PermissionDeniedError: The actor came with a key, which proves no person.
        SignInFailedError: The present password is wrong.
        SignInLockedError: It was wrong too often; guessing here counts as guessing at sign-in.
        WeakPasswordError: The new one would be guessed.
    """
    actor.require(Permission.SELF_ACCOUNT_WRITE)
    if actor.kind not in {ActorKind.SESSION, ActorKind.TOKEN}:
        raise PermissionDeniedError
    user = await _user(actor, session)
    await _prove(actor, session, user, request.current_password)
    await passwords.require_strong(request.new_password, about=(user.email, user.name))
    user.password_hash = await passwords.hash_password(request.new_password)
    user.password_changed_at = now()
    await session.flush()
    await revoke_all_of(actor, session, user.id, but=actor.session_id)
    await audit.record(
        actor,
        session,
        action="identity.password.change",
        subject_type="user",
        subject_id=user.id,
        subject_label=user.email,
    )


async def _prove(actor: Actor, session: AsyncSession, user: User, password: str) -> None:
    """Check that the actor knows the present password: whoever finds a page open does not."""
    attempt_id = await attempts.begin(user.email, Caller(ip=actor.ip), door="password")
    fits, _ = await passwords.verify_password(password, user.password_hash)
    standing = await queries.standing(session, tenant_id=actor.tenant_id, user_id=user.id)
    if not fits or standing is None:
        await attempts.assign(attempt_id, tenant_id=actor.tenant_id, user_id=user.id)
        raise SignInFailedError
    await attempts.end(attempt_id, standing)


async def _user(actor: Actor, session: AsyncSession) -> User:
    if actor.user_id is None:
        raise UnauthenticatedError
    return await session.get_one(User, actor.user_id)


def _forget(session: AsyncSession, actor: Actor) -> None:
    async def forget() -> None:
        if actor.user_id is not None:
            CACHE.forget(actor.user_id)

    after_commit(session, forget)
