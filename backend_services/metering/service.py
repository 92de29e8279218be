"""Use cases of metering."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from backend_services.kernel.db import system_transaction
from backend_services.metering.models import ApiCall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.kernel.usage import Call


async def store_calls(calls: Sequence[Call]) -> None:
    """Store a batch of calls in one statement; a call is stored once even if the batch comes twice.

    Calls of a tenant that was deleted meanwhile have nobody to belong to and are left out.
    """
    if not calls:
        return
    async with system_transaction() as session:
        wanted = sorted({call.tenant_id for call in calls})
        rows = await session.execute(text("SELECT id FROM tenants WHERE id = ANY(:wanted)"), {"wanted": wanted})
        known = set(rows.scalars().all())
        values = [asdict(call) for call in calls if call.tenant_id in known]
        if values:
            await session.execute(insert(ApiCall).on_conflict_do_nothing(), values)
