"""The job that makes a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.subscriptions.delivering import MAX_ATTEMPTS, deliver
from backend_services.dashboards.subscriptions.schemas import DELIVER_JOB, DeliverPayload
from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping


@job(
    DELIVER_JOB,
    payload=DeliverPayload,
    queue=Queue.IO,
    max_attempts=MAX_ATTEMPTS,
    time_limit_s=300.0,
    backoff_s=10.0,
)
async def make_delivery(context: JobContext, payload: DeliverPayload) -> Mapping[str, object]:
    """Make one delivery; a row that is settled stays as it is."""
    state = await deliver(context.actor, payload.delivery_id, attempt=context.attempt)
    await context.log(state)
    return {"state": state}
