"""CSV written by DuckDB itself: from a statement to one that answers each row as a line. Pure: no I/O.

A million rows take DuckDB a fraction of a second, and Python many, in which nobody else is served. The lines are the
very ones that Python would write; a type of which that is not certain is left to Python.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_INTEGERS: Final = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("BIG", "HUGE", "SMALL", "TINY"))
_PLAIN: Final = _INTEGERS | {"BOOLEAN", "DATE", "INTEGER", "UINTEGER"}
_DECIMAL: Final = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_EXACT_DIGITS: Final = 15
"""Digits that a double keeps (IEEE 754)."""


def csv_lines(sql: str, types: Sequence[str]) -> str | None:
    """Return a statement whose only column is a line of CSV for each row of ``sql``, or ``None`` if Python must write.

    ``types`` are what DuckDB calls the types of the columns, in their order.
    """
    texts = [_text(f"c{index}", one.upper()) for index, one in enumerate(types)]
    known = [one for one in texts if one is not None]
    if not texts or len(known) < len(texts):
        return None
    names = ", ".join(f"c{index}" for index in range(len(texts)))
    made = ", ".join(f"{one} AS c{index}" for index, one in enumerate(known))
    cells = [
        f"coalesce({_quoted(f'c{index}') if _is_text(one) else f'c{index}'}, '')" for index, one in enumerate(types)
    ]
    line = " || ',' || ".join(cells)
    if len(cells) == 1:
        line = f"coalesce(nullif({line}, ''), '\"\"')"  # an empty line would be no row
    return f"SELECT {line} || E'\\r\\n' FROM (SELECT {made} FROM ({sql}) AS asked({names})) AS written"  # noqa: S608 - the engine's own statement, names and types of ours


def _is_text(kind: str) -> bool:
    return kind.upper() == "VARCHAR"


def _text(name: str, kind: str) -> str | None:
    """Return the expression of a cell's text, not yet quoted."""
    if kind in _PLAIN:
        return f"CAST({name} AS VARCHAR)"
    if _is_text(kind):
        return _disarmed(name)
    if kind in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN isfinite({name}) THEN CAST(CAST({name} AS DOUBLE) AS VARCHAR) END"
    if kind == "TIMESTAMP":
        part = f"CASE WHEN epoch_us({name}) % 1000000 = 0 THEN '' ELSE strftime({name}, '.%f') END"
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%S') || {part}"
    return _decimal(name, kind)


def _decimal(name: str, kind: str) -> str | None:
    found = _DECIMAL.fullmatch(kind)
    if found is None:
        return None
    digits, scale = int(found[1]), int(found[2])
    if scale == 0:
        return f"CAST({name} AS VARCHAR)"
    return f"CAST(CAST({name} AS DOUBLE) AS VARCHAR)" if digits <= _EXACT_DIGITS else None


def _disarmed(name: str) -> str:
    """Return the text with a quote before what a spreadsheet would run; see ``kernel.tabular.safe_cell``."""
    runs = f"left({name}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r', E'\\n')"
    return (
        rf"CASE WHEN {runs} AND NOT regexp_full_match({name}, '-[0-9]+(\.[0-9]+)?') THEN '''' || {name} ELSE {name} END"
    )


def _quoted(name: str) -> str:
    """Return the text in quotes where RFC 4180 wants them."""
    marks = ("','", "'\"'", "E'\\r'", "E'\\n'")
    found = " OR ".join(f"contains({name}, {mark})" for mark in marks)
    return f"CASE WHEN {found} THEN '\"' || replace({name}, '\"', '\"\"') || '\"' ELSE {name} END"
