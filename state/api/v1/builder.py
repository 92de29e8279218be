"""Dashboards from a question in plain language."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildJob, BuildRequest, BuildStatus
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, SessionDep, needs
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1/dashboards", tags=["dashboards"])

BUILD = Permission.DASHBOARDS_DASHBOARD_BUILD


@router.post(
    "/build",
    operation_id="dashboards_build",
    responses={status.HTTP_202_ACCEPTED: {"model": BuildJob, "description": "It takes longer; ask for its status."}},
    **needs(BUILD, idempotent),
)
async def build(body: BuildRequest, actor: ActorDep, response: Response) -> BuildAnswer | BuildJob:
    """Make a dashboard from a question; an ambiguous one is answered with options, an impossible one refused."""
    answer = await service.start(actor, body)
    if isinstance(answer, BuildJob):
        response.status_code = status.HTTP_202_ACCEPTED
        response.headers["Location"] = f"/api/v1/dashboards/build/status?job_id={answer.job_id}"
    return answer


@router.get("/build/status", operation_id="dashboards_build_status", **needs(BUILD))
async def build_status(job_id: Annotated[UUID, Query()], actor: ActorDep, session: SessionDep) -> BuildStatus:
    """Return how far a build is."""
    return await service.status(actor, session, job_id)
