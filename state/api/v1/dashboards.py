"""Dashboards over REST: specifications, versions, shares, and what their tiles show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, TypeAdapter, ValidationError

from backend_services.dashboards import service
from backend_services.dashboards.library_schemas import Choice, LibraryFilter
from backend_services.dashboards.schemas import (
    DashboardCreate,
    DashboardDelete,
    DashboardDuplicate,
    DashboardExport,
    DashboardImport,
    DashboardSummary,
    DashboardUpdate,
    DashboardView,
    Origin,
    Overrides,
    ProblemView,
    RowsRequest,
    ShareRequest,
    ShareView,
    TilePreview,
    TileResult,
    TypeView,
    VersionSummary,
    VersionView,
)
from backend_services.datasets.catalogue import QueryResult, Scalar
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import fault_of
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.description import file_of
from state.api.etags import expected_version, tagged
from state.api.idempotency import idempotent
from state.api.leaving import while_waited_for

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(prefix="/api/v1/dashboards", tags=["dashboards"])

READ = needs(Permission.DASHBOARDS_DASHBOARD_READ)
WRITE = needs(Permission.DASHBOARDS_DASHBOARD_WRITE)
SHARE = needs(Permission.DASHBOARDS_DASHBOARD_SHARE)
DELETE = needs(Permission.DASHBOARDS_DASHBOARD_DELETE)
CREATE = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 201}

Parsed = TypeVar("Parsed")
VersionDep = Annotated[int, Depends(expected_version)]
Cell = Annotated[dict[str, Scalar | None], Field(max_length=8)]
_OVERRIDES: TypeAdapter[Overrides] = TypeAdapter(Overrides)
_CELL: TypeAdapter[dict[str, Scalar | None]] = TypeAdapter(Cell)


def _parsed(adapter: TypeAdapter[Parsed], text: str, name: str) -> Parsed:
    try:
        return adapter.validate_json(text or "{}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join([name, *(str(part) for part in first["loc"])])
        raise InvalidInputError(fields={path: fault_of(first)}) from error


async def _overrides(
    overrides: Annotated[
        str, Query(max_length=8000, description='JSON: `{"period": …, "filters": […], "language": "sl"}`.')
    ] = "",
) -> Overrides:
    return _parsed(_OVERRIDES, overrides, "overrides")


OverridesDep = Annotated[Overrides, Depends(_overrides)]


def _created(response: Response, view: DashboardView) -> DashboardView:
    response.headers["Location"] = f"{router.prefix}/{view.id}"
    return tagged(response, view)


@router.get("", operation_id="dashboards_list", **READ)
async def list_dashboards(
    actor: ActorDep,
    session: SessionDep,
    page: PageDep,
    choice: Annotated[Choice, Query(description="Yours, shared with you, favourites, lately looked at, or all.")] = (
        Choice.ALL
    ),
    folder: Annotated[
        UUID | Literal["root"] | None, Query(description="In this folder; `root` is outside all folders.")
    ] = None,
    origin: Annotated[tuple[Origin, ...], Query(description="Made by these; may be repeated.")] = (),
) -> Page[DashboardSummary]:
    """List the dashboards that you made or that are shared with you; favourites first unless sorted."""
    narrowed = LibraryFilter(choice=choice, folder=folder, origins=origin)
    return await service.list_dashboards(actor, session, page, narrowed=narrowed)


@router.post("", operation_id="dashboards_create", **CREATE)
async def create_dashboard(
    body: DashboardCreate, actor: ActorDep, session: SessionDep, response: Response
) -> DashboardView:
    """Save a new dashboard."""
    return _created(response, await service.create_dashboard(actor, session, body.spec))


@router.get("/types", operation_id="dashboards_types", **READ)
async def list_types(actor: ActorDep) -> tuple[TypeView, ...]:
    """List the twenty built-in types with their state and what is missing."""
    return await service.list_types(actor)


@router.get("/generated", operation_id="dashboards_generated", **READ)
async def list_generated(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[DashboardSummary]:
    """List the dashboards that the platform made: of built-in types, and first ones of samples and uploads."""
    return await service.list_generated(actor, session, page)


@router.get("/schema", operation_id="dashboards_schema", **READ)
async def get_schema() -> dict[str, Any]:
    """Return the JSON schema of a dashboard's specification."""
    return service.specification_schema()


@router.post("/validate", operation_id="dashboards_validate", **READ)
async def validate(body: DashboardCreate, actor: ActorDep, session: SessionDep) -> tuple[ProblemView, ...]:
    """Return what is wrong with a specification, without saving it; an empty list when it fits."""
    return await service.validate_spec(actor, session, body.spec)


@router.post("/preview", operation_id="dashboards_preview", **READ)
async def preview_tile(request: Request, body: TilePreview, actor: ActorDep) -> TileResult:
    """Return what a tile would show, without saving it."""
    return await while_waited_for(request, service.preview_tile(actor, body))


@router.post("/import", operation_id="dashboards_import", **CREATE)
async def import_dashboard(
    body: DashboardImport, actor: ActorDep, session: SessionDep, response: Response
) -> DashboardView:
    """Save an exported dashboard as a new one."""
    return _created(response, await service.import_dashboard(actor, session, body))


@router.post("/build/{name}", operation_id="dashboards_build_type", **CREATE)
async def build_type(name: str, actor: ActorDep, response: Response) -> DashboardView:
    """Make the dashboard of a built-in type, or bring it up to date."""
    return _created(response, await service.build_type(actor, name))


@router.get("/{dashboard_id}", operation_id="dashboards_get", **READ)
async def get_dashboard(dashboard_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> DashboardView:
    """Return one dashboard; its ETag goes into If-Match when you change it."""
    return tagged(response, await service.get_dashboard(actor, session, dashboard_id))


@router.put("/{dashboard_id}", operation_id="dashboards_update", **WRITE)
async def update_dashboard(
    dashboard_id: UUID,
    body: DashboardUpdate,
    actor: ActorDep,
    session: SessionDep,
    expected: VersionDep,
    response: Response,
) -> DashboardView:
    """Save the next version of a dashboard, if nobody saved since the version in If-Match."""
    view = await service.update_dashboard(actor, session, dashboard_id, spec=body.spec, expected_version=expected)
    return tagged(response, view)


@router.delete("/{dashboard_id}", operation_id="dashboards_delete", status_code=204, **DELETE)
async def delete_dashboard(dashboard_id: UUID, body: DashboardDelete, actor: ActorDep, session: SessionDep) -> None:
    """Delete a dashboard with its versions and shares; the confirmation is its title, typed out."""
    await service.delete_dashboard(actor, session, dashboard_id, confirmation=body.confirmation)


@router.post("/{dashboard_id}/duplicate", operation_id="dashboards_duplicate", **CREATE)
async def duplicate(
    dashboard_id: UUID, body: DashboardDuplicate, actor: ActorDep, session: SessionDep, response: Response
) -> DashboardView:
    """Make your own copy of a dashboard."""
    return _created(response, await service.duplicate(actor, session, dashboard_id, title=body.title))


@router.get("/{dashboard_id}/export", operation_id="dashboards_export", **READ)
async def export_dashboard(dashboard_id: UUID, actor: ActorDep, session: SessionDep) -> DashboardExport:
    """Return a dashboard as a file to keep under version control or import elsewhere."""
    return await service.export_dashboard(actor, session, dashboard_id)


@router.get("/{dashboard_id}/versions", operation_id="dashboards_versions", **READ)
async def list_versions(
    dashboard_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep
) -> Page[VersionSummary]:
    """List the saved versions of a dashboard, newest first."""
    return await service.list_versions(actor, session, dashboard_id, page)


@router.get("/{dashboard_id}/versions/{number}", operation_id="dashboards_version", **READ)
async def get_version(dashboard_id: UUID, number: int, actor: ActorDep, session: SessionDep) -> VersionView:
    """Return a saved version with its specification."""
    return await service.get_version(actor, session, dashboard_id, number)


@router.post("/{dashboard_id}/versions/{number}/restore", operation_id="dashboards_restore", **WRITE)
async def restore_version(
    dashboard_id: UUID, number: int, actor: ActorDep, session: SessionDep, expected: VersionDep, response: Response
) -> DashboardView:
    """Save an earlier version again as the newest, if nobody saved since the version in If-Match."""
    view = await service.restore_version(actor, session, dashboard_id, number, expected_version=expected)
    return tagged(response, view)


@router.get("/{dashboard_id}/shares", operation_id="dashboards_shares", **READ)
async def list_shares(dashboard_id: UUID, actor: ActorDep, session: SessionDep) -> tuple[ShareView, ...]:
    """List whom a dashboard is shared with; role `*` is the whole team."""
    return await service.list_shares(actor, session, dashboard_id)


@router.put("/{dashboard_id}/shares", operation_id="dashboards_share", **SHARE)
async def share(dashboard_id: UUID, body: ShareRequest, actor: ActorDep, session: SessionDep) -> tuple[ShareView, ...]:
    """Share a dashboard with a role or the whole team, or change the access."""
    return await service.share(actor, session, dashboard_id, body)


@router.delete("/{dashboard_id}/shares/{role}", operation_id="dashboards_unshare", **SHARE)
async def unshare(dashboard_id: UUID, role: str, actor: ActorDep, session: SessionDep) -> tuple[ShareView, ...]:
    """Take a dashboard back from a role or from the whole team; return what is left."""
    return await service.unshare(actor, session, dashboard_id, role=role)


@router.get("/{dashboard_id}/results", operation_id="dashboards_results", **READ)
async def tile_results(
    request: Request, dashboard_id: UUID, actor: ActorDep, overrides: OverridesDep
) -> tuple[TileResult, ...]:
    """Return what all tiles show; a tile that fails says so and leaves the others alone."""
    return await while_waited_for(request, service.tile_results(actor, dashboard_id, overrides))


@router.get("/{dashboard_id}/tiles/{tile_id}/result", operation_id="dashboards_tile_result", **READ)
async def tile_result(
    request: Request, dashboard_id: UUID, tile_id: str, actor: ActorDep, overrides: OverridesDep
) -> TileResult:
    """Return what one tile shows: answer, figure, finding, source and how it was computed."""
    return await while_waited_for(request, service.tile_result(actor, dashboard_id, tile_id, overrides))


@router.get("/{dashboard_id}/tiles/{tile_id}/rows", operation_id="dashboards_tile_rows", **READ)
async def tile_rows(
    dashboard_id: UUID,
    tile_id: str,
    actor: ActorDep,
    overrides: OverridesDep,
    cell: Annotated[
        str, Query(max_length=4000, description="JSON: column name → value of one row of the answer.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> QueryResult:
    """Return the rows that a tile, or one cell of it, was computed from."""
    request = RowsRequest(cell=_parsed(_CELL, cell, "cell"), overrides=overrides, limit=limit, offset=offset)
    return await service.tile_rows(actor, dashboard_id, tile_id, request)


@router.get("/{dashboard_id}/tiles/{tile_id}/csv", operation_id="dashboards_tile_csv", **file_of("text/csv"), **READ)
async def tile_csv(dashboard_id: UUID, tile_id: str, actor: ActorDep, overrides: OverridesDep) -> StreamingResponse:
    """Return a tile's answer as CSV."""
    return await _file(actor, dashboard_id, tile_id, overrides, ExportFormat.CSV)


@router.get(
    "/{dashboard_id}/tiles/{tile_id}/export",
    operation_id="dashboards_tile_export",
    **file_of(*(one.media_type for one in ExportFormat)),
    **READ,
)
async def export_tile(
    dashboard_id: UUID,
    tile_id: str,
    actor: ActorDep,
    overrides: OverridesDep,
    export_format: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.CSV,
) -> StreamingResponse:
    """Return a tile's answer as a file: `csv` or `xlsx`."""
    return await _file(actor, dashboard_id, tile_id, overrides, export_format)


@router.get(
    "/{dashboard_id}/tiles/{tile_id}/rows/export",
    operation_id="dashboards_tile_rows_export",
    **file_of(*(one.media_type for one in ExportFormat)),
    **READ,
)
async def export_tile_rows(
    dashboard_id: UUID,
    tile_id: str,
    actor: ActorDep,
    overrides: OverridesDep,
    cell: Annotated[
        str, Query(max_length=4000, description="JSON: column name → value of one row of the answer.")
    ] = "",
    export_format: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.CSV,
) -> StreamingResponse:
    """Return all rows behind a tile, or behind one cell of it, as a file: `csv` or `xlsx`."""
    request = RowsRequest(cell=_parsed(_CELL, cell, "cell"), overrides=overrides)
    pieces = await service.export_tile_rows(actor, dashboard_id, tile_id, request, export_format=export_format)
    return _sent(pieces, f"{tile_id}-rows", export_format)


async def _file(
    actor: ActorDep, dashboard_id: UUID, tile_id: str, overrides: Overrides, export_format: ExportFormat
) -> StreamingResponse:
    pieces = await service.export_tile(actor, dashboard_id, tile_id, export_format=export_format, overrides=overrides)
    return _sent(pieces, tile_id, export_format)


def _sent(pieces: AsyncIterator[bytes], name: str, export_format: ExportFormat) -> StreamingResponse:
    headers: Mapping[str, str] = {
        "Content-Disposition": f'attachment; filename="{quote(name, safe="")}.{export_format.value}"'
    }
    return StreamingResponse(pieces, media_type=export_format.media_type, headers=headers)
