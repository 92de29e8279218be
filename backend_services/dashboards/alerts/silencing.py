"""Use cases that keep an alert's messages back for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.dashboards.alerts import queries
from backend_services.dashboards.alerts.errors import AlertNotFoundError
from backend_services.dashboards.alerts.evaluating import add_entry
from backend_services.dashboards.alerts.viewing import alert_view
from backend_services.kernel.clock import now
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.alerts.models import Alert
    from backend_services.dashboards.alerts.schemas import AlertView, Silence, Unsilence
    from backend_services.kernel.actor import Actor


async def silence(actor: Actor, session: AsyncSession, alert_id: UUID, request: Silence) -> AlertView:
    """Send no messages until a time, of one group or of all. What still fires then is said then.

    Raises:
        AlertNotFoundError: There is no such alert, or it has no such group.
    """
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    if request.until.tzinfo is None or request.until <= now():
        raise InvalidInputError(fields={"until": field_text("fields.future")})
    row = await queries.alert_of(actor, session, alert_id, lock=True)
    await _until(session, row, request.group, request.until)
    return await _noted(actor, session, row, "silenced", group=request.group, note=request.note)


async def unsilence(actor: Actor, session: AsyncSession, alert_id: UUID, request: Unsilence) -> AlertView:
    """End a silence of one group, or of the alert with all its groups."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id, lock=True)
    await _until(session, row, request.group, None)
    if request.group is None:
        for one in await queries.groups_of(session, row.id):
            one.silenced_until = None
    return await _noted(actor, session, row, "unsilenced", group=request.group, note="")


async def _until(session: AsyncSession, row: Alert, group: str | None, until: datetime | None) -> None:
    if group is None:
        row.silenced_until = until
        return
    found = [one for one in await queries.groups_of(session, row.id) if one.key == group]
    if not found:
        raise AlertNotFoundError
    found[0].silenced_until = until


async def _noted(
    actor: Actor, session: AsyncSession, row: Alert, kind: str, *, group: str | None, note: str
) -> AlertView:
    row.version += 1
    add_entry(
        session,
        row,
        at=now(),
        kind=kind,
        group=group or "",
        from_state=row.state,
        to_state=row.state,
        by=actor.label,
        note=note,
    )
    await session.flush()
    await audit.record(
        actor,
        session,
        action=f"dashboards.alert.{kind.removesuffix('d')}",
        subject_type="alert",
        subject_id=row.id,
        subject_label=row.title,
    )
    courses = await queries.courses(session, [row.id])
    return alert_view(actor, row, courses.get(row.id, ()))
