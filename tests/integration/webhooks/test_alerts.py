"""An alert that tells a webhook."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.webhooks import service
from backend_services.kernel.webhooks.errors import WebhookNotFoundError
from backend_services.kernel.webhooks.schemas import WebhookChange
from tests.factories.dashboards import store_orders
from tests.factories.identity import make_actor, without
from tests.integration.alerts.making import AT, look, make, request
from tests.integration.webhooks.receiver import Receiver


async def test_an_alert_tells_a_webhook_once_what_its_owner_sees(
    ana: Actor, receiver: Receiver, tmp_path: Path
) -> None:
    orders = await store_orders(ana, tmp_path)
    async with transaction(ana) as session:
        hook = await service.create_webhook(ana, session, WebhookChange(name="Ops", url=receiver.url()))
    to_it = {"webhook_ids": [str(hook.webhook.id)], "mail": False}
    one = await make(ana, request(orders, recipients=to_it))
    assert await look(one) == "firing"
    assert await look(one, AT.replace(hour=6)) == "firing"
    await run_waiting()
    (message,) = [each for each in receiver.received if each.document["type"] == "alert.fired"]
    assert message.is_signed_with(hook.secret)
    data = message.document["data"]
    assert (data["alert"]["title"], data["state"], data["value"], data["group"]) == ("Revenue", "firing", 275.0, None)
    assert data["dataset"] == {"id": str(orders), "version": 1}


async def test_webhooks_need_the_right_to_send_outside(ana: Actor, receiver: Receiver, tmp_path: Path) -> None:
    orders = await store_orders(ana, tmp_path)
    async with transaction(ana) as session:
        hook = await service.create_webhook(ana, session, WebhookChange(name="Ops", url=receiver.url()))
    wanted = request(orders, recipients={"webhook_ids": [str(hook.webhook.id)]})
    with pytest.raises(PermissionDeniedError):
        await make(without(ana, "dashboards:subscription:outside"), wanted)
    stranger = await make_actor()
    theirs = request(await store_orders(stranger, tmp_path), recipients={"webhook_ids": [str(hook.webhook.id)]})
    with pytest.raises(WebhookNotFoundError):
        await make(stranger, theirs)
