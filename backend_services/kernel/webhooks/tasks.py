"""The job that delivers a message to an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue
from backend_services.kernel.webhooks.delivering import MAX_ATTEMPTS, deliver
from backend_services.kernel.webhooks.schemas import DELIVER_JOB, DeliverWebhook

if TYPE_CHECKING:
    from collections.abc import Mapping


@job(
    DELIVER_JOB,
    payload=DeliverWebhook,
    queue=Queue.IO,
    max_attempts=MAX_ATTEMPTS,
    time_limit_s=120.0,
    backoff_s=10.0,
)
async def deliver_webhook(context: JobContext, payload: DeliverWebhook) -> Mapping[str, object]:
    """Make one delivery; a row that is settled stays as it is."""
    state = await deliver(context.actor, payload.delivery_id, attempt=context.attempt)
    await context.log(state)
    return {"state": state}
