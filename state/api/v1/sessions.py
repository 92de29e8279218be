"""Who is signed in where."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from backend_services.identity import service
from backend_services.identity.schemas import SessionView
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])


@router.get("", operation_id="sessions_list", **needs(Permission.SELF_ACCOUNT_READ))
async def list_sessions(
    actor: ActorDep,
    session: SessionDep,
    page: PageDep,
    everyone: Annotated[bool, Query(description="The whole team's, not only my own.")] = False,  # noqa: FBT002 - of a query
) -> Page[SessionView]:
    """List open sessions."""
    return await service.list_sessions(actor, session, page, everyone=everyone)


@router.delete("/{session_id}", operation_id="sessions_revoke", status_code=204, **needs(Permission.SELF_ACCOUNT_WRITE))
async def revoke_session(session_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """End a session."""
    await service.revoke_session(actor, session, session_id)
