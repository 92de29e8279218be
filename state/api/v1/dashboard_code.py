"""Dashboards as code over REST: export documents, plan, apply."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend_services.dashboards import service
from backend_services.dashboards.code_schemas import CodeApply, CodeExport, Plan
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, SessionDep, needs

router = APIRouter(prefix="/api/v1/dashboards/code", tags=["dashboards"])


@router.get("", operation_id="dashboards_code_export", **needs(Permission.DASHBOARDS_DASHBOARD_READ))
async def export_code(
    actor: ActorDep,
    session: SessionDep,
    only: Annotated[tuple[str, ...], Query(description="Names, titles or folders; may be repeated.")] = (),
) -> CodeExport:
    """Return your dashboards as documents for version control: datasets by name, no ids."""
    return await service.export_code(actor, session, only=only)


@router.post("/apply", operation_id="dashboards_code_apply", **needs(Permission.DASHBOARDS_DASHBOARD_WRITE))
async def apply_code(body: CodeApply, actor: ActorDep, session: SessionDep) -> Plan:
    """Make the dashboards what the documents say, all of it or nothing; `dry_run` only says what would be done."""
    return await service.apply_code(actor, session, body)
