"""Turns one entry of an alert's history into messages: a row and a job for each recipient, once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.dialects.postgresql import insert

from backend_services.dashboards.alerts.models import Alert, AlertEntry, AlertNotice
from backend_services.dashboards.alerts.schemas import NOTIFY_JOB, AlertChange, AlertRecipients, NotifyPayload
from backend_services.dashboards.alerts.settings import get_alert_settings
from backend_services.identity import service as identity
from backend_services.kernel.i18n import text
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings
from backend_services.kernel.webhooks import service as webhooks
from backend_services.kernel.webhooks.schemas import WebhookEvent

if TYPE_CHECKING:
    from uuid import UUID

    from pydantic import JsonValue
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

log = structlog.get_logger(__name__)


async def tell(platform: Actor, session: AsyncSession, row: Alert, content: AlertChange, entry: AlertEntry) -> int:
    """Write a notice with its job for each recipient, and a message for each webhook; return how many are new."""
    await _tell_webhooks(platform, session, row, content, entry)
    found = await recipients_of(session, row, content.recipients)
    return sum([await _tell_one(platform, session, row, entry, one, mail=content.recipients.mail) for one in found])


async def _tell_webhooks(
    platform: Actor, session: AsyncSession, row: Alert, content: AlertChange, entry: AlertEntry
) -> None:
    """Tell webhooks what the owner sees, as long as the owner may send figures outside the team."""
    if not content.recipients.webhook_ids:
        return
    owner = await identity.load_actor(row.tenant_id, row.owner_id)
    if owner is None or not owner.can(Permission.DASHBOARDS_SUBSCRIPTION_OUTSIDE):
        log.info("webhooks of an alert not told: its owner may not send outside", alert_id=str(row.id))
        return
    await webhooks.send(
        platform,
        session,
        endpoint_ids=content.recipients.webhook_ids,
        event=WebhookEvent(f"alert.{entry.notice}"),
        message_id=f"msg_{entry.id.hex}",
        data=webhook_data(row, content, entry),
    )


def webhook_data(row: Alert, content: AlertChange, entry: AlertEntry) -> dict[str, JsonValue]:
    """Return what a webhook is told of an entry: documented in the guide to alerts, so only ever added to."""
    return {
        "alert": {"id": str(row.id), "title": row.title},
        "state": entry.to_state,
        "previous_state": entry.from_state,
        "group": entry.group or None,
        "value": entry.value,
        "compared_value": entry.compared,
        "measured": entry.measured,
        "threshold": entry.threshold,
        "condition": content.condition.model_dump(mode="json"),
        "dataset": {"id": str(row.dataset_id), "version": entry.dataset_version},
        "reason": entry.reason or None,
        "at": entry.at.isoformat(),
        "link": f"{get_settings().base_url}/alerts/{row.id}",
    }


async def recipients_of(session: AsyncSession, row: Alert, chosen: AlertRecipients) -> tuple[UUID, ...]:
    """Return the people whom an alert tells now."""
    if not chosen.user_ids and not chosen.roles:
        return (row.owner_id,)
    found = await identity.active_members(
        session, row.tenant_id, user_ids=set(chosen.user_ids), roles=set(chosen.roles)
    )
    most = get_alert_settings().max_recipients
    if len(found) > most:
        log.warning("more recipients than allowed", alert_id=str(row.id), recipients=len(found), most=most)
    return found[:most]


async def _tell_one(
    platform: Actor, session: AsyncSession, row: Alert, entry: AlertEntry, user_id: UUID, *, mail: bool
) -> bool:
    values = AlertNotice(
        tenant_id=row.tenant_id, alert_id=row.id, entry_id=entry.id, user_id=user_id, kind=entry.notice, mail=mail
    ).model_dump(exclude={"id"})
    statement = (
        insert(AlertNotice)
        .values(id=new_id(), **values)
        .on_conflict_do_nothing(constraint="uq_alert_notices_once")
        .returning(AlertNotice)
    )
    made = (await session.scalars(statement)).one_or_none()
    if made is None:
        return False
    job = await jobs.enqueue(
        replace(platform, request_id=str(row.id)),
        session,
        name=NOTIFY_JOB,
        payload=NotifyPayload(notice_id=made.id),
        title=text("jobs.notify_alert", platform.language, title=row.title),
        subject_id=row.id,
    )
    made.job_id = job.id
    await session.flush()
    return True
