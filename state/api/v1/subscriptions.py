"""Subscriptions over REST: what is sent to whom and when, its history, and the way off."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from backend_services.dashboards.subscriptions import service
from backend_services.dashboards.subscriptions.schemas import (
    DeliveryView,
    SubscriptionChange,
    SubscriptionCreate,
    SubscriptionView,
    Unsubscribed,
)
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.schemas import Strict
from state.api.deps import ActorDep, PageDep, SessionDep, needs, public
from state.api.etags import expected_version, tagged
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1/subscriptions", tags=["subscriptions"])

WRITE = needs(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
CREATE = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 201}
SEND = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 202}
PAGE: dict[str, Any] = {"response_class": HTMLResponse}
VersionDep = Annotated[int, Depends(expected_version)]
TokenDep = Annotated[str, Query(max_length=2000, description="From the link in a message.")]


class Sent(Strict):
    """How many deliveries were asked for."""

    deliveries: int


@router.get("", operation_id="subscriptions_list", **WRITE)
async def list_subscriptions(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[SubscriptionView]:
    """List your subscriptions; those who manage them see everybody's."""
    return await service.list_subscriptions(actor, session, page)


@router.post("", operation_id="subscriptions_create", **CREATE)
async def create_subscription(
    body: SubscriptionCreate, actor: ActorDep, session: SessionDep, response: Response
) -> SubscriptionView:
    """Subscribe to a dashboard or a tile."""
    view = await service.create_subscription(actor, session, body)
    response.headers["Location"] = f"{router.prefix}/{view.id}"
    return tagged(response, view)


@router.get("/unsubscribe", operation_id="subscriptions_unsubscribe_page", **PAGE, **public())
async def ask_to_unsubscribe(token: TokenDep) -> HTMLResponse:
    """Show the page that asks whether to unsubscribe; looking at a link changes nothing."""
    found = await service.unsubscribe(token, really=False)
    button = escape(text("subscriptions.unsubscribe.button", found.language))
    return _page(found, "ask", f'<form method="post"><button>{button}</button></form>')


@router.post("/unsubscribe", operation_id="subscriptions_unsubscribe", **PAGE, **public())
async def unsubscribe(token: TokenDep) -> HTMLResponse:
    """Take the recipient of the link off; mail programs post here with one click (RFC 8058)."""
    return _page(await service.unsubscribe(token), "done", "")


def _page(found: Unsubscribed, which: str, form: str) -> HTMLResponse:
    title = escape(text("subscriptions.unsubscribe.title", found.language))
    said = escape(text(f"subscriptions.unsubscribe.{which}", found.language, title=found.title))
    return HTMLResponse(
        f'<!doctype html><html lang="{found.language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"></head>'
        f"<body><main><h1>{title}</h1><p>{said}</p>{form}</main></body></html>",
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )


@router.get("/{subscription_id}", operation_id="subscriptions_get", **WRITE)
async def get_subscription(
    subscription_id: UUID, actor: ActorDep, session: SessionDep, response: Response
) -> SubscriptionView:
    """Return one subscription; its ETag goes into If-Match when you change it."""
    return tagged(response, await service.get_subscription(actor, session, subscription_id))


@router.put("/{subscription_id}", operation_id="subscriptions_update", **WRITE)
async def update_subscription(
    subscription_id: UUID,
    body: SubscriptionChange,
    actor: ActorDep,
    session: SessionDep,
    expected: VersionDep,
    response: Response,
) -> SubscriptionView:
    """Change a subscription, if nobody did since the version in If-Match."""
    view = await service.update_subscription(actor, session, subscription_id, body, expected_version=expected)
    return tagged(response, view)


@router.delete("/{subscription_id}", operation_id="subscriptions_delete", status_code=204, **WRITE)
async def delete_subscription(subscription_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Delete a subscription with its history and the files that it brought."""
    await service.delete_subscription(actor, session, subscription_id)


@router.post("/{subscription_id}/pause", operation_id="subscriptions_pause", **WRITE)
async def pause(subscription_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> SubscriptionView:
    """Stop following a subscription until it is resumed."""
    return tagged(response, await service.pause(actor, session, subscription_id))


@router.post("/{subscription_id}/resume", operation_id="subscriptions_resume", **WRITE)
async def resume(subscription_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> SubscriptionView:
    """Follow a subscription again from its next time on."""
    return tagged(response, await service.resume(actor, session, subscription_id))


@router.post("/{subscription_id}/send", operation_id="subscriptions_send", **SEND)
async def send_now(subscription_id: UUID, actor: ActorDep, session: SessionDep) -> Sent:
    """Send to all recipients now, beside the schedule."""
    return Sent(deliveries=await service.send_now(actor, session, subscription_id))


@router.get("/{subscription_id}/deliveries", operation_id="subscriptions_deliveries", **WRITE)
async def list_deliveries(
    subscription_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep
) -> Page[DeliveryView]:
    """List a subscription's deliveries with their state for each recipient, newest first."""
    return await service.list_deliveries(actor, session, subscription_id, page)
