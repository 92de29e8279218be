"""The child that runs free SQL: one statement after another, each on one stored file, under the system's own limits.

It gets a statement that the guard has rewritten already, knows no address, no password and no other file, and starts
with DuckDB and little else. Its arguments are the limits; :mod:`.bounded` is the other end.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import duckdb

from backend_services.datasets.query.cells import cell_converter
from backend_services.datasets.query.lines import csv_lines
from backend_services.datasets.query.opening import locked_down
from backend_services.kernel.children import limits
from backend_services.kernel.children.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Say = Callable[[list[Any]], None]

_WRITTEN_BYTES: Final = 65_536
_ROWS_AT_A_TIME: Final = 500
_LINES_AT_A_TIME: Final = 2_000
_KEPT_OF_ERROR: Final = 2_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a statement may use: memory beyond that of an idle child, memory of DuckDB in it, threads, and seconds."""

    memory_mb: int
    duckdb_mb: int
    threads: int
    timeout_s: float


class _Files:
    """The one file that is open: another takes its place, so no statement meets what an earlier one left."""

    def __init__(self, bounds: Limits) -> None:
        self._bounds = bounds
        self._key: tuple[str, tuple[str, ...]] | None = None
        self._open: duckdb.DuckDBPyConnection | None = None

    def cursor(self, path: str, columns: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
        if self._open is None or self._key != (path, columns):
            if self._open is not None:
                self._open.close()
            self._key, self._open = None, None
            bounds = self._bounds
            self._open = locked_down(Path(path), columns, threads=bounds.threads, memory_mb=bounds.duckdb_mb)
            self._key = (path, columns)
        return self._open.cursor()


def _rows(cursor: duckdb.DuckDBPyConnection, request: dict[str, Any], say: Say) -> None:
    """Say names and types of the columns, then the rows as answers carry them."""
    cursor.execute(request["sql"])
    described = cursor.description or []
    say(["columns", [str(one[0]) for one in described], [str(one[1]) for one in described]])
    convert = cell_converter(ZoneInfo(request["zone"]))
    for part in _parts(cursor, request["most"], size=_ROWS_AT_A_TIME):
        say(["rows", [[convert(value) for value in row] for row in part]])


def _parts(cursor: duckdb.DuckDBPyConnection, most: int, *, size: int) -> Iterator[list[tuple[Any, ...]]]:
    while most > 0 and (part := cursor.fetchmany(min(size, most))):
        most -= len(part)
        yield part


def _lines(cursor: duckdb.DuckDBPyConnection, request: dict[str, Any], say: Say) -> None:
    """Say the rows as lines of CSV where DuckDB writes them as Python does, else as rows."""
    described = cursor.execute(f"DESCRIBE {request['sql']}").fetchall()
    names, types = [str(one[0]) for one in described], [str(one[1]) for one in described]
    statement = csv_lines(request["sql"], types)
    if statement is None:
        _rows(cursor, request, say)
        return
    cursor.execute(statement)
    say(["columns", names, types])
    for part in _parts(cursor, request["most"], size=_LINES_AT_A_TIME):
        say(["lines", [str(line) for (line,) in part]])


def main() -> None:
    """Answer statements until the parent is gone."""
    memory_mb, duckdb_mb, threads, timeout_s = sys.argv[1:]
    bounds = Limits(int(memory_mb), int(duckdb_mb), int(threads), float(timeout_s))
    limits.confine(memory_mb=bounds.memory_mb, written_bytes=_WRITTEN_BYTES)
    files = _Files(bounds)

    def answer(body: bytes, send: Callable[[bytes], None]) -> None:
        request = json.loads(body)
        limits.grant_cpu(bounds.timeout_s * (bounds.threads + 1))
        how = _lines if request["lines"] else _rows

        def say(part: list[Any]) -> None:
            send(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))

        try:
            cursor = files.cursor(request["path"], tuple(request["columns"]))
        except duckdb.Error as error:
            say(["unreadable", str(error)[:_KEPT_OF_ERROR]])
            return
        try:
            how(cursor, request, say)
        except (duckdb.Error, MemoryError) as error:
            say(["failed", type(error).__name__, str(error)[:_KEPT_OF_ERROR]])
        finally:
            cursor.close()

    serve(answer)


if __name__ == "__main__":
    main()
