"""The jobs that evaluate an alert and that tell one recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.alerts import evaluating, notifying
from backend_services.dashboards.alerts.schemas import EVALUATE_JOB, NOTIFY_JOB, EvaluatePayload, NotifyPayload
from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping


@job(EVALUATE_JOB, payload=EvaluatePayload, max_attempts=evaluating.MAX_ATTEMPTS, time_limit_s=120.0, backoff_s=5.0)
async def evaluate_alert(context: JobContext, payload: EvaluatePayload) -> Mapping[str, object]:
    """Make one evaluation; one that was made stays as it is."""
    state = await evaluating.evaluate(context.actor, payload, attempt=context.attempt)
    return {"state": state}


@job(
    NOTIFY_JOB,
    payload=NotifyPayload,
    queue=Queue.IO,
    max_attempts=notifying.MAX_ATTEMPTS,
    time_limit_s=120.0,
    backoff_s=10.0,
)
async def notify_recipient(context: JobContext, payload: NotifyPayload) -> Mapping[str, object]:
    """Tell one recipient; a notice that is settled stays as it is."""
    state = await notifying.notify(context.actor, payload.notice_id, attempt=context.attempt)
    await context.log(state)
    return {"state": state}
