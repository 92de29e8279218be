"""Jobs: work that outlives a request."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from backend_services.kernel.jobs import service
from backend_services.kernel.jobs.schemas import JobFilter, JobLogView, JobState, JobView
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.description import file_of
from state.api.faults import in_language

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

StateQuery = Annotated[JobState | None, Query(description="Only jobs in this state.")]
NameQuery = Annotated[str, Query(max_length=120, description="Only jobs of this kind, such as `datasets.ingest`.")]
RoutineQuery = Annotated[
    bool,
    Query(
        description="Also what the platform does by itself, such as looking at alerts; failed ones are always listed."
    ),
]
SubjectQuery = Annotated[UUID | None, Query(description="Only jobs about this thing.")]


@router.get("", operation_id="jobs_list", **needs(Permission.KERNEL_JOB_READ))
async def list_jobs(
    actor: ActorDep,
    session: SessionDep,
    page: PageDep,
    state: StateQuery = None,
    name: NameQuery = "",
    subject_id: SubjectQuery = None,
    routine: RoutineQuery = True,  # noqa: FBT002 - FastAPI reads it from the query
) -> Page[JobView]:
    """List the team's jobs, newest first."""
    wanted = JobFilter(state=state, name=name, subject_id=subject_id, routine=routine)
    return await service.list_jobs(actor, session, page, wanted)


@router.get("/export", operation_id="jobs_export", **file_of("text/csv"), **needs(Permission.KERNEL_JOB_READ))
async def export_jobs(
    actor: ActorDep,
    page: PageDep,
    state: StateQuery = None,
    name: NameQuery = "",
    subject_id: SubjectQuery = None,
    routine: RoutineQuery = True,  # noqa: FBT002 - FastAPI reads it from the query
) -> StreamingResponse:
    """Download every job that the filter lets through as CSV."""
    wanted = JobFilter(state=state, name=name, subject_id=subject_id, routine=routine)
    return StreamingResponse(
        service.export_jobs(actor, page, wanted),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="jobs.csv"'},
    )


@router.get("/{job_id}", operation_id="jobs_get", **needs(Permission.KERNEL_JOB_READ))
async def get_job(job_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> JobView:
    """Show a job: state, progress, result or error."""
    return in_language(await service.get_job(actor, session, job_id), request)


@router.get("/{job_id}/log", operation_id="jobs_log", **needs(Permission.KERNEL_JOB_READ))
async def read_log(job_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep) -> Page[JobLogView]:
    """Read what a job wrote about itself."""
    return await service.read_log(actor, session, job_id, page)


@router.post("/{job_id}/cancel", operation_id="jobs_cancel", **needs(Permission.KERNEL_JOB_CANCEL))
async def cancel_job(job_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> JobView:
    """Cancel a job: at once while it waits, at its next step while it runs."""
    return in_language(await service.cancel_job(actor, session, job_id), request)


@router.post("/{job_id}/retry", operation_id="jobs_retry", **needs(Permission.KERNEL_JOB_RETRY))
async def retry_job(job_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> JobView:
    """Put a job that failed, or was cancelled, back into its queue."""
    return in_language(await service.retry_job(actor, session, job_id), request)
