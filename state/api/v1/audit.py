"""The audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from backend_services.audit import service
from backend_services.audit.schemas import AuditEventView, AuditFilter, ChainReport
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.description import file_of

router = APIRouter(prefix="/api/v1/security/audit", tags=["audit"])


async def _filter(
    action: Annotated[str, Query(max_length=96, description="An action, or all below it with a dot at the end.")] = "",
    subject_type: Annotated[str, Query(max_length=48)] = "",
    subject_id: Annotated[str, Query(max_length=96)] = "",
    user_id: Annotated[UUID | None, Query()] = None,
    since: Annotated[datetime | None, Query()] = None,
    until: Annotated[datetime | None, Query()] = None,
) -> AuditFilter:
    return AuditFilter(
        action=action, subject_type=subject_type, subject_id=subject_id, user_id=user_id, since=since, until=until
    )


FilterDep = Annotated[AuditFilter, Depends(_filter)]


@router.get("", operation_id="audit_list", **needs(Permission.AUDIT_EVENT_READ))
async def list_events(actor: ActorDep, session: SessionDep, page: PageDep, wanted: FilterDep) -> Page[AuditEventView]:
    """List what was done, newest first."""
    return await service.list_events(actor, session, page, wanted)


@router.get("/export", operation_id="audit_export", **file_of("text/csv"), **needs(Permission.AUDIT_EVENT_EXPORT))
async def export(
    actor: ActorDep, wanted: FilterDep, search: Annotated[str, Query(max_length=200)] = ""
) -> StreamingResponse:
    """Give the log as CSV, in the order of the chain."""
    return StreamingResponse(
        _lines(actor, wanted, search),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


async def _lines(actor: Actor, wanted: AuditFilter, search: str) -> AsyncIterator[str]:
    async with transaction(actor) as session:
        async for line in service.export_csv(actor, session, wanted=wanted, search=search):
            yield line


@router.get("/verify", operation_id="audit_verify", **needs(Permission.AUDIT_EVENT_READ))
async def verify(actor: ActorDep, session: SessionDep) -> ChainReport:
    """Recompute the chain and say where it breaks, if it does."""
    return await service.verify(actor, session)
