"""Alerts for tests: over the orders of :mod:`tests.factories.dashboards`, evaluated at a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from backend_services.dashboards.alerts import service, tasks
from backend_services.dashboards.alerts.evaluating import evaluate
from backend_services.dashboards.alerts.models import Alert
from backend_services.dashboards.alerts.planning import platform_of
from backend_services.dashboards.alerts.schemas import (
    EVALUATE_JOB,
    AlertCreate,
    AlertView,
    EntryView,
    EvaluatePayload,
    RecipientNotice,
    Trigger,
)
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest

assert tasks.evaluate_alert is not None  # registered, as the composition root does
AT = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
"""A Monday. There are five orders on every day until 5 November 2026, each worth up to 99."""
ALL = PageRequest(limit=200)
YESTERDAY = {"kind": "last", "grain": "day"}
ABOVE_NOTHING = {"kind": "threshold", "side": "above", "value": 0}
ABOVE_ALL = {"kind": "threshold", "side": "above", "value": 1_000_000}


def request(dataset_id: UUID, *, measure: str = "revenue", group: str | None = None, **chosen: object) -> AlertCreate:
    """Return what makes an alert on yesterday's revenue that fires."""
    watched = {"kind": "metric", "dataset_id": dataset_id, "measure": measure, "group": group, "period": YESTERDAY}
    body = {"title": "Revenue", "watched": watched, "condition": ABOVE_NOTHING, **chosen}
    return AlertCreate.model_validate(body)


async def make(owner: Actor, wanted: AlertCreate) -> AlertView:
    """Make an alert at :data:`AT`, not yet evaluated."""
    with frozen(AT):
        async with transaction(owner) as session:
            made = await service.create_alert(owner, session, wanted)
    async with system_transaction() as session:  # the clock of jobs cannot be moved: tests evaluate by themselves
        await session.execute(delete(Job).where(col(Job.name) == EVALUATE_JOB, col(Job.subject_id) == made.id))
    return made


async def look(alert: AlertView, at: datetime = AT, *, occurrence: datetime | None = None) -> str:
    """Evaluate as a worker does at ``at``."""
    payload = EvaluatePayload(alert_id=alert.id, occurrence=occurrence or at, trigger=Trigger.SCHEDULE)
    with frozen(at):
        return await evaluate(platform_of(await tenant_of(alert)), payload, attempt=1)


async def tenant_of(alert: AlertView) -> UUID:
    """Return whose alert it is."""
    async with system_transaction() as session:
        found: UUID = (await session.scalars(select(col(Alert.tenant_id)).where(col(Alert.id) == alert.id))).one()
    return found


async def again(owner: Actor, alert: AlertView) -> AlertView:
    """Return how the alert stands."""
    async with transaction(owner) as session:
        return await service.get_alert(owner, session, alert.id)


async def history(owner: Actor, alert: AlertView) -> list[EntryView]:
    """Return what happened, oldest first."""
    async with transaction(owner) as session:
        return list(reversed((await service.list_history(owner, session, alert.id, ALL)).items))


async def notices(owner: Actor, alert: AlertView) -> list[RecipientNotice]:
    """Return how its messages went, oldest first."""
    async with transaction(owner) as session:
        return list(reversed((await service.list_notices(owner, session, alert.id, ALL)).items))


async def work() -> None:
    """Do the jobs that wait, as a worker does."""
    await run_waiting()
