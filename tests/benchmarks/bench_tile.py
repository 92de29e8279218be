"""A tile's question on a million rows, through the service and through REST, beside its own SQL in bare DuckDB."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx

from backend_services.datasets.query.settings import get_query_settings
from backend_services.kernel.clock import elapsed_ms, monotonic_s
from omni_app.commands.measured import Row
from tests.benchmarks.house import KEY, House, demonstration
from tests.e2e.processes.running import ROOT

ROWS = 1_000_000
ROUNDS = 15
TIMES = 1.3
OVER_MS = 10.0
CACHED_GOAL_MS = 10.0
TABLE = f"""SELECT 'city ' || (i * 7919 % 40) AS city, DATE '2023-01-01' + (i % 700)::INTEGER AS day,
(i % 10007 / 7)::DECIMAL(12,2) AS amount, i % 97 AS points FROM range({ROWS}) r(i)"""  # noqa: S608 - a number of ours


def _questions(house: House, dataset_id: str, *, first: int) -> list[dict[str, Any]]:
    """Return questions of one kind that differ in a filter, so that no answer is kept from another."""
    catalogue = house.call("GET", f"/api/v1/datasets/{dataset_id}/catalogue")
    amount = next(one["id"] for one in catalogue["measures"] if one["column"] == "amount")
    by = {one["column"]: one["id"] for one in catalogue["dimensions"]}
    return [
        {
            "dataset_id": dataset_id,
            "measures": [amount],
            "dimensions": [{"field": by["day"], "grain": "month"}, {"field": by["city"]}],
            "filters": [{"field": by["city"], "operator": "ne", "values": [f"none {first + number}"]}],
        }
        for number in range(ROUNDS + 1)
    ]


def _ask_service(house: House, questions: list[dict[str, Any]]) -> list[tuple[float, float, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMNI_")}  # noqa: TID251 - a fresh start
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.tile_service", KEY["X-API-Key"]],
        input=json.dumps(questions),
        env={**kept, **house.omni.addresses, "OMNI_LOG_LEVEL": "ERROR"},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: list[tuple[float, float, str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _ask_rest(house: House, questions: list[dict[str, Any]]) -> list[tuple[float, float, str]]:
    """Ask each question twice over one connection, as a program does; the first opens the table."""
    found = []
    with httpx.Client(base_url=house.url, headers=KEY, timeout=60) as client:
        for question in questions:
            times = []
            for _ in range(2):
                began_s = monotonic_s()
                answer = client.post("/api/v1/analytics/query", json={"kind": "metric", **question})
                times.append(elapsed_ms(began_s))
            assert answer.json()["cached"] is True
            found.append((times[0], times[1], str(answer.json()["sql"])))
    return found[1:]


def _bare(path: Path, statements: list[str]) -> list[float]:
    """Return how long bare DuckDB takes for each statement, as Python objects."""
    with duckdb.connect(config={"threads": get_query_settings().threads}) as connection:
        connection.read_parquet(str(path)).create_view("data")
        connection.execute(statements[0]).fetchall()
        times = []
        for statement in statements:
            began_s = monotonic_s()
            connection.execute(statement).fetchall()
            times.append(elapsed_ms(began_s))
    return times


def measure() -> Iterator[Row]:
    """Bring in a million rows, and ask by every way."""
    with demonstration() as house, tempfile.TemporaryDirectory(prefix="omni-bench-") as folder:
        source = Path(folder, "million.parquet")
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({TABLE}) TO '{source}' (FORMAT parquet)")
        dataset_id = house.upload(source, "Million")
        stored = next(house.omni.data_dir.rglob(f"{dataset_id}/v1.parquet"))
        by_service = _ask_service(house, _questions(house, dataset_id, first=0))
        by_rest = _ask_rest(house, _questions(house, dataset_id, first=1000))
        bare = {
            "the service": statistics.median(_bare(stored, [sql for *_, sql in by_service])),
            "REST": statistics.median(_bare(stored, [sql for *_, sql in by_rest])),
        }
    for way, times in (("the service", by_service), ("REST", by_rest)):
        fresh = statistics.median(fresh_ms for fresh_ms, *_ in times)
        cached = statistics.median(cached_ms for _, cached_ms, _ in times)
        yield Row(
            f"tile query, {ROWS:,} rows, through {way}",
            fresh,
            "ms",
            "≤ 1.3 × + 10 ms",
            is_reached=fresh <= TIMES * bare[way] + OVER_MS,
            peer=bare[way],
            peer_name="the same SQL in DuckDB",
        )
        yield Row(f"… cached, through {way}", cached, "ms", "≤ 10 ms", is_reached=cached <= CACHED_GOAL_MS)
