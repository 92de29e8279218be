"""From a credential to an actor: the first step behind every door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from backend_services.identity import access_tokens, queries
from backend_services.identity.cache import CACHE
from backend_services.identity.models import TenantKind
from backend_services.identity.roles import permissions_of
from backend_services.identity.secrets import hash_token, looks_like_api_key
from backend_services.identity.settings import get_identity_settings
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.errors import UnauthenticatedError
from backend_services.kernel.flights import Flights
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.identity.queries import Standing

TOUCH_EVERY = timedelta(seconds=60)
Check = Callable[[], Awaitable[tuple[Actor, float]]]
_CHECKS: Flights[Actor] = Flights()


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from, for audit and lists of sessions."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""


def actor_of_standing(
    standing: Standing,
    *,
    kind: ActorKind,
    session_id: UUID | None = None,
    caller: Caller | None = None,
) -> Actor:
    """Return the actor that a user is in a tenant, with what the roles allow."""
    return Actor(
        kind=kind,
        tenant_id=standing.tenant.id,
        user_id=standing.user.id,
        roles=frozenset(standing.membership.roles),
        permissions=permissions_of(standing.membership.roles),
        is_operator=standing.tenant.kind == TenantKind.OPERATOR.value,
        session_id=session_id,
        label=standing.user.email,
        language=standing.user.language,
        time_zone=standing.user.time_zone,
        request_id=caller.request_id if caller else "",
        ip=caller.ip if caller else "",
    )


async def load_actor(tenant_id: UUID, user_id: UUID) -> Actor | None:
    """Return what a user may do in a tenant at this moment, or nothing if he may not act any more. For jobs."""
    async with system_transaction() as session:
        standing = await queries.standing(session, tenant_id=tenant_id, user_id=user_id)
    return actor_of_standing(standing, kind=ActorKind.SYSTEM) if standing else None


async def authenticate_session(token: str, caller: Caller | None = None) -> Actor:
    """Return the actor of a browser session's cookie.

    Raises:
        UnauthenticatedError: No such session, or it has ended, or the account is not in use.
    """
    return await _believed(f"session:{hash_token(token)}", lambda: _check_session(token), caller)


async def authenticate_bearer(text: str, caller: Caller | None = None) -> Actor:
    """Return the actor of an ``Authorization: Bearer`` value, an access token or an API key.

    Raises:
        UnauthenticatedError: It is not good.
    """
    if looks_like_api_key(text):
        return await authenticate_api_key(text, caller)
    claims = access_tokens.read(text)
    return await _believed(f"family:{claims.family_id}:{claims.user_id}", lambda: _check_family(claims), caller)


async def authenticate_api_key(text: str, caller: Caller | None = None) -> Actor:
    """Return the actor of an API key.

    Raises:
        UnauthenticatedError: No such key, or it is revoked or expired, or its maker may not act any more.
    """
    return await _believed(f"key:{hash_token(text)}", lambda: _check_key(text), caller)


async def _believed(key: str, check: Check, caller: Caller | None) -> Actor:
    actor = CACHE.get(key)
    if actor is None:
        # Checks from before a revocation are not joined after it.
        actor = await _CHECKS.join(f"{CACHE.generation}:{key}", lambda: _checked(key, check))
    if caller is None:
        return actor
    return replace(actor, ip=caller.ip, request_id=caller.request_id)


async def _checked(key: str, check: Check) -> Actor:
    generation = CACHE.generation
    actor, good_for_s = await check()
    if CACHE.generation == generation:
        CACHE.put(key, actor, life_s=min(good_for_s, get_identity_settings().credential_cache_s))
    return actor


async def _check_session(token: str) -> tuple[Actor, float]:
    moment, settings = now(), get_identity_settings()
    async with system_transaction() as session:
        found = await queries.session_by_token(session, hash_token(token))
        if found is None:
            raise UnauthenticatedError
        row, standing = found
        ends_at = min(row.expires_at, row.last_seen_at + timedelta(seconds=settings.session_idle_s))
        if row.revoked_at is not None or ends_at <= moment:
            raise UnauthenticatedError
        if moment - row.last_seen_at >= TOUCH_EVERY:
            row.last_seen_at = moment
            session.add(row)
        actor = actor_of_standing(standing, kind=ActorKind.SESSION, session_id=row.id)
    return actor, (row.expires_at - moment).total_seconds()


async def _check_family(claims: access_tokens.AccessClaims) -> tuple[Actor, float]:
    moment = now()
    async with system_transaction() as session:
        standing = await _family_standing(session, claims)
    actor = actor_of_standing(standing, kind=ActorKind.TOKEN, session_id=claims.family_id)
    return actor, (claims.expires_at - moment).total_seconds()


async def _family_standing(session: AsyncSession, claims: access_tokens.AccessClaims) -> Standing:
    family = await queries.family(session, claims.family_id)
    if family is None or family.revoked_at is not None or family.expires_at <= now():
        raise UnauthenticatedError
    standing = await queries.standing(session, tenant_id=family.tenant_id, user_id=family.user_id)
    if standing is None or (standing.user.id, standing.tenant.id) != (claims.user_id, claims.tenant_id):
        raise UnauthenticatedError
    return standing


async def _check_key(text: str) -> tuple[Actor, float]:
    moment = now()
    async with system_transaction() as session:
        found = await queries.key_by_hash(session, hash_token(text))
        if found is None:
            raise UnauthenticatedError
        row, standing = found
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= moment):
            raise UnauthenticatedError
        if row.last_used_at is None or moment - row.last_used_at >= TOUCH_EVERY:
            row.last_used_at = moment
            session.add(row)
    creator = actor_of_standing(standing, kind=ActorKind.API_KEY)
    scopes = frozenset(permission for permission in Permission if permission.value in row.scopes)
    actor = replace(
        creator,
        permissions=creator.permissions & scopes,
        api_key_id=row.id,
        label=f"{row.prefix}…{row.last4}",
    )
    good_for_s = (row.expires_at - moment).total_seconds() if row.expires_at else float("inf")
    return actor, good_for_s
