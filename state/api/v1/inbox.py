"""The inbox over REST: files that subscriptions delivered to the caller."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from backend_services.dashboards.subscriptions import service
from backend_services.dashboards.subscriptions.schemas import InboxCount, InboxItem
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.description import file_of

router = APIRouter(prefix="/api/v1/inbox", tags=["subscriptions"])

READ = needs(Permission.DASHBOARDS_DASHBOARD_READ)


@router.get("", operation_id="inbox_list", **READ)
async def list_inbox(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[InboxItem]:
    """List the files that were delivered to you, newest first."""
    return await service.list_inbox(actor, session, page)


@router.get("/unread", operation_id="inbox_unread", **READ)
async def count_unread(actor: ActorDep, session: SessionDep) -> InboxCount:
    """Count the delivered files that you have not opened."""
    return await service.count_unread(actor, session)


@router.get(
    "/{delivery_id}/file",
    operation_id="inbox_file",
    **file_of("application/pdf", "image/png", "text/csv", "application/octet-stream"),
    **READ,
)
async def open_file(delivery_id: UUID, actor: ActorDep, session: SessionDep) -> StreamingResponse:
    """Return a delivered file and remember that you opened it."""
    item, pieces = await service.open_file(actor, session, delivery_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.file_name, safe='')}",
        "Content-Length": str(item.size_bytes),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type=item.media_type, headers=headers)
