"""What the columns of a stored table hold: types, gaps, ranges, distinct values, grain of times, frequent values."""

from __future__ import annotations

from pathlib import Path

from backend_services.datasets.catalogue import FieldType, Grain
from backend_services.datasets.ingestion.engine import Engine
from backend_services.datasets.naming import literal, quoted
from backend_services.datasets.schemas import ColumnProfile, ColumnView, Profile, ValueCount

EXACT_ROWS = 100_000
COLUMNS_A_PASS = 6
"""The memory that a pass takes grows with its columns; wide tables have more a pass, so that few passes do."""
MOST_PASSES = 20
MAX_VALUES = 200
MAX_VALUE_LENGTH = 120
MAX_VALUE_COLUMNS = 400
MAX_GROUPS = 50_000
MAX_CODES = 60
EXAMPLES = 5
EXAMPLE_ROWS = 200
_GRAINS = (Grain.YEAR, Grain.QUARTER, Grain.MONTH)


def _aggregates(column: ColumnView, *, is_exact: bool) -> list[str]:
    name = quoted(column.name)
    distinct = f"count(DISTINCT {name})" if is_exact else f"approx_count_distinct({name})"
    parts = [f"count({name})", distinct]
    if column.type.is_number or column.type.is_time:
        parts += [f"CAST(min({name}) AS VARCHAR)", f"CAST(max({name}) AS VARCHAR)"]
    if column.type.is_number:
        parts.append(f"avg(CAST({name} AS DOUBLE))")
    if column.type.is_time:
        parts += [f"bool_and({name} = date_trunc('{grain.value}', {name}))" for grain in _GRAINS]
        parts.append(f"bit_count(bit_or(1 << CAST(isodow({name}) AS INTEGER)))")
        parts += [f"bool_and({name} = date_trunc('{grain}', {name}))" for grain in ("day", "hour")]
    return parts


def _grain(found: list[object], *, distinct: int) -> Grain:
    for grain, holds in zip(_GRAINS, found, strict=False):
        if holds:
            return grain
    weekdays, by_day = found[len(_GRAINS)], found[len(_GRAINS) + 1]
    if by_day and weekdays == 1 and distinct > 2:  # noqa: PLR2004 - two dates prove no rhythm
        return Grain.WEEK
    return Grain.DAY if by_day else Grain.HOUR


def _top(engine: Engine, file: str, column: ColumnView) -> tuple[ValueCount, ...]:
    name = quoted(column.name)
    found = engine.run(
        f"SELECT CAST({name} AS VARCHAR) AS v, count(*) AS n FROM {file} WHERE {name} IS NOT NULL "  # noqa: S608 - made of our own names and quoted literals
        f"GROUP BY {name} ORDER BY n DESC, v LIMIT {MAX_VALUES}"
    )
    return tuple(
        ValueCount(value=str(value), rows=int(str(count)))
        for value, count in found
        if 0 < len(str(value)) <= MAX_VALUE_LENGTH
    )


def _wants_values(column: ColumnView, *, distinct: int, present: int) -> bool:
    """Return whether the column's values are worth knowing by name: few, or often repeated."""
    if column.type is FieldType.TEXT:
        return distinct <= MAX_VALUES or (distinct <= MAX_GROUPS and distinct * 4 <= present)
    return column.type is FieldType.BOOLEAN or (column.type is FieldType.INTEGER and distinct <= MAX_CODES)


def _column(column: ColumnView, found: list[object], *, rows: int, is_exact: bool) -> ColumnProfile:
    present = int(str(found[0]))
    distinct = min(int(str(found[1])), present)
    ranged = column.type.is_number or column.type.is_time
    return ColumnProfile(
        name=column.name,
        type=column.type,
        nulls=rows - present,
        null_share=round((rows - present) / rows, 6) if rows else 0.0,
        distinct=distinct,
        distinct_exact=is_exact,
        minimum=str(found[2]) if ranged and found[2] is not None else None,
        maximum=str(found[3]) if ranged and found[3] is not None else None,
        mean=float(str(found[4])) if column.type.is_number and found[4] is not None else None,
        grain=_grain(found[4:], distinct=distinct) if column.type.is_time and present else None,
    )


def _examples(engine: Engine, file: str, columns: tuple[ColumnView, ...]) -> list[tuple[str, ...]]:
    chosen = ", ".join(f"CAST({quoted(column.name)} AS VARCHAR)" for column in columns)
    rows = engine.run(f"SELECT {chosen} FROM {file} LIMIT {EXAMPLE_ROWS}")  # noqa: S608 - made here
    found: list[tuple[str, ...]] = []
    for place in range(len(columns)):
        values = dict.fromkeys(str(row[place])[:MAX_VALUE_LENGTH] for row in rows if row[place] is not None)
        found.append(tuple(values)[:EXAMPLES])
    return found


def profile(engine: Engine, data: Path, *, columns: tuple[ColumnView, ...], rows: int) -> Profile:
    """Return what the Parquet file ``data`` holds."""
    file = f"read_parquet({literal(str(data))})"
    is_exact = rows <= EXACT_ROWS
    profiles: list[ColumnProfile] = []
    step = max(COLUMNS_A_PASS, -(-len(columns) // MOST_PASSES))
    for start in range(0, len(columns), step):
        chunk = columns[start : start + step]
        parts = [_aggregates(column, is_exact=is_exact) for column in chunk]
        flat = ", ".join(sql for column in parts for sql in column)
        found = list(engine.run(f"SELECT {flat} FROM {file}")[0])  # noqa: S608 - made here
        place = 0
        for column, sqls in zip(chunk, parts, strict=True):
            profiles.append(_column(column, found[place : place + len(sqls)], rows=rows, is_exact=is_exact))
            place += len(sqls)
    examples = _examples(engine, file, columns)
    finished: list[ColumnProfile] = []
    for place, (column, one) in enumerate(zip(columns, profiles, strict=True)):
        update: dict[str, object] = {"examples": examples[place]}
        if place < MAX_VALUE_COLUMNS and _wants_values(column, distinct=one.distinct, present=rows - one.nulls):
            top = _top(engine, file, column)
            update["top"] = top
            if len(top) < MAX_VALUES:
                update |= {"distinct": max(len(top), 0), "distinct_exact": True}
        finished.append(one.model_copy(update=update))
    return Profile(rows=rows, columns=tuple(finished))
