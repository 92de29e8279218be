"""What recipients of an alert are told: their own figures, in their own language, once."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col

from backend_services.dashboards.alerts import service
from backend_services.dashboards.alerts.errors import AlertNotFiringError, AlertNotFoundError, AlertNotYoursError
from backend_services.dashboards.alerts.schemas import Acknowledgement, Silence, Unsilence
from backend_services.dashboards.alerts.standing import State
from backend_services.datasets import rules_service as rules
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.identity.models import Membership, Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.errors import InvalidInputError, PermissionDeniedError
from backend_services.kernel.ids import new_id
from tests.factories.identity import PASSWORD, make_actor
from tests.integration.alerts.making import ALL, AT, again, history, look, make, notices, request, work
from tests.integration.kernel.test_mail import Inbox

DAY = timedelta(days=1)
WEEK = {"kind": "last", "n": 7, "grain": "day"}


def _messages(kept: Inbox, to: str) -> list[EmailMessage]:
    found = [message_from_bytes(one, policy=policy.default) for one in kept.messages]
    return [one for one in found if isinstance(one, EmailMessage) and one["To"] == to]


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def _rules(ana: Actor, orders: UUID) -> None:
    slovenia = Filter(field="country", operator=Operator.IN, values=("Slovenia",))
    async with transaction(ana) as session:
        await rules.create_rule(ana, session, orders, RuleInput(role="owner"))
        await rules.create_rule(ana, session, orders, RuleInput(role="viewer", filters=(slovenia,)))


async def test_each_recipient_is_told_what_his_own_rules_show(
    ana: Actor, bor: Actor, orders: UUID, mailbox: Inbox
) -> None:
    await _rules(ana, orders)
    watched = {"kind": "metric", "dataset_id": orders, "measure": "revenue", "group": "country", "period": WEEK}
    everybody = {"roles": ["owner", "viewer"]}
    one = await make(ana, request(orders, watched=watched, recipients=everybody, message="Call the shop in {group}."))
    await look(one)
    await work()
    told = {str(message["Subject"]) for message in _messages(mailbox, ana.label)}
    assert told == {f"Firing: Revenue ({name})" for name in ("Austria", "Croatia", "Italy", "Slovenia")}
    mine = _messages(mailbox, bor.label)
    assert sorted(str(message["Subject"]) for message in mine) == ["Sproženo: Revenue"] * 3 + [
        "Sproženo: Revenue (Slovenia)"
    ]
    whole = " ".join(_text(message) for message in mine)
    assert not {"Austria", "Croatia", "Italy"} & set(whole.replace(".", " ").replace(")", " ").split())
    assert whole.count("Vaše pravice te vrednosti ne pokažejo") == 3
    async with transaction(bor) as session:
        assert (await service.count_unread(bor, session)).unread == 4
        page = await service.list_my_notices(bor, session, ALL)
        await service.read_notice(bor, session, page.items[0].id)
        assert (await service.count_unread(bor, session)).unread == 3
        (received,) = (await service.list_received(bor, session, ALL)).items
        assert (await service.read_alert(bor, session, one.id)).unread == 0
        assert all(notice.read for notice in (await service.list_my_notices(bor, session, ALL)).items)
    async with transaction(ana) as session:
        assert (await service.count_unread(ana, session)).unread == 4
    assert (received.title, received.state) == ("Revenue", State.FIRING)
    with pytest.raises(AlertNotFoundError):
        await again(bor, one)


async def test_who_may_not_read_the_data_is_not_told(ana: Actor, bor: Actor, orders: UUID, mailbox: Inbox) -> None:
    async with transaction(ana) as session:
        await rules.create_rule(ana, session, orders, RuleInput(role="owner"))
    one = await make(ana, request(orders, recipients={"user_ids": [str(bor.user_id)]}))
    await look(one)
    await work()
    assert _messages(mailbox, bor.label) == []
    (notice,) = await notices(ana, one)
    assert notice.state == "refused"


async def test_a_message_says_the_figure_and_the_condition_and_comes_once(
    ana: Actor, orders: UUID, mailbox: Inbox
) -> None:
    one = await make(ana, request(orders, message="{title} is {value}, {threshold}: {state}"))
    for number in range(3):
        await look(one, AT + timedelta(minutes=number))
    await work()
    await work()
    (message,) = _messages(mailbox, ana.label)
    assert message["Subject"] == "Firing: Revenue"
    assert "Revenue is €275.00, above €0.00: firing" in _text(message)
    assert "It fires when the figure is above €0.00." in _text(message)
    assert f"/alerts/{one.id}" in _text(message)


async def test_who_acknowledges_ends_the_reminders(ana: Actor, bor: Actor, orders: UUID, mailbox: Inbox) -> None:
    both = {"user_ids": [str(bor.user_id)]}
    one = await make(ana, request(orders, rules={"reminder_hours": 1}, recipients=both))
    with pytest.raises(AlertNotFiringError):
        async with transaction(ana) as session:
            await service.acknowledge(ana, session, one.id, Acknowledgement())
    await look(one)
    await look(one, AT + timedelta(hours=2))
    async with transaction(bor) as session:
        assert await service.acknowledge(bor, session, one.id, Acknowledgement(note="I call them")) == 1
    await look(one, AT + timedelta(hours=4))
    entries = [(each.kind, each.notice, each.by) for each in await history(ana, one)]
    assert [kind for kind, _, _ in entries] == ["state", "state", "acknowledged"]
    assert entries[-1][2] == bor.label
    await work()
    subjects = sorted(str(message["Subject"]) for message in _messages(mailbox, bor.label))
    assert subjects == ["Sproženo: Revenue", "Še vedno sproženo: Revenue"]


async def test_a_silence_keeps_back_what_is_said_when_it_ends(ana: Actor, orders: UUID) -> None:
    one = await make(ana, request(orders))
    with frozen(AT):
        async with transaction(ana) as session:
            view = await service.silence(ana, session, one.id, Silence(until=AT + DAY))
    assert view.silenced_until == AT + DAY
    await look(one, AT + timedelta(hours=1))
    assert await notices(ana, one) == []
    with frozen(AT + timedelta(hours=2)):
        assert (await again(ana, one)).state is State.SILENCED
        async with transaction(ana) as session:
            await service.unsilence(ana, session, one.id, Unsilence())
    await look(one, AT + timedelta(hours=3))
    assert len(await notices(ana, one)) == 1


async def test_figures_are_the_owners_and_managers_see_the_state(ana: Actor, tenant: Tenant, orders: UUID) -> None:
    analyst = await make_actor(tenant=tenant, role="analyst")
    one = await make(analyst, request(orders))
    await look(one)
    assert (await again(analyst, one)).value == 275.0
    seen = await again(ana, one)
    assert (seen.own, seen.value, seen.threshold, seen.course, seen.state) == (False, None, None, (), State.FIRING)
    assert [each.value for each in await history(ana, one)] == [None]
    with pytest.raises(AlertNotYoursError):
        async with transaction(ana) as session:
            await service.update_alert(ana, session, one.id, request(orders), expected_version=1)


async def test_telling_others_needs_the_right_to_share(ana: Actor, bor: Actor, orders: UUID) -> None:
    assert (await make(bor, request(orders))).own
    with pytest.raises(PermissionDeniedError):
        await make(bor, request(orders, recipients={"user_ids": [str(ana.user_id)]}))


async def test_who_is_not_of_the_team_cannot_be_told_but_may_have_left_it(ana: Actor, bor: Actor, orders: UUID) -> None:
    stranger = await make_actor(role="owner")
    for nobody in (stranger.user_id, new_id()):
        with pytest.raises(InvalidInputError) as refused:
            await make(ana, request(orders, recipients={"user_ids": [str(nobody)]}))
        assert list(refused.value.fields) == ["recipients.user_ids"]
    told = request(orders, recipients={"user_ids": [str(bor.user_id)]})
    one = await make(ana, told)
    async with system_transaction() as session:
        await session.execute(delete(Membership).where(col(Membership.user_id) == bor.user_id))
    async with transaction(ana) as session:
        again = await service.update_alert(ana, session, one.id, told, expected_version=one.version)
    assert again.recipients.user_ids == (bor.user_id,)


async def test_over_rest_from_making_to_deleting(api: httpx.AsyncClient, ana: Actor, orders: UUID) -> None:
    signed_in = await api.post("/api/v1/auth/login", json={"email": ana.label, "password": PASSWORD})
    mine = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    body = request(orders).model_dump(mode="json")
    assert (await api.post("/api/v1/alerts", json=body)).status_code == 401
    tried = await api.post("/api/v1/alerts/preview", json=body, headers=mine)
    assert (tried.status_code, tried.json()["evaluations"]) == (200, 91), tried.text
    made = await api.post("/api/v1/alerts", json=body, headers=mine)
    assert made.status_code == 201, made.text
    one = made.headers["location"]
    assert (await api.put(one, json=body, headers=mine)).status_code == 428
    changed = {**body, "title": "Sales", "condition": {"kind": "missing"}}
    ok = await api.put(one, json=changed, headers={**mine, "If-Match": made.headers["etag"]})
    assert (ok.status_code, ok.json()["title"]) == (200, "Sales"), ok.text
    late = await api.put(one, json=changed, headers={**mine, "If-Match": made.headers["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "alert_changed")
    wrong = await api.post("/api/v1/alerts", json={**body, "message": "{secret}"}, headers=mine)
    assert wrong.status_code == 422
    assert (await api.post(f"{one}/evaluate", headers=mine)).status_code == 202
    await work()
    for part in ("groups", "history", "evaluations", "notices"):
        assert (await api.get(f"{one}/{part}", headers=mine)).status_code == 200
    listed = await api.get("/api/v1/alerts", params={"state": "firing"}, headers=mine)
    assert [item["title"] for item in listed.json()["items"]] == ["Sales"]  # nothing was ordered lately
    again_ = await api.post(f"{one}/acknowledge", json={}, headers=mine)
    assert again_.json() == {"groups": 1}
    assert (await api.post(f"{one}/pause", headers=mine)).json()["mode"] == "paused"
    assert (await api.post(f"{one}/evaluate", headers=mine)).status_code == 409
    assert (await api.delete(one, headers=mine)).status_code == 204
    assert (await api.get(one, headers=mine)).status_code == 404
