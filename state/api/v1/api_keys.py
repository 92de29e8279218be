"""API keys."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from backend_services.identity import service
from backend_services.identity.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyRotate, ApiKeyView
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1/api-keys", tags=["api-keys"])


@router.get("", operation_id="api_keys_list", **needs(Permission.IDENTITY_API_KEY_READ))
async def list_api_keys(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[ApiKeyView]:
    """List the team's keys without their texts."""
    return await service.list_api_keys(actor, session, page)


@router.post(
    "", operation_id="api_keys_create", status_code=201, **needs(Permission.IDENTITY_API_KEY_WRITE, idempotent)
)
async def create_api_key(body: ApiKeyCreate, actor: ActorDep, session: SessionDep, response: Response) -> ApiKeyCreated:
    """Make a key. Its text is in this answer only."""
    response.headers["Cache-Control"] = "no-store"
    return await service.create_api_key(actor, session, body)


@router.get("/{api_key_id}", operation_id="api_keys_get", **needs(Permission.IDENTITY_API_KEY_READ))
async def get_api_key(api_key_id: UUID, actor: ActorDep, session: SessionDep) -> ApiKeyView:
    """Show a key without its text."""
    return await service.get_api_key(actor, session, api_key_id)


@router.post(
    "/{api_key_id}/rotate",
    operation_id="api_keys_rotate",
    status_code=201,
    **needs(Permission.IDENTITY_API_KEY_WRITE, idempotent),
)
async def rotate_api_key(
    api_key_id: UUID, body: ApiKeyRotate, actor: ActorDep, session: SessionDep, response: Response
) -> ApiKeyCreated:
    """Make a key like this one; the old one ends at once or after the overlap."""
    response.headers["Cache-Control"] = "no-store"
    return await service.rotate_api_key(actor, session, api_key_id, body)


@router.delete(
    "/{api_key_id}", operation_id="api_keys_revoke", status_code=204, **needs(Permission.IDENTITY_API_KEY_WRITE)
)
async def revoke_api_key(api_key_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """End a key for good."""
    await service.revoke_api_key(actor, session, api_key_id)
