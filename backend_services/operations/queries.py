"""What operations reads from PostgreSQL and Valkey, over all tenants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

from backend_services.kernel.redis import get_redis, key
from backend_services.operations.schemas import WorkerStatus

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

MAX_WORKERS = 500


async def live_workers() -> tuple[WorkerStatus, ...]:
    """Return the workers that reported within the last seconds."""
    client = get_redis()
    names = []
    async for name in client.scan_iter(match=key("workers", "*"), count=1000):
        names.append(name)
        if len(names) >= MAX_WORKERS:
            break
    if not names:
        return ()
    found = await client.mget(sorted(names))
    return tuple(WorkerStatus.model_validate(json.loads(state)) for state in found if state)


async def database_facts(session: AsyncSession) -> tuple[str, int]:
    """Return PostgreSQL's version and how many bytes the database takes."""
    row = (
        await session.execute(text("SELECT current_setting('server_version'), pg_database_size(current_database())"))
    ).one()
    return str(row[0]), int(row[1])


async def redis_facts() -> tuple[str, int]:
    """Return the version of Valkey or Redis and how many bytes it holds."""
    facts = await get_redis().info()
    return str(facts.get("valkey_version") or facts["redis_version"]), int(facts["used_memory"])
