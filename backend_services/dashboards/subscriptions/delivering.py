"""Makes one delivery: the file with the recipient's own rights, then the mail or the inbox, then the row is settled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.rendering import service as rendering
from backend_services.dashboards.rendering.schemas import FileKind
from backend_services.dashboards.schemas import Overrides
from backend_services.dashboards.subscriptions import queries
from backend_services.dashboards.subscriptions.messages import message_of, webhook_data
from backend_services.dashboards.subscriptions.schemas import (
    TABULAR,
    Channel,
    DeliveryState,
    Format,
    SendWhen,
    SubscriptionChange,
    SubscriptionState,
)
from backend_services.dashboards.subscriptions.settings import get_subscription_settings
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError, ErrorKind, NotFoundError, PermissionDeniedError, TooLargeError
from backend_services.kernel.files import get_files
from backend_services.kernel.mail import service as mail
from backend_services.kernel.permissions import Permission
from backend_services.kernel.webhooks import service as webhooks
from backend_services.kernel.webhooks.schemas import WebhookEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend_services.dashboards.schemas import TileResult
    from backend_services.dashboards.subscriptions.models import Delivery, Subscription
    from backend_services.kernel.actor import Actor

MAX_ATTEMPTS: Final = 6
MOST_FAILURES: Final = 5
_PASSING = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.RATE_LIMITED})


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: DeliveryState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    """A delivery with what it belongs to, read in one transaction."""

    row: Delivery
    subscription: Subscription
    content: SubscriptionChange
    last_digest: str
    told: bool

    @property
    def overrides(self) -> Overrides:
        """Return period and filters of the subscription."""
        return Overrides(period=self.content.period, filters=self.content.filters)


async def deliver(platform: Actor, delivery_id: UUID, *, attempt: int) -> str:
    """Make the delivery and settle its row; return its state. One that is settled stays as it is.

    Raises:
        DomainError: It failed; a passing failure is tried again until the last attempt.
    """
    order = await _read(platform, delivery_id)
    if order is None:
        return "gone"
    if order.row.state != DeliveryState.WAITING.value:
        return order.row.state
    try:
        outcome = await _deliver(order)
    except DomainError as error:
        if error.kind not in _PASSING or attempt >= MAX_ATTEMPTS:
            await _settle(platform, order, _Outcome(DeliveryState.FAILED, error.code))
        raise
    await _settle(platform, order, outcome)
    return outcome.state.value


async def _read(platform: Actor, delivery_id: UUID) -> _Order | None:
    async with transaction(platform) as session:
        found = await queries.delivery_with_subscription(session, delivery_id)
        if found is None:
            return None
        row, subscription = found
        before = await queries.settled_before(session, row)
    return _Order(
        row=row,
        subscription=subscription,
        content=SubscriptionChange.model_validate(subscription.content),
        last_digest=before[0].digest if before else "",
        told=bool(before) and before[0].state == DeliveryState.REFUSED.value,
    )


async def _deliver(order: _Order) -> _Outcome:
    row = order.row
    reader = await identity.load_actor(row.tenant_id, row.user_id)
    if reader is None:
        return _Outcome(DeliveryState.REFUSED, "member_left")
    try:
        view, shown = await rendering.shown_of(
            reader, order.subscription.dashboard_id, tile_id=order.content.tile_id, overrides=order.overrides
        )
    except (NotFoundError, PermissionDeniedError) as error:
        return _Outcome(DeliveryState.REFUSED, error.code)
    row.digest = digest_of(shown)
    if order.content.send_when is SendWhen.CHANGED and row.digest == order.last_digest:
        return _Outcome(DeliveryState.SKIPPED, "unchanged")
    if order.content.send_when is not SendWhen.ALWAYS and is_empty(shown):
        return _Outcome(DeliveryState.SKIPPED, "empty")
    if order.content.format in TABULAR:
        file = await _table(reader, order)
    else:
        kind = FileKind(order.content.format.value)
        file = await rendering.file_of(
            reader, view, shown, kind=kind, sheet=order.content.sheet, overrides=order.overrides
        )
    _describe(order, file)
    if row.recipient.startswith("user:"):
        await _keep(row, file)
    if row.channel == Channel.MAIL.value:
        await _send(order, reader, shown, file)
    if row.channel == Channel.WEBHOOK.value:
        return await _post(order, reader, shown, file)
    return _Outcome(DeliveryState.SENT)


def digest_of(shown: tuple[TileResult, ...]) -> str:
    """Return a digest of the figures, without anything that changes by the hour."""
    answers = [[one.tile_id, one.state, [] if one.result is None else one.result.rows] for one in shown]
    return hashlib.sha256(json.dumps(answers, default=str).encode()).hexdigest()


def is_empty(shown: tuple[TileResult, ...]) -> bool:
    """Return whether no tile has anything to show."""
    return all(one.state != "ready" or one.result is None or not one.result.rows for one in shown)


async def _table(reader: Actor, order: _Order) -> bytes:
    pieces = await dashboards.export_tile(
        reader,
        order.subscription.dashboard_id,
        order.content.tile_id or "",
        export_format=ExportFormat(order.content.format.value),
        overrides=order.overrides,
    )
    return await _whole(pieces, most=get_subscription_settings().max_file_bytes)


async def _whole(pieces: AsyncIterator[bytes], *, most: int) -> bytes:
    whole = bytearray()
    async for piece in pieces:
        whole += piece
        if len(whole) > most:
            raise TooLargeError
    return bytes(whole)


def _describe(order: _Order, file: bytes) -> None:
    if len(file) > get_subscription_settings().max_file_bytes:
        raise TooLargeError
    row, chosen = order.row, order.content.format
    kinds = {Format.PDF: FileKind.PDF.media_type, Format.PNG: FileKind.PNG.media_type}
    row.media_type = kinds.get(chosen) or ExportFormat(chosen.value).media_type
    safe = "".join(letter if letter.isalnum() else "-" for letter in order.subscription.title).strip("-")
    row.file_name = f"{safe or 'omni'}-{row.occurrence:%Y-%m-%d}.{chosen.value}"
    row.size_bytes = len(file)


async def _keep(row: Delivery, file: bytes) -> None:
    async def once() -> AsyncIterator[bytes]:
        yield file

    row.file_key = f"tenants/{row.tenant_id}/deliveries/{row.id}"
    row.expires_at = now() + timedelta(days=get_subscription_settings().keep_days)
    await get_files().put_stream(row.file_key, once())


async def _send(order: _Order, reader: Actor, shown: tuple[TileResult, ...], file: bytes) -> None:
    row = order.row
    kind, _, address = row.recipient.partition(":")
    fits = len(file) <= get_subscription_settings().max_attachment_bytes
    if kind == "mail" and not fits:
        raise TooLargeError
    message = message_of(
        row,
        order.subscription,
        reader,
        shown,
        to=address if kind == "mail" else reader.label,
        file=file if fits else None,
    )
    await mail.mail_transport().deliver(message)


async def _post(order: _Order, reader: Actor, shown: tuple[TileResult, ...], file: bytes) -> _Outcome:
    """Hand the file to the webhook, which has its own retries and log; it leaves the team only if its owner may."""
    if not reader.can(Permission.DASHBOARDS_SUBSCRIPTION_OUTSIDE):
        return _Outcome(DeliveryState.REFUSED, "permission_denied")
    if len(file) > get_subscription_settings().max_attachment_bytes:
        raise TooLargeError
    row = order.row
    async with transaction(reader) as session:
        sent = await webhooks.send(
            reader,
            session,
            endpoint_ids=[UUID(row.recipient.partition(":")[2])],
            event=WebhookEvent.SUBSCRIPTION_DUE,
            message_id=f"msg_{row.id.hex}",
            data=webhook_data(order.subscription, row, shown, file),
        )
    return _Outcome(DeliveryState.SENT) if sent else _Outcome(DeliveryState.FAILED, "webhook_off")


async def _settle(platform: Actor, order: _Order, outcome: _Outcome) -> None:
    """Write down how it ended, count failures, and tell the owner what he must know; once for each row."""
    async with transaction(platform) as session:
        found = await queries.delivery_with_subscription(session, order.row.id)
        if found is None or found[0].state != DeliveryState.WAITING.value:
            return
        row, subscription = found
        kept = ("digest", "file_key", "file_name", "media_type", "size_bytes", "expires_at")
        for name in kept if outcome.state is not DeliveryState.FAILED else ():
            setattr(row, name, getattr(order.row, name))
        row.state, row.reason, row.settled_at = outcome.state.value, outcome.reason, now()
        notice = _count(subscription, order, outcome)
        await session.flush()
        owner = await identity.load_actor(subscription.tenant_id, subscription.owner_id) if notice else None
        if owner is not None and notice is not None:
            params = {"title": subscription.title, "recipient": await _named(row), "reason": outcome.reason}
            await mail.send(platform, session, template=notice, to=owner.label, language=owner.language, params=params)


async def _named(row: Delivery) -> str:
    """Return the recipient's address, as far as he is still of the team."""
    kind, _, address = row.recipient.partition(":")
    if kind == "mail":
        return address
    member = await identity.load_actor(row.tenant_id, row.user_id)
    return address if member is None else member.label


def _count(subscription: Subscription, order: _Order, outcome: _Outcome) -> str | None:
    """Count failures in a row; return the template of what the owner must be told."""
    if outcome.state is DeliveryState.SENT:
        subscription.failures = 0
    if outcome.state is DeliveryState.REFUSED and not order.told:
        return "subscription_refused"
    if outcome.state is DeliveryState.FAILED:
        subscription.failures += 1
        if subscription.failures >= MOST_FAILURES and subscription.state == SubscriptionState.ACTIVE.value:
            subscription.state, subscription.next_at = SubscriptionState.DISABLED.value, None
            return "subscription_disabled"
    return None
