"""Runs migrations as the owner role, over the same driver as the application."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import context
from backend_services.kernel.db import async_url
from backend_services.kernel.partitions import is_partition
from backend_services.kernel.settings import get_settings
from backend_services.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection


def _compared(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the months of parted tables out of the comparison; the worker makes them."""
    return not (kind == "table" and name is not None and is_partition(name))


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        include_name=_compared,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    settings = get_settings()
    url = settings.database_owner_url.get_secret_value() or settings.database_url.get_secret_value()
    engine = create_async_engine(async_url(url), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_run())
