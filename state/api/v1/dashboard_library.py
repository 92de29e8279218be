"""The library of dashboards over REST: people, folders, favourites, comments, differences of versions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from backend_services.dashboards import service
from backend_services.dashboards.library_schemas import (
    CommentCreate,
    CommentResolve,
    CommentUpdate,
    CommentView,
    Difference,
    FolderCreate,
    FolderDelete,
    FolderUpdate,
    FolderView,
    Moved,
    MoveRequest,
    Person,
    PersonShare,
    SharingView,
    VersionNote,
)
from backend_services.dashboards.schemas import DashboardExport, ImportPlan, VersionSummary
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1/dashboards", tags=["dashboards"])

READ = needs(Permission.DASHBOARDS_DASHBOARD_READ)
WRITE = needs(Permission.DASHBOARDS_DASHBOARD_WRITE)
SHARE = needs(Permission.DASHBOARDS_DASHBOARD_SHARE)
COMMENT = needs(Permission.DASHBOARDS_COMMENT_WRITE)
CREATE = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 201}
CREATE_COMMENT = COMMENT | {"dependencies": [*COMMENT["dependencies"], idempotent], "status_code": 201}


@router.get("/folders", operation_id="dashboards_folders", **READ)
async def list_folders(actor: ActorDep, session: SessionDep) -> tuple[FolderView, ...]:
    """List the team's folders, each after its parent; there are 500 at most."""
    return await service.list_folders(actor, session)


@router.post("/folders", operation_id="dashboards_folder_create", **CREATE)
async def create_folder(body: FolderCreate, actor: ActorDep, session: SessionDep) -> FolderView:
    """Make a folder; folders order dashboards and grant nothing."""
    return await service.create_folder(actor, session, body)


@router.put("/folders/{folder_id}", operation_id="dashboards_folder_update", **WRITE)
async def update_folder(folder_id: UUID, body: FolderUpdate, actor: ActorDep, session: SessionDep) -> FolderView:
    """Rename a folder or move it with everything in it."""
    return await service.update_folder(actor, session, folder_id, body)


@router.delete("/folders/{folder_id}", operation_id="dashboards_folder_delete", status_code=204, **WRITE)
async def delete_folder(folder_id: UUID, body: FolderDelete, actor: ActorDep, session: SessionDep) -> None:
    """Delete a folder; the confirmation is its name, typed out. Its dashboards stay."""
    await service.delete_folder(actor, session, folder_id, body)


@router.post("/move", operation_id="dashboards_move", **WRITE)
async def move_dashboards(body: MoveRequest, actor: ActorDep, session: SessionDep) -> Moved:
    """Put dashboards into a folder, or out of all folders; all of them or none."""
    return await service.move_dashboards(actor, session, body)


@router.get("/colleagues", operation_id="dashboards_colleagues", **SHARE)
async def find_colleagues(
    actor: ActorDep,
    session: SessionDep,
    search: Annotated[str, Query(max_length=200, description="Part of a name or an address.")] = "",
) -> tuple[Person, ...]:
    """Find people of your team to share with, the first twenty by name."""
    return await service.find_colleagues(actor, session, search=search)


@router.post("/import/plan", operation_id="dashboards_import_plan", **WRITE)
async def plan_import(body: DashboardExport, actor: ActorDep, session: SessionDep) -> ImportPlan:
    """Return which datasets here would take the places of a file's, and what else could; nothing is written."""
    return await service.plan_import(actor, session, body)


@router.get("/{dashboard_id}/sharing", operation_id="dashboards_sharing", **READ)
async def get_sharing(dashboard_id: UUID, actor: ActorDep, session: SessionDep) -> SharingView:
    """Return with whom a dashboard is shared, and why you see it."""
    return await service.get_sharing(actor, session, dashboard_id)


@router.put("/{dashboard_id}/people", operation_id="dashboards_share_person", **SHARE)
async def share_with_person(dashboard_id: UUID, body: PersonShare, actor: ActorDep, session: SessionDep) -> SharingView:
    """Share a dashboard with a person of your team, or change the person's access."""
    return await service.share_with_person(actor, session, dashboard_id, body)


@router.delete("/{dashboard_id}/people/{user_id}", operation_id="dashboards_unshare_person", **SHARE)
async def unshare_with_person(dashboard_id: UUID, user_id: UUID, actor: ActorDep, session: SessionDep) -> SharingView:
    """Take a dashboard back from a person; return what is left."""
    return await service.unshare_with_person(actor, session, dashboard_id, user_id=user_id)


@router.put("/{dashboard_id}/favourite", operation_id="dashboards_favourite", status_code=204, **READ)
async def add_favourite(dashboard_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Mark a dashboard as your favourite."""
    await service.set_favourite(actor, session, dashboard_id, favourite=True)


@router.delete("/{dashboard_id}/favourite", operation_id="dashboards_unfavourite", status_code=204, **READ)
async def remove_favourite(dashboard_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Take the mark of a favourite away."""
    await service.set_favourite(actor, session, dashboard_id, favourite=False)


@router.put("/{dashboard_id}/visit", operation_id="dashboards_visit", status_code=204, **READ)
async def note_visit(dashboard_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Remember that you looked at a dashboard now."""
    await service.note_visit(actor, session, dashboard_id)


@router.get("/{dashboard_id}/comments", operation_id="dashboards_comments", **READ)
async def list_comments(
    dashboard_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    page: PageDep,
    tile_id: Annotated[str | None, Query(max_length=40, description="Of this tile only.")] = None,
    resolved: Annotated[bool, Query(description="Closed threads, too.")] = False,  # noqa: FBT002 - a query parameter
) -> Page[CommentView]:
    """List the threads of comments with their answers, newest thread first."""
    return await service.list_comments(actor, session, dashboard_id, page, tile_id=tile_id, resolved=resolved)


@router.post("/{dashboard_id}/comments", operation_id="dashboards_comment_create", **CREATE_COMMENT)
async def add_comment(dashboard_id: UUID, body: CommentCreate, actor: ActorDep, session: SessionDep) -> CommentView:
    """Comment on a dashboard or a tile, or answer; `@Name` or `@address` tells a person who may see it."""
    return await service.add_comment(actor, session, dashboard_id, body)


@router.put("/{dashboard_id}/comments/{comment_id}", operation_id="dashboards_comment_update", **COMMENT)
async def edit_comment(
    dashboard_id: UUID, comment_id: UUID, body: CommentUpdate, actor: ActorDep, session: SessionDep
) -> CommentView:
    """Change your own comment."""
    return await service.edit_comment(actor, session, dashboard_id, comment_id, body=body.body)


@router.delete(
    "/{dashboard_id}/comments/{comment_id}", operation_id="dashboards_comment_delete", status_code=204, **COMMENT
)
async def delete_comment(dashboard_id: UUID, comment_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Delete your own comment, or any on a dashboard of yours; answers to it stay."""
    await service.delete_comment(actor, session, dashboard_id, comment_id)


@router.put("/{dashboard_id}/comments/{comment_id}/resolved", operation_id="dashboards_comment_resolve", **COMMENT)
async def resolve_thread(
    dashboard_id: UUID, comment_id: UUID, body: CommentResolve, actor: ActorDep, session: SessionDep
) -> CommentView:
    """Close a thread or open it again."""
    return await service.resolve_thread(actor, session, dashboard_id, comment_id, resolved=body.resolved)


@router.get("/{dashboard_id}/readers", operation_id="dashboards_readers", **COMMENT)
async def list_readers(dashboard_id: UUID, actor: ActorDep, session: SessionDep) -> tuple[Person, ...]:
    """List the people who may see a dashboard: those whom a comment can mention."""
    return await service.list_readers(actor, session, dashboard_id)


@router.put("/{dashboard_id}/versions/{number}/note", operation_id="dashboards_version_note", **WRITE)
async def note_version(
    dashboard_id: UUID, number: int, body: VersionNote, actor: ActorDep, session: SessionDep
) -> VersionSummary:
    """Give a saved version a name and a note."""
    return await service.note_version(actor, session, dashboard_id, number, body)


@router.get("/{dashboard_id}/versions/{number}/changes", operation_id="dashboards_version_changes", **READ)
async def compare_versions(
    dashboard_id: UUID,
    number: int,
    actor: ActorDep,
    session: SessionDep,
    against: Annotated[int | None, Query(ge=1, description="Default is the version before.")] = None,
) -> Difference:
    """Return what a version changed: tiles added, removed, moved and changed, and which values."""
    return await service.compare_versions(actor, session, dashboard_id, number, against=against)
