"""All tiles of a dashboard are one request: what they share is read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from backend_services.dashboards import service
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Grain, RelativePeriod
from backend_services.datasets.query.execution import Views
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, get_database, transaction
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor, without

TRAILING = RelativePeriod(kind="trailing", n=2, grain=Grain.YEAR)


@pytest.fixture
async def ana(database: Database) -> Actor:
    assert database
    return await make_actor(role="analyst")


@pytest.fixture
async def orders(ana: Actor, tmp_path: Path) -> UUID:
    return await store_orders(ana, tmp_path)


@contextmanager
def sent() -> Iterator[list[str]]:
    """Collect the statements that PostgreSQL is sent."""
    found: list[str] = []
    engine = get_database().engine.sync_engine

    def note(*arguments: Any) -> None:
        found.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def _statements(actor: Actor, dataset_id: UUID, tiles: int) -> int:
    made = spec(
        *(
            tile(ChartKind.NUMBER, query("revenue", dataset_id=dataset_id, period=TRAILING), tile_id=f"t{number}")
            for number in range(tiles)
        )
    )
    async with transaction(actor) as session:
        dashboard_id = (await service.create_dashboard(actor, session, made)).id
    with sent() as statements:
        shown = await service.tile_results(actor, dashboard_id)
    assert [one.problem for one in shown] == [None] * tiles
    return len(statements)


async def test_ten_tiles_take_as_many_statements_as_one(ana: Actor, orders: UUID) -> None:
    assert await _statements(ana, orders, 10) == await _statements(ana, orders, 1)


async def test_a_number_names_the_sql_of_everything_beside_it(ana: Actor, orders: UUID) -> None:
    made = spec(tile(ChartKind.NUMBER, query("revenue", dataset_id=orders, period=TRAILING)))
    async with transaction(ana) as session:
        dashboard_id = (await service.create_dashboard(ana, session, made)).id
    (shown,) = await service.tile_results(ana, dashboard_id)
    assert shown.how is not None
    assert len({shown.how.sql, *shown.how.beside}) == 3


async def test_what_one_actor_sees_answers_nobody_else(ana: Actor, orders: UUID) -> None:
    views = Views(ana)
    assert await views.of(ana, orders)
    fewer = without(ana, *list(ana.permissions)[:1])
    for other in (await make_actor(role="owner"), replace(ana, roles=frozenset({"viewer"})), fewer):
        with pytest.raises(RuntimeError, match="belong to the actor"):
            await views.of(other, orders)
