"""The people of the caller's team, and the roles there are."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from backend_services.identity import service
from backend_services.identity.schemas import MemberCreate, MemberUpdate, MemberView, RoleView
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1", tags=["members"])


@router.get("/members", operation_id="members_list", **needs(Permission.IDENTITY_MEMBER_READ))
async def list_members(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[MemberView]:
    """List the people of the team."""
    return await service.list_members(actor, session, page)


@router.post(
    "/members", operation_id="members_add", status_code=201, **needs(Permission.IDENTITY_MEMBER_WRITE, idempotent)
)
async def add_member(body: MemberCreate, actor: ActorDep, session: SessionDep) -> MemberView:
    """Add a person with a first password."""
    return await service.add_member(actor, session, body)


@router.get("/members/{member_id}", operation_id="members_get", **needs(Permission.IDENTITY_MEMBER_READ))
async def get_member(member_id: UUID, actor: ActorDep, session: SessionDep) -> MemberView:
    """Show a person of the team."""
    return await service.get_member(actor, session, member_id)


@router.patch("/members/{member_id}", operation_id="members_update", **needs(Permission.IDENTITY_MEMBER_WRITE))
async def update_member(member_id: UUID, body: MemberUpdate, actor: ActorDep, session: SessionDep) -> MemberView:
    """Change a person's roles, or keep the person out."""
    return await service.update_member(actor, session, member_id, body)


@router.get("/roles", operation_id="roles_list", **needs(Permission.IDENTITY_MEMBER_READ))
async def list_roles(actor: ActorDep) -> tuple[RoleView, ...]:
    """List the roles and what each allows."""
    return service.list_roles(actor)
