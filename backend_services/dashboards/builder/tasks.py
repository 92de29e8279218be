"""Jobs of the builder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.schemas import BuildRequest
from backend_services.kernel.jobs.registry import job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.kernel.jobs.context import JobContext


@job(service.JOB, payload=BuildRequest, max_attempts=1, time_limit_s=300)
async def build_dashboard(context: JobContext, payload: BuildRequest) -> Mapping[str, object]:
    """Answer a question that takes longer than its caller waits."""
    answer = await service.build(context.actor, payload)
    return {"answer": answer.model_dump(mode="json")}
