"""Organisations: the caller's own, and for the operator all customers."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from backend_services.identity import service
from backend_services.identity.schemas import TenantCreate, TenantStatusUpdate, TenantUpdate, TenantView
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1", tags=["tenants"])


@router.get("/tenant", operation_id="tenant_get", **needs(Permission.IDENTITY_TENANT_READ))
async def get_tenant(actor: ActorDep, session: SessionDep) -> TenantView:
    """Show the caller's own organisation."""
    return await service.get_tenant(actor, session)


@router.patch("/tenant", operation_id="tenant_update", **needs(Permission.IDENTITY_TENANT_WRITE))
async def update_tenant(body: TenantUpdate, actor: ActorDep, session: SessionDep) -> TenantView:
    """Change the caller's own organisation."""
    return await service.update_tenant(actor, session, body)


@router.get("/tenants", operation_id="tenants_list", **needs(Permission.IDENTITY_TENANT_WRITE))
async def list_tenants(actor: ActorDep, page: PageDep) -> Page[TenantView]:
    """List all organisations; for the operator."""
    return await service.list_tenants(actor, page)


@router.post(
    "/tenants", operation_id="tenants_create", status_code=201, **needs(Permission.IDENTITY_TENANT_WRITE, idempotent)
)
async def create_tenant(body: TenantCreate, actor: ActorDep) -> TenantView:
    """Make a customer with its first owner; for the operator."""
    return await service.create_tenant(actor, body)


@router.put("/tenants/{tenant_id}/status", operation_id="tenants_set_status", **needs(Permission.IDENTITY_TENANT_WRITE))
async def set_tenant_status(tenant_id: UUID, body: TenantStatusUpdate, actor: ActorDep) -> TenantView:
    """Let a customer's people in, or keep them out; for the operator."""
    return await service.set_tenant_status(actor, tenant_id, body)
