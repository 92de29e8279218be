"""Events: in the transaction, to listeners at least once, to open pages at once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.embedded import valkey
from backend_services.kernel.embedded.cellar import Cellar
from backend_services.kernel.events import live
from backend_services.kernel.events import service as events
from backend_services.kernel.events.models import OutboxEvent
from backend_services.kernel.ids import new_id
from backend_services.kernel.redis import close_redis
from tests.factories.identity import make_actor
from tests.integration.kernel.conftest import Bench


async def _happen(bench: Bench) -> events.Event:
    async with transaction(bench.actor) as session:
        return await events.record(
            bench.actor, session, name="tests.happened", subject_id=new_id(), data={"folder": str(bench.folder)}
        )


async def test_each_listener_hears_an_event_and_a_failing_one_again(bench: Bench) -> None:
    bench.start_worker()
    event = await _happen(bench)
    await bench.until_marked("heard_late")
    await bench.until_marked("tried", 2)
    assert len(list(bench.folder.glob("heard-*"))) == 1  # the first listener was done and is not called again

    async with system_transaction() as session:
        row = await session.scalar(select(OutboxEvent).where(col(OutboxEvent.id) == event.id))
    assert row is not None
    assert row.attempts == 1


async def test_a_rolled_back_event_did_not_happen(bench: Bench) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what is tested
        async with transaction(bench.actor) as session:
            await events.record(bench.actor, session, name="tests.never")
            raise ZeroDivisionError
    async with transaction(bench.actor) as session:
        assert (await session.scalars(select(OutboxEvent))).all() == []


async def test_pages_see_their_own_tenants_events_only(bench: Bench) -> None:
    stranger = await make_actor()
    mine, theirs = live.subscribe(bench.actor.tenant_id), live.subscribe(stranger.tenant_id)
    first_mine = asyncio.ensure_future(anext(mine))
    first_theirs = asyncio.ensure_future(anext(theirs))
    await _subscribed(bench, first_mine)
    event = first_mine.result()
    assert event.name == "tests.happened"
    assert event.tenant_id == bench.actor.tenant_id
    async with transaction(stranger) as session:
        own = await events.record(stranger, session, name="tests.own")
    assert (await asyncio.wait_for(first_theirs, 10)).id == own.id
    await mine.aclose()
    await theirs.aclose()


async def _subscribed(bench: Bench, waiting: asyncio.Future[events.Event]) -> None:
    """Let events happen until the subscription, which takes a moment, delivers one."""
    async with asyncio.timeout(20):
        while not waiting.done():
            await _happen(bench)
            await asyncio.wait({waiting}, timeout=0.1)


async def test_a_page_is_told_to_reload_after_a_gap(bench: Bench, cellar: Cellar) -> None:
    pages = live.subscribe(bench.actor.tenant_id)
    await _subscribed(bench, asyncio.ensure_future(anext(pages)))
    await asyncio.to_thread(cellar.valkey.stop)
    cellar.valkey.start()
    valkey.require_ready(cellar.valkey)
    await close_redis()
    async with asyncio.timeout(20):
        while (await anext(pages)).name != live.RESUMED:
            continue
    await pages.aclose()
