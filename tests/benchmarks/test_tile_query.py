"""A tile's query through the service against the same SQL in bare DuckDB, on a million rows.

The figures to reach are in the documentation; here the answers must agree, and the times are recorded, not judged.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Filter,
    Grain,
    GroupBy,
    Measure,
    MetricQuery,
    Operator,
    Text,
)
from backend_services.datasets.models import Dataset, DatasetVersion
from backend_services.datasets.query import service
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.query.settings import get_query_settings
from backend_services.datasets.schemas import ColumnView
from backend_services.kernel.clock import elapsed_ms, monotonic_s, now
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from tests.factories.identity import make_actor

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from backend_services.kernel.actor import Actor

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
ROWS = 1_000_000
ROUNDS = 15
BARE = """SELECT CAST(date_trunc('month', "day") AS DATE) AS "day", "city", SUM("amount") AS "revenue", COUNT(*) AS "n"
FROM data WHERE "city" <> 'none' GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1001"""
COLUMNS = (
    ("id", FieldType.INTEGER, "INTEGER"),
    ("city", FieldType.TEXT, "VARCHAR"),
    ("day", FieldType.DATE, "DATE"),
    ("amount", FieldType.DECIMAL, "DECIMAL(12,2)"),
)
CATALOGUE = Catalogue(
    measures=(
        Measure(id="revenue", column="amount", aggregation=Aggregation.SUM, label=Text(en="Revenue")),
        Measure(id="n", aggregation=Aggregation.COUNT, label=Text(en="Rows")),
    ),
    dimensions=(
        Dimension(id="city", column="city", label=Text(en="City"), type=FieldType.TEXT),
        Dimension(id="day", column="day", label=Text(en="Day"), type=FieldType.DATE),
    ),
    default_time="day",
)


async def store_million(actor: Actor) -> tuple[UUID, Path]:
    """Store a million rows as a dataset; return its id and its file."""
    dataset = Dataset(
        tenant_id=actor.tenant_id,
        name="Million",
        kind="upload",
        state="ready",
        version=1,
        rows=ROWS,
        catalogue=CATALOGUE.model_dump(mode="json"),
        data_as_of=now(),
    )
    key = f"tenants/{actor.tenant_id}/datasets/{dataset.id}/v1.parquet"
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "million.parquet"
        make = (
            "COPY (SELECT i::INTEGER AS id, 'city ' || (i * 7919 % 40) AS city, DATE '2023-01-01' + (i % 700)::INTEGER"  # noqa: S608 - ours
            f" AS day, (i % 10007 / 7)::DECIMAL(12,2) AS amount FROM range({ROWS}) r(i)) TO '{path}' (FORMAT parquet)"
        )
        connection.execute(make)
        size = await get_files().put_file(key, path)
    fields = [
        ColumnView(name=name, original=name, type=kind, stored_as=stored).model_dump(mode="json")
        for name, kind, stored in COLUMNS
    ]
    async with transaction(actor) as session:
        session.add(dataset)
        await session.flush()
        session.add(
            DatasetVersion(
                tenant_id=actor.tenant_id,
                dataset_id=dataset.id,
                number=1,
                file_key=key,
                source="benchmark",
                rows=ROWS,
                rejected=0,
                size_bytes=size,
                sha256="0" * 64,
                fields=fields,
                profile={"rows": ROWS, "columns": []},
                changes=[],
                data_as_of=now(),
            )
        )
    return dataset.id, await get_files().local_path(key)


def question(dataset_id: UUID, number: int) -> MetricQuery:
    """Return a question that nobody asked before, so that no answer to it is kept; each has the same answer."""
    return MetricQuery(
        dataset_id=dataset_id,
        measures=("revenue", "n"),
        dimensions=(GroupBy(field="day", grain=Grain.MONTH), GroupBy(field="city")),
        filters=(Filter(field="city", operator=Operator.NE, values=(f"none {number}",)),),
    )


def bare_ms(connection: duckdb.DuckDBPyConnection) -> float:
    """Return how long bare DuckDB takes for the same answer."""
    began_s = monotonic_s()
    connection.execute(BARE).fetchall()
    return elapsed_ms(began_s)


async def test_tile_query_beside_bare_duckdb(record_testsuite_property: Callable[[str, object], None]) -> None:
    actor = await make_actor(role="owner")
    dataset_id, path = await store_million(actor)
    bare: list[float] = []
    ours: list[float] = []
    kept: list[float] = []
    with duckdb.connect(config={"threads": get_query_settings().threads}) as connection:
        connection.read_parquet(str(path)).create_view("data")
        expected = [(str(row[0]), row[1], float(row[2]), row[3]) for row in connection.execute(BARE).fetchall()][:1000]
        assert list((await service.run_metric(actor, question(dataset_id, -1))).rows) == expected
        for number in range(ROUNDS):
            query = question(dataset_id, number)
            bare.append(bare_ms(connection))
            began_s = monotonic_s()
            fresh = await service.run_metric(actor, query)
            ours.append(elapsed_ms(began_s))
            began_s = monotonic_s()
            again = await service.run_metric(actor, query)
            kept.append(elapsed_ms(began_s))
            assert (fresh.cached, again.cached) == (False, True)
            assert list(again.rows) == expected
    close_pool()
    for name, times in (("bare_ms", bare), ("service_ms", ours), ("cached_ms", kept)):
        record_testsuite_property(name, round(statistics.median(times), 2))
    record_testsuite_property("ratio", round(statistics.median(ours) / statistics.median(bare), 3))
    record_testsuite_property("over_bare_ms", round(statistics.median(ours) - 1.3 * statistics.median(bare), 2))
