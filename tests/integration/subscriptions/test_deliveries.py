"""Subscriptions from the schedule to the recipient: real tables and queries, a real mail server, the clock moved."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlmodel import col

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.errors import DashboardNotFoundError
from backend_services.dashboards.schemas import ShareRequest
from backend_services.dashboards.spec import ChartKind
from backend_services.dashboards.subscriptions import service
from backend_services.dashboards.subscriptions import tasks as delivery_tasks
from backend_services.dashboards.subscriptions.delivering import MAX_ATTEMPTS, deliver
from backend_services.dashboards.subscriptions.errors import (
    DeliveryNotFoundError,
    SubscriptionNotFoundError,
    UnsubscribeLinkInvalidError,
)
from backend_services.dashboards.subscriptions.models import Delivery, Subscription
from backend_services.dashboards.subscriptions.planning import plan_due, tidy
from backend_services.dashboards.subscriptions.schedule import Daily
from backend_services.dashboards.subscriptions.schemas import (
    Channel,
    DeliveryState,
    DeliveryView,
    Format,
    Recipients,
    SendWhen,
    SubscriptionCreate,
    SubscriptionState,
    SubscriptionView,
)
from backend_services.datasets import rules_service as rules
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.identity.models import Membership
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.errors import DomainError, InvalidInputError, PermissionDeniedError
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.mail import tasks as mail_tasks
from backend_services.kernel.pagination import PageRequest
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor
from tests.integration.kernel.test_mail import Inbox

AT = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
ALL = PageRequest(limit=200)
assert mail_tasks.send_mail is not None
assert delivery_tasks.make_delivery is not None  # registered, as the composition root does


async def _dashboard(owner: Actor, folder: Path) -> tuple[UUID, UUID]:
    """Return a dashboard that the whole team may read, and its dataset."""
    orders = await store_orders(owner, folder)
    by_country = query("revenue", by=["country"], dataset_id=orders)
    made = spec(
        tile(ChartKind.NUMBER, query("revenue", dataset_id=orders), tile_id="revenue", title="Revenue"),
        tile(ChartKind.BAR, by_country, tile_id="countries", title="Countries"),
        title="Sales",
    )
    async with transaction(owner) as session:
        view = await dashboards.create_dashboard(owner, session, made)
        await dashboards.share(owner, session, view.id, ShareRequest())
    return view.id, orders


async def _subscribe(owner: Actor, dashboard_id: UUID, **chosen: object) -> SubscriptionView:
    request = {"title": "Morning sales", "dashboard_id": dashboard_id, "schedule": Daily(at="07:00"), **chosen}
    with frozen(AT):
        async with transaction(owner) as session:
            return await service.create_subscription(owner, session, SubscriptionCreate.model_validate(request))


async def _history(owner: Actor, subscription_id: UUID) -> list[DeliveryView]:
    async with transaction(owner) as session:
        return list((await service.list_deliveries(owner, session, subscription_id, ALL)).items)


async def _run_at(at: datetime) -> None:
    """Plan and deliver as a worker does at that time. Jobs are due by the database's clock, which stays."""
    with frozen(at):
        await plan_due()
    await run_waiting()


def _messages(kept: Inbox, to: str) -> list[EmailMessage]:
    found = [message_from_bytes(one, policy=policy.default) for one in kept.messages]
    return [one for one in found if isinstance(one, EmailMessage) and one["To"] == to]


def _attachment(message: EmailMessage) -> bytes:
    part = next(iter(message.iter_attachments()))
    content = part.get_content()
    return content if isinstance(content, bytes) else content.encode()


async def test_a_due_subscription_is_mailed_as_pdf_and_lies_in_the_inbox(
    ana: Actor, mailbox: Inbox, tmp_path: Path
) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id)
    assert made.next_at == DUE
    await _run_at(DUE - timedelta(seconds=1))
    assert await _history(ana, made.id) == []
    await _run_at(DUE)
    (one,) = await _history(ana, made.id)
    assert (one.state, one.occurrence) == (DeliveryState.SENT, DUE)
    (message,) = _messages(mailbox, ana.label)
    assert message["Subject"] == "Morning sales: 2 Nov 2026"
    assert message["Message-ID"].startswith(f"<{one.id}@")
    body = message.get_body(("plain",))
    assert body is not None
    assert "Revenue: €257,400.00" in body.get_content()
    assert "€257,400.00" in PdfReader(io.BytesIO(_attachment(message))).pages[0].extract_text()
    async with transaction(ana) as session:
        (item,) = (await service.list_inbox(ana, session, ALL)).items
        assert (await service.count_unread(ana, session)).unread == 1
        _, pieces = await service.open_file(ana, session, item.id)
        assert b"".join([piece async for piece in pieces]) == _attachment(message)
        assert (await service.count_unread(ana, session)).unread == 0


async def test_each_recipient_gets_what_his_own_rules_show_in_his_own_language(
    ana: Actor, bor: Actor, mailbox: Inbox, tmp_path: Path
) -> None:
    dashboard_id, orders = await _dashboard(ana, tmp_path)
    async with transaction(ana) as session:
        slovenia = Filter(field="country", operator=Operator.IN, values=("Slovenia",))
        await rules.create_rule(ana, session, orders, RuleInput(role="owner"))
        await rules.create_rule(ana, session, orders, RuleInput(role="viewer", filters=(slovenia,)))
    made = await _subscribe(ana, dashboard_id, recipients=Recipients(roles=("viewer", "owner")))
    await _run_at(DUE)
    assert [one.state for one in await _history(ana, made.id)] == [DeliveryState.SENT] * 2
    (english,), (slovenian,) = _messages(mailbox, ana.label), _messages(mailbox, bor.label)
    whole = PdfReader(io.BytesIO(_attachment(english))).pages[0].extract_text()
    part = PdfReader(io.BytesIO(_attachment(slovenian))).pages[0].extract_text()
    assert "Italy" in whole
    assert "Italy" not in part
    assert "Slovenia" in part
    assert slovenian["Content-Language"] == "sl"
    assert "Odjavite" in str(slovenian.get_body(("plain",)))


async def test_many_planners_and_a_repeated_job_send_once(ana: Actor, mailbox: Inbox, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id)
    with frozen(DUE):
        await asyncio.gather(*(plan_due() for _ in range(4)))
    await run_waiting()
    (one,) = await _history(ana, made.id)
    assert await deliver(ana, one.id, attempt=1) == "sent"
    assert len(_messages(mailbox, ana.label)) == 1


async def test_what_was_missed_while_nothing_ran_comes_once(ana: Actor, mailbox: Inbox, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id)
    await _run_at(DUE + timedelta(days=10, hours=1))
    await _run_at(DUE + timedelta(days=10, hours=2))
    (one,) = await _history(ana, made.id)
    assert one.occurrence == DUE
    assert len(_messages(mailbox, ana.label)) == 1
    async with transaction(ana) as session:
        assert (await service.get_subscription(ana, session, made.id)).next_at == DUE + timedelta(days=11)


async def test_who_is_not_of_the_team_cannot_be_sent_anything(ana: Actor, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    stranger = await make_actor(role="owner")
    assert stranger.user_id is not None
    with pytest.raises(InvalidInputError) as refused:
        await _subscribe(ana, dashboard_id, recipients=Recipients(user_ids=(stranger.user_id,)))
    assert list(refused.value.fields) == ["recipients.user_ids"]


async def test_who_lost_the_right_gets_nothing_and_the_owner_is_told_once(
    ana: Actor, bor: Actor, mailbox: Inbox, tmp_path: Path
) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    assert bor.user_id is not None
    made = await _subscribe(ana, dashboard_id, recipients=Recipients(user_ids=(bor.user_id,)))
    async with transaction(ana) as session:
        await dashboards.unshare(ana, session, dashboard_id, role="*")
    await _run_at(DUE)
    await _run_at(DUE + timedelta(days=1))
    assert [(one.state, one.reason) for one in await _history(ana, made.id)] == [
        (DeliveryState.REFUSED, "dashboard_not_found")
    ] * 2
    assert _messages(mailbox, bor.label) == []
    (notice,) = _messages(mailbox, ana.label)
    assert notice["Subject"] == f"Morning sales: {bor.label} gets nothing any more"


async def test_who_left_the_team_is_no_recipient(ana: Actor, bor: Actor, mailbox: Inbox, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id, recipients=Recipients(roles=("viewer",)))
    with frozen(DUE):
        await plan_due()
    async with system_transaction() as session:
        await session.execute(
            update(Membership).where(col(Membership.user_id) == bor.user_id).values(status="deactivated")
        )
    await run_waiting()
    await _run_at(DUE + timedelta(days=1))
    (one,) = await _history(ana, made.id)
    assert (one.state, one.reason) == (DeliveryState.REFUSED, "member_left")
    assert _messages(mailbox, bor.label) == []


async def test_an_unchanged_answer_is_not_sent_again(ana: Actor, mailbox: Inbox, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id, send_when=SendWhen.CHANGED, format=Format.CSV, tile_id="countries")
    await _run_at(DUE)
    await _run_at(DUE + timedelta(days=1))
    assert [(one.state, one.reason) for one in await _history(ana, made.id)] == [
        (DeliveryState.SKIPPED, "unchanged"),
        (DeliveryState.SENT, ""),
    ]
    (message,) = _messages(mailbox, ana.label)
    assert b"Slovenia" in _attachment(message)


async def test_an_outside_address_needs_a_right_of_its_own_and_is_told_whose_view_it_gets(
    ana: Actor, bor: Actor, mailbox: Inbox, tmp_path: Path
) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    outside = Recipients(addresses=("partner@elsewhere.example",))
    with pytest.raises(PermissionDeniedError):
        await _subscribe(bor, dashboard_id, recipients=outside)
    await _subscribe(ana, dashboard_id, recipients=outside)
    await _run_at(DUE)
    (message,) = _messages(mailbox, "partner@elsewhere.example")
    assert f"This shows what {ana.label} may see." in str(message.get_body(("plain",)))


async def test_one_click_ends_it_and_a_look_at_the_link_does_not(ana: Actor, mailbox: Inbox, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id)
    await _run_at(DUE)
    (message,) = _messages(mailbox, ana.label)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(r"<(\S+)>", message["List-Unsubscribe"])
    assert link is not None
    token = parse_qs(urlsplit(link[1]).query)["token"][0]
    assert (await service.unsubscribe(token, really=False)).title == "Morning sales"
    async with transaction(ana) as session:
        assert (await service.get_subscription(ana, session, made.id)).unsubscribed == ()
    await service.unsubscribe(token)
    await _run_at(DUE + timedelta(days=1))
    assert len(await _history(ana, made.id)) == 1
    with pytest.raises(UnsubscribeLinkInvalidError):
        await service.unsubscribe(token[:-4] + "AAAA")


async def test_a_server_that_puts_us_off_is_tried_again_and_five_failures_switch_it_off(
    ana: Actor, mailbox: Inbox, tmp_path: Path
) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id, recipients=Recipients(addresses=("later@example.org",)))
    for day in range(5):
        with frozen(DUE + timedelta(days=day)):
            await plan_due()
        one = (await _history(ana, made.id))[0]
        with pytest.raises(DomainError):
            await deliver(ana, one.id, attempt=1)
        assert (await _history(ana, made.id))[0].state is DeliveryState.WAITING
        with pytest.raises(DomainError):
            await deliver(ana, one.id, attempt=MAX_ATTEMPTS)
        assert (await _history(ana, made.id))[0].reason == "mail_undeliverable"
    async with transaction(ana) as session:
        assert (await service.get_subscription(ana, session, made.id)).state is SubscriptionState.DISABLED
    await run_waiting()
    (notice,) = _messages(mailbox, ana.label)
    assert notice["Subject"] == "Morning sales: switched off after failures"


async def test_a_delivery_whose_worker_died_for_good_is_settled_as_failed(ana: Actor, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id)
    with frozen(DUE):
        await plan_due()
    (one,) = await _history(ana, made.id)
    async with system_transaction() as session:
        await session.execute(update(Job).where(col(Job.id) == one.job_id).values(state="dead"))
    with frozen(DUE):
        await plan_due()
    assert [(one.state, one.reason) for one in await _history(ana, made.id)] == [(DeliveryState.FAILED, "job_lost")]


async def test_files_are_deleted_after_their_time_and_the_history_stays(ana: Actor, tmp_path: Path) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id, channel=Channel.INBOX, format=Format.XLSX, tile_id="countries")
    await _run_at(DUE)
    async with transaction(ana) as session:
        (item,) = (await service.list_inbox(ana, session, ALL)).items
    assert item.expires_at is not None
    with frozen(item.expires_at + timedelta(seconds=1)):
        await tidy()
    async with transaction(ana) as session:
        with pytest.raises(DeliveryNotFoundError):
            await service.open_file(ana, session, item.id)
    assert len(await _history(ana, made.id)) == 1


async def test_another_tenants_and_another_persons_subscription_is_not_found(
    ana: Actor, bor: Actor, tmp_path: Path
) -> None:
    dashboard_id, _ = await _dashboard(ana, tmp_path)
    made = await _subscribe(ana, dashboard_id)
    stranger = await make_actor(role="owner")
    for actor in (bor, stranger):
        async with transaction(actor) as session:
            with pytest.raises(SubscriptionNotFoundError):
                await service.get_subscription(actor, session, made.id)
    with pytest.raises(DashboardNotFoundError):
        await _subscribe(stranger, dashboard_id)
    async with transaction(stranger) as session:
        assert (await session.scalars(select(Subscription))).all() == []
        assert (await session.scalars(select(Delivery))).all() == []
