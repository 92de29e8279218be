"""Tries to sign in: written down before the password is looked at, so parallel guesses count as many as they are.

The rows are the truth. Valkey holds the end of a lock beside them, so that a locked account costs no database work;
when Valkey is away or was wiped, the rows alone decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlmodel import col

from backend_services.identity.errors import SignInLockedError
from backend_services.identity.lockout import ACCOUNT, ADDRESS, Rule
from backend_services.identity.models import AttemptOutcome, SignInAttempt
from backend_services.identity.secrets import keyed_hash, network_of
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.redis import get_redis, key

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.identity.queries import Standing
    from backend_services.identity.service.credentials import Caller

KNOWN_FOR = timedelta(days=30)
"""For how long a place where an account signed in is its own."""
KEPT = timedelta(days=90)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose account is tried, and from where."""

    account_key: str
    address_key: str

    @property
    def lock(self) -> str:
        """Name of the lock of this account for this address; another address may be locked when this one is not."""
        return f"{self.account_key}:{self.address_key}"


async def begin(email: str, caller: Caller, *, door: str) -> UUID:
    """Write a pending try down and return its id.

    Raises:
        SignInLockedError: Too many failed before it.
    """
    place = Place(account_key=keyed_hash("account", email), address_key=keyed_hash("address", network_of(caller.ip)))
    await _refuse_if_known_locked(place)
    attempt = SignInAttempt(
        account_key=place.account_key,
        address_key=place.address_key,
        ip=caller.ip,
        user_agent=caller.user_agent,
        door=door,
        created_at=now(),
    )
    async with system_transaction() as session:
        for name in sorted((place.account_key, place.address_key)):
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
        wait_s = await _wait_s(session, place)
        if wait_s <= 0:
            session.add(attempt)
    if wait_s > 0:
        await _remember_lock(place, wait_s)
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


async def forget_old() -> None:
    """Delete the tries that count for nothing any more; the worker calls this."""
    async with system_transaction() as session:
        await session.execute(delete(SignInAttempt).where(col(SignInAttempt.created_at) < now() - KEPT))


async def _wait_s(session: AsyncSession, place: Place) -> float:
    """Return how long this account has to wait at this address.

    An account's failures count from everywhere, and so do an address's for every account. Except for who comes from
    where the account signed in lately: there only the account's own failures from there count, since the last success.
    So nobody who guesses, elsewhere or in the same house, can keep a person out of the own account, and the person's
    own success gives nobody else new tries.
    """
    here = col(SignInAttempt.address_key) == place.address_key
    account = col(SignInAttempt.account_key) == place.account_key
    known_since = await _last_success(session, account, here)
    if known_since is not None:
        return await _wait_after(session, ACCOUNT, account, here, since=known_since)
    return max(await _wait_after(session, ACCOUNT, account), await _wait_after(session, ADDRESS, here))


async def _last_success(session: AsyncSession, *which: ColumnElement[bool]) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.max(col(SignInAttempt.created_at))).where(
            *which,
            col(SignInAttempt.created_at) > now() - KNOWN_FOR,
            col(SignInAttempt.outcome) == AttemptOutcome.SUCCEEDED.value,
        )
    )
    return found


async def _wait_after(
    session: AsyncSession, rule: Rule, *which: ColumnElement[bool], since: datetime | None = None
) -> float:
    """Return how long the tries that failed or are pending make wait, at most those since ``since``."""
    moment = now()
    start = moment - rule.window
    count, last_at = (
        await session.execute(
            select(func.count(), func.max(col(SignInAttempt.created_at))).where(
                *which,
                col(SignInAttempt.created_at) >= (max(start, since) if since else start),
                col(SignInAttempt.outcome) != AttemptOutcome.SUCCEEDED.value,
            )
        )
    ).one()
    return rule.wait_s(count, last_at, moment)


async def _refuse_if_known_locked(place: Place) -> None:
    try:
        end = await get_redis().get(key("sign_in", "lock", place.lock))
    except RedisError as error:
        log.warning("locks of sign-in not read, asking the rows", error=type(error).__name__)
        return
    left_s = float(end or 0) - now().timestamp()
    if left_s > 0:
        raise SignInLockedError(retry_after_s=left_s)


async def _remember_lock(place: Place, wait_s: float) -> None:
    end = now().timestamp() + wait_s
    try:
        await get_redis().set(key("sign_in", "lock", place.lock), f"{end:.3f}", px=max(1, int(wait_s * 1000)))
    except RedisError as error:
        log.warning("lock of sign-in not remembered, the rows decide", error=type(error).__name__)
