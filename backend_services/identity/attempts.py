"""Tries to sign in: written down before the password is looked at, so parallel guesses count as many as they are.

The rows are the truth. Valkey holds the end of a lock beside them, so that a locked account costs no database work;
when Valkey is away or was wiped, the rows alone decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import func, select, text, update
from sqlmodel import col

from backend_services.identity.errors import SignInLockedError
from backend_services.identity.lockout import ACCOUNT, ADDRESS, WINDOW, Rule
from backend_services.identity.models import AttemptOutcome, SignInAttempt
from backend_services.identity.secrets import keyed_hash, network_of
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.redis import get_redis, key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.identity.queries import Standing
    from backend_services.identity.service.credentials import Caller

log = structlog.get_logger(__name__)


async def begin(email: str, caller: Caller, *, door: str) -> UUID:
    """Write a pending try down and return its id.

    Raises:
        SignInLockedError: Too many failed before it.
    """
    account_key, address_key = keyed_hash("account", email), keyed_hash("address", network_of(caller.ip))
    await _refuse_if_known_locked(account_key, address_key)
    attempt = SignInAttempt(
        account_key=account_key,
        address_key=address_key,
        ip=caller.ip,
        user_agent=caller.user_agent,
        door=door,
        created_at=now(),
    )
    async with system_transaction() as session:
        for name in sorted((account_key, address_key)):
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
        wait_s = max(
            await _wait_s(session, ACCOUNT, account_key=account_key),
            await _wait_s(session, ADDRESS, address_key=address_key),
        )
        if wait_s <= 0:
            session.add(attempt)
    if wait_s > 0:
        await _remember_lock(account_key, address_key, wait_s)
        raise SignInLockedError(retry_after_s=wait_s)
    return attempt.id


async def end(attempt_id: UUID, standing: Standing | None) -> None:
    """Write down how the try ended: with a standing it succeeded."""
    values: dict[str, object] = {"outcome": AttemptOutcome.FAILED.value}
    if standing is not None:
        values = {
            "outcome": AttemptOutcome.SUCCEEDED.value,
            "tenant_id": standing.tenant.id,
            "user_id": standing.user.id,
        }
    async with system_transaction() as session:
        await session.execute(update(SignInAttempt).where(col(SignInAttempt.id) == attempt_id).values(**values))


async def assign(attempt_id: UUID, *, tenant_id: UUID, user_id: UUID) -> None:
    """Say whose account a failed try was for, so that the tenant sees it among its sign-ins."""
    async with system_transaction() as session:
        await session.execute(
            update(SignInAttempt)
            .where(col(SignInAttempt.id) == attempt_id)
            .values(tenant_id=tenant_id, user_id=user_id, outcome=AttemptOutcome.FAILED.value)
        )


async def _wait_s(session: AsyncSession, rule: Rule, *, account_key: str = "", address_key: str = "") -> float:
    """Return how long to wait: failures since the last success of the account, or of the address in the last hour."""
    moment = now()
    mine = col(SignInAttempt.account_key) == account_key
    since: datetime = moment - WINDOW
    if address_key:
        mine = col(SignInAttempt.address_key) == address_key
    else:
        succeeded = await session.scalar(
            select(func.max(col(SignInAttempt.created_at))).where(
                mine,
                col(SignInAttempt.created_at) > since,
                col(SignInAttempt.outcome) == AttemptOutcome.SUCCEEDED.value,
            )
        )
        since = succeeded or since
    found = (
        await session.execute(
            select(func.count(), func.max(col(SignInAttempt.created_at))).where(
                mine,
                col(SignInAttempt.created_at) > since,
                col(SignInAttempt.outcome) != AttemptOutcome.SUCCEEDED.value,
            )
        )
    ).one()
    return rule.wait_s(found[0], found[1], moment)


async def _refuse_if_known_locked(*names: str) -> None:
    try:
        left_ms = [await get_redis().pttl(key("sign_in", "lock", name)) for name in names]
    except RedisError as error:
        log.warning("locks of sign-in not read, asking the rows", error=type(error).__name__)
        return
    longest = max(left_ms)
    if longest > 0:
        raise SignInLockedError(retry_after_s=longest / 1000)


async def _remember_lock(account_key: str, address_key: str, wait_s: float) -> None:
    async with system_transaction() as session:
        waits = {
            account_key: await _wait_s(session, ACCOUNT, account_key=account_key),
            address_key: await _wait_s(session, ADDRESS, address_key=address_key),
        }
    try:
        for name, left_s in waits.items():
            if left_s > 0:
                await get_redis().set(key("sign_in", "lock", name), "1", px=max(1, int(min(left_s, wait_s) * 1000)))
    except RedisError as error:
        log.warning("lock of sign-in not remembered, the rows decide", error=type(error).__name__)
