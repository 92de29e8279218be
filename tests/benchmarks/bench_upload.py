"""An upload of a million rows and twelve columns: conversion against bare ``COPY``, and the worker's peak memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from omni_app.commands.measured import Row
from tests.benchmarks import copying
from tests.benchmarks.house import demonstration

TIMES = 2.5
PEAK_GOAL_MB = 400.0


def measure() -> Iterator[Row]:
    """Convert beside DuckDB, each in a process of its own; then upload to a running install."""
    with tempfile.TemporaryDirectory(prefix="omni-bench-") as name:
        folder = Path(name)
        source = folder / "table.csv"
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({copying.TABLE}) TO '{source}' (HEADER)")
        bare = copying.best(copying.BARE, source, folder)
        ours = copying.best(copying.OURS, source, folder)
        with demonstration() as house:
            worker = house.process("worker")
            _forget_peak(worker.pid)
            began_s = monotonic_s()
            house.upload(source, "Million")
            whole_ms = elapsed_ms(began_s)
            peak_mb = _peak_mb(worker.pid)
    yield Row(
        "conversion of a CSV, 1 M rows × 12 columns, with types, rejects and profile",
        ours["ms"],
        "ms",
        "≤ 2.5 ×",
        is_reached=ours["ms"] <= TIMES * bare["ms"],
        peer=bare["ms"],
        peer_name="DuckDB COPY",
    )
    yield Row(
        "… the same through REST, from the first byte until it can be asked",
        whole_ms,
        "ms",
        "≤ 2.5 ×",
        is_reached=whole_ms <= TIMES * bare["ms"],
        peer=bare["ms"],
        peer_name="DuckDB COPY",
    )
    yield Row("… peak memory of the worker (RSS)", peak_mb, "MB", "≤ 400 MB", is_reached=peak_mb <= PEAK_GOAL_MB)


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000
