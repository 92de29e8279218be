"""Every SELECT of embeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, select, true, update
from sqlmodel import col

from backend_services.dashboards.embeds.errors import EmbedNotFoundError
from backend_services.dashboards.embeds.models import Embed
from backend_services.kernel.clock import now
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

SORTABLE: dict[str, Any] = {
    "created_at": col(Embed.created_at),
    "expires_at": col(Embed.expires_at),
    "last_used_at": col(Embed.last_used_at),
    "title": func.lower(col(Embed.title)),
    "uses": col(Embed.uses),
}


def _seen(actor: Actor) -> ColumnElement[bool]:
    if actor.can(Permission.DASHBOARDS_EMBED_MANAGE):
        return true()
    return col(Embed.owner_id) == actor.user_id


async def page_of_embeds(
    actor: Actor, session: AsyncSession, page: PageRequest, *, dashboard_id: UUID | None
) -> tuple[Sequence[Embed], int]:
    """Return a page of the actor's embeds, or of all for those who manage them; newest first."""
    page.require(sortable=SORTABLE)
    wanted = [col(Embed.tenant_id) == actor.tenant_id, _seen(actor)]
    if dashboard_id is not None:
        wanted.append(col(Embed.dashboard_id) == dashboard_id)
    if page.search:
        wanted.append(col(Embed.title).icontains(page.search, autoescape=True))
    order = SORTABLE[page.sort_field or "created_at"]
    descending = page.descending or not page.sort
    total = (await session.execute(select(func.count()).select_from(Embed).where(*wanted))).scalar_one()
    rows = await session.scalars(
        select(Embed)
        .where(*wanted)
        .order_by(order.desc().nulls_last() if descending else order.asc().nulls_first(), col(Embed.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.all(), total


async def embed_of(actor: Actor, session: AsyncSession, embed_id: UUID, *, lock: bool = False) -> Embed:
    """Return one embed that the actor may see.

    Raises:
        EmbedNotFoundError: There is none.
    """
    statement = select(Embed).where(col(Embed.tenant_id) == actor.tenant_id, col(Embed.id) == embed_id, _seen(actor))
    row = (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise EmbedNotFoundError
    return row


async def any_embed(session: AsyncSession, embed_id: UUID) -> Embed | None:
    """Return an embed of any tenant: whoever opens one is nobody yet."""
    return (await session.scalars(select(Embed).where(col(Embed.id) == embed_id))).one_or_none()


async def count_use(session: AsyncSession, embed_id: UUID) -> None:
    """Count that an embed was opened; this is no change of it."""
    await session.execute(
        update(Embed)
        .where(col(Embed.id) == embed_id)
        .values(uses=Embed.uses + 1, last_used_at=now(), updated_at=Embed.updated_at)
    )
