"""An upload of a million rows and twelve columns: conversion against bare ``COPY``, and the worker's peak memory."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psutil

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from omni_app.commands.measured import Row
from tests.benchmarks import copying
from tests.benchmarks.house import House, demonstration, pss_mb

TIMES = 2.5
RUNS = 3
PEAK_GOAL_MB = 400.0
LOOK_EVERY_S = 0.02


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
            whole_ms = min(uploaded_ms(house, source) for _ in range(RUNS))
            with watched(house.process("worker")) as most:
                house.upload(source, "Million")
            peak_mb = most[0]
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
    yield Row("… peak memory of the worker (PSS)", peak_mb, "MB", "≤ 400 MB", is_reached=peak_mb <= PEAK_GOAL_MB)


def uploaded_ms(house: House, source: Path) -> float:
    """Upload the file and return how long it took until the table could be asked."""
    began_s = monotonic_s()
    house.upload(source, "Million")
    return elapsed_ms(began_s)


@contextmanager
def watched(process: psutil.Process) -> Iterator[list[float]]:
    """Look at a process's memory again and again; the list holds the most that was seen, in MB."""
    most = [pss_mb(process)]
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_EVERY_S):
            most[0] = max(most[0], pss_mb(process))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        is_over.set()
        looking.join()
