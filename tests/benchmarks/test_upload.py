"""An upload of a million rows and twelve columns against bare DuckDB ``COPY``; time and peak memory are recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.copying import BARE, OURS, ROWS, TABLE, best

pytestmark = pytest.mark.slow


def test_an_upload_against_bare_copy(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    source = tmp_path / "table.csv"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({TABLE}) TO '{source}' (HEADER)")
    bare, ours = best(BARE, source, tmp_path), best(OURS, source, tmp_path)
    assert bare["rows"] == ours["rows"] == ROWS
    record_property("bare_ms", bare["ms"])
    record_property("upload_ms", ours["ms"])
    record_property("ratio", ours["ms"] / bare["ms"])
    record_property("peak_mb", ours["peak_mb"])
    print(f"upload {ours['ms']:.0f} ms, bare COPY {bare['ms']:.0f} ms, peak {ours['peak_mb']:.0f} MB")  # noqa: T201
