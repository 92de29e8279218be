"""A worker that is killed while it hands a message over: another one finishes the delivery, under one row."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from backend_services.dashboards.subscriptions import service
from backend_services.dashboards.subscriptions.schemas import DeliveryState
from backend_services.kernel.clock import frozen
from backend_services.kernel.db import transaction
from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.jobs.actors import set_actor_loader
from tests.integration.kernel.conftest import Bench, bench, eventually
from tests.integration.kernel.test_mail import Inbox
from tests.integration.subscriptions.test_deliveries import DUE, _dashboard, _history, _subscribe

assert bench is not None


class HangingInbox(Inbox):
    """Takes the first message and never answers; takes every later one."""

    hung = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message; say so from the second on."""
        answer = await super().handle_DATA(server, session, envelope)
        if not self.hung:
            self.hung = True
            await asyncio.Event().wait()
        return answer


@pytest.fixture
def hanging() -> Iterator[tuple[HangingInbox, int]]:
    kept = HangingInbox()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield kept, controller.port
    controller.stop()


async def test_a_killed_worker_leaves_one_row_and_the_same_message_id(
    bench: Bench,
    hanging: tuple[HangingInbox, int],
    tmp_path: Path,
) -> None:
    kept, port = hanging
    set_actor_loader(None)
    dashboard_id, _ = await _dashboard(bench.actor, tmp_path)
    made = await _subscribe(bench.actor, dashboard_id)
    with frozen(DUE):
        async with transaction(bench.actor) as session:
            assert await service.send_now(bench.actor, session, made.id) == 1
    mail = {"mail_smtp_host": "127.0.0.1", "mail_smtp_port": str(port), "mail_smtp_security": "none"}
    first = bench.start_worker(**mail)

    async def handed_over() -> bool:
        return kept.hung

    await eventually(handed_over, within_s=60)
    first.kill()
    first.wait(10)
    assert [one.state for one in await _history(bench.actor, made.id)] == [DeliveryState.WAITING]
    bench.start_worker(**mail)

    async def settled() -> bool:
        return [one.state for one in await _history(bench.actor, made.id)] == [DeliveryState.SENT]

    await eventually(settled, within_s=60)
    ids = {message_from_bytes(one, policy=policy.default)["Message-ID"] for one in kept.messages}
    assert (len(kept.messages), len(ids)) == (2, 1)
