"""Bare DuckDB over a stored table: the peer of queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from backend_services.datasets.query.settings import get_query_settings
from backend_services.kernel.clock import elapsed_ms, monotonic_s


@contextmanager
def bare(stored: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a table under the name that the product's SQL calls it, with as many threads as the product has."""
    with duckdb.connect(config={"threads": get_query_settings().threads}) as connection:
        connection.read_parquet(str(stored)).create_view("data")
        connection.execute("SELECT count(*) FROM data").fetchall()
        yield connection


def bare_ms(connection: duckdb.DuckDBPyConnection, statement: str) -> float:
    """Return how long a statement takes, up to Python objects."""
    began_s = monotonic_s()
    connection.execute(statement).fetchall()
    return elapsed_ms(began_s)
