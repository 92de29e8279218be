"""Every SELECT of dashboards. The actor comes first: what is not shared with it is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, not_, or_, select
from sqlmodel import col

from backend_services.dashboards.errors import DashboardNotFoundError, DashboardVersionNotFoundError
from backend_services.dashboards.library_schemas import Choice, LibraryFilter
from backend_services.dashboards.models import TEAM, Dashboard, DashboardMark, DashboardShare, DashboardVersion
from backend_services.dashboards.schemas import Access
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
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
    with_role = col(DashboardShare.role).in_([TEAM, *sorted(actor.roles)])
    with_person = false() if actor.user_id is None else col(DashboardShare.user_id) == actor.user_id
    return exists().where(
        col(DashboardShare.tenant_id) == actor.tenant_id,
        col(DashboardShare.dashboard_id) == col(Dashboard.id),
        or_(with_role, with_person),
        col(DashboardShare.access).in_(access),
    )


def may_open(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a dashboard is one that ``actor`` may open."""
    return and_(col(Dashboard.tenant_id) == actor.tenant_id, or_(_owns(actor), _shared(actor, access=("read", "edit"))))


def access_of(actor: Actor) -> ColumnElement[str | None]:
    """Return what ``actor`` may do with a dashboard, or NULL."""
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
    actor: Actor, session: AsyncSession, page: PageRequest, narrowed: LibraryFilter
) -> tuple[list[tuple[Dashboard, Access, bool, DashboardMark | None]], int]:
    """Return a page of the dashboards that ``actor`` may open: its access, whether others see it, its own mark.

    Without an order, favourites come first, then what was changed last; recently viewed ones by when they were.
    """
    seen = [may_open(actor), *_narrowing(actor, narrowed)]
    if page.search:
        seen.append(
            or_(
                col(Dashboard.title).icontains(page.search, autoescape=True),
                col(Dashboard.description).icontains(page.search, autoescape=True),
            )
        )
    order = SORTABLE.get(page.sort_field or "updated_at")
    if order is None:
        raise InvalidInputError(fields={"sort": field_text("fields.sort", names=", ".join(sorted(SORTABLE)))})
    first: list[Any] = []
    if not page.sort:
        recent = narrowed.choice is Choice.RECENT
        is_favourite = func.coalesce(col(DashboardMark.favourite), false())
        first = [col(DashboardMark.viewed_at).desc().nulls_last() if recent else is_favourite.desc()]
    descending = page.descending or not page.sort
    mark = and_(
        col(DashboardMark.tenant_id) == col(Dashboard.tenant_id),
        col(DashboardMark.dashboard_id) == col(Dashboard.id),
        false() if actor.user_id is None else col(DashboardMark.user_id) == actor.user_id,
    )
    counted = select(func.count()).select_from(Dashboard).outerjoin(DashboardMark, mark).where(*seen)
    total = (await session.execute(counted)).scalar_one()
    rows = await session.execute(
        select(Dashboard, access_of(actor), _is_shared(), DashboardMark)
        .outerjoin(DashboardMark, mark)
        .where(*seen)
        .order_by(*first, order.desc() if descending else order.asc(), col(Dashboard.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return [(row, Access(access), shared, mine) for row, access, shared, mine in rows.all()], total


def _narrowing(actor: Actor, narrowed: LibraryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if narrowed.origins:
        found.append(col(Dashboard.origin).in_(narrowed.origins))
    if narrowed.folder is not None:
        folder = col(Dashboard.folder_id)
        found.append(folder.is_(None) if narrowed.folder == "root" else folder == narrowed.folder)
    mine = false() if actor.user_id is None else col(Dashboard.owner_id) == actor.user_id
    match narrowed.choice:
        case Choice.ALL:
            pass
        case Choice.MINE:
            found.append(mine)
        case Choice.SHARED:
            found.append(or_(col(Dashboard.owner_id).is_(None), not_(mine)))
        case Choice.FAVOURITES:
            found.append(col(DashboardMark.favourite).is_(True))
        case Choice.RECENT:
            found.append(col(DashboardMark.viewed_at).is_not(None))
    return found


async def dashboard_with_spec(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, *, lock: bool = False
) -> tuple[Dashboard, DashboardVersion, Access, bool]:
    """Return a dashboard, its shown version, the actor's access and whether others see it.

    Raises:
        DashboardNotFoundError: There is none, or it is not shared with the actor.
    """
    statement = (
        select(Dashboard, DashboardVersion, access_of(actor), _is_shared())
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
    """Return whom a dashboard is shared with: the whole team, roles, then people in the order they were added."""
    rows = await session.execute(
        select(DashboardShare)
        .where(col(DashboardShare.tenant_id) == actor.tenant_id, col(DashboardShare.dashboard_id) == dashboard_id)
        .order_by(col(DashboardShare.role).nulls_last(), col(DashboardShare.id))
    )
    return rows.scalars().all()
