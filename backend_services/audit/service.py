"""Write, read, check and hand out the audit log."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from backend_services.audit import queries
from backend_services.audit.chain import FIELDS, genesis, link
from backend_services.audit.models import AuditEvent, AuditHead
from backend_services.audit.schemas import AuditEventView, AuditFilter, ChainReport
from backend_services.kernel.clock import now
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.tabular import safe_cell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

COLUMNS = (
    "sequence",
    "created_at",
    "actor_kind",
    "actor_label",
    "action",
    "subject_type",
    "subject_id",
    "subject_label",
    "ip",
    "request_id",
    "details",
    "previous_hash",
    "hash",
)


async def record(
    actor: Actor,
    session: AsyncSession,
    *,
    action: str,
    subject_type: str = "",
    subject_id: UUID | str | None = None,
    subject_label: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Add an event to the chain of the actor's tenant, in the caller's transaction.

    The end of the chain stays locked until the transaction ends, so concurrent writers queue and never fork it;
    call this last in a use case.
    """
    await session.execute(
        insert(AuditHead)
        .values(tenant_id=actor.tenant_id, sequence=0, hash=genesis(actor.tenant_id))
        .on_conflict_do_nothing()
    )
    head = await queries.head(actor.tenant_id, session, lock=True)
    if head is None:
        msg = "the end of the audit chain is not visible in this transaction"
        raise RuntimeError(msg)
    await session.refresh(head)
    event = AuditEvent(
        tenant_id=actor.tenant_id,
        created_at=now(),
        sequence=head.sequence + 1,
        actor_kind=actor.kind.value,
        actor_label=actor.label,
        user_id=actor.user_id,
        api_key_id=actor.api_key_id,
        session_id=actor.session_id,
        action=action,
        subject_type=subject_type,
        subject_id="" if subject_id is None else str(subject_id),
        subject_label=subject_label,
        details=dict(details or {}),
        request_id=actor.request_id,
        ip=actor.ip,
        previous_hash=head.hash,
        hash="",
    )
    event.hash = link(event.previous_hash, _content(event))
    head.sequence, head.hash = event.sequence, event.hash
    session.add_all([event, head])
    await session.flush()


def _content(event: AuditEvent) -> dict[str, object]:
    content: dict[str, object] = {}
    for name in FIELDS:
        value = getattr(event, name)
        if name == "created_at":
            value = value.isoformat(timespec="microseconds").replace("+00:00", "Z")
        content[name] = str(value) if isinstance(value, UUID) else value
    return content


async def list_events(
    actor: Actor, session: AsyncSession, page: PageRequest, wanted: AuditFilter | None = None
) -> Page[AuditEventView]:
    """Return a part of the tenant's audit log, newest first unless sorted otherwise."""
    actor.require(Permission.AUDIT_EVENT_READ)
    rows, total = await queries.list_events(actor, session, page, wanted or AuditFilter())
    return Page(items=tuple(_view(row) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def verify(actor: Actor, session: AsyncSession) -> ChainReport:
    """Recompute the chain of the actor's tenant and say where it breaks, if it does.

    Nobody who writes waits meanwhile: what is checked ends where the chain ended when this began.
    """
    actor.require(Permission.AUDIT_EVENT_READ)
    end, last = await queries.ends(actor.tenant_id, session)
    expected_hash, checked = genesis(actor.tenant_id), 0
    async for event in queries.stream_events(actor, session, wanted=AuditFilter(), last=last):
        if event.sequence != checked + 1:
            return ChainReport(ok=False, checked=checked, broken_at=checked + 1, reason="missing", head=expected_hash)
        checked += 1
        fits = event.previous_hash == expected_hash and event.hash == link(expected_hash, _content(event))
        if not fits:
            return ChainReport(ok=False, checked=checked, broken_at=checked, reason="changed", head=expected_hash)
        expected_hash = event.hash
    recorded = (end.sequence, end.hash) if end is not None else (0, genesis(actor.tenant_id))
    if recorded != (checked, expected_hash):
        return ChainReport(ok=False, checked=checked, broken_at=checked + 1, reason="cut_short", head=expected_hash)
    return ChainReport(ok=True, checked=checked, head=expected_hash)


async def export_csv(
    actor: Actor, session: AsyncSession, *, wanted: AuditFilter | None = None, search: str = ""
) -> AsyncIterator[str]:
    """Give the tenant's audit log as CSV, a line at a time; cells that a spreadsheet would run are quoted."""
    actor.require(Permission.AUDIT_EVENT_EXPORT)
    yield _line(COLUMNS)
    async for event in queries.stream_events(actor, session, wanted=wanted or AuditFilter(), search=search):
        view = _view(event).model_dump(mode="json")
        view["details"] = json.dumps(view["details"], ensure_ascii=False, sort_keys=True)
        yield _line(tuple(safe_cell(view[name]) for name in COLUMNS))


def _line(cells: tuple[object, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _view(event: AuditEvent) -> AuditEventView:
    return AuditEventView.model_validate({name: getattr(event, name) for name in AuditEventView.model_fields})
