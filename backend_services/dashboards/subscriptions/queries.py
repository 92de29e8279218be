"""Every SELECT of subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, select, true, update
from sqlmodel import col

from backend_services.dashboards.subscriptions.errors import DeliveryNotFoundError, SubscriptionNotFoundError
from backend_services.dashboards.subscriptions.models import Delivery, Subscription
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

SORTABLE: dict[str, Any] = {
    "created_at": col(Subscription.created_at),
    "next_at": col(Subscription.next_at),
    "title": func.lower(col(Subscription.title)),
}
LOST_JOBS = ("failed", "cancelled", "dead")


def _seen(actor: Actor) -> ColumnElement[bool]:
    if actor.can(Permission.DASHBOARDS_SUBSCRIPTION_MANAGE):
        return true()
    return col(Subscription.owner_id) == actor.user_id


async def page_of_subscriptions(
    actor: Actor, session: AsyncSession, page: PageRequest
) -> tuple[Sequence[Subscription], int]:
    """Return a page of the actor's subscriptions, or of all for those who manage them; newest first."""
    page.require(sortable=SORTABLE)
    wanted = [col(Subscription.tenant_id) == actor.tenant_id, _seen(actor)]
    if page.search:
        wanted.append(col(Subscription.title).icontains(page.search, autoescape=True))
    order = SORTABLE[page.sort_field or "created_at"]
    descending = page.descending or not page.sort
    total = (await session.execute(select(func.count()).select_from(Subscription).where(*wanted))).scalar_one()
    rows = await session.scalars(
        select(Subscription)
        .where(*wanted)
        .order_by(order.desc() if descending else order.asc(), col(Subscription.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.all(), total


async def subscription_of(
    actor: Actor, session: AsyncSession, subscription_id: UUID, *, lock: bool = False
) -> Subscription:
    """Return one subscription that the actor may see.

    Raises:
        SubscriptionNotFoundError: There is none.
    """
    statement = select(Subscription).where(
        col(Subscription.tenant_id) == actor.tenant_id, col(Subscription.id) == subscription_id, _seen(actor)
    )
    row = (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise SubscriptionNotFoundError
    return row


async def page_of_deliveries(
    actor: Actor, session: AsyncSession, subscription_id: UUID, page: PageRequest
) -> tuple[Sequence[Delivery], int]:
    """Return a page of a subscription's deliveries, newest first."""
    page.require(sortable=(), searched=False)
    wanted = (col(Delivery.tenant_id) == actor.tenant_id, col(Delivery.subscription_id) == subscription_id)
    return await _newest(session, wanted, page)


async def page_of_inbox(actor: Actor, session: AsyncSession, page: PageRequest) -> tuple[Sequence[Delivery], int]:
    """Return a page of the files that lie in the actor's inbox, newest first."""
    page.require(sortable=(), searched=False)
    return await _newest(session, _in_inbox(actor), page)


def _in_inbox(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.tenant_id) == actor.tenant_id,
        col(Delivery.recipient) == f"user:{actor.user_id}",
        col(Delivery.state) == "sent",
        col(Delivery.file_key).is_not(None),
    )


async def _newest(
    session: AsyncSession, wanted: tuple[ColumnElement[bool], ...], page: PageRequest
) -> tuple[Sequence[Delivery], int]:
    total = (await session.execute(select(func.count()).select_from(Delivery).where(*wanted))).scalar_one()
    rows = await session.scalars(
        select(Delivery)
        .where(*wanted)
        .order_by(col(Delivery.created_at).desc(), col(Delivery.id).desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.all(), total


async def count_unread(actor: Actor, session: AsyncSession) -> int:
    """Return how many files in the actor's inbox were not opened."""
    statement = select(func.count()).select_from(Delivery).where(*_in_inbox(actor), col(Delivery.read_at).is_(None))
    unread: int = (await session.execute(statement)).scalar_one()
    return unread


async def inbox_item(actor: Actor, session: AsyncSession, delivery_id: UUID) -> Delivery:
    """Return one file of the actor's inbox.

    Raises:
        DeliveryNotFoundError: There is none.
    """
    row = (
        await session.scalars(select(Delivery).where(*_in_inbox(actor), col(Delivery.id) == delivery_id))
    ).one_or_none()
    if row is None:
        raise DeliveryNotFoundError
    return row


async def due(session: AsyncSession, *, at: datetime, limit: int) -> Sequence[Subscription]:
    """Return due subscriptions of every tenant, locked; those that another process has are left to it."""
    rows = await session.scalars(
        select(Subscription)
        .where(col(Subscription.state) == "active", col(Subscription.next_at) <= at)
        .order_by(col(Subscription.next_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


async def delivery_with_subscription(session: AsyncSession, delivery_id: UUID) -> tuple[Delivery, Subscription] | None:
    """Return a delivery and what it belongs to, the delivery locked."""
    found = (
        await session.execute(
            select(Delivery, Subscription)
            .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
            .where(col(Delivery.id) == delivery_id)
            .with_for_update(of=Delivery)
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1])


async def settled_before(session: AsyncSession, row: Delivery) -> Sequence[Delivery]:
    """Return the recipient's last settled deliveries before this one that were sent or refused, newest first."""
    rows = await session.scalars(
        select(Delivery)
        .where(
            col(Delivery.subscription_id) == row.subscription_id,
            col(Delivery.recipient) == row.recipient,
            col(Delivery.id) != row.id,
            col(Delivery.state).in_(("sent", "refused")),
        )
        .order_by(col(Delivery.occurrence).desc())
        .limit(1)
    )
    return rows.all()


async def fail_lost(session: AsyncSession, *, at: datetime) -> Sequence[tuple[UUID, UUID]]:
    """Settle deliveries whose job ended without them (its worker died in the last attempt); return their ids."""
    lost = select(col(Job.id)).where(col(Job.state).in_(LOST_JOBS), col(Job.id) == col(Delivery.job_id))
    rows = await session.execute(
        update(Delivery)
        .where(col(Delivery.state) == "waiting", lost.exists())
        .values(state="failed", reason="job_lost", settled_at=at)
        .returning(col(Delivery.id), col(Delivery.subscription_id))
    )
    return [(one, other) for one, other in rows.all()]


async def expired(session: AsyncSession, *, at: datetime, limit: int) -> Sequence[Delivery]:
    """Return deliveries whose file has been kept long enough, locked."""
    rows = await session.scalars(
        select(Delivery)
        .where(col(Delivery.file_key).is_not(None), col(Delivery.expires_at) < at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


async def file_keys(session: AsyncSession, subscription_id: UUID) -> Sequence[str]:
    """Return the keys of the files that the subscription's deliveries keep."""
    rows = await session.scalars(
        select(col(Delivery.file_key)).where(
            col(Delivery.subscription_id) == subscription_id, col(Delivery.file_key).is_not(None)
        )
    )
    return [key for key in rows.all() if key is not None]


async def subscription_by_id(session: AsyncSession, subscription_id: UUID) -> Subscription | None:
    """Return a subscription of the transaction's tenant, locked, whoever owns it. For links in messages."""
    statement = select(Subscription).where(col(Subscription.id) == subscription_id).with_for_update()
    return (await session.scalars(statement)).one_or_none()
