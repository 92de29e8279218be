"""Every SELECT of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col

from backend_services.audit.errors import AuditSortError
from backend_services.audit.models import AuditEvent, AuditHead
from backend_services.kernel.i18n import field_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.audit.schemas import AuditFilter
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

SORTABLE = {
    "": col(AuditEvent.sequence),
    "created_at": col(AuditEvent.sequence),
    "action": col(AuditEvent.action),
    "actor_label": col(AuditEvent.actor_label),
}


def _conditions(actor: Actor, wanted: AuditFilter, search: str) -> list[ColumnElement[bool]]:
    found = [col(AuditEvent.tenant_id) == actor.tenant_id]
    if wanted.action.endswith("."):
        found.append(col(AuditEvent.action).startswith(wanted.action, autoescape=True))
    elif wanted.action:
        found.append(col(AuditEvent.action) == wanted.action)
    if wanted.subject_type:
        found.append(col(AuditEvent.subject_type) == wanted.subject_type)
    if wanted.subject_id:
        found.append(col(AuditEvent.subject_id) == wanted.subject_id)
    if wanted.user_id is not None:
        found.append(col(AuditEvent.user_id) == wanted.user_id)
    if wanted.since is not None:
        found.append(col(AuditEvent.created_at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(AuditEvent.created_at) < wanted.until)
    if search:
        searched = (AuditEvent.action, AuditEvent.actor_label, AuditEvent.subject_label, AuditEvent.subject_id)
        found.append(or_(*(col(field).icontains(search, autoescape=True) for field in searched)))
    return found


async def list_events(
    actor: Actor, session: AsyncSession, page: PageRequest, wanted: AuditFilter
) -> tuple[Sequence[AuditEvent], int]:
    """Return a part of the tenant's events, newest first unless sorted, and how many there are."""
    if page.sort_field not in SORTABLE:
        raise AuditSortError(
            params={"sort": page.sort_field},
            fields={"sort": field_text("fields.sort", names=", ".join(sorted(filter(None, SORTABLE))))},
        )
    conditions = _conditions(actor, wanted, page.search)
    column = SORTABLE[page.sort_field]
    downwards = page.descending or not page.sort
    order = column.desc() if downwards else column.asc()
    tie = col(AuditEvent.sequence).desc() if downwards else col(AuditEvent.sequence).asc()
    rows = await session.scalars(
        select(AuditEvent).where(*conditions).order_by(order, tie).limit(page.limit).offset(page.offset)
    )
    total = await session.scalar(select(func.count()).select_from(AuditEvent).where(*conditions))
    return rows.all(), total or 0


async def stream_events(
    actor: Actor, session: AsyncSession, *, wanted: AuditFilter, search: str = "", last: int | None = None
) -> AsyncIterator[AuditEvent]:
    """Give the tenant's events up to number ``last`` in the order of the chain, a few hundred in memory at a time."""
    conditions = _conditions(actor, wanted, search)
    if last is not None:
        conditions.append(col(AuditEvent.sequence) <= last)
    statement = select(AuditEvent).where(*conditions).order_by(col(AuditEvent.sequence))
    rows = await session.stream_scalars(statement.execution_options(yield_per=500))
    async for row in rows:
        yield row


async def head(tenant_id: UUID, session: AsyncSession, *, lock: bool = False) -> AuditHead | None:
    """Return the end of the tenant's chain."""
    statement = select(AuditHead).where(col(AuditHead.tenant_id) == tenant_id)
    if lock:
        statement = statement.with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def ends(tenant_id: UUID, session: AsyncSession) -> tuple[AuditHead | None, int]:
    """Return the recorded end of the tenant's chain and the number of its last event, both of one moment."""
    last = (
        select(func.coalesce(func.max(col(AuditEvent.sequence)), 0))
        .where(col(AuditEvent.tenant_id) == tenant_id)
        .scalar_subquery()
    )
    found = (await session.execute(select(AuditHead, last).where(col(AuditHead.tenant_id) == tenant_id))).one_or_none()
    if found is None:
        return None, await session.scalar(select(last)) or 0
    return found[0], found[1]
