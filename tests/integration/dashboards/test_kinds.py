"""Every kind of figure beyond lines and bars, driven through the real engine and compared with numpy and pandas."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb
import numpy as np
import pandas as pd
import pytest

from backend_services.dashboards import service
from backend_services.dashboards.errors import TileHasNoDataError
from backend_services.dashboards.figure import grids
from backend_services.dashboards.schemas import RowsRequest, ShareRequest, TilePreview, TileResult
from backend_services.dashboards.spec import ChartKind, TextSource, Tile
from backend_services.datasets.catalogue import (
    Grain,
    GroupBy,
    Operator,
    RelativePeriod,
)
from backend_services.datasets.platform import API_CALLS
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.datasets.rules import RowRule, RuleCondition
from backend_services.datasets.schemas import Profile
from backend_services.kernel.clock import frozen, now
from backend_services.kernel.db import Database, transaction
from backend_services.metering.models import ApiCall
from tests.factories.dashboards import Stored, query, spec, store_file, tile
from tests.factories.identity import make_actor, make_tenant
from tests.factories.kinds import CATALOGUE, COLUMNS, orders_of_three_years

if TYPE_CHECKING:
    from backend_services.identity.models import Tenant
    from backend_services.kernel.actor import Actor

AT = datetime(2025, 3, 20, 12, 0, tzinfo=UTC)
MONTH_START = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
YEAR = RelativePeriod(kind="between", start="2024-01-01", end="2025-01-01")
SLOVENIA_ONLY = RowRule(
    role="viewer", conditions=(RuleCondition(column="country", operator=Operator.EQ, values=("Slovenija",)),)
)
EVERYTHING = RowRule(role="analyst")


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    assert database
    return await make_tenant()


@pytest.fixture
async def ana(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="analyst")


@pytest.fixture
def frame() -> pd.DataFrame:
    return orders_of_three_years()


@pytest.fixture
async def orders(ana: Actor, frame: pd.DataFrame, tmp_path: Path) -> UUID:
    path = tmp_path / "orders.parquet"
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        kept = ", ".join(f"CAST({name} AS {stored}) AS {name}" for name, _, stored in COLUMNS)
        connection.sql("SELECT * FROM frame").project(kept).write_parquet(str(path))
    stored = Stored(
        COLUMNS,
        CATALOGUE,
        rows=len(frame),
        profile=Profile(rows=len(frame), columns=()),
        rules=(SLOVENIA_ONLY, EVERYTHING),
    )
    return await store_file(ana, path, stored)


async def _shown(actor: Actor, one: Tile, **more: Any) -> TileResult:
    with frozen(AT):
        found = await service.preview_tile(actor, TilePreview(tile=one, **more))
    assert found.problem is None
    return found


async def _file(actor: Actor, one: Tile, **more: Any) -> list[list[str]]:
    async with transaction(actor) as session:
        view = await service.create_dashboard(actor, session, spec(one, **more))
    with frozen(AT):
        pieces = await service.export_tile(actor, view.id, one.id, export_format=ExportFormat.CSV)
        written = b"".join([piece async for piece in pieces])
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))


def _prices(dataset_id: UUID, **more: Any) -> Tile:
    asked = query("orders", by=[GroupBy(field="price")], dataset_id=dataset_id)
    return tile(ChartKind.HISTOGRAM, asked, title="Prices", **more)


@pytest.mark.parametrize("bins", [2, 20, 60])
async def test_bins_hold_what_numpy_counts_in_them(ana: Actor, orders: UUID, frame: pd.DataFrame, bins: int) -> None:
    shown = await _shown(ana, _prices(orders, bins=bins))
    assert shown.figure is not None
    assert shown.result is not None
    width = shown.result.columns[0].width
    assert width is not None
    lows = [one[0] for one in shown.figure["data"][0]["customdata"]]
    edges = [round(low, 9) for low in lows] + [round(lows[-1] + 2 * width, 9)]
    counted, _ = np.histogram(frame["price"].dropna(), bins=edges)
    assert shown.figure["data"][0]["y"] == counted.tolist()
    assert sum(counted) == frame["price"].notna().sum()
    assert "Rows without a number are not drawn; the table has them." in shown.notes
    rows = await _file(ana, _prices(orders, bins=bins))
    assert rows[0] == ["price_from", "price_to", "orders"]
    written = {float(low): (float(high), int(count)) for low, high, count in rows[1:] if low}
    for low, count in zip(lows, counted.tolist(), strict=True):
        if count:
            assert written[round(low, 9)] == (round(low + width, 9), count)
    assert [row for row in rows if row[0] == ""] == [["", "", str(int(frame["price"].isna().sum()))]]


def _pivot(dataset_id: UUID, *measures: str, **more: Any) -> Tile:
    by = [GroupBy(field="product"), GroupBy(field="ordered_at", grain=Grain.YEAR)]
    return tile(ChartKind.PIVOT, query(*measures, by=by, dataset_id=dataset_id), series="ordered_at", **more)


async def test_totals_of_averages_and_of_distinct_counts_come_from_the_rows(
    ana: Actor, orders: UUID, frame: pd.DataFrame
) -> None:
    rows = await _file(ana, _pivot(orders, "average", "customers"))
    years = [2022, 2023, 2024]
    assert rows[0] == [
        "product",
        *(f"{year} · {name}" for year in years for name in ("Average", "Customers")),
        "– · Average", "– · Customers", "Total · Average", "Total · Customers",
    ]  # fmt: skip
    found = {row[0]: [float(one) for one in row[1:]] for row in rows[1:]}
    assert set(found) == {*frame["product"].unique(), "Total"}
    assert list(found)[-1] == "Total"
    for name, figures in found.items():
        of_row = frame if name == "Total" else frame[frame["product"] == name]
        year = of_row["ordered_at"].dt.year
        parts = [*(of_row[year == one] for one in years), of_row[year.isna()], of_row]
        expected = [figure for part in parts for figure in (part["price"].mean(), part["customer"].nunique())]
        assert figures == pytest.approx(expected)


async def test_a_pivot_names_the_sql_of_its_totals_and_says_what_its_rows_say(ana: Actor, orders: UUID) -> None:
    shown = await _shown(ana, _pivot(orders, "orders"))
    assert shown.how is not None
    assert len(shown.how.beside) == 3
    assert shown.how.sql not in shown.how.beside
    assert "leads with" in shown.finding
    two = await _shown(ana, _pivot(orders, "orders", "customers"))
    assert two.finding == "7 rows."


async def test_a_pivot_of_more_cells_than_are_asked_for_has_those_of_its_rows(ana: Actor, orders: UUID) -> None:
    by = [GroupBy(field="price"), GroupBy(field="ordered_at", grain=Grain.DAY)]
    asked = query("orders", by=by, dataset_id=orders, limit=200)
    shown = await _shown(ana, tile(ChartKind.PIVOT, asked, series="ordered_at"))
    assert shown.table is not None
    assert shown.table.total == 200
    assert len(shown.table.columns) == 26
    assert "Only the first 200 rows are shown; totals are of all." in shown.notes


async def test_a_heat_map_has_the_cells_that_pandas_groups(ana: Actor, orders: UUID, frame: pd.DataFrame) -> None:
    by = [GroupBy(field="product"), GroupBy(field="ordered_at", grain=Grain.QUARTER)]
    shown = await _shown(ana, tile(ChartKind.HEATMAP, query("average", by=by, dataset_id=orders)))
    assert shown.figure is not None
    dated = frame[frame["ordered_at"].notna()]
    cells = dated.groupby([dated["ordered_at"].dt.to_period("Q").astype(str), "product"])["price"].mean()
    (trace,) = shown.figure["data"]
    names = shown.figure["layout"]["yaxis"]["ticktext"]
    assert len(trace["x"]) == len(cells) == 12 * 7
    for label, base, value in zip(trace["x"], trace["base"], trace["marker"]["color"], strict=True):
        quarter, year = label.split(" ")
        assert value == pytest.approx(cells[f"{year}{quarter}", names[round(base - grids.GAP)]])


async def test_countries_lie_where_they_are_whatever_they_are_called(
    ana: Actor, orders: UUID, frame: pd.DataFrame
) -> None:
    shown = await _shown(ana, tile(ChartKind.MAP, query("orders", by=["country"], dataset_id=orders)), language="sl")
    assert shown.figure is not None
    placed = [one[0] for one in shown.figure["data"][0]["customdata"]]
    assert set(placed) == {"Slovenija", "Austria", "HR", "USA"}
    sizes = frame["country"].value_counts()
    assert placed == sorted(placed, key=lambda name: -sizes[name])
    said, _, names = shown.notes[0].removesuffix(".").partition(": ")
    assert (said, set(names.split(", "))) == ("2 vrednosti tu nista znana kraja", {"Atlantis", "\N{EN DASH}"})
    rows = await _file(ana, tile(ChartKind.MAP, query("orders", by=["country"], dataset_id=orders)))
    assert {row[0]: int(row[1]) for row in rows[1:] if row[0]} == sizes.to_dict()


async def test_coordinates_are_points_and_those_beyond_the_poles_are_none(
    ana: Actor, orders: UUID, frame: pd.DataFrame
) -> None:
    shown = await _shown(ana, tile(ChartKind.MAP, query("revenue", by=["lat", "lon"], dataset_id=orders)))
    assert shown.figure is not None
    sums = frame.groupby("lat")["price"].sum()
    assert sorted(shown.figure["data"][0]["y"]) == [45.81, 46.05]
    assert len(shown.notes) == 1
    assert shown.result is not None
    assert {row[0]: row[2] for row in shown.result.rows} == pytest.approx(sums.to_dict())


def _compared(dataset_id: UUID, grain: Grain, chart: ChartKind = ChartKind.LINE) -> Tile:
    asked = query("orders", by=[GroupBy(field="ordered_at", grain=grain)], dataset_id=dataset_id, limit=1000)
    return tile(chart, asked, compare=True)


async def test_days_of_a_leap_year_beside_the_year_before(ana: Actor, orders: UUID, frame: pd.DataFrame) -> None:
    counts = frame.groupby("ordered_at").size()
    shown = await _shown(ana, _compared(orders, Grain.DAY), period=YEAR)
    rows = await _file(ana, _compared(orders, Grain.DAY), period=YEAR)
    assert rows[0] == ["ordered_at", "orders", "orders__before"]
    found = {pd.Timestamp(row[0]): (row[1], row[2]) for row in rows[1:]}
    days = pd.date_range("2024-01-01", "2024-12-31")
    for day in days:
        own = counts.get(day)
        before = None if (day.month, day.day) == (2, 29) else counts.get(day - pd.DateOffset(years=1))
        wanted = ("" if own is None else str(own), "" if before is None else str(before))
        assert found.get(day, ("", "")) == wanted, day
    assert found[pd.Timestamp("2024-05-31")][0] == ""  # a day without orders is a gap, beside a day that has some
    assert shown.figure is not None
    line, *_, quiet = shown.figure["data"]
    assert len(line["y"]) == len(quiet["y"]) == 366
    assert quiet["y"][days.get_loc(pd.Timestamp("2024-02-29"))] is None
    assert shown.table is not None
    assert [one.label for one in shown.table.columns] == ["Ordered_At", "Orders", "Period before"]


@pytest.mark.parametrize("chart", [ChartKind.BAR, ChartKind.AREA])
async def test_months_and_the_ends_of_months(ana: Actor, orders: UUID, frame: pd.DataFrame, chart: ChartKind) -> None:
    monthly = frame.groupby(frame["ordered_at"].dt.to_period("M")).size()
    rows = await _file(ana, _compared(orders, Grain.MONTH, chart), period=YEAR)
    expected = [
        [f"2024-{at:02}-01", str(monthly[f"2024-{at:02}"]), str(monthly[f"2023-{at:02}"])] for at in range(1, 13)
    ]
    assert rows[1:] == expected
    march = RelativePeriod(kind="between", start="2024-03-01", end="2024-04-01")
    by_day = {row[0]: row for row in (await _file(ana, _compared(orders, Grain.DAY), period=march))[1:]}
    counts = frame.groupby("ordered_at").size()
    assert by_day["2024-03-29"][2] == str(counts.get(pd.Timestamp("2024-02-29"), ""))
    assert by_day["2024-03-31"][2] == ""


async def test_each_kind_counts_only_the_rows_that_its_reader_may_see(
    ana: Actor, tenant: Tenant, orders: UUID, frame: pd.DataFrame
) -> None:
    bor = await make_actor(tenant=tenant, role="viewer")
    own = frame[frame["country"] == "Slovenija"]
    kinds = {
        "bins": _prices(orders, tile_id="bins"),
        "pivot": _pivot(orders, "orders", tile_id="pivot"),
        "heat": tile(ChartKind.HEATMAP, query("orders", by=["product", "country"], dataset_id=orders), tile_id="heat"),
        "map": tile(ChartKind.MAP, query("orders", by=["country"], dataset_id=orders), tile_id="map"),
        "line": _compared(orders, Grain.MONTH).model_copy(update={"id": "line"}),
    }
    async with transaction(ana) as session:
        view = await service.create_dashboard(ana, session, spec(*kinds.values(), period=YEAR))
        await service.share(ana, session, view.id, ShareRequest())
    year = own[own["ordered_at"].dt.year == 2024]
    with frozen(AT):
        shown = {one.tile_id: one for one in await service.tile_results(bor, view.id)}
        files = {}
        for name in kinds:
            pieces = await service.export_tile(bor, view.id, name, export_format=ExportFormat.CSV)
            written = b"".join([piece async for piece in pieces]).decode("utf-8-sig")
            files[name] = list(csv.reader(io.StringIO(written)))
    assert {one.state for one in shown.values()} == {"ready"}
    assert all(name not in str(shown) + str(files) for name in ("Austria", "HR'", "USA", "Atlantis"))
    assert sum(int(row[-1]) for row in files["bins"][1:]) == len(year)
    assert files["pivot"][-1] == ["Total", str(len(year)), str(len(year))]
    assert files["map"][1:] == [["Slovenija", str(len(year))]]
    assert sum(int(row[2]) for row in files["heat"][1:]) == len(year)
    before = own[own["ordered_at"].dt.year == 2023]
    assert sum(int(row[2]) for row in files["line"][1:] if row[2]) == len(before)


async def test_a_text_has_no_data_to_list_or_to_download(ana: Actor, orders: UUID) -> None:
    words = Tile(id="note", title="Note", chart=ChartKind.TEXT, source=TextSource(text="# Aim"))
    async with transaction(ana) as session:
        view = await service.create_dashboard(ana, session, spec(words, _prices(orders)))
    with pytest.raises(TileHasNoDataError):
        await service.export_tile(ana, view.id, "note", export_format=ExportFormat.CSV)
    with pytest.raises(TileHasNoDataError):
        await service.tile_rows(ana, view.id, "note", RowsRequest())
    assert (await service.tile_result(ana, view.id, "note")).text[0].kind == "heading"


@pytest.fixture
async def calls(ana: Actor) -> pd.DataFrame:
    """Return calls of the platform's own table in PostgreSQL, of this month: some fail, some are slow."""
    random = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "called_at": [MONTH_START + timedelta(days=int(day), hours=9) for day in random.integers(0, 20, 300)],
            "route": [f"/api/v1/r{at}" for at in random.integers(0, 4, 300)],
            "status": random.choice([200, 404], 300),
            "latency_ms": np.round(random.gamma(2, 30, 300), 3),
        }
    )
    async with transaction(ana) as session:
        for row in frame.itertuples():
            session.add(
                ApiCall(
                    tenant_id=ana.tenant_id,
                    created_at=row.called_at,
                    method="GET",
                    route=row.route,
                    status=int(row.status),
                    latency_ms=row.latency_ms,
                )
            )
    return frame


async def test_the_platforms_own_tables_are_binned_pivoted_and_compared_in_postgresql(
    ana: Actor, calls: pd.DataFrame
) -> None:
    bins = await _shown(
        ana, tile(ChartKind.HISTOGRAM, query("rows", by=["latency_ms__each"], dataset_id=API_CALLS.id), bins=10)
    )
    assert bins.figure is not None
    lows = [one[0] for one in bins.figure["data"][0]["customdata"]]
    counted, _ = np.histogram(calls["latency_ms"], bins=[*lows, lows[-1] + 2 * (lows[1] - lows[0])])
    assert bins.figure["data"][0]["y"] == counted.tolist()
    asked = query("latency_ms", by=["route", "is_error"], dataset_id=API_CALLS.id)
    rows = await _file(ana, tile(ChartKind.PIVOT, asked, series="is_error"))
    assert rows[0] == ["route", "no", "yes", "Total"]
    assert [float(one) for one in rows[-1][1:]] == pytest.approx(
        [
            calls[calls["status"] < 400]["latency_ms"].mean(),
            calls[calls["status"] >= 400]["latency_ms"].mean(),
            calls["latency_ms"].mean(),
        ]
    )
    line = query("rows", by=[GroupBy(field="called_at", grain=Grain.DAY)], dataset_id=API_CALLS.id)
    ends = [(MONTH_START + timedelta(days=days)).date().isoformat() for days in (7, 14)]
    week = RelativePeriod(kind="between", start=ends[0], end=ends[1])
    found = (await _file(ana, tile(ChartKind.LINE, line, compare=True), period=week))[1:]
    days = pd.to_datetime(calls["called_at"]).dt.tz_convert(ana.time_zone).dt.strftime("%Y-%m-%d").value_counts()
    for day, count, before in found:
        earlier = str((pd.Timestamp(day) - pd.Timedelta(days=7)).date())
        assert (count, before) == (str(days.get(day, "")), str(days.get(earlier, "")))
