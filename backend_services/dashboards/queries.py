"""Every SELECT of dashboards. The actor comes first: what is not shared with it is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlmodel import col

from backend_services.dashboards.errors import DashboardNotFoundError, DashboardVersionNotFoundError
from backend_services.dashboards.models import TEAM, Dashboard, DashboardShare, DashboardVersion
from backend_services.dashboards.schemas import Access
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.pagination import PageRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

SORTABLE: dict[str, Any] = {
    "created_at": col(Dashboard.created_at),
    "tile_count": col(Dashboard.tile_count),
    "title": func.lower(col(Dashboard.title)),
    "updated_at": col(Dashboard.updated_at),
}


def _owns(actor: Actor) -> ColumnElement[bool]:
    team = col(Dashboard.owner_id).is_(None)
    if actor.user_id is None:
        return team
    return or_(team, col(Dashboard.owner_id) == actor.user_id)


def _shared(actor: Actor, *, access: tuple[str, ...]) -> ColumnElement[bool]:
    return exists().where(
        col(DashboardShare.tenant_id) == actor.tenant_id,
        col(DashboardShare.dashboard_id) == col(Dashboard.id),
        col(DashboardShare.role).in_([TEAM, *sorted(actor.roles)]),
        col(DashboardShare.access).in_(access),
    )


def _access(actor: Actor) -> ColumnElement[str | None]:
    return case(
        (_owns(actor), Access.OWNER.value),
        (_shared(actor, access=("edit",)), Access.EDIT.value),
        (_shared(actor, access=("read",)), Access.READ.value),
        else_=None,
    )


def _is_shared() -> ColumnElement[bool]:
    return or_(
        col(Dashboard.owner_id).is_(None),
        exists().where(
            col(DashboardShare.tenant_id) == col(Dashboard.tenant_id),
            col(DashboardShare.dashboard_id) == col(Dashboard.id),
        ),
    )


async def page_of_dashboards(
    actor: Actor, session: AsyncSession, page: PageRequest, *, origins: tuple[str, ...] = ()
) -> tuple[list[tuple[Dashboard, Access, bool]], int]:
    """Return a page of the dashboards that ``actor`` may open, with its access and whether others see it."""
    seen = [
        col(Dashboard.tenant_id) == actor.tenant_id,
        or_(_owns(actor), _shared(actor, access=("read", "edit"))),
        col(Dashboard.origin).in_(origins) if origins else true(),
    ]
    if page.search:
        seen.append(
            or_(
                col(Dashboard.title).icontains(page.search, autoescape=True),
                col(Dashboard.description).icontains(page.search, autoescape=True),
            )
        )
    order = SORTABLE.get(page.sort_field or "updated_at")
    if order is None:
        raise InvalidInputError(fields={"sort": f"Sort by one of: {', '.join(sorted(SORTABLE))}."})
    descending = page.descending or not page.sort
    total = (await session.execute(select(func.count()).select_from(Dashboard).where(*seen))).scalar_one()
    rows = await session.execute(
        select(Dashboard, _access(actor), _is_shared())
        .where(*seen)
        .order_by(order.desc() if descending else order.asc(), col(Dashboard.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return [(row, Access(access), shared) for row, access, shared in rows.all()], total


async def dashboard_with_spec(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, *, lock: bool = False
) -> tuple[Dashboard, DashboardVersion, Access, bool]:
    """Return a dashboard, its shown version, the actor's access and whether others see it.

    Raises:
        DashboardNotFoundError: There is none, or it is not shared with the actor.
    """
    statement = (
        select(Dashboard, DashboardVersion, _access(actor), _is_shared())
        .join(
            DashboardVersion,
            and_(
                col(DashboardVersion.dashboard_id) == col(Dashboard.id),
                col(DashboardVersion.number) == col(Dashboard.version),
            ),
        )
        .where(col(Dashboard.tenant_id) == actor.tenant_id, col(Dashboard.id) == dashboard_id)
    )
    if lock:
        await session.execute(
            select(col(Dashboard.id))
            .where(col(Dashboard.tenant_id) == actor.tenant_id, col(Dashboard.id) == dashboard_id)
            .with_for_update()
        )
    row = (await session.execute(statement)).one_or_none()
    if row is None or row[2] is None:
        raise DashboardNotFoundError
    return row[0], row[1], Access(row[2]), row[3]


async def dashboard_of_type(actor: Actor, session: AsyncSession, type_id: str) -> Dashboard | None:
    """Return the tenant's dashboard of a built-in type, if it was made, whoever may open it."""
    return (
        await session.execute(
            select(Dashboard).where(col(Dashboard.tenant_id) == actor.tenant_id, col(Dashboard.type_id) == type_id)
        )
    ).scalar_one_or_none()


async def dashboards_by_type(actor: Actor, session: AsyncSession) -> dict[str, UUID]:
    """Return the ids of the tenant's dashboards of built-in types that the actor may open, by type."""
    rows = await session.execute(
        select(col(Dashboard.type_id), col(Dashboard.id)).where(
            col(Dashboard.tenant_id) == actor.tenant_id,
            col(Dashboard.type_id).is_not(None),
            or_(_owns(actor), _shared(actor, access=("read", "edit"))),
        )
    )
    return {type_id: dashboard_id for type_id, dashboard_id in rows.all() if type_id is not None}


async def starter_titles(actor: Actor, session: AsyncSession) -> set[str]:
    """Return the titles of the tenant's starter dashboards."""
    rows = await session.execute(
        select(col(Dashboard.title)).where(
            col(Dashboard.tenant_id) == actor.tenant_id, col(Dashboard.origin) == "starter"
        )
    )
    return set(rows.scalars().all())


async def page_of_versions(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, page: PageRequest
) -> tuple[Sequence[DashboardVersion], int]:
    """Return a page of a dashboard's versions, newest first.

    Raises:
        InvalidInputError: The list is sorted by nothing but ``number``, and not searched.
    """
    page.require(sortable=("number",), searched=False)
    oldest_first = page.sort_field == "number" and not page.descending
    of_it = (col(DashboardVersion.tenant_id) == actor.tenant_id, col(DashboardVersion.dashboard_id) == dashboard_id)
    total = (await session.execute(select(func.count()).select_from(DashboardVersion).where(*of_it))).scalar_one()
    rows = await session.execute(
        select(DashboardVersion)
        .where(*of_it)
        .order_by(col(DashboardVersion.number).asc() if oldest_first else col(DashboardVersion.number).desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.scalars().all(), total


async def version_of(actor: Actor, session: AsyncSession, dashboard_id: UUID, number: int) -> DashboardVersion:
    """Return one saved version.

    Raises:
        DashboardVersionNotFoundError: The dashboard never had it.
    """
    row: DashboardVersion | None = (
        await session.execute(
            select(DashboardVersion).where(
                col(DashboardVersion.tenant_id) == actor.tenant_id,
                col(DashboardVersion.dashboard_id) == dashboard_id,
                col(DashboardVersion.number) == number,
            )
        )
    ).scalar_one_or_none()
    if row is None:
        raise DashboardVersionNotFoundError(params={"number": number})
    return row


async def shares_of(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> Sequence[DashboardShare]:
    """Return whom a dashboard is shared with, the whole team first."""
    rows = await session.execute(
        select(DashboardShare)
        .where(col(DashboardShare.tenant_id) == actor.tenant_id, col(DashboardShare.dashboard_id) == dashboard_id)
        .order_by(col(DashboardShare.role))
    )
    return rows.scalars().all()
