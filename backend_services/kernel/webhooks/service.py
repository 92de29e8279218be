"""Use cases of webhooks, and :func:`send` for the domains that have something to say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from backend_services.kernel import journal
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.errors import TooLargeError
from backend_services.kernel.i18n import text
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.secrets import service as secrets
from backend_services.kernel.webhooks import queries
from backend_services.kernel.webhooks.delivering import secret_name
from backend_services.kernel.webhooks.errors import WebhookChangedError, WebhookNotFoundError, WebhookOffError
from backend_services.kernel.webhooks.models import WebhookDelivery, WebhookEndpoint
from backend_services.kernel.webhooks.network import checked_url
from backend_services.kernel.webhooks.schemas import (
    DELIVER_JOB,
    DeliverWebhook,
    WebhookChange,
    WebhookDeliveryState,
    WebhookDeliveryView,
    WebhookEvent,
    WebhookRotate,
    WebhookSecret,
    WebhookState,
    WebhookView,
)
from backend_services.kernel.webhooks.settings import get_webhook_settings
from backend_services.kernel.webhooks.signing import new_secret

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from pydantic import JsonValue
    from sqlmodel.ext.asyncio.session import AsyncSession


async def list_webhooks(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[WebhookView]:
    """Return a page of the tenant's endpoints."""
    actor.require(Permission.KERNEL_WEBHOOK_READ)
    rows, total = await queries.page_of_endpoints(actor, session, page)
    return Page(items=tuple(_view(row) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def get_webhook(actor: Actor, session: AsyncSession, webhook_id: UUID) -> WebhookView:
    """Return one endpoint.

    Raises:
        WebhookNotFoundError: No such endpoint in the actor's tenant.
    """
    actor.require(Permission.KERNEL_WEBHOOK_READ)
    return _view(await queries.endpoint_of(actor, session, webhook_id))


async def create_webhook(actor: Actor, session: AsyncSession, request: WebhookChange) -> WebhookSecret:
    """Add an endpoint and return its secret, which is never shown again.

    Raises:
        WebhookAddressError: Webhooks may not go to this address.
    """
    actor.require(Permission.KERNEL_WEBHOOK_WRITE)
    settings = get_webhook_settings()
    checked_url(request.url, settings)
    _, total = await queries.page_of_endpoints(actor, session, PageRequest(limit=1))
    if total >= settings.most_endpoints:
        raise TooLargeError(params={"most": settings.most_endpoints})
    row = WebhookEndpoint(
        tenant_id=actor.tenant_id,
        maker_id=actor.user_id,
        name=request.name,
        url=request.url,
        events=[one.value for one in request.events],
        state=(WebhookState.ACTIVE if request.enabled else WebhookState.PAUSED).value,
    )
    session.add(row)
    await session.flush()
    secret = new_secret()
    await secrets.put_secret(actor, session, secret_name(row.id), secret.encode())
    await _note(actor, session, "create", row)
    return WebhookSecret(webhook=_view(row), secret=secret)


async def update_webhook(
    actor: Actor, session: AsyncSession, webhook_id: UUID, request: WebhookChange, *, expected_version: int
) -> WebhookView:
    """Change an endpoint, if nobody did since ``expected_version``.

    Raises:
        WebhookChangedError: Somebody saved it meanwhile.
        WebhookAddressError: Webhooks may not go to this address.
    """
    actor.require(Permission.KERNEL_WEBHOOK_WRITE)
    row = await queries.endpoint_of(actor, session, webhook_id, lock=True)
    if row.version != expected_version:
        raise WebhookChangedError
    checked_url(request.url, get_webhook_settings())
    row.name, row.url, row.events = request.name, request.url, [one.value for one in request.events]
    if request.enabled and row.state != WebhookState.ACTIVE.value:
        row.failing_since = None
    row.state = (WebhookState.ACTIVE if request.enabled else WebhookState.PAUSED).value
    row.version += 1
    await session.flush()
    await _note(actor, session, "update", row)
    return _view(row)


async def rotate_secret(actor: Actor, session: AsyncSession, webhook_id: UUID, request: WebhookRotate) -> WebhookSecret:
    """Give an endpoint a new secret; the one before signs too for a while, or not at all when ``at_once``."""
    actor.require(Permission.KERNEL_WEBHOOK_WRITE)
    row = await queries.endpoint_of(actor, session, webhook_id, lock=True)
    overlap = timedelta(hours=0 if request.at_once else get_webhook_settings().overlap_hours)
    before = await secrets.get_secret(actor, session, secret_name(row.id))
    if overlap:
        await secrets.put_secret(actor, session, secret_name(row.id, before=True), before)
    else:
        await secrets.delete_secret(actor, session, secret_name(row.id, before=True))
    secret = new_secret()
    await secrets.put_secret(actor, session, secret_name(row.id), secret.encode())
    row.before_until, row.version = (now() + overlap if overlap else None), row.version + 1
    await session.flush()
    await _note(actor, session, "rotate", row)
    return WebhookSecret(webhook=_view(row), secret=secret)


async def delete_webhook(actor: Actor, session: AsyncSession, webhook_id: UUID) -> None:
    """Delete an endpoint with its secrets and the log of its deliveries."""
    actor.require(Permission.KERNEL_WEBHOOK_WRITE)
    row = await queries.endpoint_of(actor, session, webhook_id, lock=True)
    await secrets.delete_secret(actor, session, secret_name(row.id))
    await secrets.delete_secret(actor, session, secret_name(row.id, before=True))
    await session.delete(row)
    await session.flush()
    await _note(actor, session, "delete", row)


async def send_test(actor: Actor, session: AsyncSession, webhook_id: UUID) -> WebhookDeliveryView:
    """Send a message that says nothing but that it is a test.

    Raises:
        WebhookOffError: The endpoint is switched off.
    """
    actor.require(Permission.KERNEL_WEBHOOK_WRITE)
    row = await queries.endpoint_of(actor, session, webhook_id)
    if row.state != WebhookState.ACTIVE.value:
        raise WebhookOffError
    body = body_of(WebhookEvent.TEST, now(), {"webhook": {"id": str(row.id), "name": row.name}})
    made = await _write(actor, session, row, WebhookEvent.TEST, message_id=f"msg_{new_id().hex}", body=body)
    await _note(actor, session, "test", row)
    if made is None:
        msg = "a fresh id was used before"
        raise RuntimeError(msg)
    return _delivery(made)


async def list_deliveries(
    actor: Actor, session: AsyncSession, webhook_id: UUID, page: PageRequest
) -> Page[WebhookDeliveryView]:
    """Return a page of the messages to an endpoint, newest first."""
    actor.require(Permission.KERNEL_WEBHOOK_READ)
    await queries.endpoint_of(actor, session, webhook_id)
    rows, total = await queries.page_of_deliveries(actor, session, webhook_id, page)
    return Page(items=tuple(_delivery(row) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def redeliver(actor: Actor, session: AsyncSession, webhook_id: UUID, delivery_id: UUID) -> WebhookDeliveryView:
    """Send a message again, with the same id and body, so that the server can tell.

    Raises:
        WebhookDeliveryNotFoundError: No such delivery of this endpoint.
        WebhookOffError: The endpoint is switched off.
    """
    actor.require(Permission.KERNEL_WEBHOOK_WRITE)
    endpoint = await queries.endpoint_of(actor, session, webhook_id)
    row = await queries.delivery_of(actor, session, webhook_id, delivery_id)
    if endpoint.state != WebhookState.ACTIVE.value:
        raise WebhookOffError
    if row.state != WebhookDeliveryState.WAITING.value:
        row.state, row.settled_at = WebhookDeliveryState.WAITING.value, None
        await _enqueue(actor, session, endpoint, row)
        await _note(actor, session, "redeliver", endpoint)
    return _delivery(row)


async def require_webhooks(actor: Actor, session: AsyncSession, endpoint_ids: Collection[UUID]) -> None:
    """Refuse unless the actor's tenant has all of these endpoints.

    Raises:
        WebhookNotFoundError: One of them is not there.
    """
    actor.require(Permission.KERNEL_WEBHOOK_READ)
    if len(await queries.endpoints_among(actor, session, set(endpoint_ids))) != len(set(endpoint_ids)):
        raise WebhookNotFoundError


async def send(
    platform: Actor,
    session: AsyncSession,
    *,
    endpoint_ids: Collection[UUID],
    event: WebhookEvent,
    message_id: str,
    data: Mapping[str, JsonValue],
) -> int:
    """Write a message to each endpoint that takes it, in the caller's transaction; return how many are new.

    ``message_id`` names what happened: the same one is written once for each endpoint. Whoever calls this answers for
    whose rights ``data`` are seen with.
    """
    made = 0
    body = body_of(event, now(), data)
    for row in await queries.endpoints_among(platform, session, set(endpoint_ids)):
        if row.state == WebhookState.ACTIVE.value and (not row.events or event.value in row.events):
            made += await _write(platform, session, row, event, message_id=message_id, body=body) is not None
    return made


def body_of(event: WebhookEvent, at: datetime, data: Mapping[str, JsonValue]) -> str:
    """Return the JSON of a message."""
    document = {"type": event.value, "timestamp": at.isoformat(), "data": dict(data)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


async def _write(
    actor: Actor, session: AsyncSession, row: WebhookEndpoint, event: WebhookEvent, *, message_id: str, body: str
) -> WebhookDelivery | None:
    values = WebhookDelivery(
        tenant_id=row.tenant_id, endpoint_id=row.id, message_id=message_id, event=event.value, body=body
    ).model_dump(exclude={"id"})
    statement = (
        insert(WebhookDelivery)
        .values(id=new_id(), **values)
        .on_conflict_do_nothing(constraint="uq_webhook_deliveries_once")
        .returning(WebhookDelivery)
    )
    made = (await session.scalars(statement)).one_or_none()
    if made is not None:
        await _enqueue(actor, session, row, made)
    return made


async def _enqueue(actor: Actor, session: AsyncSession, row: WebhookEndpoint, delivery: WebhookDelivery) -> None:
    """Hand the delivery to the platform: it goes out even if its asker leaves meanwhile."""
    platform = replace(actor, kind=ActorKind.SYSTEM, user_id=None, session_id=None, api_key_id=None, label="webhooks")
    job = await jobs.enqueue(
        platform,
        session,
        name=DELIVER_JOB,
        payload=DeliverWebhook(delivery_id=delivery.id),
        title=text("jobs.deliver_webhook", actor.language, name=row.name),
        subject_id=row.id,
    )
    delivery.job_id = job.id
    await session.flush()


async def tidy() -> None:
    """Settle messages that their job left behind, and forget those that were kept long enough."""
    async with system_transaction() as session:
        await queries.fail_lost(session, at=now())
        await queries.forget_before(session, now() - timedelta(days=get_webhook_settings().keep_days))


async def _note(actor: Actor, session: AsyncSession, action: str, row: WebhookEndpoint) -> None:
    await journal.note(
        actor,
        session,
        action=f"kernel.webhook.{action}",
        subject_type="webhook",
        subject_id=row.id,
        subject_label=row.name,
    )


def _view(row: WebhookEndpoint) -> WebhookView:
    return WebhookView(
        id=row.id,
        name=row.name,
        url=row.url,
        events=tuple(WebhookEvent(one) for one in row.events),
        state=WebhookState(row.state),
        failing_since=row.failing_since,
        last_at=row.last_at,
        rotated_until=row.before_until if row.before_until and row.before_until > now() else None,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _delivery(row: WebhookDelivery) -> WebhookDeliveryView:
    return WebhookDeliveryView.model_validate({name: getattr(row, name) for name in WebhookDeliveryView.model_fields})
