"""The rows behind a figure that is a level: only those of the last period, which are what it counts."""

from __future__ import annotations

from pathlib import Path

from backend_services.dashboards import service
from backend_services.dashboards.schemas import RowsRequest
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Grain, GroupBy
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.kernel.db import Database, transaction
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor


async def test_rows_and_file_behind_a_level_add_up_to_it(database: Database, tmp_path: Path) -> None:
    assert database
    ana = await make_actor(role="analyst")
    orders = await store_orders(ana, tmp_path)
    by_year = GroupBy(field="ordered_at", grain=Grain.YEAR)
    tiles = spec(
        tile(ChartKind.NUMBER, query("revenue__last", dataset_id=orders), tile_id="now"),
        tile(ChartKind.TABLE, query("revenue__last", by=[by_year], dataset_id=orders), tile_id="years"),
    )
    async with transaction(ana) as session:
        saved = await service.create_dashboard(ana, session, tiles)

    shown = await service.tile_result(ana, saved.id, "now")
    rows = await service.tile_rows(ana, saved.id, "now", RowsRequest(limit=1000))
    names = [column.name for column in rows.columns]
    amounts = [float(str(row[names.index("amount")])) for row in rows.rows]
    assert shown.number is not None
    assert sum(amounts) == shown.number.value
    assert {row[names.index("ordered_at")] for row in rows.rows} == {"2026-11-05"}
    first = await service.tile_rows(ana, saved.id, "now", RowsRequest(limit=3))
    second = await service.tile_rows(ana, saved.id, "now", RowsRequest(limit=3, offset=3))
    assert (*first.rows, *second.rows) == rows.rows

    cell = RowsRequest(cell={"ordered_at": "2025-01-01"})
    pieces = await service.export_tile_rows(ana, saved.id, "years", cell, export_format=ExportFormat.CSV)
    written = b"".join([piece async for piece in pieces]).decode("utf-8-sig").strip().splitlines()
    assert len(written) == 1 + 5
    assert all("2025-12-31" in line for line in written[1:])
