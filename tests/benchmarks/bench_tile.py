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

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from omni_app.commands.measured import Row
from tests.benchmarks.bare import bare, bare_ms
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


def _ask_service(house: House, questions: list[dict[str, Any]], stored: Path) -> list[tuple[float, float, float]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMNI_")}  # noqa: TID251 - a fresh start
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.tile_service", KEY["X-API-Key"], str(stored)],
        input=json.dumps(questions),
        env={**kept, **house.omni.addresses, "OMNI_LOG_LEVEL": "ERROR"},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: list[tuple[float, float, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _ask_rest(house: House, questions: list[dict[str, Any]], stored: Path) -> list[tuple[float, float, float]]:
    """Ask each question twice over one connection, as a program does, then bare DuckDB; the first opens the table."""
    found = []
    with httpx.Client(base_url=house.url, headers=KEY, timeout=60) as client, bare(stored) as connection:
        for question in questions:
            times = []
            for _ in range(2):
                began_s = monotonic_s()
                answer = client.post("/api/v1/analytics/query", json={"kind": "metric", **question})
                times.append(elapsed_ms(began_s))
            assert answer.json()["cached"] is True
            found.append((times[0], times[1], bare_ms(connection, answer.json()["sql"])))
    return found[1:]


def measure() -> Iterator[Row]:
    """Bring in a million rows, and ask by every way."""
    with demonstration() as house, tempfile.TemporaryDirectory(prefix="omni-bench-") as folder:
        source = Path(folder, "million.parquet")
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({TABLE}) TO '{source}' (FORMAT parquet)")
        dataset_id = house.upload(source, "Million")
        stored = next(house.omni.data_dir.rglob(f"{dataset_id}/v1.parquet"))
        ways = {
            "the service": _ask_service(house, _questions(house, dataset_id, first=0), stored),
            "REST": _ask_rest(house, _questions(house, dataset_id, first=1000), stored),
        }
    for way, times in ways.items():
        fresh, cached, peer = (statistics.median(column) for column in zip(*times, strict=True))
        yield Row(
            f"tile query, {ROWS:,} rows, through {way}",
            fresh,
            "ms",
            "≤ 1.3 × + 10 ms",
            is_reached=fresh <= TIMES * peer + OVER_MS,
            peer=peer,
            peer_name="the same SQL in DuckDB",
        )
        yield Row(f"… cached, through {way}", cached, "ms", "≤ 10 ms", is_reached=cached <= CACHED_GOAL_MS)
