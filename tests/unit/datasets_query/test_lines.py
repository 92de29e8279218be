"""CSV by DuckDB is the very CSV that Python writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_services.datasets.query.cells import cell_converter
from backend_services.datasets.query.lines import csv_lines
from backend_services.kernel.tabular import safe_cell

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs", "Nd"]) | st.sampled_from("0123456789"))
RISKY = st.text(st.sampled_from("=+-@\t\r\n,\"' 0123456789.a"), max_size=8)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "VARCHAR": TEXTS | RISKY,
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "BOOLEAN": st.booleans(),
    "DATE": st.dates(min_value=date(1, 1, 2)),
    "DECIMAL(12,2)": st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    "DECIMAL(15,7)": st.decimals(-(10**7), 10**7, places=7, allow_nan=False),
    "DECIMAL(18,0)": st.integers(-(10**17), 10**17).map(Decimal),
    "DOUBLE": st.floats(),
    "TIMESTAMP": st.datetimes(min_value=datetime(1, 1, 2)),  # noqa: DTZ001 - wall-clock times
}


def _by_python(rows: list[tuple[Any, ...]]) -> str:
    convert, text = cell_converter(ZoneInfo("Europe/Ljubljana")), io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        cells = [convert(value) for value in row]
        writer.writerow([str(one).lower() if isinstance(one, bool) else safe_cell(one) for one in cells])
    return text.getvalue()


def _both(kinds: list[str], rows: list[tuple[Any, ...]]) -> tuple[str, str]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'v{number} {kind}' for number, kind in enumerate(kinds))})")
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' for _ in kinds)})", rows)  # noqa: S608 - ours
        statement = csv_lines("SELECT * FROM t", kinds)
        assert statement is not None
        ours = "".join(line for (line,) in connection.execute(statement).fetchall())
        return ours, _by_python(connection.execute("SELECT * FROM t").fetchall())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_type_is_written_as_python_writes_it(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    rows = data.draw(st.lists(st.tuples(*(st.none() | KINDS[kind] for kind in kinds)), min_size=1, max_size=6))
    ours, expected = _both(kinds, rows)
    assert ours == expected


@pytest.mark.parametrize(
    "value", ["=1+1", "@x", "-5", "-5.5", "-5.", "--5", "+1", "\t1", 'say "yes"', "a,b", "a\nb", "a\rb", "", " x ", "ž"]
)
def test_what_a_spreadsheet_would_run_or_split_is_kept_apart(value: str) -> None:
    ours, expected = _both(["VARCHAR"], [(value,)])
    assert ours == expected


@pytest.mark.parametrize("kind", ["TIMESTAMP WITH TIME ZONE", "TIME", "BLOB", "INTEGER[]", "DECIMAL(38,2)", "UUID"])
def test_a_type_that_is_not_certain_is_left_to_python(kind: str) -> None:
    assert csv_lines("SELECT 1", ["BIGINT", kind]) is None


@pytest.mark.parametrize("order", [lambda number: number, lambda number: -number])
def test_the_order_of_rows_is_kept(order: Callable[[int], int]) -> None:
    with duckdb.connect() as connection:
        sign = order(1)
        statement = csv_lines(f"SELECT i FROM range(300000) r(i) ORDER BY {sign} * i LIMIT 250000", ["BIGINT"])  # noqa: S608
        assert statement is not None
        found = [int(line) for (line,) in connection.execute(statement).fetchall()]
    assert found == sorted(range(300000), key=order)[:250000]
