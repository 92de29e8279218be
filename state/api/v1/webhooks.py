"""Webhooks over REST: servers of the caller's own that get signed messages, and the log of those messages."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.webhooks import service
from backend_services.kernel.webhooks.schemas import (
    WebhookChange,
    WebhookDeliveryView,
    WebhookRotate,
    WebhookSecret,
    WebhookView,
)
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.etags import expected_version, tagged
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])

READ = needs(Permission.KERNEL_WEBHOOK_READ)
WRITE = needs(Permission.KERNEL_WEBHOOK_WRITE)
CREATE = WRITE | {"status_code": 201}
SEND = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 202}
VersionDep = Annotated[int, Depends(expected_version)]


@router.get("", operation_id="webhooks_list", **READ)
async def list_webhooks(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[WebhookView]:
    """List the endpoints of your team."""
    return await service.list_webhooks(actor, session, page)


@router.post("", operation_id="webhooks_create", **CREATE)
async def create_webhook(
    body: WebhookChange, actor: ActorDep, session: SessionDep, response: Response
) -> WebhookSecret:
    """Add an endpoint; the secret in the answer is never shown again."""
    made = await service.create_webhook(actor, session, body)
    response.headers["Location"] = f"{router.prefix}/{made.webhook.id}"
    response.headers["Cache-Control"] = "no-store"
    tagged(response, made.webhook)
    return made


@router.get("/{webhook_id}", operation_id="webhooks_get", **READ)
async def get_webhook(webhook_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> WebhookView:
    """Return one endpoint; its ETag goes into If-Match when you change it."""
    return tagged(response, await service.get_webhook(actor, session, webhook_id))


@router.put("/{webhook_id}", operation_id="webhooks_update", **WRITE)
async def update_webhook(
    webhook_id: UUID,
    body: WebhookChange,
    actor: ActorDep,
    session: SessionDep,
    expected: VersionDep,
    response: Response,
) -> WebhookView:
    """Change an endpoint, if nobody did since the version in If-Match."""
    view = await service.update_webhook(actor, session, webhook_id, body, expected_version=expected)
    return tagged(response, view)


@router.delete("/{webhook_id}", operation_id="webhooks_delete", status_code=204, **WRITE)
async def delete_webhook(webhook_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Delete an endpoint with its secrets and the log of its deliveries."""
    await service.delete_webhook(actor, session, webhook_id)


@router.post("/{webhook_id}/rotate", operation_id="webhooks_rotate", **WRITE)
async def rotate_secret(
    webhook_id: UUID, body: WebhookRotate, actor: ActorDep, session: SessionDep, response: Response
) -> WebhookSecret:
    """Give an endpoint a new secret; the one before signs too for a while."""
    response.headers["Cache-Control"] = "no-store"
    return await service.rotate_secret(actor, session, webhook_id, body)


@router.post("/{webhook_id}/test", operation_id="webhooks_test", **SEND)
async def send_test(webhook_id: UUID, actor: ActorDep, session: SessionDep) -> WebhookDeliveryView:
    """Send a message that says nothing but that it is a test."""
    return await service.send_test(actor, session, webhook_id)


@router.get("/{webhook_id}/deliveries", operation_id="webhooks_deliveries", **READ)
async def list_deliveries(
    webhook_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep
) -> Page[WebhookDeliveryView]:
    """List the messages to an endpoint with what its server answered, newest first."""
    return await service.list_deliveries(actor, session, webhook_id, page)


@router.post("/{webhook_id}/deliveries/{delivery_id}/redeliver", operation_id="webhooks_redeliver", **SEND)
async def redeliver(webhook_id: UUID, delivery_id: UUID, actor: ActorDep, session: SessionDep) -> WebhookDeliveryView:
    """Send a message again, with the same id and body."""
    return await service.redeliver(actor, session, webhook_id, delivery_id)
