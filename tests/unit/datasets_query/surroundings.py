"""A small table of orders, its catalogue, and ways to ask it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb

from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Measure,
    Text,
)
from backend_services.datasets.query.source import Column, Source
from backend_services.datasets.query.view import View
from backend_services.datasets.rules import RowScope

if TYPE_CHECKING:
    from pathlib import Path

DATASET_ID = UUID("0199f000-0000-7000-8000-000000000001")
TENANT_ID = UUID("0199f000-0000-7000-8000-000000000002")
NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
REGIONS = ("north", "south", "east", None)

COLUMNS = (
    Column("id", FieldType.INTEGER),
    Column("region", FieldType.TEXT),
    Column("owner", FieldType.TEXT),
    Column("amount", FieldType.DECIMAL),
    Column("cost", FieldType.INTEGER),
    Column("day", FieldType.DATE),
    Column("at", FieldType.DATETIME, zoned=True),
    Column("wall", FieldType.DATETIME),
    Column("paid", FieldType.BOOLEAN),
    Column("odd \"name'", FieldType.TEXT),
)
STORED_AS = ("INTEGER", "VARCHAR", "VARCHAR", "DECIMAL(12,2)", "INTEGER", "DATE", "TIMESTAMPTZ", "TIMESTAMP", "BOOLEAN",
             "VARCHAR")  # fmt: skip


def _dimension(column: Column, field_id: str, *, hidden: bool = False) -> Dimension:
    return Dimension(
        id=field_id,
        column=column.name,
        label=Text(en=field_id.title(), sl=f"{field_id} (sl)"),
        type=column.type,
        hidden=hidden,
    )


CATALOGUE = Catalogue(
    version=3,
    measures=(
        Measure(id="orders", aggregation=Aggregation.COUNT, label=Text(en="Orders", sl="Naročila")),
        Measure(id="revenue", column="amount", aggregation=Aggregation.SUM, label=Text(en="Revenue")),
        Measure(id="costs", column="cost", aggregation=Aggregation.SUM, label=Text(en="Costs")),
        Measure(id="typical", column="amount", aggregation=Aggregation.MEDIAN, label=Text(en="Typical")),
        Measure(id="regions", column="region", aggregation=Aggregation.COUNT_DISTINCT, label=Text(en="Regions")),
        Measure(id="last_day", column="day", aggregation=Aggregation.MAX, label=Text(en="Last day")),
        Measure(
            id="cost_share",
            aggregation=Aggregation.RATIO,
            numerator="costs",
            denominator="revenue",
            label=Text(en="Cost share"),
        ),
        Measure(id="text_sum", column="region", aggregation=Aggregation.SUM, label=Text(en="Broken")),
        Measure(
            id="ratio_of_ratios",
            aggregation=Aggregation.RATIO,
            numerator="cost_share",
            denominator="revenue",
            label=Text(en="Broken"),
        ),
    ),
    dimensions=(
        *(_dimension(column, column.name) for column in COLUMNS[:-1] if column.name != "owner"),
        _dimension(COLUMNS[2], "owner", hidden=True),
        _dimension(COLUMNS[-1], "odd"),
    ),
    default_time="day",
    default_measure="revenue",
)


def orders(count: int = 400) -> list[tuple[Any, ...]]:
    """Return the rows of the table."""
    first = datetime(2025, 10, 1, tzinfo=UTC)
    return [
        (
            index,
            REGIONS[index % 4],
            f"person{index % 5}@example.org",
            index * 1.25,
            index % 7,
            date(2025, 10, 1) + timedelta(days=index),
            first + timedelta(hours=index),
            (first + timedelta(hours=index)).replace(tzinfo=None),
            index % 2 == 0,
            f"V'{index}\"",
        )
        for index in range(count)
    ]


def write_orders(path: Path, *, count: int = 400) -> Path:
    """Write the table to a Parquet file."""
    names = [f'"{column.name.replace(chr(34), chr(34) * 2)}"' for column in COLUMNS]
    fields = ", ".join(f"{name} {kind}" for name, kind in zip(names, STORED_AS, strict=True))
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE orders ({fields})")
        marks = ", ".join("?" for _ in COLUMNS)
        connection.executemany(f"INSERT INTO orders VALUES ({marks})", orders(count))  # noqa: S608 - ours
        connection.execute(f"COPY orders TO '{path}' (FORMAT parquet)")
    return path


SOURCE = Source(
    tenant_id=TENANT_ID,
    dataset_id=DATASET_ID,
    name="Orders",
    version=1,
    catalogue=CATALOGUE,
    columns=COLUMNS,
    rows=400,
    data_as_of=datetime(2026, 11, 1, tzinfo=UTC),
    file_key="k",
)


def view(*, scope: RowScope | None = None, zone: str = "UTC", live: bool = False, language: str = "en") -> View:
    """Return the table as somebody sees it."""
    source = replace(SOURCE, file_key=None, relation="live_orders") if live else SOURCE
    return View(source=source, scope=scope or RowScope(), zone=ZoneInfo(zone), now=NOW, language=language)
