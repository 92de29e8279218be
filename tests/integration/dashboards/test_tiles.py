"""What tiles show, asked of a real stored table through the real query engine."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from backend_services.dashboards import service
from backend_services.dashboards.errors import (
    DashboardInvalidError,
    DashboardNotFoundError,
    DashboardTypeNotReadyError,
    TileDataGoneError,
    TileHasNoRowsError,
    TileNotFoundError,
)
from backend_services.dashboards.schemas import Overrides, RowsRequest, ShareRequest, TilePreview
from backend_services.dashboards.spec import ChartKind, DashboardSpec, SqlSource, Tile
from backend_services.datasets.catalogue import (
    Filter,
    Grain,
    GroupBy,
    Operator,
    RelativePeriod,
    SqlQuery,
)
from backend_services.datasets.errors import DatasetNotFoundError
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.identity.models import Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs.models import Job
from backend_services.metering.models import ApiCall
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor, make_tenant, without

AT = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
BY_MONTH = GroupBy(field="ordered_at", grain=Grain.MONTH)
LAST_MONTH = RelativePeriod(kind="last", n=1, grain=Grain.MONTH)
SLOVENIA = Filter(field="country", operator=Operator.IN, values=("Slovenia",))


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    assert database
    return await make_tenant()


@pytest.fixture
async def ana(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="analyst")


@pytest.fixture
async def orders(ana: Actor, tmp_path: Path) -> UUID:
    return await store_orders(ana, tmp_path)


def _sql_tile(dataset_id: UUID, sql: str = "SELECT country, sum(amount) AS total FROM data GROUP BY country") -> Tile:
    source = SqlSource(query=SqlQuery(dataset_id=dataset_id, sql=sql))
    return Tile(id="sql", title="By SQL", chart=ChartKind.BAR, source=source)


def _sales(dataset_id: UUID) -> DashboardSpec:
    return spec(
        tile(ChartKind.NUMBER, query("revenue", dataset_id=dataset_id), tile_id="revenue", title="Revenue"),
        tile(ChartKind.LINE, query("revenue", by=[BY_MONTH], dataset_id=dataset_id), tile_id="course"),
        tile(ChartKind.BAR, query("revenue", by=["product"], dataset_id=dataset_id), tile_id="products"),
        tile(ChartKind.PIE, query("orders", by=["country"], dataset_id=dataset_id), tile_id="share"),
        tile(ChartKind.TABLE, query("revenue", "orders", by=["country"], dataset_id=dataset_id), tile_id="table"),
        _sql_tile(dataset_id),
    )


async def _save(actor: Actor, made: DashboardSpec, *, team: bool = False) -> UUID:
    async with transaction(actor) as session:
        view = await service.create_dashboard(actor, session, made)
        if team:
            await service.share(actor, session, view.id, ShareRequest())
        return view.id


async def test_every_tile_of_a_dashboard_is_answered(ana: Actor, orders: UUID) -> None:
    dashboard_id = await _save(ana, _sales(orders))
    with frozen(AT):
        shown = await service.tile_results(ana, dashboard_id)
    assert [(one.tile_id, one.state) for one in shown] == [
        (name, "ready") for name in ("revenue", "course", "products", "share", "table", "sql")
    ]
    number, course, products, share, table, sql = shown
    assert number.number is not None
    assert number.number.value == sum(n % 100 for n in range(5200))
    assert course.figure is not None
    assert course.notes == ("* Nov 2026 is still running: to 5 Nov 2026 12:00.",)
    assert products.figure is not None
    assert products.figure["data"][0]["y"][-1] == "Other"
    assert share.finding == "Equal at the top with 30% each of the total: Croatia, Slovenia."
    assert table.figure is None
    assert table.finding == "4 rows."
    assert sql.figure is not None
    assert sql.how is not None
    assert all(one.source is not None and one.source.rows == 5200 for one in shown)


async def test_a_number_is_compared_with_the_stretch_before_and_has_its_history(ana: Actor, orders: UUID) -> None:
    dashboard_id = await _save(ana, _sales(orders))
    with frozen(AT):
        shown = await service.tile_result(ana, dashboard_id, "revenue", Overrides(period=LAST_MONTH, language="sl"))
    assert shown.number is not None
    assert shown.number.delta is not None
    assert shown.number.delta.against == "mesec prej"
    assert len(shown.number.spark) == 12
    assert shown.number.spark[-1] == shown.number.value
    assert shown.how is not None
    assert shown.how.period == "1. 10. 2026 – 31. 10. 2026"


async def test_filters_of_dashboard_and_viewer_reach_the_tiles(ana: Actor, orders: UUID) -> None:
    everything = _sales(orders)
    dashboard_id = await _save(ana, everything)
    whole = await service.tile_result(ana, dashboard_id, "revenue")
    part = await service.tile_result(ana, dashboard_id, "revenue", Overrides(filters=(SLOVENIA,)))
    assert whole.number is not None
    assert part.number is not None
    assert whole.number.value is not None
    assert part.number.value is not None
    assert 0 < part.number.value < whole.number.value
    sql = await service.tile_result(ana, dashboard_id, "sql", Overrides(filters=(SLOVENIA,), period=LAST_MONTH))
    assert "The period does not apply to this tile." in sql.notes


async def test_an_empty_period_is_said_and_not_zero(ana: Actor, orders: UUID) -> None:
    dashboard_id = await _save(ana, _sales(orders))
    far = RelativePeriod(kind="between", start="1999-01-01", end="2000-01-01")
    shown = await service.tile_results(ana, dashboard_id, Overrides(period=far))
    by_id = {one.tile_id: one for one in shown}
    assert by_id["revenue"].state == "insufficient_data"
    assert by_id["revenue"].number is None
    assert by_id["course"].insufficient is not None
    assert by_id["course"].insufficient.code == "no_rows"


async def test_one_tile_without_data_leaves_the_others_alone(ana: Actor, orders: UUID, tmp_path: Path) -> None:
    other = await store_orders(ana, tmp_path)
    both = spec(
        tile(ChartKind.NUMBER, query("revenue", dataset_id=orders), tile_id="here"),
        tile(ChartKind.NUMBER, query("revenue", dataset_id=other), tile_id="gone"),
    )
    dashboard_id = await _save(ana, both)
    async with transaction(ana) as session:
        await session.execute(text("DELETE FROM datasets WHERE id = :id"), {"id": other})
    here, gone = await service.tile_results(ana, dashboard_id)
    assert (here.state, gone.state) == ("ready", "failed")
    assert gone.problem is not None
    assert gone.problem.code == "dashboard_tile_data_gone"
    with pytest.raises(TileDataGoneError):
        await service.tile_result(ana, dashboard_id, "gone")


async def test_saved_sql_is_read_without_the_right_and_never_written_without_it(
    ana: Actor, orders: UUID, tenant: Tenant
) -> None:
    dashboard_id = await _save(ana, spec(_sql_tile(orders)), team=True)
    viewer = await make_actor(tenant=tenant, role="viewer")
    shown = await service.tile_result(viewer, dashboard_id, "sql")
    assert shown.state == "ready"
    writer = without(ana, "datasets:sql:run")
    with pytest.raises(PermissionDeniedError):
        await _save(writer, spec(_sql_tile(orders)))
    with pytest.raises(PermissionDeniedError):
        await service.preview_tile(writer, TilePreview(tile=_sql_tile(orders)))


async def test_sql_that_writes_is_refused_when_it_is_saved(ana: Actor, orders: UUID) -> None:
    with pytest.raises(DashboardInvalidError) as refused:
        await _save(ana, spec(_sql_tile(orders, "DELETE FROM data")))
    assert list(refused.value.fields) == ["tiles[0].source.query.sql"]


async def test_rows_behind_a_bar_are_those_it_counts(ana: Actor, orders: UUID) -> None:
    dashboard_id = await _save(ana, _sales(orders))
    rows = await service.tile_rows(ana, dashboard_id, "products", RowsRequest(cell={"product": "Product 7"}, limit=5))
    at = [column.name for column in rows.columns].index("product")
    assert len(rows.rows) == 5
    assert {row[at] for row in rows.rows} == {"Product 7"}
    with pytest.raises(TileHasNoRowsError):
        await service.tile_rows(ana, dashboard_id, "sql", RowsRequest())


async def test_a_tile_is_exported_as_csv(ana: Actor, orders: UUID) -> None:
    dashboard_id = await _save(ana, _sales(orders))
    pieces = await service.export_tile(ana, dashboard_id, "share", export_format=ExportFormat.CSV)
    written = b"".join([piece async for piece in pieces]).decode("utf-8-sig")
    assert len(written.strip().splitlines()) == 5
    assert "Slovenia" in written


async def test_a_preview_shows_and_refuses_what_does_not_fit(ana: Actor, orders: UUID) -> None:
    good = tile(ChartKind.BAR, query("revenue", by=["country"], dataset_id=orders))
    assert (await service.preview_tile(ana, TilePreview(tile=good))).state == "ready"
    wrong = tile(ChartKind.BAR, query("revenu", by=["country"], dataset_id=orders))
    with pytest.raises(DashboardInvalidError):
        await service.preview_tile(ana, TilePreview(tile=wrong))


async def test_another_tenant_and_another_tile_are_not_found(ana: Actor, orders: UUID) -> None:
    dashboard_id = await _save(ana, _sales(orders), team=True)
    stranger = await make_actor(role="owner")
    with pytest.raises(DashboardNotFoundError):
        await service.tile_results(stranger, dashboard_id)
    with pytest.raises(TileNotFoundError):
        await service.tile_result(ana, dashboard_id, "nothing")
    with pytest.raises(DashboardInvalidError):
        await _save(stranger, spec(tile(ChartKind.NUMBER, query("revenue", dataset_id=orders))))


async def test_a_first_dashboard_is_made_once_and_every_tile_of_it_answers(ana: Actor, orders: UUID) -> None:
    (made,) = await service.seed_starter_dashboards(ana, orders)
    assert await service.seed_starter_dashboards(ana, orders) == ()
    assert made.title == "Orders at a glance"
    assert made.shared is True
    shown = await service.tile_results(ana, made.id)
    assert {one.state for one in shown} == {"ready"}
    assert {one.chart for one in shown} >= {ChartKind.NUMBER, ChartKind.LINE, ChartKind.BAR, ChartKind.TABLE}
    assert shown[0].number is not None
    assert shown[0].number.delta is not None


async def test_built_in_dashboards_are_made_from_the_platforms_own_data(ana: Actor) -> None:
    types = {one.id: one for one in await service.list_types(ana)}
    assert types["user-analytics"].state == "ready"
    assert types["revenue-analytics"].state == "insufficient_data"
    first, second = await asyncio.gather(
        service.build_type(ana, "User Engagement"), service.build_type(ana, "user-analytics")
    )
    assert first.id == second.id
    again = await service.build_type(replace(ana, language="sl"), "user-analytics")
    assert (again.id, again.title) == (first.id, "Analitika uporabnikov")
    shown = await service.tile_results(ana, first.id)
    assert not [one.problem for one in shown if one.state == "failed"]
    assert shown[0].number is not None
    assert shown[0].number.value == 1
    assert {one.id: one for one in await service.list_types(ana)}["user-analytics"].dashboard_id == first.id


@pytest.mark.parametrize("name", ["System Health", "Security & Auth", "API Usage Dashboard", "Overview"])
async def test_each_real_type_fits_the_platforms_catalogues(ana: Actor, name: str, orders: UUID) -> None:
    await _save(ana, _sales(orders))
    async with transaction(ana) as session:
        route = "/api/v1/dashboards"
        session.add(ApiCall(tenant_id=ana.tenant_id, method="GET", route=route, status=404, latency_ms=12.5))
        session.add(Job(tenant_id=ana.tenant_id, name="datasets.ingest", title="Orders", state="failed"))
    made = await service.build_type(ana, name)
    shown = await service.tile_results(ana, made.id)
    assert [one.problem for one in shown if one.state == "failed"] == []


async def test_a_type_without_any_data_says_what_is_missing(ana: Actor) -> None:
    usage = {one.id: one for one in await service.list_types(ana)}["api-usage-dashboard"]
    assert (usage.state, usage.missing) == ("insufficient_data", ("No rows yet: API calls.",))
    with pytest.raises(DashboardTypeNotReadyError):
        await service.build_type(ana, "API Performance")


async def test_a_dataset_of_nobody_has_no_first_dashboard(ana: Actor) -> None:
    with pytest.raises(DatasetNotFoundError):
        await service.seed_starter_dashboards(ana, new_id())
