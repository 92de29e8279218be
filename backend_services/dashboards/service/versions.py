"""Saved versions of a dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards import queries
from backend_services.dashboards.differences import difference
from backend_services.dashboards.schemas import Access, DashboardView, VersionSummary, VersionView
from backend_services.dashboards.service import storage
from backend_services.dashboards.spec import DashboardSpec
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.library_schemas import Difference, VersionNote
    from backend_services.dashboards.models import DashboardVersion
    from backend_services.kernel.actor import Actor


async def list_versions(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, page: PageRequest
) -> Page[VersionSummary]:
    """Return a dashboard's versions, newest first."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    await storage.load(actor, session, dashboard_id)
    rows, total = await queries.page_of_versions(actor, session, dashboard_id, page)
    items = tuple(_summary(row, DashboardSpec.model_validate(row.spec)) for row in rows)
    return Page[VersionSummary](items=items, total=total, limit=page.limit, offset=page.offset)


async def get_version(actor: Actor, session: AsyncSession, dashboard_id: UUID, number: int) -> VersionView:
    """Return one saved version with its specification.

    Raises:
        DashboardVersionNotFoundError: The dashboard never had it.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    await storage.load(actor, session, dashboard_id)
    row = await queries.version_of(actor, session, dashboard_id, number)
    spec = DashboardSpec.model_validate(row.spec)
    return VersionView(**dict(_summary(row, spec)), spec=spec)


async def restore_version(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, number: int, *, expected_version: int
) -> DashboardView:
    """Save an earlier version again as the newest one.

    Raises:
        DashboardChangedError: Somebody saved meanwhile. Nothing is written.
        DashboardInvalidError: The old version no longer fits its data.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    row, view = await storage.load(actor, session, dashboard_id, least=Access.EDIT, lock=True)
    old = DashboardSpec.model_validate((await queries.version_of(actor, session, dashboard_id, number)).spec)
    await storage.require_valid(actor, session, old, known=old)
    await storage.write_version(actor, session, row, old, expected_version=expected_version, restored_from=number)
    return storage.view_of(row, old, access=view.access, shared=view.shared)


async def note_version(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, number: int, note: VersionNote
) -> VersionSummary:
    """Give a version a name and a note; what was saved stays as it is.

    Raises:
        DashboardReadOnlyError: The actor may only read the dashboard.
        DashboardVersionNotFoundError: The dashboard never had the version.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    dashboard, _ = await storage.load(actor, session, dashboard_id, least=Access.EDIT, lock=True)
    row = await queries.version_of(actor, session, dashboard_id, number)
    row.name, row.note = note.name.strip(), note.note.strip()
    session.add(row)
    await session.flush()
    await storage.record(actor, session, "version_named", dashboard, details={"version": number, "name": row.name})
    return _summary(row, DashboardSpec.model_validate(row.spec))


async def compare_versions(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, number: int, *, against: int | None = None
) -> Difference:
    """Return what version ``number`` changed against ``against``; by default against the one before it.

    Raises:
        DashboardVersionNotFoundError: The dashboard never had one of them.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    await storage.load(actor, session, dashboard_id)
    other = max(number - 1, 1) if against is None else against
    before = await queries.version_of(actor, session, dashboard_id, other)
    after = await queries.version_of(actor, session, dashboard_id, number)
    specs = (DashboardSpec.model_validate(before.spec), DashboardSpec.model_validate(after.spec))
    return difference(*specs, numbers=(before.number, after.number))


def _summary(row: DashboardVersion, spec: DashboardSpec) -> VersionSummary:
    return VersionSummary(
        number=row.number,
        author_id=row.author_id,
        author_label=row.author_label,
        restored_from=row.restored_from,
        title=spec.title,
        tile_count=len(spec.tiles),
        name=row.name,
        note=row.note,
        created_at=row.created_at,
    )
