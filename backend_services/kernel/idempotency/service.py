"""Claim a key before the work, store the answer after it, give the stored answer to who comes again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.idempotency.errors import (
    IdempotencyInProgressError,
    IdempotencyKeyInvalidError,
    IdempotencyKeyReusedError,
)
from backend_services.kernel.idempotency.models import IdempotencyKey
from backend_services.kernel.ids import new_id

if TYPE_CHECKING:
    from backend_services.kernel.actor import Actor

KEPT = timedelta(hours=24)
LOCKED = timedelta(minutes=2)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered to the first request."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def fingerprint(method: str, route: str, body: bytes) -> str:
    """Return what tells one request from another."""
    return sha256(b"\0".join((method.encode(), route.encode(), body))).hexdigest()


def _owner(actor: Actor) -> str:
    return str(actor.api_key_id or actor.user_id or actor.kind.value)


async def claim(actor: Actor, key: str, request_fingerprint: str) -> StoredAnswer | None:
    """Claim ``key`` in a transaction of its own; return the stored answer if the request was carried out before.

    Raises:
        IdempotencyKeyInvalidError: The key cannot be one.
        IdempotencyKeyReusedError: It came with another request.
        IdempotencyInProgressError: The first request is still being carried out.
    """
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalidError
    moment = now()
    fresh: dict[str, object] = {
        "fingerprint": request_fingerprint,
        "status": None,
        "headers": {},
        "body": "",
        "locked_until": moment + LOCKED,
        "expires_at": moment + KEPT,
        "updated_at": moment,
    }
    statement = insert(IdempotencyKey).values(
        id=new_id(), tenant_id=actor.tenant_id, owner=_owner(actor), key=key, created_at=moment, **fresh
    )
    lapsed = (col(IdempotencyKey.expires_at) < moment) | (
        col(IdempotencyKey.status).is_(None)
        & (col(IdempotencyKey.locked_until) < moment)
        & (col(IdempotencyKey.fingerprint) == request_fingerprint)
    )
    async with transaction(actor) as session:
        claimed = await session.scalar(
            statement.on_conflict_do_update(
                constraint="uq_idempotency_keys_tenant_id_owner_key", set_=fresh, where=lapsed
            ).returning(col(IdempotencyKey.id))
        )
        if claimed is not None:
            return None
        row = await session.scalar(
            select(IdempotencyKey).where(
                col(IdempotencyKey.tenant_id) == actor.tenant_id,
                col(IdempotencyKey.owner) == _owner(actor),
                col(IdempotencyKey.key) == key,
            )
        )
    if row is None or (row.fingerprint == request_fingerprint and row.status is None):
        raise IdempotencyInProgressError
    if row.fingerprint != request_fingerprint or row.status is None:
        raise IdempotencyKeyReusedError
    return StoredAnswer(status=row.status, body=row.body, headers=dict(row.headers))


async def store(actor: Actor, key: str, answer: StoredAnswer) -> None:
    """Keep the answer for a day."""
    async with transaction(actor) as session:
        await session.execute(
            update(IdempotencyKey)
            .where(
                col(IdempotencyKey.tenant_id) == actor.tenant_id,
                col(IdempotencyKey.owner) == _owner(actor),
                col(IdempotencyKey.key) == key,
            )
            .values(status=answer.status, body=answer.body, headers=answer.headers)
        )


async def release(actor: Actor, key: str) -> None:
    """Forget the claim of a request that failed, so that it can be sent again with the same key."""
    async with transaction(actor) as session:
        await session.execute(
            delete(IdempotencyKey).where(
                col(IdempotencyKey.tenant_id) == actor.tenant_id,
                col(IdempotencyKey.owner) == _owner(actor),
                col(IdempotencyKey.key) == key,
                col(IdempotencyKey.status).is_(None),
            )
        )


async def forget_expired() -> None:
    """Delete what is older than a day, of all tenants; the worker calls this."""
    async with system_transaction() as session:
        await session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.expires_at) < now()))
