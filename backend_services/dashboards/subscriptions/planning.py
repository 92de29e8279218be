"""Turns due subscriptions into deliveries: one row and one job for each recipient, once, however many workers look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.dialects.postgresql import insert

from backend_services.dashboards.subscriptions import queries
from backend_services.dashboards.subscriptions.models import Delivery, Subscription
from backend_services.dashboards.subscriptions.schedule import next_after
from backend_services.dashboards.subscriptions.schemas import (
    DELIVER_JOB,
    Channel,
    DeliverPayload,
    SubscriptionChange,
    SubscriptionState,
)
from backend_services.dashboards.subscriptions.settings import get_subscription_settings
from backend_services.identity import service as identity
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.i18n import text
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import service as jobs

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

BATCH = 50

log = structlog.get_logger(__name__)


async def plan_due() -> None:
    """Plan what is due now, of every tenant; settle deliveries that their job left behind."""
    at = now()
    async with system_transaction() as session:
        for lost, subscription_id in await queries.fail_lost(session, at=at):
            log.warning("delivery lost with its job", delivery_id=str(lost), subscription_id=str(subscription_id))
        for row in await queries.due(session, at=at, limit=BATCH):
            await _plan(session, row, at=at)


async def _plan(session: AsyncSession, row: Subscription, *, at: datetime) -> None:
    """Plan one occurrence. What was missed while no worker ran comes once, not as often as it was missed."""
    owner = await identity.load_actor(row.tenant_id, row.owner_id)
    if owner is None:
        row.state, row.next_at = SubscriptionState.PAUSED.value, None
        log.info("subscription paused: its owner may not act any more", subscription_id=str(row.id))
        return
    occurrence = row.next_at or at
    await fan_out(session, row, occurrence=occurrence, language=owner.language)
    content = SubscriptionChange.model_validate(row.content)
    row.last_at = occurrence
    row.next_at = next_after(content.schedule, content.time_zone, at)
    await session.flush()


async def fan_out(session: AsyncSession, row: Subscription, *, occurrence: datetime, language: str) -> int:
    """Write the deliveries of one occurrence with their jobs; return how many are new."""
    content = SubscriptionChange.model_validate(row.content)
    chosen = content.recipients
    found: list[tuple[str, UUID]] = []
    if chosen == type(chosen)():
        found.append((f"user:{row.owner_id}", row.owner_id))
    members = await identity.active_members(
        session, row.tenant_id, user_ids=set(chosen.user_ids), roles=set(chosen.roles)
    )
    found += [(f"user:{user_id}", user_id) for user_id in members]
    found += [(f"mail:{address}", row.owner_id) for address in dict.fromkeys(chosen.addresses)]
    found += [(f"webhook:{endpoint_id}", row.owner_id) for endpoint_id in dict.fromkeys(chosen.webhook_ids)]
    wanted = [one for one in found if one[0] not in row.unsubscribed]
    most = get_subscription_settings().max_recipients
    if len(wanted) > most:
        log.warning("more recipients than allowed", subscription_id=str(row.id), recipients=len(wanted), most=most)
    new = 0
    for recipient, user_id in wanted[:most]:
        new += await _deliver_to(session, row, content.channel, (recipient, user_id), occurrence, language)
    return new


async def _deliver_to(
    session: AsyncSession,
    row: Subscription,
    channel: Channel,
    to: tuple[str, UUID],
    occurrence: datetime,
    language: str,
) -> bool:
    recipient, user_id = to
    values = Delivery(
        tenant_id=row.tenant_id,
        subscription_id=row.id,
        occurrence=occurrence,
        recipient=recipient,
        user_id=user_id,
        title=row.title,
        channel=channel.value,
    ).model_dump(exclude={"id"})
    statement = (
        insert(Delivery)
        .values(id=new_id(), **values)
        .on_conflict_do_nothing(constraint="uq_subscription_deliveries_once")
        .returning(Delivery)
    )
    made = (await session.scalars(statement)).one_or_none()
    if made is None:
        return False
    platform = Actor(kind=ActorKind.SYSTEM, tenant_id=row.tenant_id, label="subscriptions", language=language)
    job = await jobs.enqueue(
        replace(platform, request_id=str(row.id)),
        session,
        name=DELIVER_JOB,
        payload=DeliverPayload(delivery_id=made.id),
        title=text("jobs.deliver", language, title=row.title),
        subject_id=row.id,
    )
    made.job_id = job.id
    await session.flush()
    return True


async def tidy() -> None:
    """Delete files that were kept long enough; the history stays."""
    async with system_transaction() as session:
        for row in await queries.expired(session, at=now(), limit=500):
            if row.file_key is not None:
                await get_files().delete(row.file_key)
            row.file_key = None
