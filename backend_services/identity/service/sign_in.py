"""Signing in with a password, through the browser and over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.identity import access_tokens, attempts, passwords, queries
from backend_services.identity.cache import CACHE
from backend_services.identity.errors import RefreshTokenInvalidError, SignInFailedError
from backend_services.identity.models import BrowserSession, RefreshFamily, RefreshToken, User
from backend_services.identity.schemas import LoginRequest, RefreshRequest, SignedIn, TokenPair
from backend_services.identity.secrets import hash_token
from backend_services.identity.service.credentials import Caller, actor_of_standing
from backend_services.identity.settings import get_identity_settings
from backend_services.kernel.actor import ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.ids import new_id, new_token

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.identity.queries import Standing


async def sign_in(request: LoginRequest, caller: Caller) -> SignedIn:
    """Check the password and open a browser session.

    Raises:
        SignInFailedError: The address or the password is wrong, or the account is not in use.
        SignInLockedError: Too many wrong tries.
    """
    standing = await _check_password(request, caller, door="browser")
    return await open_browser_session(standing, caller)


async def login(request: LoginRequest, caller: Caller) -> TokenPair:
    """Check the password and give an access token and a refresh token.

    Raises:
        SignInFailedError: The address or the password is wrong, or the account is not in use.
        SignInLockedError: Too many wrong tries.
    """
    standing = await _check_password(request, caller, door="rest")
    return await open_token_family(standing, caller)


async def _check_password(request: LoginRequest, caller: Caller, *, door: str) -> Standing:
    email = request.email.strip().lower()
    attempt_id = await attempts.begin(email, caller, door=door)
    async with system_transaction() as session:
        standing = await queries.first_standing(session, email=email)
    stored = standing.user.password_hash if standing else None
    fits, renewed = await passwords.verify_password(request.password, stored)
    if standing is None:
        await attempts.end(attempt_id, None)
        raise SignInFailedError
    if not fits:
        await attempts.assign(attempt_id, tenant_id=standing.tenant.id, user_id=standing.user.id)
        raise SignInFailedError
    await attempts.end(attempt_id, standing)
    if renewed is not None:
        await _renew_hash(standing.user.id, renewed)
    return standing


async def _renew_hash(user_id: UUID, renewed: str) -> None:
    async with system_transaction() as session:
        user = await session.get(User, user_id, with_for_update=True)
        if user is not None:
            user.password_hash = renewed


async def open_browser_session(standing: Standing, caller: Caller) -> SignedIn:
    """Open a browser session for somebody who has just proved who he is."""
    settings, moment, token = get_identity_settings(), now(), new_token()
    row = BrowserSession(
        tenant_id=standing.tenant.id,
        user_id=standing.user.id,
        token_hash=hash_token(token),
        ip=caller.ip,
        user_agent=caller.user_agent,
        last_seen_at=moment,
        expires_at=moment + timedelta(seconds=settings.session_max_s),
    )
    actor = actor_of_standing(standing, kind=ActorKind.SESSION, session_id=row.id, caller=caller)
    async with system_transaction() as session:
        session.add(row)
        await _note_sign_in(session, standing.user.id)
        await audit.record(actor, session, action="identity.session.open", subject_type="session", subject_id=row.id)
    return SignedIn(
        token=token,
        session_id=row.id,
        max_age_s=settings.session_max_s,
        language=standing.user.language,
        is_operator=actor.is_operator,
    )


async def open_token_family(standing: Standing, caller: Caller) -> TokenPair:
    """Open a family of refresh tokens for somebody who has just proved who he is."""
    settings, moment = get_identity_settings(), now()
    family = RefreshFamily(
        id=new_id(),
        tenant_id=standing.tenant.id,
        user_id=standing.user.id,
        ip=caller.ip,
        user_agent=caller.user_agent,
        last_seen_at=moment,
        expires_at=moment + timedelta(seconds=settings.refresh_token_s),
    )
    actor = actor_of_standing(standing, kind=ActorKind.TOKEN, session_id=family.id, caller=caller)
    async with system_transaction() as session:
        session.add(family)
        await session.flush()
        pair = _next_pair(session, family)
        await _note_sign_in(session, standing.user.id)
        await audit.record(actor, session, action="identity.token.open", subject_type="session", subject_id=family.id)
    return pair


async def _note_sign_in(session: AsyncSession, user_id: UUID) -> None:
    user = await session.get(User, user_id)
    if user is not None:
        user.last_sign_in_at = now()


def _next_pair(session: AsyncSession, family: RefreshFamily) -> TokenPair:
    settings, token = get_identity_settings(), new_token()
    session.add(RefreshToken(tenant_id=family.tenant_id, family_id=family.id, token_hash=hash_token(token)))
    access_token = access_tokens.issue(
        user_id=family.user_id, tenant_id=family.tenant_id, family_id=family.id, life_s=settings.access_token_s
    )
    return TokenPair(access_token=access_token, refresh_token=token, expires_in=settings.access_token_s)


async def refresh(request: RefreshRequest, caller: Caller) -> TokenPair:
    """Change a refresh token for a new pair. A token that comes a second time ends its whole family.

    Raises:
        RefreshTokenInvalidError: The token is not good any more.
    """
    reused: RefreshFamily | None = None
    pair: TokenPair | None = None
    async with system_transaction() as session:
        token = await queries.refresh_token(session, hash_token(request.refresh_token))
        family = await queries.family(session, token.family_id, lock=True) if token else None
        if token is None or family is None or family.revoked_at is not None or family.expires_at <= now():
            raise RefreshTokenInvalidError
        standing = await queries.standing(session, tenant_id=family.tenant_id, user_id=family.user_id)
        if standing is None:
            raise RefreshTokenInvalidError
        if token.used_at is not None:
            reused = family
            family.revoked_at, family.revoke_reason = now(), "reuse"
            actor = actor_of_standing(standing, kind=ActorKind.TOKEN, session_id=family.id, caller=caller)
            await audit.record(
                actor, session, action="identity.token.reuse", subject_type="session", subject_id=family.id
            )
        else:
            token.used_at = family.last_seen_at = now()
            pair = _next_pair(session, family)
    if reused is not None:
        CACHE.forget(reused.id)
    if pair is None:
        raise RefreshTokenInvalidError
    return pair
