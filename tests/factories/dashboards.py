"""Tiles, answers and specifications for tests, built from the product's own classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb

from backend_services.dashboards.arrangement import Reading
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Freshness,
    Grain,
    GroupBy,
    Measure,
    MetricQuery,
    QueryResult,
    ResultColumn,
    Scalar,
    Text,
    Unit,
    UnitKind,
)
from backend_services.datasets.models import Dataset, DatasetVersion
from backend_services.datasets.rules import RowRule
from backend_services.datasets.rules_models import DatasetRule
from backend_services.datasets.schemas import ColumnProfile, ColumnView, Profile
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.kernel.actor import Actor

DATASET_ID = UUID("01900000-0000-7000-8000-000000000001")
NOW = datetime(2026, 11, 22, 14, 2)  # noqa: DTZ001 - the reader's wall-clock time
EUR = Unit(kind=UnitKind.CURRENCY, code="EUR")

CATALOGUE = Catalogue(
    measures=(
        Measure(
            id="revenue",
            column="amount",
            aggregation=Aggregation.SUM,
            label=Text(en="Revenue", sl="Prihodki"),
            unit=EUR,
            higher_is_better=True,
        ),
        Measure(id="orders", aggregation=Aggregation.COUNT, label=Text(en="Orders", sl="Naročila")),
        Measure(
            id="average_basket",
            column="amount",
            aggregation=Aggregation.AVG,
            label=Text(en="Average basket", sl="Povprečna košarica"),
            unit=EUR,
        ),
        Measure(id="hidden_cost", column="cost", aggregation=Aggregation.SUM, label=Text(en="Cost"), hidden=True),
    ),
    dimensions=(
        Dimension(
            id="ordered_at",
            column="ordered_at",
            label=Text(en="Ordered", sl="Naročeno"),
            type=FieldType.DATE,
            grain=Grain.DAY,
        ),
        Dimension(
            id="country",
            column="country",
            label=Text(en="Country", sl="Država"),
            type=FieldType.TEXT,
            distinct=4,
            values=("Slovenia", "Croatia", "Austria", "Italy"),
        ),
        Dimension(
            id="product", column="product", label=Text(en="Product", sl="Izdelek"), type=FieldType.TEXT, distinct=300
        ),
        Dimension(id="quantity", column="quantity", label=Text(en="Quantity", sl="Količina"), type=FieldType.INTEGER),
    ),
    default_time="ordered_at",
    default_measure="revenue",
)


def reading(language: str = "en", *, catalogue: Catalogue = CATALOGUE, at: datetime = NOW) -> Reading:
    """Return how answers over ``catalogue`` are read."""
    return Reading(
        language=language,
        now=at,
        additive=frozenset(
            one.id for one in catalogue.measures if one.aggregation in {Aggregation.COUNT, Aggregation.SUM}
        ),
        better={one.id: one.higher_is_better for one in catalogue.measures if one.higher_is_better is not None},
        order={one.id: one.values for one in catalogue.dimensions if one.values},
    )


def column(
    name: str,
    type_: FieldType = FieldType.DECIMAL,
    role: str = "measure",
    *,
    unit: Unit | None = None,
    grain: Grain | None = None,
    label: str = "",
) -> ResultColumn:
    """Return a column of an answer."""
    return ResultColumn(name=name, label=label or name.capitalize(), type=type_, role=role, unit=unit, grain=grain)


def month(grain: Grain = Grain.MONTH) -> ResultColumn:
    """Return the time column of an answer by month."""
    return column("ordered_at", FieldType.DATE, "dimension", grain=grain)


def country() -> ResultColumn:
    """Return the country column of an answer."""
    return column("country", FieldType.TEXT, "dimension")


def revenue() -> ResultColumn:
    """Return the revenue column of an answer."""
    return column("revenue", unit=EUR, label="Revenue")


def answer(columns: Sequence[ResultColumn], rows: Sequence[Sequence[Scalar | None]], **more: Any) -> QueryResult:
    """Return an answer."""
    return QueryResult(
        columns=tuple(columns),
        rows=tuple(tuple(row) for row in rows),
        sql="SELECT 1",
        freshness=Freshness(
            dataset_id=DATASET_ID,
            dataset_name="Orders",
            dataset_version=3,
            source_rows=1284,
            data_as_of="2026-11-22T13:00:00+00:00",
        ),
        **more,
    )


def query(*measures: str, by: Sequence[GroupBy | str] = (), dataset_id: UUID = DATASET_ID, **more: Any) -> MetricQuery:
    """Return a question in catalogue terms."""
    dimensions = tuple(GroupBy(field=one) if isinstance(one, str) else one for one in by)
    return MetricQuery(dataset_id=dataset_id, measures=measures, dimensions=dimensions, **more)


def tile(chart: ChartKind, asked: MetricQuery | None = None, *, tile_id: str = "one", **more: Any) -> Tile:
    """Return a tile; without a question it asks for revenue."""
    source = MetricSource(query=asked or query("revenue"))
    return Tile(id=tile_id, title=more.pop("title", "Revenue by month"), chart=chart, source=source, **more)


def spec(*tiles: Tile, title: str = "Sales", **more: Any) -> DashboardSpec:
    """Return a dashboard of these tiles."""
    return DashboardSpec(title=title, tiles=tiles, **more)


ORDERS_SQL = """
SELECT
    DATE '2024-01-01' + CAST(i % 1040 AS INTEGER) AS ordered_at,
    ['Slovenia', 'Croatia', 'Austria', 'Italy'][CAST(i % 10 AS INTEGER) % 4 + 1] AS country,
    'Product ' || CAST(i % 30 AS VARCHAR) AS product,
    CAST(i % 5 + 1 AS INTEGER) AS quantity,
    CAST(i % 100 AS DOUBLE) AS amount,
    CAST(1 AS DOUBLE) AS cost
FROM range(5200) AS t(i)
"""
"""Five orders a day from 1 January 2024 to 5 November 2026."""
COLUMNS = (
    ("ordered_at", FieldType.DATE, "DATE"),
    ("country", FieldType.TEXT, "VARCHAR"),
    ("product", FieldType.TEXT, "VARCHAR"),
    ("quantity", FieldType.INTEGER, "INTEGER"),
    ("amount", FieldType.DECIMAL, "DOUBLE"),
    ("cost", FieldType.DECIMAL, "DOUBLE"),
)


ORDERS_PROFILE = Profile(
    rows=5200,
    columns=(
        ColumnProfile(
            name="ordered_at",
            type=FieldType.DATE,
            nulls=0,
            null_share=0.0,
            distinct=1040,
            minimum="2024-01-01",
            maximum="2026-11-05",
        ),
    ),
)


async def store_orders(actor: Actor, folder: Path) -> UUID:
    """Store a table of orders as a ready dataset of the actor's tenant, in the rows and files that are read later."""
    path = folder / f"{new_id()}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({ORDERS_SQL}) TO '{path}' (FORMAT parquet)")
    return await store_file(actor, path, Stored(COLUMNS, CATALOGUE, rows=5200, profile=ORDERS_PROFILE))


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a stored table; ``rules`` say which rows each role sees."""

    columns: tuple[tuple[str, FieldType, str], ...]
    catalogue: Catalogue
    rows: int
    profile: Profile
    rules: tuple[RowRule, ...] = ()


async def store_file(actor: Actor, path: Path, table: Stored) -> UUID:
    """Store the Parquet file at ``path`` as a ready dataset of the actor's tenant."""
    dataset_id = new_id()
    key = f"tenants/{actor.tenant_id}/datasets/{dataset_id}/v1.parquet"
    size = await get_files().put_file(key, path)
    fields = [
        ColumnView(name=name, original=name, type=kind, stored_as=stored).model_dump(mode="json")
        for name, kind, stored in table.columns
    ]
    common = {"tenant_id": actor.tenant_id, "rows": table.rows, "size_bytes": size, "data_as_of": now()}
    async with transaction(actor) as session:
        session.add(
            Dataset(
                id=dataset_id,
                name="Orders",
                kind="upload",
                state="ready",
                version=1,
                columns=len(table.columns),
                catalogue=table.catalogue.model_dump(mode="json"),
                owner_id=actor.user_id,
                **common,
            )
        )
        await session.flush()
        session.add(
            DatasetVersion(
                dataset_id=dataset_id,
                number=1,
                file_key=key,
                fields=fields,
                profile=table.profile.model_dump(mode="json"),
                **common,
            )
        )
        session.add_all(
            DatasetRule(
                tenant_id=actor.tenant_id, dataset_id=dataset_id, role=one.role, rule=one.model_dump(mode="json")
            )
            for one in table.rules
        )
    return dataset_id
