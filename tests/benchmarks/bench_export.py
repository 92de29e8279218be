"""Ten thousand rows behind a figure, and a million rows as CSV, through REST: speed, first byte, memory."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx

from backend_services.datasets.query.settings import get_query_settings
from backend_services.kernel.clock import elapsed_ms, monotonic_s
from omni_app.commands.measured import Row
from tests.benchmarks import million
from tests.benchmarks.bare import bare, bare_ms
from tests.benchmarks.bench_upload import watched
from tests.benchmarks.house import KEY, demonstration, pss_mb

ROUNDS = 5
DRILLED = 10_000
FLAT_MB = 24.0
FIRST_GOAL_MS = 500.0
TIMES = 10.0


@dataclass(frozen=True)
class Export:
    """One export as its reader saw it."""

    first_ms: float
    whole_ms: float
    size_bytes: int


def _export(client: httpx.Client, fields: million.Fields, *, whole: bool = True) -> Export:
    listing = {"kind": "metric", "dataset_id": fields.dataset_id, "measures": []}
    began_s, first_ms, size = monotonic_s(), 0.0, 0
    with client.stream("POST", "/api/v1/analytics/exports", json={"query": listing, "whole": whole}) as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw():
            first_ms = first_ms or elapsed_ms(began_s)
            size += len(piece)
    return Export(first_ms, elapsed_ms(began_s), size)


def _drill(client: httpx.Client, fields: million.Fields, number: int) -> tuple[float, str]:
    """Return the milliseconds of ten thousand rows behind one figure, and the SQL they came from."""
    other = {"field": fields.city, "operator": "ne", "values": [f"none {number}"]}
    query = fields.query(fields.amount, {"field": fields.channel}, filters=[other])
    body: dict[str, Any] = {"query": query, "cell": {fields.channel: "web"}, "limit": DRILLED}
    began_s = monotonic_s()
    answer = client.post("/api/v1/analytics/query/rows", json=body)
    took_ms = elapsed_ms(began_s)
    assert len(answer.json()["rows"]) == DRILLED
    return took_ms, answer.json()["sql"]


def _copied_ms(stored: Path, folder: Path) -> float:
    """Return how long DuckDB's own COPY takes for the same table, with as many threads."""
    with duckdb.connect(config={"threads": get_query_settings().threads}) as connection:
        began_s = monotonic_s()
        connection.read_parquet(str(stored)).to_csv(str(folder / "bare.csv"))
        return elapsed_ms(began_s)


@dataclass(frozen=True)
class Memory:
    """The web process before and while it serves something, in MB."""

    before: float
    most: float

    @property
    def more(self) -> float:
        """How much more it took."""
        return self.most - self.before


def _weighed(folder: Path) -> tuple[Memory, Memory]:
    """Return the memory while ten thousand rows are drilled, and while a million are exported, in a fresh house.

    One small answer of each comes before, so that what is loaded once does not count.
    """
    with demonstration() as house, httpx.Client(base_url=house.url, headers=KEY, timeout=300) as client:
        fields = million.Fields(house, house.upload(folder / "million.parquet", "Million"))
        _drill(client, fields, 0)
        _export(client, fields, whole=False)
        web = house.process("web")
        before = pss_mb(web)
        with watched(web) as most:
            for number in range(1, ROUNDS):
                _drill(client, fields, number)
        drilled = Memory(before, most[0])
        before = pss_mb(web)
        with watched(web) as most:
            _export(client, fields)
    return Memory(before, most[0]), drilled


def measure() -> Iterator[Row]:
    """Time first, weigh after: weighing takes time."""
    with demonstration() as house, tempfile.TemporaryDirectory(prefix="omni-bench-") as name:
        folder = Path(name)
        million.write(folder / "million.parquet")
        fields = million.Fields(house, house.upload(folder / "million.parquet", "Million"))
        stored = million.stored(house, fields.dataset_id)
        with httpx.Client(base_url=house.url, headers=KEY, timeout=300) as client, bare(stored) as connection:
            exports = [_export(client, fields) for _ in range(ROUNDS + 1)][1:]
            copied_ms = statistics.median(_copied_ms(stored, folder) for _ in range(ROUNDS))
            drilled = [_drill(client, fields, number) for number in range(ROUNDS + 1)][1:]
            bare_drilled_ms = statistics.median(bare_ms(connection, sql) for _, sql in drilled)
        of_export, of_drill = _weighed(folder)
    yield from _rows_of_export(exports, copied_ms, of_export)
    yield Row(
        f"{DRILLED:,} rows behind a figure, through REST",
        statistics.median(took_ms for took_ms, _ in drilled),
        "ms",
        "",
        is_reached=True,
        peer=bare_drilled_ms,
        peer_name="the same SQL in DuckDB",
    )
    yield _row_of_memory("… web process (PSS)", of_drill)


def _rows_of_export(exports: list[Export], copied_ms: float, memory: Memory) -> Iterator[Row]:
    whole_ms = statistics.median(one.whole_ms for one in exports)
    first_ms = statistics.median(one.first_ms for one in exports)
    yield Row(
        f"CSV of {million.ROWS:,} rows through REST ({exports[0].size_bytes / 1e6:,.0f} MB), to its last byte",
        whole_ms,
        "ms",
        "≤ 10 ×",
        is_reached=whole_ms <= TIMES * copied_ms,
        peer=copied_ms,
        peer_name="DuckDB COPY",
    )
    yield Row("… to its first byte", first_ms, "ms", "≤ 500 ms", is_reached=first_ms <= FIRST_GOAL_MS)
    yield _row_of_memory("… web process (PSS)", memory)


def _row_of_memory(what: str, memory: Memory) -> Row:
    reached = memory.more <= FLAT_MB
    goal = f"flat: ≤ + {FLAT_MB:.0f} MB"
    return Row(what, memory.most, "MB", goal, is_reached=reached, peer=memory.before, peer_name="before")
