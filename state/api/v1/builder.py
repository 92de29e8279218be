"""Dashboards from a question in plain language."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.schemas import (
    BuildAnswer,
    BuildBody,
    BuilderReadiness,
    BuildJob,
    BuildStatus,
)
from backend_services.dashboards.type_schemas import TypesBuilt
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
async def build(body: BuildBody, actor: ActorDep, response: Response) -> BuildAnswer | TypesBuilt | BuildJob:
    """Make a dashboard from a question, or without one the built-in dashboards (`priority_filter`, or all).

    An ambiguous question is answered with options, an impossible one refused with the nearest things there are.
    """
    answer = await service.start(actor, body.request())
    if isinstance(answer, BuildJob):
        response.status_code = status.HTTP_202_ACCEPTED
        response.headers["Location"] = f"/api/v1/dashboards/build/status?job_id={answer.job_id}"
    return answer


@router.get("/build/status", operation_id="dashboards_build_status", **needs(BUILD))
async def build_status(
    actor: ActorDep,
    session: SessionDep,
    job_id: Annotated[
        UUID | None, Query(description="Of a build of yours; without it the builder's own state.")
    ] = None,
) -> BuildStatus | BuilderReadiness:
    """Return how far a build is, with its result at the end; without `job_id` whether the builder is ready."""
    return await service.readiness(actor, session) if job_id is None else await service.status(actor, session, job_id)
