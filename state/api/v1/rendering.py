"""Dashboards and tiles as PDF and PNG over REST, with the reader's rights, period and filters."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from backend_services.dashboards.rendering import service
from backend_services.dashboards.rendering.schemas import FileKind, Orientation, Paper, Sheet
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, needs
from state.api.description import file_of
from state.api.v1.dashboards import OverridesDep

router = APIRouter(prefix="/api/v1/dashboards", tags=["dashboards"])

READ = needs(Permission.DASHBOARDS_DASHBOARD_READ)
PDF = file_of(FileKind.PDF.media_type)
PNG = file_of(FileKind.PNG.media_type)


async def _sheet(
    paper: Annotated[Paper, Query(description="Size of the paper.")] = Paper.A4,
    orientation: Annotated[Orientation, Query(description="How the paper lies.")] = Orientation.PORTRAIT,
) -> Sheet:
    return Sheet(paper=paper, orientation=orientation)


SheetDep = Annotated[Sheet, Depends(_sheet)]


def _file(made: bytes, name: str, kind: FileKind) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind.value}"', "Cache-Control": "no-store"}
    return Response(made, media_type=kind.media_type, headers=headers)


@router.get("/{dashboard_id}/pdf", operation_id="dashboards_pdf", **PDF, **READ)
async def dashboard_pdf(dashboard_id: UUID, actor: ActorDep, overrides: OverridesDep, sheet: SheetDep) -> Response:
    """Return a dashboard as a PDF with vector charts and text that can be searched."""
    made = await service.render_dashboard(actor, dashboard_id, kind=FileKind.PDF, sheet=sheet, overrides=overrides)
    return _file(made, f"dashboard-{dashboard_id}", FileKind.PDF)


@router.get("/{dashboard_id}/png", operation_id="dashboards_png", **PNG, **READ)
async def dashboard_png(dashboard_id: UUID, actor: ActorDep, overrides: OverridesDep) -> Response:
    """Return a dashboard as one long picture."""
    made = await service.render_dashboard(actor, dashboard_id, kind=FileKind.PNG, overrides=overrides)
    return _file(made, f"dashboard-{dashboard_id}", FileKind.PNG)


@router.get("/{dashboard_id}/tiles/{tile_id}/pdf", operation_id="dashboards_tile_pdf", **PDF, **READ)
async def tile_pdf(
    dashboard_id: UUID, tile_id: str, actor: ActorDep, overrides: OverridesDep, sheet: SheetDep
) -> Response:
    """Return one tile as a PDF."""
    made = await service.render_tile(actor, dashboard_id, tile_id, kind=FileKind.PDF, sheet=sheet, overrides=overrides)
    return _file(made, f"tile-{dashboard_id}", FileKind.PDF)


@router.get("/{dashboard_id}/tiles/{tile_id}/png", operation_id="dashboards_tile_png", **PNG, **READ)
async def tile_png(dashboard_id: UUID, tile_id: str, actor: ActorDep, overrides: OverridesDep) -> Response:
    """Return one tile as a picture."""
    made = await service.render_tile(actor, dashboard_id, tile_id, kind=FileKind.PNG, overrides=overrides)
    return _file(made, f"tile-{dashboard_id}", FileKind.PNG)
