"""A table of a million rows, and the questions that a dashboard of ten figures asks of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.house import House

ROWS = 1_000_000
TABLE = f"""SELECT 'city ' || (i * 7919 % 40) AS city, (['web', 'shop', 'phone', 'partner'])[1 + i % 4] AS channel,
DATE '2023-01-01' + (i % 700)::INTEGER AS day, (i % 10007 / 7)::DECIMAL(12,2) AS amount, i % 97 AS points
FROM range({ROWS}) r(i)"""  # noqa: S608 - a number of ours
PERIOD = {"kind": "between", "start": "2024-01-01", "end": "2024-12-01"}


def write(path: Path) -> None:
    """Write the table as Parquet."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({TABLE}) TO '{path}' (FORMAT parquet)")


def stored(house: House, dataset_id: str) -> Path:
    """Return the file that the house made of an upload."""
    return next(house.omni.data_dir.rglob(f"{dataset_id}/v1.parquet"))


class Fields:
    """The names that a catalogue gave to the columns."""

    def __init__(self, house: House, dataset_id: str) -> None:
        """Read the catalogue of an uploaded table."""
        catalogue = house.call("GET", f"/api/v1/datasets/{dataset_id}/catalogue")
        by = {one["column"]: one["id"] for one in catalogue["dimensions"]}
        self.dataset_id = dataset_id
        self.city, self.channel, self.day = by["city"], by["channel"], by["day"]
        found = {(one["column"], one["aggregation"]): one["id"] for one in catalogue["measures"]}
        self.amount, self.points = (
            next(name for (column, _), name in found.items() if column == wanted) for wanted in ("amount", "points")
        )
        self.rows = next(name for (_, kind), name in found.items() if kind == "count")

    def query(self, measure: str, *dimensions: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Return a question of this table."""
        return {"dataset_id": self.dataset_id, "measures": [measure], "dimensions": list(dimensions), **more}


def ten_tiles(fields: Fields) -> list[dict[str, Any]]:
    """Return ten tiles of the usual kinds: three numbers with comparison and course, and seven figures."""
    month, week = {"field": fields.day, "grain": "month"}, {"field": fields.day, "grain": "week"}
    city, channel = {"field": fields.city}, {"field": fields.channel}
    largest = [{"field": fields.amount, "descending": True}]
    kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("number", fields.query(fields.amount), {}),
        ("number", fields.query(fields.points), {}),
        ("number", fields.query(fields.rows), {}),
        ("line", fields.query(fields.amount, month), {}),
        ("area", fields.query(fields.amount, month, channel), {"series": fields.channel, "stacked": True}),
        ("bar", fields.query(fields.amount, city, sort=largest, limit=10), {}),
        ("bar", fields.query(fields.points, month, channel), {"series": fields.channel, "stacked": True}),
        ("pie", fields.query(fields.rows, channel), {}),
        ("line", fields.query(fields.points, week), {}),
        ("table", fields.query(fields.amount, city, channel, sort=largest, limit=100), {}),
    ]
    return [
        {"id": f"t{number}", "title": f"Figure {number}", "chart": chart, "source": {"query": query}, **more}
        for number, (chart, query, more) in enumerate(kinds)
    ]
