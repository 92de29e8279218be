"""Use cases of those who get an alert's messages, its owner among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.dashboards.alerts import queries
from backend_services.dashboards.alerts.errors import AlertNotFiringError
from backend_services.dashboards.alerts.evaluating import add_entry
from backend_services.dashboards.alerts.schemas import AlertNoticeView, NoticeCount, ReceivedAlert
from backend_services.dashboards.alerts.standing import State
from backend_services.dashboards.alerts.viewing import my_notice, state_of
from backend_services.kernel.clock import now
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.alerts.models import Alert
    from backend_services.dashboards.alerts.schemas import Acknowledgement
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

_NEEDS_SOMEBODY = frozenset({State.FIRING.value, State.NO_DATA.value, State.ERROR.value})


async def list_received(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[ReceivedAlert]:
    """Return a page of the alerts that tell the actor, with what they last said."""
    actor.require(Permission.DASHBOARDS_ALERT_READ)
    rows, total = await queries.page_of_received(actor, session, page)
    items = await _received(actor, session, rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def get_received(actor: Actor, session: AsyncSession, alert_id: UUID) -> ReceivedAlert:
    """Return one alert that the actor gets messages of, or owns.

    Raises:
        AlertNotFoundError: There is none.
    """
    actor.require(Permission.DASHBOARDS_ALERT_READ)
    row = await queries.alert_of(actor, session, alert_id, received=True)
    return (await _received(actor, session, [row]))[0]


async def _received(actor: Actor, session: AsyncSession, rows: Sequence[Alert]) -> tuple[ReceivedAlert, ...]:
    ids = [row.id for row in rows]
    notices = await queries.last_notices(actor, session, ids)
    acknowledged = await queries.acknowledged(session, ids)
    return tuple(
        ReceivedAlert(
            id=row.id,
            title=row.title,
            state=state_of(row),
            since=row.since,
            acknowledged_by=acknowledged.get(row.id, ""),
            last_notice=notices[row.id].text if row.id in notices else "",
        )
        for row in rows
    )


async def acknowledge(actor: Actor, session: AsyncSession, alert_id: UUID, request: Acknowledgement) -> int:
    """Say that one looks after it, so nobody is reminded until it recovers; return how many groups that are.

    Raises:
        AlertNotFiringError: Nothing fires or lacks data.
    """
    actor.require(Permission.DASHBOARDS_ALERT_READ)
    row = await queries.alert_of(actor, session, alert_id, lock=True, received=True)
    groups = [
        one
        for one in await queries.groups_of(session, row.id)
        if one.state in _NEEDS_SOMEBODY and request.group in {None, one.key}
    ]
    if not groups:
        raise AlertNotFiringError
    for one in groups:
        one.acknowledged_at, one.acknowledged_by, one.note = now(), actor.label, request.note
        add_entry(
            session,
            row,
            at=now(),
            kind="acknowledged",
            group=one.key,
            from_state=one.state,
            to_state=one.state,
            by=actor.label,
            note=request.note,
        )
    await session.flush()
    await audit.record(
        actor,
        session,
        action="dashboards.alert.acknowledge",
        subject_type="alert",
        subject_id=row.id,
        subject_label=row.title,
    )
    return len(groups)


async def list_my_notices(
    actor: Actor, session: AsyncSession, page: PageRequest, *, alert_id: UUID | None = None
) -> Page[AlertNoticeView]:
    """Return a page of the messages that the actor got, newest first."""
    actor.require(Permission.DASHBOARDS_ALERT_READ)
    rows, total = await queries.page_of_inbox(actor, session, page, alert_id=alert_id)
    return Page(items=tuple(my_notice(row) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def count_unread(actor: Actor, session: AsyncSession) -> NoticeCount:
    """Return how many of the actor's messages are not read."""
    actor.require(Permission.DASHBOARDS_ALERT_READ)
    return NoticeCount(unread=await queries.count_unread(actor, session))


async def read_alert(actor: Actor, session: AsyncSession, alert_id: UUID) -> NoticeCount:
    """Remember that the actor read every message of one alert; return how many of others are not read.

    Raises:
        AlertNotFoundError: There is no alert that tells the actor, or that is theirs.
    """
    actor.require(Permission.DASHBOARDS_ALERT_READ)
    row = await queries.alert_of(actor, session, alert_id, received=True)
    await queries.mark_read(actor, session, row.id, at=now())
    return NoticeCount(unread=await queries.count_unread(actor, session))


async def read_notice(actor: Actor, session: AsyncSession, notice_id: UUID) -> AlertNoticeView:
    """Return one of the actor's messages and remember that it was read.

    Raises:
        AlertNoticeNotFoundError: There is none.
    """
    actor.require(Permission.DASHBOARDS_ALERT_READ)
    row = await queries.my_notice(actor, session, notice_id)
    row.read_at = row.read_at or now()
    await session.flush()
    return my_notice(row)
