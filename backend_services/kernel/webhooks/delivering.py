"""Makes one delivery: reads it, sends it without a transaction, then settles what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.events import service as events
from backend_services.kernel.secrets import service as secrets
from backend_services.kernel.webhooks import queries
from backend_services.kernel.webhooks.errors import WebhookAddressError, WebhookUnansweredError
from backend_services.kernel.webhooks.network import Answer, post
from backend_services.kernel.webhooks.schemas import WebhookDeliveryState, WebhookState
from backend_services.kernel.webhooks.settings import get_webhook_settings
from backend_services.kernel.webhooks.signing import headers_of

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.webhooks.models import WebhookDelivery, WebhookEndpoint

MAX_ATTEMPTS: Final = 12
GONE: Final = 410
DISABLED: Final = "kernel.webhook_disabled"


def secret_name(endpoint_id: UUID, *, before: bool = False) -> str:
    """Return under which name an endpoint's secret, or the one before it, is kept."""
    return f"webhook/{endpoint_id}{'/before' if before else ''}"


@dataclass(frozen=True, slots=True)
class _Order:
    message_id: str
    url: str
    body: bytes
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Result:
    answer: Answer | None
    reason: str = ""

    @property
    def is_success(self) -> bool:
        return self.answer is not None and self.answer.is_success

    @property
    def is_final(self) -> bool:
        """Return whether sending again is of no use."""
        return self.reason == "address_refused" or (self.answer is not None and self.answer.status == GONE)


async def deliver(platform: Actor, delivery_id: UUID, *, attempt: int) -> str:
    """Send a message and settle its row; return its state. One that is settled stays as it is.

    Raises:
        WebhookUnansweredError: The server did not take it; it is tried again until the last attempt.
    """
    async with transaction(platform) as session:
        read = await _read(platform, session, delivery_id)
    if isinstance(read, str):
        return read
    result = await _send(read)
    last = result.is_success or result.is_final or attempt >= MAX_ATTEMPTS
    async with transaction(platform) as session:
        state = await _settle(platform, session, delivery_id, result, last=last)
    if not last:
        raise WebhookUnansweredError
    return state


async def _read(platform: Actor, session: AsyncSession, delivery_id: UUID) -> _Order | str:
    """Return what is to be sent, or why nothing is."""
    found = await queries.delivery_with_endpoint(session, delivery_id)
    if found is None:
        return "gone"
    row, endpoint = found
    if row.state != WebhookDeliveryState.WAITING.value:
        return row.state
    if endpoint.state != WebhookState.ACTIVE.value:
        row.state, row.reason, row.settled_at = WebhookDeliveryState.FAILED.value, "switched_off", now()
        return row.state
    keys = [await secrets.get_secret(platform, session, secret_name(endpoint.id))]
    if endpoint.before_until is not None and endpoint.before_until > now():
        keys.append(await secrets.get_secret(platform, session, secret_name(endpoint.id, before=True)))
    return _Order(
        message_id=row.message_id,
        url=endpoint.url,
        body=row.body.encode(),
        keys=tuple(one.decode() for one in keys),
    )


async def _send(order: _Order) -> _Result:
    timestamp_s = int(now().timestamp())
    headers = headers_of(order.keys, message_id=order.message_id, timestamp_s=timestamp_s, body=order.body)
    try:
        answer = await post(order.url, body=order.body, headers=headers, settings=get_webhook_settings())
    except WebhookAddressError:
        return _Result(None, "address_refused")
    except WebhookUnansweredError as error:
        return _Result(None, str(error.params.get("reason", "unreachable")))
    return _Result(answer)


async def _settle(platform: Actor, session: AsyncSession, delivery_id: UUID, result: _Result, *, last: bool) -> str:
    found = await queries.delivery_with_endpoint(session, delivery_id)
    if found is None:
        return "gone"
    row, endpoint = found
    _log(row, result, last=last)
    at = endpoint.last_at = now()
    if result.is_success:
        endpoint.failing_since = None
        return row.state
    endpoint.failing_since = endpoint.failing_since or at
    if endpoint.state == WebhookState.ACTIVE.value and _has_failed_enough(endpoint, result, at):
        endpoint.state, endpoint.version = WebhookState.DISABLED.value, endpoint.version + 1
        maker = "" if endpoint.maker_id is None else str(endpoint.maker_id)
        await session.flush()
        await events.record(
            platform, session, name=DISABLED, subject_id=endpoint.id, data={"name": endpoint.name, "maker_id": maker}
        )
    return row.state


def _has_failed_enough(endpoint: WebhookEndpoint, result: _Result, at: datetime) -> bool:
    if result.answer is not None and result.answer.status == GONE:
        return True
    since = endpoint.failing_since or at
    return at - since >= timedelta(days=get_webhook_settings().disable_after_days)


def _log(row: WebhookDelivery, result: _Result, *, last: bool) -> None:
    row.attempts += 1
    row.reason = result.reason
    row.status = None if result.answer is None else result.answer.status
    row.answer = "" if result.answer is None else result.answer.excerpt
    row.took_ms = None if result.answer is None else result.answer.took_ms
    if result.is_success:
        row.state, row.settled_at = WebhookDeliveryState.SENT.value, now()
    elif last:
        row.state, row.settled_at = WebhookDeliveryState.FAILED.value, now()
