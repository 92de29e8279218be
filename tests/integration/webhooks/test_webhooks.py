"""Webhooks from the event to a server that verifies them, through failures, rotation and redelivery."""

from __future__ import annotations

import socket
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen, now
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.events.models import OutboxEvent
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.secrets.models import StoredSecret
from backend_services.kernel.webhooks import service
from backend_services.kernel.webhooks.delivering import DISABLED, MAX_ATTEMPTS, deliver
from backend_services.kernel.webhooks.errors import (
    WebhookAddressError,
    WebhookNotFoundError,
    WebhookOffError,
    WebhookUnansweredError,
)
from backend_services.kernel.webhooks.network import checked_url
from backend_services.kernel.webhooks.schemas import (
    WebhookChange,
    WebhookDeliveryState,
    WebhookDeliveryView,
    WebhookEvent,
    WebhookRotate,
    WebhookSecret,
    WebhookState,
)
from backend_services.kernel.webhooks.settings import WebhookSettings
from tests.factories.identity import PASSWORD, make_actor
from tests.integration.webhooks.receiver import Receiver

ALL = PageRequest(limit=200)


async def _made(ana: Actor, url: str, **chosen: object) -> WebhookSecret:
    async with transaction(ana) as session:
        change = WebhookChange.model_validate({"name": "Orders bot", "url": url, **chosen})
        return await service.create_webhook(ana, session, change)


async def _send(ana: Actor, webhook_id: UUID, message_id: str = "msg_1") -> int:
    async with transaction(ana) as session:
        return await service.send(
            ana,
            session,
            endpoint_ids=[webhook_id],
            event=WebhookEvent.ALERT_FIRED,
            message_id=message_id,
            data={"alert": {"title": "Čaj pod načrtom"}},
        )


async def _log(ana: Actor, webhook_id: UUID) -> list[WebhookDeliveryView]:
    async with transaction(ana) as session:
        return list((await service.list_deliveries(ana, session, webhook_id, ALL)).items)


async def test_a_message_arrives_signed_once_and_is_logged(ana: Actor, receiver: Receiver) -> None:
    made = await _made(ana, receiver.url())
    assert await _send(ana, made.webhook.id) == 1
    assert await _send(ana, made.webhook.id) == 0
    await run_waiting()
    (one,) = receiver.received
    assert one.is_signed_with(made.secret)
    assert not one.is_signed_with("whsec_" + "A" * 44)
    assert one.path == "/hook?from=omni"
    assert one.headers["webhook-id"] == "msg_1"
    assert one.headers["content-type"] == "application/json"
    assert one.document["type"] == "alert.fired"
    assert one.document["data"] == {"alert": {"title": "Čaj pod načrtom"}}
    (logged,) = await _log(ana, made.webhook.id)
    assert (logged.state, logged.status, logged.attempts) == (WebhookDeliveryState.SENT, 204, 1)
    assert await deliver(ana, logged.id, attempt=1) == "sent"
    assert len(receiver.received) == 1


async def test_failures_are_tried_again_with_the_same_id_and_redelivered(ana: Actor, receiver: Receiver) -> None:
    receiver.statuses = [500, 302, 500]
    made = await _made(ana, receiver.url())
    await _send(ana, made.webhook.id)
    (row,) = await _log(ana, made.webhook.id)
    for attempt in (1, 2):
        with pytest.raises(WebhookUnansweredError):
            await deliver(ana, row.id, attempt=attempt)
    assert await deliver(ana, row.id, attempt=MAX_ATTEMPTS) == "failed"
    (row,) = await _log(ana, made.webhook.id)
    assert (row.state, row.status, row.attempts, len(row.answer)) == (WebhookDeliveryState.FAILED, 500, 3, 500)
    assert {one.path for one in receiver.received} == {"/hook?from=omni"}  # redirects lead nowhere
    async with transaction(ana) as session:
        await service.redeliver(ana, session, made.webhook.id, row.id)
        assert (await service.get_webhook(ana, session, made.webhook.id)).failing_since is not None
    await run_waiting()
    assert {(one.headers["webhook-id"], one.body) for one in receiver.received} == {
        ("msg_1", receiver.received[0].body)
    }
    (row,) = await _log(ana, made.webhook.id)
    assert row.state is WebhookDeliveryState.SENT
    async with transaction(ana) as session:
        assert (await service.get_webhook(ana, session, made.webhook.id)).failing_since is None


async def test_a_rotated_secret_signs_beside_the_new_one_for_a_while(ana: Actor, receiver: Receiver) -> None:
    made = await _made(ana, receiver.url())
    async with transaction(ana) as session:
        after = await service.rotate_secret(ana, session, made.webhook.id, WebhookRotate())
    await _send(ana, made.webhook.id)
    await run_waiting()
    assert receiver.received[0].is_signed_with(made.secret)
    assert receiver.received[0].is_signed_with(after.secret)
    async with transaction(ana) as session:
        last = await service.rotate_secret(ana, session, made.webhook.id, WebhookRotate(at_once=True))
    await _send(ana, made.webhook.id, "msg_2")
    await run_waiting()
    assert receiver.received[1].is_signed_with(last.secret)
    assert not receiver.received[1].is_signed_with(after.secret)
    async with system_transaction() as session:
        kept = (await session.scalars(select(StoredSecret).where(col(StoredSecret.tenant_id) == ana.tenant_id))).all()
    assert len(kept) == 1
    assert last.secret not in kept[0].sealed


async def test_days_of_failures_or_gone_switch_it_off_and_say_so(ana: Actor, receiver: Receiver) -> None:
    receiver.statuses = [500, 500, 410]
    made = await _made(ana, receiver.url())
    await _send(ana, made.webhook.id)
    (row,) = await _log(ana, made.webhook.id)
    with pytest.raises(WebhookUnansweredError):
        await deliver(ana, row.id, attempt=1)
    with frozen(now() + timedelta(days=6)), pytest.raises(WebhookUnansweredError):
        await deliver(ana, row.id, attempt=2)
    async with transaction(ana) as session:
        view = await service.get_webhook(ana, session, made.webhook.id)
    assert view.state is WebhookState.DISABLED
    assert await _send(ana, made.webhook.id, "msg_2") == 0
    assert await deliver(ana, row.id, attempt=3) == "failed"
    async with transaction(ana) as session:
        with pytest.raises(WebhookOffError):
            await service.send_test(ana, session, view.id)
        change = WebhookChange(name=view.name, url=view.url)
        await service.update_webhook(ana, session, view.id, change, expected_version=view.version)
        await service.send_test(ana, session, view.id)
    await run_waiting()
    assert [one.state for one in await _log(ana, view.id)] == [WebhookDeliveryState.FAILED] * 2
    async with system_transaction() as session:
        said = await session.scalars(
            select(OutboxEvent).where(col(OutboxEvent.name) == DISABLED, col(OutboxEvent.subject_id) == view.id)
        )
        assert [one.data["maker_id"] for one in said.all()] == [str(ana.user_id)] * 2


async def test_an_endpoint_takes_only_the_events_that_it_names(ana: Actor, receiver: Receiver) -> None:
    made = await _made(ana, receiver.url(), events=["alert.recovered"])
    assert await _send(ana, made.webhook.id) == 0
    off = await _made(ana, receiver.url(), enabled=False)
    assert await _send(ana, off.webhook.id) == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://[64:ff9b::7f00:1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/hook",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "ftp://example.org/",
        "https:///hook",
        "https://exa mple.org/",
    ],
)
def test_addresses_inside_are_refused(url: str) -> None:
    with pytest.raises(WebhookAddressError):
        checked_url(url, WebhookSettings())


def test_allowed_networks_and_public_addresses_are_taken() -> None:
    assert checked_url("https://example.org:8443/a?b=c", WebhookSettings()).port == 8443
    assert checked_url("https://8.8.8.8/", WebhookSettings()).host == "8.8.8.8"
    inside = WebhookSettings(networks="10.0.0.0/8")
    assert checked_url("https://10.1.2.3/", inside).host == "10.1.2.3"


async def test_a_name_that_leads_inside_is_refused_when_it_is_sent(
    ana: Actor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await _made(ana, receiver.url("localhost"))
    monkeypatch.setenv("OMNI_WEBHOOKS_NETWORKS", "10.0.0.0/8")
    service.get_webhook_settings.cache_clear()
    await _send(ana, made.webhook.id)
    await run_waiting()
    (row,) = await _log(ana, made.webhook.id)
    assert (row.state, row.reason, row.attempts) == (WebhookDeliveryState.FAILED, "address_refused", 1)
    assert receiver.received == []


async def test_a_name_of_this_machine_is_reached_where_it_is_allowed(ana: Actor, receiver: Receiver) -> None:
    made = await _made(ana, receiver.url("localhost"))
    await _send(ana, made.webhook.id)
    await run_waiting()
    (one,) = receiver.received
    assert one.headers["host"].startswith("localhost:")


@pytest.mark.usefixtures("receiver")
async def test_nobody_there_and_a_server_that_never_answers(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    monkeypatch.setenv("OMNI_WEBHOOKS_TIMEOUT_S", "0.3")
    service.get_webhook_settings.cache_clear()
    made = await _made(ana, f"http://127.0.0.1:{port}/")
    await _send(ana, made.webhook.id)
    (row,) = await _log(ana, made.webhook.id)
    with pytest.raises(WebhookUnansweredError):
        await deliver(ana, row.id, attempt=1)
    assert [one.reason for one in await _log(ana, made.webhook.id)] == ["timeout"]
    silent.close()
    gone = await _made(ana, f"http://127.0.0.1:{port}/")
    await _send(ana, gone.webhook.id)
    (row,) = await _log(ana, gone.webhook.id)
    with pytest.raises(WebhookUnansweredError):
        await deliver(ana, row.id, attempt=1)
    assert [one.reason for one in await _log(ana, gone.webhook.id)] == ["unreachable"]


async def test_other_teams_and_those_without_the_right_have_none(ana: Actor, receiver: Receiver) -> None:
    made = await _made(ana, receiver.url())
    stranger, viewer = await make_actor(), await make_actor(role="viewer")
    async with transaction(stranger) as session:
        with pytest.raises(WebhookNotFoundError):
            await service.get_webhook(stranger, session, made.webhook.id)
        assert await _send(stranger, made.webhook.id) == 0
        with pytest.raises(WebhookNotFoundError):
            await service.require_webhooks(stranger, session, [made.webhook.id])
    async with transaction(viewer) as session:
        with pytest.raises(PermissionDeniedError):
            await service.list_webhooks(viewer, session, ALL)


async def test_over_rest_from_making_to_deleting(api: httpx.AsyncClient, ana: Actor, receiver: Receiver) -> None:
    signed_in = await api.post("/api/v1/auth/login", json={"email": ana.label, "password": PASSWORD})
    mine = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    body = {"name": "Bot", "url": receiver.url(), "events": ["webhook.test"]}
    made = await api.post("/api/v1/webhooks", json=body, headers=mine)
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    one, secret = made.headers["location"], made.json()["secret"]
    assert secret not in (await api.get(one, headers=mine)).text
    assert (await api.put(one, json=body, headers=mine)).status_code == 428
    assert (await api.put(one, json=body, headers={**mine, "If-Match": made.headers["etag"]})).status_code == 200
    assert (await api.post(f"{one}/test", headers=mine)).status_code == 202
    await run_waiting()
    assert receiver.received[0].is_signed_with(secret)
    (delivery,) = (await api.get(f"{one}/deliveries", headers=mine)).json()["items"]
    assert (await api.post(f"{one}/deliveries/{delivery['id']}/redeliver", headers=mine)).status_code == 202
    wrong = await api.post("/api/v1/webhooks", json={**body, "url": "http://10.0.0.1/"}, headers=mine)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "webhook_address_refused")
    assert (await api.post(f"{one}/rotate", json={}, headers=mine)).json()["secret"] != secret
    assert (await api.delete(one, headers=mine)).status_code == 204
    assert (await api.get(one, headers=mine)).status_code == 404
