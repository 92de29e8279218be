"""Folders: they order a team's dashboards and grant nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from backend_services.audit import service as audit
from backend_services.dashboards import library_queries
from backend_services.dashboards.library_errors import (
    FolderConfirmationWrongError,
    FolderNameTakenError,
    FolderNotEmptyError,
    FolderNotFoundError,
    FolderTooDeepError,
)
from backend_services.dashboards.library_schemas import FolderView, Moved
from backend_services.dashboards.models import Dashboard, DashboardFolder
from backend_services.dashboards.schemas import Access
from backend_services.dashboards.service import storage
from backend_services.kernel.i18n import field_text
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from pydantic import JsonValue
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.library_schemas import FolderCreate, FolderDelete, FolderUpdate, MoveRequest
    from backend_services.kernel.actor import Actor

DEPTH = 4
MOST = 500
LONGEST_NAME = 80


class _Tree:
    """All folders of a tenant."""

    def __init__(self, rows: Sequence[DashboardFolder]) -> None:
        self.rows = {row.id: row for row in rows}

    def get(self, folder_id: UUID) -> DashboardFolder:
        """Return the folder.

        Raises:
            FolderNotFoundError: There is none with this id.
        """
        if folder_id not in self.rows:
            raise FolderNotFoundError
        return self.rows[folder_id]

    def line(self, folder_id: UUID | None) -> list[DashboardFolder]:
        """Return the folders from the top down to this one."""
        found: list[DashboardFolder] = []
        while folder_id is not None:
            found.insert(0, self.get(folder_id))
            folder_id = found[0].parent_id
        return found

    def children(self, folder_id: UUID | None) -> list[DashboardFolder]:
        """Return the folders that lie directly in this one."""
        return [row for row in self.rows.values() if row.parent_id == folder_id]

    def height(self, folder_id: UUID) -> int:
        """Return how many levels the folder and what lies in it take."""
        return 1 + max((self.height(child.id) for child in self.children(folder_id)), default=0)

    def require_place(self, parent_id: UUID | None, *, of: UUID | None = None) -> None:
        """Refuse a place below too many folders or within the folder itself.

        Raises:
            FolderNotFoundError: There is no such place.
            FolderTooDeepError: The place is none for this folder.
        """
        above = self.line(parent_id)
        height = 1 if of is None else self.height(of)
        if len(above) + height > DEPTH or any(folder.id == of for folder in above):
            raise FolderTooDeepError(fields={"parent_id": str(parent_id or "")})


async def list_folders(actor: Actor, session: AsyncSession) -> tuple[FolderView, ...]:
    """Return the team's folders, each below its parent, by name."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    tree = _Tree(await library_queries.folders(actor, session))
    counts = await library_queries.counts_by_folder(actor, session)

    def below(folder_id: UUID | None) -> list[FolderView]:
        found: list[FolderView] = []
        for row in tree.children(folder_id):
            found.extend((_view(row, tree, counts), *below(row.id)))
        return found

    return tuple(below(None))


async def create_folder(actor: Actor, session: AsyncSession, request: FolderCreate) -> FolderView:
    """Make a folder.

    Raises:
        FolderNameTakenError: There is one with this name in this place.
        FolderNotFoundError: There is no such place.
        FolderTooDeepError: The place is too deep, or there are too many folders.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    tree = await _locked(actor, session)
    if len(tree.rows) >= MOST:
        raise FolderTooDeepError(params={"most": MOST})
    tree.require_place(request.parent_id)
    row = DashboardFolder(tenant_id=actor.tenant_id, name=request.name, parent_id=request.parent_id)
    await _write(session, row)
    tree.rows[row.id] = row
    await _record(actor, session, "created", row, {"path": _path(row, tree)})
    return _view(row, tree, {})


async def update_folder(actor: Actor, session: AsyncSession, folder_id: UUID, request: FolderUpdate) -> FolderView:
    """Rename a folder and put it where it belongs, with everything in it."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    tree = await _locked(actor, session)
    row = tree.get(folder_id)
    before = _path(row, tree)
    if request.parent_id != row.parent_id:
        tree.require_place(request.parent_id, of=folder_id)
    row.name, row.parent_id = request.name, request.parent_id
    await _write(session, row)
    await _record(actor, session, "updated", row, {"before": before, "path": _path(row, tree)})
    return _view(row, tree, await library_queries.counts_by_folder(actor, session))


async def delete_folder(actor: Actor, session: AsyncSession, folder_id: UUID, request: FolderDelete) -> None:
    """Delete a folder; ``request.confirmation`` is its name, typed. No dashboard is ever deleted with it.

    Raises:
        FolderConfirmationWrongError: The word is not the name.
        FolderNameTakenError: A folder in it has the name of one where it would be moved.
        FolderNotEmptyError: It is not empty and ``request.contents`` is ``refuse``.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    tree = await _locked(actor, session)
    row = tree.get(folder_id)
    if request.confirmation != row.name:
        raise FolderConfirmationWrongError(
            fields={"confirmation": field_text("fields.type_word", word=row.name)}, params={"name": row.name}
        )
    dashboards = (await library_queries.counts_by_folder(actor, session, visible=False)).get(folder_id, 0)
    inner = tree.children(folder_id)
    if request.contents == "refuse" and (dashboards or inner):
        raise FolderNotEmptyError(params={"dashboards": dashboards, "folders": len(inner)})
    path = _path(row, tree)
    of_tenant = col(Dashboard.tenant_id) == actor.tenant_id
    await session.execute(
        update(Dashboard)
        .where(of_tenant, col(Dashboard.folder_id) == folder_id)
        .values(folder_id=row.parent_id, updated_at=col(Dashboard.updated_at))
    )
    for child in inner:
        child.parent_id = row.parent_id
        await _write(session, child)
    await session.delete(row)
    await session.flush()
    await _record(actor, session, "deleted", row, {"path": path, "dashboards": dashboards, "folders": len(inner)})


async def move_dashboards(actor: Actor, session: AsyncSession, request: MoveRequest) -> Moved:
    """Put dashboards into a folder, or out of all folders; all of them or none.

    Raises:
        DashboardNotFoundError: One of them is not there for the actor.
        DashboardReadOnlyError: One of them may only be read.
        FolderNotFoundError: There is no such folder.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    tree = await _locked(actor, session)
    path = "" if request.folder_id is None else _path(tree.get(request.folder_id), tree)
    moved = 0
    for dashboard_id in sorted(set(request.dashboard_ids)):
        row, _ = await storage.load(actor, session, dashboard_id, least=Access.EDIT, lock=True)
        if row.folder_id == request.folder_id:
            continue
        await session.execute(
            update(Dashboard)
            .where(col(Dashboard.tenant_id) == actor.tenant_id, col(Dashboard.id) == row.id)
            .values(folder_id=request.folder_id, updated_at=col(Dashboard.updated_at))
        )
        await storage.record(actor, session, "moved", row, details={"folder": path})
        moved += 1
    return Moved(moved=moved)


def fits(path: str) -> bool:
    """Return whether folders can have this path."""
    names = path.split("/") if path else []
    sound = all(name == name.strip() and 0 < len(name) <= LONGEST_NAME and "\\" not in name for name in names)
    return sound and len(names) <= DEPTH


async def folder_paths(actor: Actor, session: AsyncSession) -> dict[UUID, str]:
    """Return the path of every folder, such as ``Sales/Weekly``."""
    tree = _Tree(await library_queries.folders(actor, session))
    return {row.id: _path(row, tree) for row in tree.rows.values()}


async def _locked(actor: Actor, session: AsyncSession) -> _Tree:
    await library_queries.lock_tree(actor, session)
    return _Tree(await library_queries.folders(actor, session))


async def _write(session: AsyncSession, row: DashboardFolder) -> None:
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise FolderNameTakenError(params={"name": row.name}) from error


def _path(row: DashboardFolder, tree: _Tree) -> str:
    return "/".join(folder.name for folder in tree.line(row.id))


def _view(row: DashboardFolder, tree: _Tree, counts: dict[UUID, int]) -> FolderView:
    line = tree.line(row.id)
    return FolderView(
        id=row.id,
        parent_id=row.parent_id,
        name=row.name,
        depth=len(line),
        path=tuple(folder.name for folder in line),
        dashboards=counts.get(row.id, 0),
        folders=len(tree.children(row.id)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def _record(
    actor: Actor, session: AsyncSession, verb: str, row: DashboardFolder, details: dict[str, JsonValue]
) -> None:
    await audit.record(
        actor,
        session,
        action=f"dashboards.folder.{verb}",
        subject_type="dashboard_folder",
        subject_id=row.id,
        subject_label=row.name,
        details=details,
    )
