"""Confirms the likely readings on every row of the table, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from backend_services.datasets.ingestion.engine import Engine
from backend_services.datasets.ingestion.reading import (
    EMPTY_SPELLINGS,
    Reading,
    exact,
    sql_list,
    strict,
    text_reading,
)
from backend_services.datasets.ingestion.source import Source, SourceColumn

MAX_BAD_SHARE = 0.1
MIN_GOOD_FOR_ONE_BAD = 3
COLUMNS_A_PASS = 400
_EMPTY_SQL = sql_list(EMPTY_SPELLINGS)


@dataclass(frozen=True, slots=True)
class Checked:
    """A source whose readings hold.

    Attributes:
        rows: That could be parted into columns.
        faulty: Names of columns some of whose values do not fit; their rows are rejected.
    """

    source: Source
    rows: int
    faulty: frozenset[str]


def bad_value_sql(column: SourceColumn) -> str:
    """Return the condition under which a row is rejected for this column's sake."""
    value = column.expression
    return f"({value} IS NOT NULL AND ({column.reading.sql(value)}) IS NULL AND trim({value}) NOT IN ({_EMPTY_SQL}))"


def bad_rows_sql(checked: Checked) -> str:
    """Return the condition of the rows with a value that does not fit its column; empty where all fit."""
    return " OR ".join(bad_value_sql(column) for column in checked.source.columns if column.name in checked.faulty)


def filled_sql(column: SourceColumn) -> str:
    """Return the count of a column's values that hold something."""
    value = column.expression
    return f"count({value}) FILTER (WHERE trim({value}) NOT IN ({_EMPTY_SQL}))"


def _number_sql(reading: Reading, value: str) -> list[str]:
    number = reading.number.replace("{v}", value)
    return [
        f"max(length({number}) - strpos({number}, '.')) FILTER (WHERE contains({number}, '.'))",
        f"max(length({number}))",
        f"count(*) FILTER (WHERE contains(lower({number}), 'e'))",
    ]


def _first_sql(column: SourceColumn) -> list[str]:
    value, reading = column.expression, column.reading
    parts = [f"count({value})"]
    parts += [f"count({one.sql(value)})" for one in (reading, *reading.rivals)]
    if reading.plain_integer:
        parts.append(f"count(*) FILTER (WHERE CAST({reading.sql(value)} AS VARCHAR) = {value})")
    if reading.number:
        parts += _number_sql(reading, value)
    return parts


def _second_sql(column: SourceColumn) -> list[str]:
    value, reading = column.expression, column.reading
    parts = [
        filled_sql(column),
        f"count(*) FILTER (WHERE regexp_matches({value}, '^\\s*(\\+[0-9]{{7,}}|[-+]?0[0-9])'))",
    ]
    for one in (reading, *reading.ladder):
        parts.append(f"count({one.sql(value)})")
        if one.number:
            parts += _number_sql(one, value)
    return parts


def _aggregate(engine: Engine, relation: str, parts: list[list[str]]) -> tuple[int, list[list[int]]]:
    """Return the number of rows, and for each column the values of its aggregates."""
    rows = 0
    answers: list[list[int]] = []
    for start in range(0, max(1, len(parts)), COLUMNS_A_PASS):
        chunk = parts[start : start + COLUMNS_A_PASS]
        flat = ", ".join(["count(*)", *(sql for column in chunk for sql in column)])
        found = [
            int(str(value)) if value is not None else 0
            for value in engine.run(f"SELECT {flat} FROM {relation}")[0]  # noqa: S608 - made of our own names and quoted literals
        ]
        rows, place = found[0], 1
        for column in chunk:
            answers.append(found[place : place + len(column)])
            place += len(column)
    return rows, answers


def _settled(reading: Reading, found: list[int]) -> Reading | None:
    """Return the reading if every value of the column fits it, else ``None``."""
    present, counts = found[0], found[1 : 2 + len(reading.rivals)]
    rest = found[2 + len(reading.rivals) :]
    best = max(range(len(counts)), key=lambda place: counts[place])
    chosen = (reading, *reading.rivals)[best]
    if present == 0:
        return text_reading()
    if counts[best] < present or (reading.plain_integer and rest[0] < present):
        return None
    if reading.number:
        return exact(reading, scale=rest[0], width=rest[1], with_exponent=rest[2] > 0)
    return chosen


def _fallback(reading: Reading, found: list[int]) -> tuple[Reading, int]:
    """Return the reading that fits best and how many values do not fit it."""
    present, zeros = found[0], found[1]
    if reading.plain_integer and zeros:
        return text_reading(), 0
    place = 2
    best: tuple[int, Reading] | None = None
    for one in (strict(reading), *reading.ladder):
        bad = present - found[place]
        place += 1
        candidate = one
        if one.number:
            scale, width, exponents = found[place : place + 3]
            candidate = exact(one, scale=scale, width=width, with_exponent=exponents > 0)
            place += 3
            if reading.plain_integer and not scale and not exponents and candidate.stored_as == "DOUBLE":
                candidate = text_reading()  # integers longer than any exact type: a float would round them
        if best is None or bad < best[0]:
            best = (bad, candidate)
    if best is None or present == 0:
        return text_reading(), 0
    bad, chosen = best
    few = bad <= present * MAX_BAD_SHARE or (bad == 1 and present - bad >= MIN_GOOD_FOR_ONE_BAD)
    return (chosen, bad) if few else (text_reading(), 0)


def check(engine: Engine, source: Source) -> Checked:
    """Return ``source`` with readings that hold for all its rows but few."""
    try:
        return _check(engine, source)
    except duckdb.InvalidInputException:
        if source.lenient is None:
            raise
        return _check(engine, source.lenient)


def _check(engine: Engine, source: Source) -> Checked:
    doubtful = [column for column in source.columns if not column.native and not column.reading.is_text]
    spare = [column for column in source.columns if column.spare]
    relation = source.recording or source.relation
    engine.stage(0.02, 0.28)
    parts = [_first_sql(column) for column in doubtful] + [[f"count({column.expression})"] for column in spare]
    rows, answers = _aggregate(engine, relation, parts)
    empty = {column.name for column, found in zip(spare, answers[len(doubtful) :], strict=True) if found[0] == 0}
    settled, unclear = _sorted_out(doubtful, answers[: len(doubtful)])
    faulty: set[str] = set()
    if unclear:
        engine.stage(0.30, 0.15)
        _, details = _aggregate(engine, source.relation, [_second_sql(column) for column in unclear])
        for column, found in zip(unclear, details, strict=True):
            settled[column.name], bad = _fallback(column.reading, found)
            if bad:
                faulty.add(column.name)
    columns = tuple(
        replace(column, reading=settled.get(column.name, column.reading))
        for column in source.columns
        if column.name not in empty
    )
    return Checked(source=replace(source, columns=columns), rows=rows, faulty=frozenset(faulty))


def _sorted_out(
    doubtful: list[SourceColumn], answers: list[list[int]]
) -> tuple[dict[str, Reading], list[SourceColumn]]:
    """Return the readings that hold for whole columns, and the columns that need a second look."""
    settled: dict[str, Reading] = {}
    unclear: list[SourceColumn] = []
    for column, found in zip(doubtful, answers, strict=True):
        reading = _settled(column.reading, found)
        if reading is not None:
            settled[column.name] = reading
            continue
        counts = found[1 : 2 + len(column.reading.rivals)]
        best = (column.reading, *column.reading.rivals)[max(range(len(counts)), key=counts.__getitem__)]
        chosen = strict(best) if best.plain_integer else best
        unclear.append(replace(column, reading=chosen))
    return settled, unclear
