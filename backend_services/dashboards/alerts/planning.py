"""Turns due alerts, and those whose data are new, into evaluations: one job each, however many workers look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend_services.dashboards.alerts import queries
from backend_services.dashboards.alerts.schedule import next_after
from backend_services.dashboards.alerts.schemas import EVALUATE_JOB, AlertChange, EvaluatePayload, Trigger
from backend_services.dashboards.alerts.settings import get_alert_settings
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.jobs import service as jobs

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.alerts.models import Alert

BATCH = 50


def platform_of(tenant_id: UUID) -> Actor:
    """Return the platform itself, acting for a tenant's alerts."""
    return Actor(kind=ActorKind.SYSTEM, tenant_id=tenant_id, label="alerts")


async def plan_due() -> None:
    """Ask for the evaluations that are due now, of every tenant; settle notices that their job left behind."""
    at = now()
    async with system_transaction() as session:
        await queries.fail_lost(session, at=at)
        for row in await queries.due(session, at=at, limit=BATCH):
            content = AlertChange.model_validate(row.content)
            await ask(session, row, occurrence=row.next_at or at, trigger=Trigger.SCHEDULE)
            row.next_at = next_after(content.schedule, content.time_zone, at)
            await session.flush()


async def plan_new_data(tenant_id: UUID, dataset_id: UUID, *, at: datetime) -> int:
    """Ask for the evaluations of the alerts that read a dataset, whose data changed at ``at``; return how many."""
    async with transaction(platform_of(tenant_id)) as session:
        found = await queries.reading(session, dataset_id)
        for row in found:
            await ask(session, row, occurrence=at, trigger=Trigger.DATA)
        return len(found)


async def ask(session: AsyncSession, row: Alert, *, occurrence: datetime, trigger: Trigger) -> UUID:
    """Write the job of one evaluation; return its id."""
    platform = platform_of(row.tenant_id)
    job = await jobs.enqueue(
        platform,
        session,
        name=EVALUATE_JOB,
        payload=EvaluatePayload(alert_id=row.id, occurrence=occurrence, trigger=trigger),
        title=text("jobs.evaluate_alert", platform.language, title=row.title),
        subject_id=row.id,
    )
    return job.id


async def tidy() -> None:
    """Forget evaluations and notices that were kept long enough; the history stays."""
    async with system_transaction() as session:
        await queries.forget_before(session, now() - timedelta(days=get_alert_settings().keep_days))
