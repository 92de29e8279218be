"""A tenant with an owner, orders and a dashboard over them; the REST door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import ShareRequest
from backend_services.dashboards.spec import ChartKind, SqlSource, Tile
from backend_services.datasets.catalogue import SqlQuery
from backend_services.identity.models import Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from state.api.app import create_api
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor, make_tenant
from tests.integration.embeds.making import ADDRESS


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    assert database
    return await make_tenant()


@pytest.fixture
async def ana(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="owner")


@pytest.fixture
async def orders(ana: Actor, tmp_path: Path) -> UUID:
    return await store_orders(ana, tmp_path)


@pytest.fixture
async def board(ana: Actor, orders: UUID) -> UUID:
    """Return a dashboard with a table, a number, and free SQL over the same rows."""
    sql = SqlSource(query=SqlQuery(dataset_id=orders, sql="SELECT country, count(*) AS n FROM data GROUP BY country"))
    made = spec(
        tile(ChartKind.TABLE, query("revenue", "orders", by=["country"], dataset_id=orders), tile_id="table", height=2),
        tile(ChartKind.NUMBER, query("orders", dataset_id=orders), tile_id="orders"),
        tile(ChartKind.PIE, query("orders", by=["country"], dataset_id=orders), tile_id="share"),
        Tile(id="sql", title="By SQL", chart=ChartKind.BAR, source=sql),
    )
    async with transaction(ana) as session:
        view = await dashboards.create_dashboard(ana, session, made)
        await dashboards.share(ana, session, view.id, ShareRequest())
    return view.id


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    assert database
    transport = httpx.ASGITransport(create_api(), client=(ADDRESS, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client
