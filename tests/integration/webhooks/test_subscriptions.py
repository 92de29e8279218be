"""A subscription whose file is posted to a webhook."""

from __future__ import annotations

import base64
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.spec import ChartKind
from backend_services.dashboards.subscriptions import service as subscriptions
from backend_services.dashboards.subscriptions import tasks as delivery_tasks
from backend_services.dashboards.subscriptions.schemas import (
    Channel,
    DeliveryState,
    DeliveryView,
    Format,
    Recipients,
    SubscriptionCreate,
)
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.webhooks import service as webhooks
from backend_services.kernel.webhooks.errors import WebhookNotFoundError
from backend_services.kernel.webhooks.schemas import WebhookChange, WebhookSecret
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import without
from tests.integration.webhooks.receiver import Receiver

assert delivery_tasks.make_delivery is not None  # registered, as the composition root does


async def _hook(ana: Actor, receiver: Receiver) -> WebhookSecret:
    async with transaction(ana) as session:
        return await webhooks.create_webhook(ana, session, WebhookChange(name="Archive", url=receiver.url()))


async def _wanted(ana: Actor, folder: Path, hook: UUID) -> SubscriptionCreate:
    orders = await store_orders(ana, folder)
    countries = query("revenue", by=["country"], dataset_id=orders)
    made = spec(tile(ChartKind.BAR, countries, tile_id="countries", title="Countries"), title="Sales")
    async with transaction(ana) as session:
        view = await dashboards.create_dashboard(ana, session, made)
    return SubscriptionCreate(
        title="To the archive",
        dashboard_id=view.id,
        tile_id="countries",
        format=Format.CSV,
        channel=Channel.WEBHOOK,
        recipients=Recipients(webhook_ids=(hook,)),
    )


async def _sent(ana: Actor, wanted: SubscriptionCreate) -> tuple[DeliveryView, dict[str, str]]:
    async with transaction(ana) as session:
        made = await subscriptions.create_subscription(ana, session, wanted)
        assert await subscriptions.send_now(ana, session, made.id) == 1
    await run_waiting()
    async with transaction(ana) as session:
        history = await subscriptions.list_deliveries(ana, session, made.id, PageRequest())
        return history.items[0], await subscriptions.recipient_names(ana, session, history.items)


async def test_the_file_is_posted_signed_with_its_words(ana: Actor, receiver: Receiver, tmp_path: Path) -> None:
    hook = await _hook(ana, receiver)
    delivery, names = await _sent(ana, await _wanted(ana, tmp_path, hook.webhook.id))
    assert (delivery.state, delivery.channel) == (DeliveryState.SENT, Channel.WEBHOOK)
    assert names[delivery.recipient] == "Archive"
    (message,) = receiver.received
    assert message.is_signed_with(hook.secret)
    assert message.headers["webhook-id"] == f"msg_{delivery.id.hex}"
    data = message.document["data"]
    assert (message.document["type"], data["subscription"]["title"]) == ("subscription.due", "To the archive")
    content = base64.b64decode(data["file"]["content_base64"])
    assert (data["file"]["media_type"].partition(";")[0], data["file"]["size_bytes"]) == ("text/csv", len(content))
    assert b"Slovenia" in content


async def test_a_webhook_that_is_off_is_said(ana: Actor, receiver: Receiver, tmp_path: Path) -> None:
    hook = await _hook(ana, receiver)
    wanted = await _wanted(ana, tmp_path, hook.webhook.id)
    async with transaction(ana) as session:
        change = WebhookChange(name="Archive", url=receiver.url(), enabled=False)
        await webhooks.update_webhook(ana, session, hook.webhook.id, change, expected_version=hook.webhook.version)
    delivery, _ = await _sent(ana, wanted)
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "webhook_off")
    assert receiver.received == []


async def test_who_may_not_send_outside_posts_nothing(ana: Actor, receiver: Receiver, tmp_path: Path) -> None:
    hook = await _hook(ana, receiver)
    wanted = await _wanted(ana, tmp_path, hook.webhook.id)
    inside = without(ana, "dashboards:subscription:outside")
    async with transaction(inside) as session:
        with pytest.raises(PermissionDeniedError):
            await subscriptions.create_subscription(inside, session, wanted)
    unknown = wanted.model_copy(update={"recipients": Recipients(webhook_ids=(new_id(),))})
    async with transaction(ana) as session:
        with pytest.raises(WebhookNotFoundError):
            await subscriptions.create_subscription(ana, session, unknown)


@pytest.mark.parametrize(
    ("channel", "recipients"),
    [
        ("webhook", {}),
        ("mail", {"webhook_ids": [str(new_id())]}),
        ("webhook", {"webhook_ids": [str(new_id())], "roles": ["owner"]}),
    ],
)
def test_a_webhook_is_a_channel_of_its_own(channel: str, recipients: dict[str, list[str]]) -> None:
    document = {"title": "T", "dashboard_id": str(new_id()), "channel": channel, "recipients": recipients}
    with pytest.raises(ValidationError, match="webhook_ids"):
        SubscriptionCreate.model_validate(document)
