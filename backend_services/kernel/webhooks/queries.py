"""Every SELECT of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from backend_services.kernel.jobs.models import Job
from backend_services.kernel.webhooks.errors import WebhookDeliveryNotFoundError, WebhookNotFoundError
from backend_services.kernel.webhooks.models import WebhookDelivery, WebhookEndpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

SORTABLE: dict[str, Any] = {
    "created_at": col(WebhookEndpoint.created_at),
    "name": func.lower(col(WebhookEndpoint.name)),
}
LOST_JOBS = ("failed", "cancelled", "dead")


async def page_of_endpoints(
    actor: Actor, session: AsyncSession, page: PageRequest
) -> tuple[Sequence[WebhookEndpoint], int]:
    """Return a page of the tenant's endpoints, newest first."""
    page.require(sortable=SORTABLE)
    wanted = [col(WebhookEndpoint.tenant_id) == actor.tenant_id]
    if page.search:
        wanted.append(col(WebhookEndpoint.name).icontains(page.search, autoescape=True))
    order = SORTABLE[page.sort_field or "created_at"]
    descending = page.descending or not page.sort
    total = (await session.execute(select(func.count()).select_from(WebhookEndpoint).where(*wanted))).scalar_one()
    rows = await session.scalars(
        select(WebhookEndpoint)
        .where(*wanted)
        .order_by(order.desc() if descending else order.asc(), col(WebhookEndpoint.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.all(), total


async def endpoint_of(actor: Actor, session: AsyncSession, endpoint_id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    """Return one endpoint of the actor's tenant.

    Raises:
        WebhookNotFoundError: There is none.
    """
    statement = select(WebhookEndpoint).where(
        col(WebhookEndpoint.tenant_id) == actor.tenant_id, col(WebhookEndpoint.id) == endpoint_id
    )
    row = (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise WebhookNotFoundError
    return row


async def endpoints_among(
    actor: Actor, session: AsyncSession, endpoint_ids: Collection[UUID]
) -> Sequence[WebhookEndpoint]:
    """Return those among ``endpoint_ids`` that the actor's tenant has."""
    rows = await session.scalars(
        select(WebhookEndpoint)
        .where(col(WebhookEndpoint.tenant_id) == actor.tenant_id, col(WebhookEndpoint.id).in_(endpoint_ids))
        .order_by(col(WebhookEndpoint.id))
    )
    return rows.all()


async def page_of_deliveries(
    actor: Actor, session: AsyncSession, endpoint_id: UUID, page: PageRequest
) -> tuple[Sequence[WebhookDelivery], int]:
    """Return a page of the messages to an endpoint, newest first."""
    page.require(sortable=(), searched=False)
    wanted = (
        col(WebhookDelivery.tenant_id) == actor.tenant_id,
        col(WebhookDelivery.endpoint_id) == endpoint_id,
    )
    total = (await session.execute(select(func.count()).select_from(WebhookDelivery).where(*wanted))).scalar_one()
    rows = await session.scalars(
        select(WebhookDelivery)
        .where(*wanted)
        .order_by(col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.all(), total


async def delivery_of(actor: Actor, session: AsyncSession, endpoint_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    """Return one message to an endpoint, locked.

    Raises:
        WebhookDeliveryNotFoundError: There is none.
    """
    row = (
        await session.scalars(
            select(WebhookDelivery)
            .where(
                col(WebhookDelivery.tenant_id) == actor.tenant_id,
                col(WebhookDelivery.endpoint_id) == endpoint_id,
                col(WebhookDelivery.id) == delivery_id,
            )
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        raise WebhookDeliveryNotFoundError
    return row


async def delivery_with_endpoint(
    session: AsyncSession, delivery_id: UUID
) -> tuple[WebhookDelivery, WebhookEndpoint] | None:
    """Return a message and where it goes, both locked. For jobs."""
    found = (
        await session.execute(
            select(WebhookDelivery, WebhookEndpoint)
            .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
            .where(col(WebhookDelivery.id) == delivery_id)
            .with_for_update()
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1])


async def fail_lost(session: AsyncSession, *, at: datetime) -> None:
    """Settle messages whose job ended without them."""
    lost = select(col(Job.id)).where(col(Job.state).in_(LOST_JOBS), col(Job.id) == col(WebhookDelivery.job_id))
    await session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.state) == "waiting", lost.exists())
        .values(state="failed", reason="job_lost", settled_at=at)
    )


async def forget_before(session: AsyncSession, at: datetime) -> None:
    """Delete messages that were written before ``at``."""
    await session.execute(delete(WebhookDelivery).where(col(WebhookDelivery.created_at) < at))
