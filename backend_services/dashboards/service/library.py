"""Making, finding, changing, copying and deleting dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards import queries
from backend_services.dashboards.errors import ConfirmationWrongError
from backend_services.dashboards.library_schemas import LibraryFilter
from backend_services.dashboards.schemas import (
    Access,
    DashboardSummary,
    DashboardView,
    ProblemView,
)
from backend_services.dashboards.service import storage
from backend_services.kernel.i18n import field_text
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.schemas import Origin
    from backend_services.dashboards.spec import DashboardSpec
    from backend_services.kernel.actor import Actor

TITLE_LENGTH = 120


async def list_dashboards(
    actor: Actor,
    session: AsyncSession,
    page: PageRequest,
    *,
    origins: tuple[Origin, ...] = (),
    narrowed: LibraryFilter | None = None,
) -> Page[DashboardSummary]:
    """Return the dashboards that the actor made or that are shared with it.

    Sortable by ``created_at``, ``tile_count``, ``title``, ``updated_at``; search looks in title and description.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    wanted = narrowed or LibraryFilter(origins=origins)
    rows, total = await queries.page_of_dashboards(actor, session, page, wanted)
    items = tuple(
        storage.summary_of(row, access=access, shared=shared, mark=mark) for row, access, shared, mark in rows
    )
    return Page[DashboardSummary](items=items, total=total, limit=page.limit, offset=page.offset)


async def get_dashboard(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> DashboardView:
    """Return one dashboard with its specification.

    Raises:
        DashboardNotFoundError: There is none, or it is not shared with the actor.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    _, view = await storage.load(actor, session, dashboard_id)
    return view


async def validate_spec(actor: Actor, session: AsyncSession, spec: DashboardSpec) -> tuple[ProblemView, ...]:
    """Return what is wrong with a specification, without saving it; empty when it fits."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    return tuple(
        ProblemView(path=one.path, code=one.code, message=one.message(actor.language), suggestions=one.suggestions)
        for one in await storage.check_spec(actor, session, spec)
    )


async def create_dashboard(
    actor: Actor, session: AsyncSession, spec: DashboardSpec, *, origin: Origin = "person"
) -> DashboardView:
    """Save a new dashboard that only its maker sees; made with a key of no person it belongs to the team.

    Raises:
        DashboardInvalidError: The specification does not fit its data. Nothing is written.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    await storage.require_valid(actor, session, spec)
    return await storage.write_new(actor, session, spec, origin=origin)


async def update_dashboard(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, *, spec: DashboardSpec, expected_version: int
) -> DashboardView:
    """Save ``spec`` as the next version, if the dashboard still is at ``expected_version``.

    Raises:
        DashboardChangedError: Somebody saved meanwhile. Nothing is written.
        DashboardInvalidError: The specification does not fit its data.
        DashboardReadOnlyError: The actor may only read it.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    row, view = await storage.load(actor, session, dashboard_id, least=Access.EDIT, lock=True)
    await storage.require_valid(actor, session, spec, known=view.spec)
    await storage.write_version(actor, session, row, spec, expected_version=expected_version)
    return storage.view_of(row, spec, access=view.access, shared=view.shared)


async def delete_dashboard(actor: Actor, session: AsyncSession, dashboard_id: UUID, *, confirmation: str) -> None:
    """Delete a dashboard with its versions and shares; ``confirmation`` is its title, typed.

    Raises:
        ConfirmationWrongError: The word is not the title. Nothing is deleted.
        DashboardReadOnlyError: Only its owner may.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_DELETE)
    row, view = await storage.load(actor, session, dashboard_id, least=Access.OWNER, lock=True)
    if confirmation != row.title:
        raise ConfirmationWrongError(
            fields={"confirmation": field_text("fields.type_word", word=row.title)}, params={"title": row.title}
        )
    await storage.record(
        actor, session, "deleted", row, details={"version": row.version, "tiles": len(view.spec.tiles)}
    )
    await session.delete(row)
    await session.flush()


async def duplicate(actor: Actor, session: AsyncSession, dashboard_id: UUID, *, title: str = "") -> DashboardView:
    """Make an own copy of a dashboard that the actor may read."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    _, view = await storage.load(actor, session, dashboard_id)
    suffix = " (kopija)" if actor.language == "sl" else " (copy)"
    spec = view.spec.model_copy(update={"title": title or view.title[: TITLE_LENGTH - len(suffix)] + suffix})
    await storage.require_valid(actor, session, spec, known=view.spec)
    return await storage.write_new(actor, session, spec, origin="person")
