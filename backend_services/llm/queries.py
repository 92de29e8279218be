"""Every statement on chosen models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlmodel import col, select

from backend_services.llm.models import ModelChoice

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor


async def choice_of(actor: Actor, session: AsyncSession) -> ModelChoice | None:
    """Return what the actor's organisation chose."""
    found: ModelChoice | None = await session.scalar(
        select(ModelChoice).where(col(ModelChoice.tenant_id) == actor.tenant_id)
    )
    return found


async def lock(session: AsyncSession, name: str) -> None:
    """Let only one transaction at a time pass for ``name``."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
