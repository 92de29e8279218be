"""Every SELECT of folders, marks and comments. The actor comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select, text
from sqlmodel import col

from backend_services.dashboards.library_errors import CommentNotFoundError
from backend_services.dashboards.models import Dashboard, DashboardComment, DashboardFolder, DashboardVersion
from backend_services.dashboards.queries import access_of, may_open
from backend_services.dashboards.schemas import Access

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest


async def lock_tree(actor: Actor, session: AsyncSession) -> None:
    """Let one transaction at a time change the tenant's tree of folders: depth and cycles need a still tree."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:tree, 0))"),
        {"tree": f"dashboard_folders:{actor.tenant_id}"},
    )


async def folders(actor: Actor, session: AsyncSession) -> Sequence[DashboardFolder]:
    """Return all folders of the tenant by name; a tenant has a bounded number of them."""
    rows = await session.execute(
        select(DashboardFolder)
        .where(col(DashboardFolder.tenant_id) == actor.tenant_id)
        .order_by(func.lower(col(DashboardFolder.name)), col(DashboardFolder.id))
    )
    return rows.scalars().all()


async def counts_by_folder(actor: Actor, session: AsyncSession, *, visible: bool = True) -> dict[UUID, int]:
    """Return how many dashboards lie directly in each folder: those that the actor may open, or all."""
    counted = may_open(actor) if visible else col(Dashboard.tenant_id) == actor.tenant_id
    rows = await session.execute(
        select(col(Dashboard.folder_id), func.count())
        .where(counted, col(Dashboard.folder_id).is_not(None))
        .group_by(col(Dashboard.folder_id))
    )
    return {folder_id: number for folder_id, number in rows.all() if folder_id is not None}


async def all_with_specs(actor: Actor, session: AsyncSession) -> list[tuple[Dashboard, dict[str, object], Access]]:
    """Return every dashboard that the actor may open with its shown specification, oldest first."""
    rows = await session.execute(
        select(Dashboard, col(DashboardVersion.spec), access_of(actor))
        .join(
            DashboardVersion,
            and_(
                col(DashboardVersion.tenant_id) == col(Dashboard.tenant_id),
                col(DashboardVersion.dashboard_id) == col(Dashboard.id),
                col(DashboardVersion.number) == col(Dashboard.version),
            ),
        )
        .where(may_open(actor))
        .order_by(col(Dashboard.created_at), col(Dashboard.id))
    )
    return [(row, spec, Access(access)) for row, spec, access in rows.all()]


async def has_code_name(actor: Actor, session: AsyncSession, name: str) -> bool:
    """Return whether a dashboard of the tenant is kept as code under ``name``, also one that the actor may not open."""
    found = await session.execute(
        select(col(Dashboard.id)).where(col(Dashboard.tenant_id) == actor.tenant_id, col(Dashboard.code_name) == name)
    )
    return found.first() is not None


async def page_of_threads(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, page: PageRequest, *, tile_id: str | None, resolved: bool
) -> tuple[Sequence[DashboardComment], int]:
    """Return a page of the first comments of threads, newest first; closed ones only when asked for."""
    page.require(sortable=("created_at",), searched=False)
    wanted = [
        col(DashboardComment.tenant_id) == actor.tenant_id,
        col(DashboardComment.dashboard_id) == dashboard_id,
        col(DashboardComment.thread_id).is_(None),
    ]
    if tile_id is not None:
        wanted.append(col(DashboardComment.tile_id) == tile_id)
    if not resolved:
        wanted.append(col(DashboardComment.resolved_at).is_(None))
    total = (await session.execute(select(func.count()).select_from(DashboardComment).where(*wanted))).scalar_one()
    by_time = col(DashboardComment.created_at)
    oldest_first = page.sort_field == "created_at" and not page.descending
    rows = await session.execute(
        select(DashboardComment)
        .where(*wanted)
        .order_by(by_time.asc() if oldest_first else by_time.desc(), col(DashboardComment.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.scalars().all(), total


async def replies_of(
    actor: Actor, session: AsyncSession, thread_ids: Sequence[UUID]
) -> dict[UUID, list[DashboardComment]]:
    """Return the answers in these threads, oldest first; a thread has a bounded number of them."""
    rows = await session.execute(
        select(DashboardComment)
        .where(col(DashboardComment.tenant_id) == actor.tenant_id, col(DashboardComment.thread_id).in_(thread_ids))
        .order_by(col(DashboardComment.created_at), col(DashboardComment.id))
    )
    found: dict[UUID, list[DashboardComment]] = {one: [] for one in thread_ids}
    for row in rows.scalars().all():
        if row.thread_id is not None:
            found[row.thread_id].append(row)
    return found


async def comment_of(actor: Actor, session: AsyncSession, dashboard_id: UUID, comment_id: UUID) -> DashboardComment:
    """Return one comment of a dashboard, locked.

    Raises:
        CommentNotFoundError: The dashboard has none with this id, or it was deleted.
    """
    row: DashboardComment | None = (
        await session.execute(
            select(DashboardComment)
            .where(
                col(DashboardComment.tenant_id) == actor.tenant_id,
                col(DashboardComment.dashboard_id) == dashboard_id,
                col(DashboardComment.id) == comment_id,
            )
            .with_for_update()
        )
    ).scalar_one_or_none()
    if row is None or row.deleted_at is not None:
        raise CommentNotFoundError
    return row


async def thread_of(actor: Actor, session: AsyncSession, dashboard_id: UUID, thread_id: UUID) -> DashboardComment:
    """Return the first comment of a thread, locked; it may have been deleted while it had answers.

    Raises:
        CommentNotFoundError: There is no such thread.
    """
    row: DashboardComment | None = (
        await session.execute(
            select(DashboardComment)
            .where(
                col(DashboardComment.tenant_id) == actor.tenant_id,
                col(DashboardComment.dashboard_id) == dashboard_id,
                col(DashboardComment.id) == thread_id,
                col(DashboardComment.thread_id).is_(None),
            )
            .with_for_update()
        )
    ).scalar_one_or_none()
    if row is None:
        raise CommentNotFoundError
    return row


async def open_counts(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> dict[str, int]:
    """Return how many open threads each tile has; the empty text is the dashboard as a whole."""
    rows = await session.execute(
        select(col(DashboardComment.tile_id), func.count())
        .where(
            col(DashboardComment.tenant_id) == actor.tenant_id,
            col(DashboardComment.dashboard_id) == dashboard_id,
            col(DashboardComment.thread_id).is_(None),
            col(DashboardComment.resolved_at).is_(None),
        )
        .group_by(col(DashboardComment.tile_id))
    )
    return {tile_id or "": number for tile_id, number in rows.all()}
