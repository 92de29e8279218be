"""Writes the rows of a source as Parquet: after a check of them all or, for large files, at once.

At once means under the readings that the first rows confirm, each made to yield NULL for whatever it would change or
cannot hold. DuckDB counts the NULLs of what it writes, so that the whole column proves the readings, or refutes them;
then the file is read in two passes, as small ones are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb

from backend_services.datasets.ingestion.checking import Checked, bad_rows_sql, check, filled_sql
from backend_services.datasets.ingestion.engine import Engine
from backend_services.datasets.ingestion.reading import lossless
from backend_services.datasets.ingestion.source import Source, SourceColumn
from backend_services.datasets.naming import literal, quoted

ROW_GROUP_CELLS = 750_000
ORDERED_ROWS = 500_000
"""Up to so many, rows are stored in the file's order; two threads would mix larger files by pieces of 8 MB."""
FIRST_ROWS = 10_000


def write(engine: Engine, checked: Checked, target: Path) -> int:
    """Write the good rows and return how many there are."""
    source = checked.source
    engine.stage(0.45, 0.40)
    if checked.rows <= ORDERED_ROWS:
        engine.one_thread()
    bad = bad_rows_sql(checked)
    conditions = [one for one in (f"NOT ({bad})" if bad else "", source.filled) if one]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = _copy(source.columns, f"{source.relation}{where}", target)
    return int(str(engine.run(statement)[0][0]))


def _copy(columns: Iterable[SourceColumn], rows: str, target: Path, *, options: str = "") -> str:
    chosen = [f"{column.reading.sql(column.expression)} AS {quoted(column.name)}" for column in columns]
    group = max(2048, min(122_880, ROW_GROUP_CELLS // len(chosen)))
    return (
        f"COPY (SELECT {', '.join(chosen)} FROM {rows}) TO {literal(str(target))} "  # noqa: S608 - made here
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {group}{options})"
    )


def write_at_once(engine: Engine, source: Source, target: Path, *, from_bytes: int) -> Checked | None:
    """Write every row of a delimited file of ``from_bytes`` or more in one pass; ``None`` when it takes two."""
    if not source.recording or source.size_bytes < from_bytes or any(column.spare for column in source.columns):
        return None
    try:
        return _written_at_once(engine, source, target)
    except duckdb.InvalidInputException:
        return None  # line ends of two kinds: the check then reads the file leniently


def _written_at_once(engine: Engine, source: Source, target: Path) -> Checked | None:
    limited = f"(SELECT * FROM {source.relation} LIMIT {FIRST_ROWS})"  # noqa: S608 - made here
    first = replace(source, relation=limited, recording="", lenient=None)
    begun = check(engine, first)
    doubtful = {column.name for column in source.columns if not column.reading.is_text}
    assumed = [column for column in begun.source.columns if column.name in doubtful]
    if begun.faulty or any(column.reading.is_text or column.reading.rivals for column in assumed):
        return None
    engine.stage(0.05, 0.75)
    guarded = [replace(column, reading=lossless(column.reading)) for column in begun.source.columns]
    filled = f" WHERE {source.filled}" if source.filled else ""
    statement = _copy(guarded, f"{source.recording}{filled}", target, options=", RETURN_STATS")
    _, rows, _, _, statistics, *_ = engine.run(statement)[0]
    count = int(str(rows))
    found = statistics if isinstance(statistics, dict) else {}
    nulls = {column.name: found.get(quoted(column.name), {}).get("null_count") for column in assumed}
    if count <= ORDERED_ROWS or None in nulls.values():
        return None
    missing = {name: int(str(null)) for name, null in nulls.items() if int(str(null))}
    if not _are_empty(engine, source, [column for column in assumed if column.name in missing], missing, rows=count):
        return None
    return Checked(source=replace(source, columns=begun.source.columns), rows=count, faulty=frozenset())


def _are_empty(
    engine: Engine, source: Source, columns: list[SourceColumn], missing: dict[str, int], *, rows: int
) -> bool:
    """Return whether just those cells became NULL that hold nothing."""
    if not columns:
        return True
    counts = ", ".join(filled_sql(column) for column in columns)
    filled = engine.run(f"SELECT {counts} FROM {source.relation}")[0]  # noqa: S608 - made of our own names
    return all(int(str(count)) == rows - missing[column.name] for column, count in zip(columns, filled, strict=True))
