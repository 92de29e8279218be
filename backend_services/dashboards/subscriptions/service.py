"""Use cases of subscriptions and of the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from backend_services.audit import service as audit
from backend_services.dashboards import service as dashboards
from backend_services.dashboards.errors import TileNotFoundError
from backend_services.dashboards.service import recipients
from backend_services.dashboards.subscriptions import queries
from backend_services.dashboards.subscriptions.errors import (
    DeliveryNotFoundError,
    SubscriptionChangedError,
    UnsubscribeLinkInvalidError,
)
from backend_services.dashboards.subscriptions.messages import opened_link
from backend_services.dashboards.subscriptions.models import Delivery, Subscription
from backend_services.dashboards.subscriptions.planning import fan_out
from backend_services.dashboards.subscriptions.schedule import checked, next_after
from backend_services.dashboards.subscriptions.schemas import (
    Channel,
    DeliveryState,
    DeliveryView,
    InboxCount,
    InboxItem,
    Recipients,
    SubscriptionChange,
    SubscriptionCreate,
    SubscriptionState,
    SubscriptionView,
    Unsubscribed,
)
from backend_services.identity import service as identity
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.files import get_files
from backend_services.kernel.mail.message import checked_address
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.webhooks import service as webhooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable

    from sqlmodel.ext.asyncio.session import AsyncSession

CHOSEN = set(SubscriptionChange.model_fields)


async def list_subscriptions(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[SubscriptionView]:
    """Return a page of the actor's subscriptions; those who manage them see everybody's."""
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    rows, total = await queries.page_of_subscriptions(actor, session, page)
    return Page(items=tuple(_view(row) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def get_subscription(actor: Actor, session: AsyncSession, subscription_id: UUID) -> SubscriptionView:
    """Return one subscription.

    Raises:
        SubscriptionNotFoundError: No such subscription that the actor may see.
    """
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    return _view(await queries.subscription_of(actor, session, subscription_id))


async def create_subscription(actor: Actor, session: AsyncSession, request: SubscriptionCreate) -> SubscriptionView:
    """Subscribe to a dashboard or tile that the actor may see.

    Raises:
        DashboardNotFoundError: No such dashboard for the actor.
        PermissionDeniedError: Others than oneself need the right to share, addresses outside one of their own.
        ScheduleInvalidError: The schedule cannot be followed.
    """
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    if actor.user_id is None:
        raise PermissionDeniedError
    change = _chosen(request)
    await _check(actor, session, request.dashboard_id, change)
    row = Subscription(
        tenant_id=actor.tenant_id,
        owner_id=actor.user_id,
        dashboard_id=request.dashboard_id,
        title=change.title,
        content=change.model_dump(mode="json"),
        next_at=next_after(change.schedule, change.time_zone, now()),
    )
    session.add(row)
    await session.flush()
    await _note(actor, session, "create", row)
    return _view(row)


async def update_subscription(
    actor: Actor, session: AsyncSession, subscription_id: UUID, request: SubscriptionChange, *, expected_version: int
) -> SubscriptionView:
    """Change a subscription, if nobody did since ``expected_version``; one that was switched off is followed again.

    Raises:
        SubscriptionChangedError: Somebody saved it meanwhile.
    """
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    row = await queries.subscription_of(actor, session, subscription_id, lock=True)
    if row.version != expected_version:
        raise SubscriptionChangedError
    before = SubscriptionChange.model_validate(row.content)
    await _check(actor, session, row.dashboard_id, request, before=before.recipients.user_ids)
    row.title, row.content, row.version = request.title, request.model_dump(mode="json"), row.version + 1
    if row.state != SubscriptionState.PAUSED.value:
        _activate(row)
    await session.flush()
    await _note(actor, session, "update", row)
    return _view(row)


async def pause(actor: Actor, session: AsyncSession, subscription_id: UUID) -> SubscriptionView:
    """Stop following a subscription until it is resumed."""
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    row = await queries.subscription_of(actor, session, subscription_id, lock=True)
    row.state, row.next_at, row.version = SubscriptionState.PAUSED.value, None, row.version + 1
    await session.flush()
    await _note(actor, session, "pause", row)
    return _view(row)


async def resume(actor: Actor, session: AsyncSession, subscription_id: UUID) -> SubscriptionView:
    """Follow a subscription again from its next time on, also one that was switched off after failures."""
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    row = await queries.subscription_of(actor, session, subscription_id, lock=True)
    _activate(row)
    row.version += 1
    await session.flush()
    await _note(actor, session, "resume", row)
    return _view(row)


def _activate(row: Subscription) -> None:
    content = SubscriptionChange.model_validate(row.content)
    row.state, row.failures = SubscriptionState.ACTIVE.value, 0
    row.next_at = next_after(content.schedule, content.time_zone, now())


async def delete_subscription(actor: Actor, session: AsyncSession, subscription_id: UUID) -> None:
    """Delete a subscription with its history and the files that it brought."""
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    row = await queries.subscription_of(actor, session, subscription_id, lock=True)
    for key in await queries.file_keys(session, row.id):
        await get_files().delete(key)
    await session.delete(row)
    await session.flush()
    await _note(actor, session, "delete", row)


async def send_now(actor: Actor, session: AsyncSession, subscription_id: UUID) -> int:
    """Send to all recipients at once, beside the schedule; return how many deliveries that makes."""
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    row = await queries.subscription_of(actor, session, subscription_id, lock=True)
    made = await fan_out(session, row, occurrence=now(), language=actor.language)
    await _note(actor, session, "send", row)
    return made


async def list_deliveries(
    actor: Actor, session: AsyncSession, subscription_id: UUID, page: PageRequest
) -> Page[DeliveryView]:
    """Return a page of a subscription's history, newest first."""
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    await queries.subscription_of(actor, session, subscription_id)
    rows, total = await queries.page_of_deliveries(actor, session, subscription_id, page)
    items = tuple(_delivery(row, actor) for row in rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def recipient_names(actor: Actor, session: AsyncSession, deliveries: Iterable[DeliveryView]) -> dict[str, str]:
    """Return the addresses, or the webhooks' names, of recipients whom the actor was shown, by the recipients' keys."""
    actor.require(Permission.DASHBOARDS_SUBSCRIPTION_WRITE)
    pairs = [one.recipient.partition(":") for one in deliveries]
    found = await identity.addresses_of(
        session, actor.tenant_id, {UUID(name) for kind, _, name in pairs if kind == "user"}
    )
    names = {f"user:{user_id}": address for user_id, address in found.items()}
    if actor.can(Permission.KERNEL_WEBHOOK_READ) and any(kind == "webhook" for kind, _, _ in pairs):
        page = await webhooks.list_webhooks(actor, session, PageRequest(limit=200))
        names |= {f"webhook:{one.id}": one.name for one in page.items}
    return names


async def list_inbox(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[InboxItem]:
    """Return a page of the files that were delivered to the actor, newest first."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    rows, total = await queries.page_of_inbox(actor, session, page)
    return Page(items=tuple(_item(row) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def count_unread(actor: Actor, session: AsyncSession) -> InboxCount:
    """Return how many delivered files the actor has not opened."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    return InboxCount(unread=await queries.count_unread(actor, session))


async def open_file(actor: Actor, session: AsyncSession, delivery_id: UUID) -> tuple[InboxItem, AsyncIterator[bytes]]:
    """Return a file of the actor's inbox in pieces, and remember that it was opened.

    Raises:
        DeliveryNotFoundError: There is none, or its time is over.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    row = await queries.inbox_item(actor, session, delivery_id)
    if row.file_key is None:
        raise DeliveryNotFoundError
    row.read_at = row.read_at or now()
    await session.flush()
    return _item(row), get_files().get_stream(row.file_key)


async def unsubscribe(token: str, *, really: bool = True) -> Unsubscribed:
    """Take the recipient that the link names off its subscription, or only say which that would be.

    Raises:
        UnsubscribeLinkInvalidError: We did not write the link, or the subscription is gone.
    """
    link = opened_link(token)
    platform = Actor(kind=ActorKind.SYSTEM, tenant_id=link.tenant_id, label=link.recipient)
    async with transaction(platform) as session:
        row = await queries.subscription_by_id(session, link.subscription_id)
        if row is None:
            raise UnsubscribeLinkInvalidError
        if really and link.recipient not in row.unsubscribed:
            row.unsubscribed = [*row.unsubscribed, link.recipient]
            await session.flush()
            await _note(platform, session, "unsubscribe", row)
        return Unsubscribed(title=row.title, language=link.language)


def _chosen(request: SubscriptionChange) -> SubscriptionChange:
    return SubscriptionChange.model_validate(request.model_dump(include=CHOSEN))


async def _check(
    actor: Actor,
    session: AsyncSession,
    dashboard_id: UUID,
    change: SubscriptionChange,
    *,
    before: Collection[UUID] = (),
) -> None:
    view = await dashboards.get_dashboard(actor, session, dashboard_id)
    if change.tile_id is not None and view.spec.tile(change.tile_id) is None:
        raise TileNotFoundError(params={"tile": change.tile_id})
    checked(change.schedule, change.time_zone, at=now())
    _check_recipients(actor, change.recipients)
    await recipients.require_members(actor, session, change.recipients.user_ids, before=before)
    await recipients.require_webhooks(actor, session, change.recipients.webhook_ids)


def _check_recipients(actor: Actor, chosen: Recipients) -> None:
    recipients.require_people(actor, user_ids=chosen.user_ids, roles=chosen.roles)
    if chosen.addresses:
        actor.require(Permission.DASHBOARDS_SUBSCRIPTION_OUTSIDE)
    for address in chosen.addresses:
        checked_address(address)


async def _note(actor: Actor, session: AsyncSession, action: str, row: Subscription) -> None:
    await audit.record(
        actor,
        session,
        action=f"dashboards.subscription.{action}",
        subject_type="subscription",
        subject_id=row.id,
        subject_label=row.title,
    )


def _view(row: Subscription) -> SubscriptionView:
    return SubscriptionView(
        **SubscriptionChange.model_validate(row.content).model_dump(),
        id=row.id,
        dashboard_id=row.dashboard_id,
        owner_id=row.owner_id,
        state=SubscriptionState(row.state),
        next_at=row.next_at,
        last_at=row.last_at,
        failures=row.failures,
        unsubscribed=tuple(row.unsubscribed),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _delivery(row: Delivery, actor: Actor) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        subscription_id=row.subscription_id,
        occurrence=row.occurrence,
        recipient=row.recipient,
        channel=Channel(row.channel),
        state=DeliveryState(row.state),
        reason=row.reason,
        job_id=row.job_id,
        size_bytes=row.size_bytes if row.user_id == actor.user_id else None,
        settled_at=row.settled_at,
        created_at=row.created_at,
    )


def _item(row: Delivery) -> InboxItem:
    return InboxItem(
        id=row.id,
        title=row.title,
        file_name=row.file_name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        read=row.read_at is not None,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
