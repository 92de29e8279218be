"""Jobs of the builder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.normalise import language_of
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildRequest
from backend_services.dashboards.builder.watching import SHARES, Step
from backend_services.dashboards.type_schemas import TypesRequest
from backend_services.kernel.i18n import text
from backend_services.kernel.jobs.registry import job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.kernel.jobs.context import JobContext


class _Reporting:
    """Writes each step down as the job's progress, and stops a cancelled job between them."""

    def __init__(self, context: JobContext, language: str) -> None:
        self._context = context
        self._language = language

    async def step(self, name: Step) -> None:
        """Write the step."""
        await self._context.raise_if_cancelled()
        await self._context.progress(SHARES[name], text(f"builder.step.{name}", self._language))
        await self._context.flush()

    async def first(self, answer: BuildAnswer) -> None:
        """Write nothing: only the whole answer is a result."""


@job(service.JOB, payload=BuildRequest, max_attempts=1, time_limit_s=300)
async def build_dashboard(context: JobContext, payload: BuildRequest) -> Mapping[str, object]:
    """Answer a question that takes longer than its caller waits."""
    language = payload.language or language_of(payload.question, context.actor.language)
    answer = await service.build(context.actor, payload, watcher=_Reporting(context, language))
    return answer.model_dump(mode="json")


@job(service.TYPES_JOB, payload=TypesRequest, max_attempts=1, time_limit_s=300)
async def build_types(context: JobContext, payload: TypesRequest) -> Mapping[str, object]:
    """Make built-in dashboards when that takes longer than their caller waits."""

    async def made(share: float, name: str) -> None:
        await context.raise_if_cancelled()
        await context.progress(share, name)

    return (await dashboards.build_types(context.actor, payload, made=made)).model_dump(mode="json")
