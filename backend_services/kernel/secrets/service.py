"""Secrets of tenants (passwords of connections, keys of providers): sealed on the way in, opened only for use.

Domains call these for an actor whose right they have checked themselves; no door shows a secret again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id
from backend_services.kernel.secrets.crypto import Keyring, get_keyring
from backend_services.kernel.secrets.errors import SecretNotFoundError
from backend_services.kernel.secrets.models import StoredSecret

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

RESEAL_BATCH = 200


def _purpose(tenant_id: UUID, name: str) -> str:
    return f"secret/{tenant_id}/{name}"


async def put_secret(actor: Actor, session: AsyncSession, name: str, value: bytes) -> None:
    """Store ``value`` under ``name`` for the actor's tenant, replacing what was there."""
    keys = get_keyring()
    sealed = keys.seal(value, _purpose(actor.tenant_id, name))
    statement = insert(StoredSecret).values(
        id=new_id(),
        tenant_id=actor.tenant_id,
        name=name,
        sealed=sealed,
        key_id=keys.key_id,
        created_at=now(),
        updated_at=now(),
    )
    await session.execute(
        statement.on_conflict_do_update(
            constraint="uq_secrets_tenant_id_name",
            set_={"sealed": sealed, "key_id": keys.key_id, "updated_at": now()},
        )
    )


async def get_secret(actor: Actor, session: AsyncSession, name: str) -> bytes:
    """Return the secret called ``name``.

    Raises:
        SecretNotFoundError: The actor's tenant has none of that name.
        SecretUnreadableError: It cannot be opened with the present keys.
    """
    row = await session.scalar(
        select(StoredSecret).where(col(StoredSecret.tenant_id) == actor.tenant_id, col(StoredSecret.name) == name)
    )
    if row is None:
        raise SecretNotFoundError
    return get_keyring().unseal(row.sealed, _purpose(actor.tenant_id, name))


async def delete_secret(actor: Actor, session: AsyncSession, name: str) -> None:
    """Delete the secret called ``name``; one that is not there is deleted already."""
    await session.execute(
        delete(StoredSecret).where(col(StoredSecret.tenant_id) == actor.tenant_id, col(StoredSecret.name) == name)
    )


async def reseal_all(session: AsyncSession, keys: Keyring | None = None) -> int:
    """Seal up to 200 secrets of old root keys under the present one, in a system transaction; return how many."""
    keys = keys or get_keyring()
    rows = await session.scalars(
        select(StoredSecret)
        .where(col(StoredSecret.key_id) != keys.key_id)
        .order_by(col(StoredSecret.id))
        .limit(RESEAL_BATCH)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for row in rows.all():
        row.sealed = keys.reseal(row.sealed, _purpose(row.tenant_id, row.name))
        row.key_id = keys.key_id
        count += 1
    await session.flush()
    return count
