"""Every SELECT of alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlmodel import col

from backend_services.dashboards.alerts.errors import AlertNotFoundError, AlertNoticeNotFoundError
from backend_services.dashboards.alerts.models import Alert, AlertEntry, AlertEvaluation, AlertGroup, AlertNotice
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

SORTABLE: dict[str, Any] = {
    "created_at": col(Alert.created_at),
    "last_at": col(Alert.last_at),
    "since": col(Alert.since),
    "title": func.lower(col(Alert.title)),
}
LOST_JOBS = ("failed", "cancelled", "dead")
COURSE = 24


def _seen(actor: Actor) -> ColumnElement[bool]:
    if actor.can(Permission.DASHBOARDS_ALERT_MANAGE):
        return true()
    return col(Alert.owner_id) == actor.user_id


def _received(actor: Actor) -> ColumnElement[bool]:
    """Return whether the actor is the owner or among the recipients, or was told before."""
    recipients: Any = col(Alert.content)["recipients"]
    told = exists().where(
        col(AlertNotice.alert_id) == col(Alert.id),
        col(AlertNotice.user_id) == actor.user_id,
        col(AlertNotice.state) == "sent",
    )
    by_role = [recipients["roles"].cast(JSONB).contains([role]) for role in sorted(actor.roles)]
    mine = col(Alert.owner_id) == actor.user_id
    return or_(mine, recipients["user_ids"].cast(JSONB).contains([str(actor.user_id)]), *by_role, told)


async def page_of_alerts(
    actor: Actor, session: AsyncSession, page: PageRequest, *, state: str | None = None
) -> tuple[Sequence[Alert], int]:
    """Return a page of the actor's alerts, or of all for those who manage them; newest first."""
    page.require(sortable=SORTABLE)
    wanted = [col(Alert.tenant_id) == actor.tenant_id, _seen(actor)]
    if state is not None:
        wanted.append(col(Alert.state) == state)
    return await _page(session, wanted, page)


async def page_of_received(actor: Actor, session: AsyncSession, page: PageRequest) -> tuple[Sequence[Alert], int]:
    """Return a page of the alerts that tell the actor; newest first."""
    page.require(sortable=SORTABLE)
    return await _page(session, [col(Alert.tenant_id) == actor.tenant_id, _received(actor)], page)


async def _page(
    session: AsyncSession, wanted: list[ColumnElement[bool]], page: PageRequest
) -> tuple[Sequence[Alert], int]:
    if page.search:
        wanted.append(col(Alert.title).icontains(page.search, autoescape=True))
    order = SORTABLE[page.sort_field or "created_at"]
    descending = page.descending or not page.sort
    total = (await session.execute(select(func.count()).select_from(Alert).where(*wanted))).scalar_one()
    rows = await session.scalars(
        select(Alert)
        .where(*wanted)
        .order_by(order.desc().nulls_last() if descending else order.asc().nulls_last(), col(Alert.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.all(), total


async def count_alerts(actor: Actor, session: AsyncSession) -> int:
    """Return how many alerts the tenant has."""
    statement = select(func.count()).select_from(Alert).where(col(Alert.tenant_id) == actor.tenant_id)
    count: int = (await session.execute(statement)).scalar_one()
    return count


async def alert_of(
    actor: Actor, session: AsyncSession, alert_id: UUID, *, lock: bool = False, received: bool = False
) -> Alert:
    """Return one alert that the actor may see, or gets messages of where ``received`` is enough.

    Raises:
        AlertNotFoundError: There is none.
    """
    may = or_(_seen(actor), _received(actor)) if received else _seen(actor)
    statement = select(Alert).where(col(Alert.tenant_id) == actor.tenant_id, col(Alert.id) == alert_id, may)
    row = (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise AlertNotFoundError
    return row


async def alert_by_id(session: AsyncSession, alert_id: UUID, *, lock: bool = False) -> Alert | None:
    """Return an alert of the transaction's tenant, whoever owns it. For jobs."""
    statement = select(Alert).where(col(Alert.id) == alert_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(statement)).one_or_none()


async def groups_of(session: AsyncSession, alert_id: UUID) -> Sequence[AlertGroup]:
    """Return how each group of an alert stands, by key."""
    rows = await session.scalars(
        select(AlertGroup).where(col(AlertGroup.alert_id) == alert_id).order_by(col(AlertGroup.key))
    )
    return rows.all()


async def forget_groups(session: AsyncSession, alert_id: UUID) -> None:
    """Forget how an alert's groups stand, since something else is watched now."""
    await session.execute(delete(AlertGroup).where(col(AlertGroup.alert_id) == alert_id))


async def is_evaluated(session: AsyncSession, alert_id: UUID, *, occurrence: datetime, trigger: str) -> bool:
    """Return whether this occurrence was evaluated already."""
    statement = select(col(AlertEvaluation.id)).where(
        col(AlertEvaluation.alert_id) == alert_id,
        col(AlertEvaluation.occurrence) == occurrence,
        col(AlertEvaluation.trigger) == trigger,
    )
    return (await session.scalars(statement)).one_or_none() is not None


async def courses(session: AsyncSession, alert_ids: Collection[UUID]) -> dict[UUID, tuple[float | None, ...]]:
    """Return the last figures of alerts, oldest first, in one statement."""
    place = func.row_number().over(partition_by=col(AlertEvaluation.alert_id), order_by=col(AlertEvaluation.at).desc())
    inner = (
        select(
            col(AlertEvaluation.alert_id).label("alert_id"),
            col(AlertEvaluation.value).label("value"),
            place.label("place"),
        )
        .where(col(AlertEvaluation.alert_id).in_(alert_ids))
        .subquery()
    )
    rows = await session.execute(
        select(inner.c.alert_id, inner.c.value).where(inner.c.place <= COURSE).order_by(inner.c.place.desc())
    )
    found: dict[UUID, list[float | None]] = {}
    for alert_id, value in rows.all():
        found.setdefault(alert_id, []).append(value)
    return {alert_id: tuple(values) for alert_id, values in found.items()}


async def page_of_evaluations(
    session: AsyncSession, alert_id: UUID, page: PageRequest
) -> tuple[Sequence[AlertEvaluation], int]:
    """Return a page of an alert's evaluations, newest first."""
    page.require(sortable=(), searched=False)
    return await _newest(session, AlertEvaluation, [col(AlertEvaluation.alert_id) == alert_id], "at", page)


async def page_of_history(session: AsyncSession, alert_id: UUID, page: PageRequest) -> tuple[Sequence[AlertEntry], int]:
    """Return a page of an alert's history, newest first."""
    page.require(sortable=(), searched=False)
    return await _newest(session, AlertEntry, [col(AlertEntry.alert_id) == alert_id], "sequence", page)


async def page_of_sent(session: AsyncSession, alert_id: UUID, page: PageRequest) -> tuple[Sequence[AlertNotice], int]:
    """Return a page of the notices of an alert to all its recipients, newest first."""
    page.require(sortable=(), searched=False)
    return await _newest(session, AlertNotice, [col(AlertNotice.alert_id) == alert_id], "created_at", page)


def _mine(actor: Actor) -> list[ColumnElement[bool]]:
    return [
        col(AlertNotice.tenant_id) == actor.tenant_id,
        col(AlertNotice.user_id) == actor.user_id,
        col(AlertNotice.state) == "sent",
    ]


async def page_of_inbox(
    actor: Actor, session: AsyncSession, page: PageRequest, *, alert_id: UUID | None = None
) -> tuple[Sequence[AlertNotice], int]:
    """Return a page of the notices that the actor got, newest first."""
    page.require(sortable=(), searched=False)
    wanted = _mine(actor)
    if alert_id is not None:
        wanted.append(col(AlertNotice.alert_id) == alert_id)
    return await _newest(session, AlertNotice, wanted, "created_at", page)


async def _newest(
    session: AsyncSession, table: Any, wanted: list[ColumnElement[bool]], by: str, page: PageRequest
) -> tuple[Any, int]:
    total = (await session.execute(select(func.count()).select_from(table).where(*wanted))).scalar_one()
    rows = await session.scalars(
        select(table)
        .where(*wanted)
        .order_by(col(getattr(table, by)).desc(), col(table.id).desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows.all(), total


async def last_notices(actor: Actor, session: AsyncSession, alert_ids: Collection[UUID]) -> dict[UUID, AlertNotice]:
    """Return the actor's own last notice of each alert."""
    rows = await session.scalars(
        select(AlertNotice)
        .where(*_mine(actor), col(AlertNotice.alert_id).in_(alert_ids))
        .ext(distinct_on(col(AlertNotice.alert_id)))
        .order_by(col(AlertNotice.alert_id), col(AlertNotice.created_at).desc())
    )
    return {one.alert_id: one for one in rows.all()}


async def acknowledged(session: AsyncSession, alert_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return who looks after each alert, where somebody does."""
    rows = await session.execute(
        select(col(AlertGroup.alert_id), func.max(col(AlertGroup.acknowledged_by)))
        .where(col(AlertGroup.alert_id).in_(alert_ids), col(AlertGroup.acknowledged_at).is_not(None))
        .group_by(col(AlertGroup.alert_id))
    )
    return {alert_id: name for alert_id, name in rows.all()}  # noqa: C416 - rows are no pairs to the checker


async def count_unread(actor: Actor, session: AsyncSession) -> int:
    """Return how many notices the actor has not read."""
    statement = select(func.count()).select_from(AlertNotice).where(*_mine(actor), col(AlertNotice.read_at).is_(None))
    unread: int = (await session.execute(statement)).scalar_one()
    return unread


async def mark_read(actor: Actor, session: AsyncSession, alert_id: UUID, *, at: datetime) -> None:
    """Write down that the actor read what one alert told him so far."""
    await session.execute(
        update(AlertNotice)
        .where(*_mine(actor), col(AlertNotice.alert_id) == alert_id, col(AlertNotice.read_at).is_(None))
        .values(read_at=at)
    )


async def my_notice(actor: Actor, session: AsyncSession, notice_id: UUID) -> AlertNotice:
    """Return one notice of the actor's own.

    Raises:
        AlertNoticeNotFoundError: There is none.
    """
    row = (await session.scalars(select(AlertNotice).where(*_mine(actor), col(AlertNotice.id) == notice_id))).first()
    if row is None:
        raise AlertNoticeNotFoundError
    return row


async def notice_with_alert(session: AsyncSession, notice_id: UUID) -> tuple[AlertNotice, AlertEntry, Alert] | None:
    """Return a notice, what it tells of and its alert, the notice locked."""
    found = (
        await session.execute(
            select(AlertNotice, AlertEntry, Alert)
            .join(AlertEntry, col(AlertEntry.id) == col(AlertNotice.entry_id))
            .join(Alert, col(Alert.id) == col(AlertNotice.alert_id))
            .where(col(AlertNotice.id) == notice_id)
            .with_for_update(of=AlertNotice)
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def due(session: AsyncSession, *, at: datetime, limit: int) -> Sequence[Alert]:
    """Return due alerts of every tenant, locked; those that another process has are left to it."""
    rows = await session.scalars(
        select(Alert)
        .where(col(Alert.mode) == "active", col(Alert.next_at) <= at)
        .order_by(col(Alert.next_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


async def reading(session: AsyncSession, dataset_id: UUID) -> Sequence[Alert]:
    """Return the active alerts of the transaction's tenant that read a dataset."""
    rows = await session.scalars(
        select(Alert)
        .where(
            col(Alert.dataset_id) == dataset_id,
            col(Alert.mode) == "active",
            col(Alert.content)["on_new_data"].as_boolean(),
        )
        .order_by(col(Alert.id))
    )
    return rows.all()


async def fail_lost(session: AsyncSession, *, at: datetime) -> int:
    """Settle notices whose job ended without them; return how many."""
    lost = select(col(Job.id)).where(col(Job.state).in_(LOST_JOBS), col(Job.id) == col(AlertNotice.job_id))
    rows = await session.execute(
        update(AlertNotice)
        .where(col(AlertNotice.state) == "waiting", lost.exists())
        .values(state="failed", reason="job_lost", settled_at=at)
        .returning(col(AlertNotice.id))
    )
    return len(rows.all())


async def forget_before(session: AsyncSession, at: datetime) -> None:
    """Delete evaluations, read notices and groups that nobody saw since ``at``."""
    await session.execute(delete(AlertEvaluation).where(col(AlertEvaluation.at) < at))
    await session.execute(delete(AlertNotice).where(col(AlertNotice.created_at) < at))
    quiet = and_(col(AlertGroup.key) != "", col(AlertGroup.seen_at) < at, col(AlertGroup.state).in_(("ok", "no_data")))
    await session.execute(delete(AlertGroup).where(quiet))
