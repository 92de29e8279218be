"""Uploads and the jobs that read them, over REST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from backend_services.datasets import service
from backend_services.datasets.errors import UploadInvalidError
from backend_services.datasets.schemas import IngestionStarted, IngestionView, Reject, StagedUpload
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.description import file_of
from state.api.faults import in_language
from state.api.idempotency import idempotent
from state.api.multipart import UploadForm

router = APIRouter(prefix="/api/v1/ingestion", tags=["ingestion"])

READ = needs(Permission.DATASETS_DATASET_READ)
WRITE = needs(Permission.DATASETS_DATASET_WRITE)
_FIELDS = frozenset({"name", "sheet"})


def upload_route(*, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return what a route decorator takes for a route that receives a file in a form."""
    properties: dict[str, Any] = {"file": {"type": "string", "format": "binary"}}
    properties |= {name: {"type": "string"} for name in fields}
    body = {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": properties}}
        },
    }
    extra = {**WRITE["openapi_extra"], "requestBody": body}
    return {"dependencies": [*WRITE["dependencies"], idempotent], "openapi_extra": extra, "status_code": 202}


async def receive(actor: Actor, request: Request) -> tuple[StagedUpload, dict[str, str]]:
    """Take the file of a form; return it staged, and the form's other fields.

    Raises:
        UploadInvalidError: There is no file, or a field that does not belong here.
    """
    form = UploadForm(request)
    file_name = await form.open()
    staged = await service.stage_upload(actor, file_name, form.chunks())
    if set(form.fields) - _FIELDS:
        await service.discard_staged(staged)
        raise UploadInvalidError
    return staged, form.fields


@router.post("/uploads", operation_id="ingestion_upload", **upload_route(fields=("name", "sheet")))
async def upload(request: Request, actor: ActorDep) -> IngestionStarted:
    """Upload a table (CSV, XLSX, Parquet, JSON, JSON Lines, or any of them gzipped) as a new dataset."""
    staged, fields = await receive(actor, request)
    try:
        async with transaction(actor) as session:
            return await service.start_upload(
                actor, session, staged, name=fields.get("name", ""), sheet=fields.get("sheet", "")
            )
    except BaseException:
        await service.discard_staged(staged)
        raise


@router.get("/jobs/{job_id}", operation_id="ingestion_job", **READ)
async def job(job_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> IngestionView:
    """Return how an upload stands."""
    return in_language(await service.get_ingestion(actor, session, job_id), request)


@router.post("/jobs/{job_id}/cancel", operation_id="ingestion_cancel", **WRITE)
async def cancel(job_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> IngestionView:
    """Cancel an upload; nothing of it stays."""
    return in_language(await service.cancel_ingestion(actor, session, job_id), request)


@router.post("/jobs/{job_id}/retry", operation_id="ingestion_retry", **WRITE)
async def retry(job_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> IngestionView:
    """Repeat an upload that failed although its file was good."""
    return in_language(await service.retry_ingestion(actor, session, job_id), request)


@router.get("/jobs/{job_id}/rejects", operation_id="ingestion_rejects", **READ)
async def rejects(job_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep) -> Page[Reject]:
    """List the rows that were left out, with reasons."""
    return await service.rejects_of_job(actor, session, job_id, page)


@router.get("/jobs/{job_id}/rejects.csv", operation_id="ingestion_rejects_csv", **file_of("text/csv"), **READ)
async def rejects_csv(job_id: UUID, actor: ActorDep) -> StreamingResponse:
    """Download the rows that were left out as CSV."""
    lines = await service.export_rejects(actor, job_id)
    headers = {"Content-Disposition": 'attachment; filename="rejects.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
