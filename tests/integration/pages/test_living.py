"""When an open page renews itself: hints of its own tenant about what it shows, over a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import Overrides
from backend_services.dashboards.spec import ChartKind
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.events import service as events
from backend_services.kernel.ids import new_id
from state.dashboards.concerns import Concerns
from state.dashboards.filling import Round, answers
from state.dashboards.shown import loading_tile
from state.live import hints
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor


async def _new_version(actor: Actor, dataset_id: UUID) -> None:
    async with transaction(actor) as session:
        await events.record(actor, session, name="datasets.version_ready", subject_id=dataset_id, data={"version": 2})


async def _hinted(seen: AsyncGenerator[bool], actor: Actor, dataset_id: UUID) -> None:
    """Let versions come until the page, whose subscription takes a moment, hears of one."""
    waiting = asyncio.ensure_future(anext(seen))
    async with asyncio.timeout(20):
        while not (waiting.done() and waiting.result()):
            if waiting.done():
                waiting = asyncio.ensure_future(anext(seen))
            await _new_version(actor, dataset_id)
            await asyncio.wait({waiting}, timeout=0.1)


async def test_a_page_renews_itself_for_its_own_data_only(database: Database) -> None:
    assert database
    ana, stranger = await make_actor(role="analyst"), await make_actor(role="owner")
    shown, other = new_id(), new_id()
    async with aclosing(hints(ana.tenant_id, Concerns(new_id(), {shown}), at_least_every_s=1.5)) as seen:
        assert await anext(seen) is False
        await _hinted(seen, ana, shown)
        while await anext(seen):
            pass  # what came while the page was subscribing
        await _new_version(stranger, shown)
        await _new_version(ana, other)
        assert [await anext(seen), await anext(seen)] == [False, False]
        await _new_version(ana, shown)
        assert await anext(seen) is True


async def test_what_happens_while_a_page_renews_itself_is_not_missed(database: Database) -> None:
    assert database
    ana, shown = await make_actor(role="analyst"), new_id()
    async with aclosing(hints(ana.tenant_id, Concerns(new_id(), {shown}), at_least_every_s=1.5)) as seen:
        await anext(seen)
        await _hinted(seen, ana, shown)
        while await anext(seen):
            pass
        waiting = asyncio.ensure_future(anext(seen))
        await _new_version(ana, shown)
        assert await waiting is True
        await _new_version(ana, shown)  # the page is busy with the one before
        assert await anext(seen) is True
        assert await anext(seen) is False


async def _renewed(asked: Round, tiles: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    async with aclosing(answers(asked)) as coming:
        async for changes in coming:
            tiles = tiles | {tile_id: change(tiles[tile_id]) for tile_id, change in changes.items()}
    return tiles


async def _store(actor: Actor, dataset_id: UUID, *, version: int, key: str) -> str:
    """Let the dataset's file be elsewhere; return where it was."""
    names = {"id": dataset_id, "version": version, "key": key}
    async with transaction(actor) as session:
        before = await session.execute(text("SELECT file_key FROM dataset_versions WHERE dataset_id = :id"), names)
        was = str(before.scalar_one())
        change = "UPDATE dataset_versions SET number = :version, file_key = :key WHERE dataset_id = :id"
        await session.execute(text(change), names)
        await session.execute(text("UPDATE datasets SET version = :version WHERE id = :id"), names)
    return was


async def test_a_failing_renewal_keeps_the_last_figures_and_says_so(database: Database, tmp_path: Path) -> None:
    assert database
    ana = await make_actor(role="analyst")
    orders, other = await store_orders(ana, tmp_path), await store_orders(ana, tmp_path)
    tiles = (
        tile(ChartKind.NUMBER, query("revenue", dataset_id=orders), tile_id="breaks"),
        tile(ChartKind.NUMBER, query("orders", dataset_id=other), tile_id="holds"),
    )
    async with transaction(ana) as session:
        saved = await dashboards.create_dashboard(ana, session, spec(*tiles))
    asked = Round(
        number=1, actor=ana, dashboard_id=saved.id, overrides=Overrides(), tile_ids=tuple(one.id for one in tiles)
    )
    first = await _renewed(asked, {one.id: loading_tile(one) for one in tiles})
    assert {one["state"] for one in first.values()} == {"ready"}

    place = await _store(ana, orders, version=2, key="tenants/none/gone.parquet")
    second = await _renewed(asked, first)
    assert second["breaks"]["stale"]
    assert (second["breaks"]["state"], second["breaks"]["value"]) == ("ready", first["breaks"]["value"])
    assert second["holds"]["stale"] == ""

    await _store(ana, orders, version=3, key=place)
    third = await _renewed(asked, second)
    assert (third["breaks"]["stale"], third["breaks"]["value"]) == ("", first["breaks"]["value"])

    async with transaction(ana) as session:
        await session.execute(text("DELETE FROM datasets WHERE id = :id"), {"id": orders})
    fourth = await _renewed(asked, third)
    assert (fourth["breaks"]["state"], fourth["breaks"]["value"]) == ("failed", "")
